/**
 * Wait conditions: a handle is a link to put signals at, and a condition waits until there are enough of them, or one that says
 * that something failed. Neither can be updated.
 * Source: CloudFormation template reference, AWS::CloudFormation::WaitCondition and WaitConditionHandle; user guide, "Create wait
 * conditions in a CloudFormation template".
 */
import type { Clock } from '../../base/clock.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { setOwn } from '../../base/json.ts'

import {
  type Declared,
  numberAt,
  PropertyError,
  requiredText,
  type ResourceType,
  uuidOf,
} from '../../cloudformation/resources/resource.ts'

import { linkAt, linkIn } from './link.ts'
import type { Signal, SignalLinks } from './signal-links.ts'
import type { StackTask } from './stack-task.ts'

export interface HandleDeps {
  readonly signals: SignalLinks
  /** Our own URL as others are told it. */
  readonly urlBase: () => string
}

export interface ConditionDeps {
  readonly signals: SignalLinks
  readonly clock: Clock
  /** Ends the waiting, and nothing else. */
  readonly signal: AbortSignal
}

/** Its message is the resource's status reason. */
export class WaitConditionFailure extends Error {
  override readonly name = 'WaitConditionFailure'
}

/** 12 hours. */
const TIMEOUT_SECONDS_MAX = 43_200

/** `Ref` is the link. */
export function waitConditionHandle(
  { stackId, operationId, logicalId }: StackTask,
  { signals, urlBase }: HandleDeps,
): ResourceType {
  return {
    async deploy(resource) {
      refuseUpdate(resource)
      const id = uuidOf([stackId, operationId, logicalId].join('\n'))
      const ref = linkAt(urlBase(), { kind: 'signals', id, secret: signals.open(id) })
      return { ref, attributes: { Id: id }, change: 'created' }
    },
    async remove(ref) {
      const handle = linkIn(ref)
      if (handle !== undefined) signals.remove(handle.id)
      return undefined
    },
  }
}

/** `Data` is what the signals brought, by their ids, as a text of JSON. */
export function waitCondition({ stackId, operationId, logicalId }: StackTask, deps: ConditionDeps): ResourceType {
  return {
    async deploy(resource) {
      refuseUpdate(resource)
      const { properties } = resource
      const handleId = handleIn(properties)
      const count = wholeAt(properties, 'Count', 1, Number.MAX_SAFE_INTEGER)
      const timeoutMs = wholeAt(properties, 'Timeout', undefined, TIMEOUT_SECONDS_MAX) * 1000
      const dueMs = deps.signals.dueMsOf(handleId, uuidOf([operationId, logicalId].join('\n')), timeoutMs)
      const data = await dataOf(handleId, count, dueMs, deps)
      return { ref: `${stackId}/${logicalId}`, attributes: { Data: JSON.stringify(data) }, change: 'created' }
    },
    remove: async () => undefined,
  }
}

async function dataOf(
  handleId: string,
  count: number,
  dueMs: number,
  { signals, clock, signal }: ConditionDeps,
): Promise<JsonObject> {
  for (;;) {
    const found = signals.signalsOf(handleId)
    const failed = found.find(({ status }) => status === 'FAILURE')
    if (failed)
      throw new WaitConditionFailure(`WaitCondition received failed message: '${failed.reason}' for uniqueId: ${failed.uniqueId}`)
    if (found.length >= count) return dataIn(found.slice(0, count))
    if (clock.now() >= dueMs)
      throw new WaitConditionFailure(`WaitCondition timed out. Received ${found.length} conditions when expecting ${count}`)
    await signals.news(handleId, dueMs, signal)
  }
}

function dataIn(signals: readonly Signal[]): JsonObject {
  const data: Record<string, Json> = {}
  for (const { uniqueId, data: brought } of signals) setOwn(data, uniqueId, brought)
  return data
}

function handleIn(properties: JsonObject): string {
  const handle = linkIn(requiredText(properties, 'Handle'))
  if (handle?.kind !== 'signals') throw new PropertyError('The property Handle must refer to a wait condition handle.', 'Handle')
  return handle.id
}

function wholeAt(properties: JsonObject, name: string, fallback: number | undefined, max: number): number {
  const value = numberAt(properties, name) ?? fallback ?? Number(requiredText(properties, name))
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new PropertyError(`The property ${name} must be a whole number between 1 and ${max}.`, name)
  return value
}

function refuseUpdate({ type, before }: Declared): void {
  if (before !== undefined) throw new WaitConditionFailure(`Update to resource type ${type} is not supported.`)
}
