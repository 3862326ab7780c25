/**
 * A stack within a stack. Its outputs are its attributes; it is made, changed and deleted as any other, and who holds it waits.
 * Source: CloudFormation template reference, AWS::CloudFormation::Stack.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

import {
  type Declared,
  type DeployContext,
  type Deployed,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  tagsOf,
  textAt,
} from '../../cloudformation/resources/resource.ts'

import type { Operations } from './operations.ts'
import { type PreparationDeps, prepare } from './preparation.ts'
import type { OperationRecord, StackRecord } from './records.ts'
import { causeOf } from './stack-steps.ts'
import type { StackStore } from './stack-store.ts'
import { NO_UPDATES, type Stacks } from './stacks.ts'
import type { StackTask } from './stack-task.ts'
import { Cancelled, StepFailure } from './steps.ts'

export interface NestedDeps {
  readonly store: StackStore
  readonly stacks: Stacks
  readonly operations: Operations
  readonly preparation: PreparationDeps
}

const LOOK_MS = 60_000
const NAME_MAX = 128

export function nestedStack({ stackId }: StackTask, signal: AbortSignal, deps: NestedDeps): ResourceType {
  const { store, stacks, operations, preparation } = deps

  /** Until whatever is done with it is over. Who is cancelled cancels it, too. */
  async function settled(id: string): Promise<StackRecord | undefined> {
    for (;;) {
      const stack = store.stack(id)
      const operation = stack && operationOf(stack)
      if (operation === undefined || operation.isOver) return stack
      try {
        signal.throwIfAborted()
        await Promise.race([operations.whenOver(operation.id, LOOK_MS), aborted(signal)])
      } catch (error) {
        if (error instanceof Cancelled && operation.kind !== 'delete')
          operations.cancel(operation.id, 'Resource creation cancelled')
        throw error
      }
    }
  }

  const operationOf = ({ operationId }: StackRecord): OperationRecord | undefined =>
    operationId === undefined ? undefined : store.operation(operationId)

  const deployed = (stack: StackRecord, change: Deployed['change']): Deployed => {
    const outputs = stack.current?.outputs ?? []
    const attributes = Object.fromEntries(outputs.map(({ key, value }): [string, Json] => [`Outputs.${key}`, value]))
    return { ref: stack.id, attributes, change }
  }

  async function finished(id: string, change: 'created' | 'updated'): Promise<Deployed> {
    const stack = await settled(id)
    if (stack !== undefined && /^(?:CREATE|UPDATE)_COMPLETE$/.test(stack.status)) return deployed(stack, change)
    const status = change === 'updated' && stack !== undefined ? ` Currently in ${stack.status} with reason:` : ''
    const mark = change === 'updated' ? '.' : ':'
    throw new StepFailure(`Embedded stack ${id} was not successfully ${change}${mark}${status} ${causeIn(stack)}`)
  }

  const causeIn = (stack: StackRecord | undefined): string => {
    const operation = stack && operationOf(stack)
    return (operation && causeOf(operation)) || reasonOf(stack)
  }

  async function create(declared: Declared, context: DeployContext, parent: StackRecord): Promise<Deployed> {
    const name = physicalName(context, declared.id, NAME_MAX)
    const found = stacks.find(name)
    if (found?.parentId === parent.id) return finished(found.id, 'created')
    const stack = { id: stacks.newStackId(name), name }
    const prepared = await prepare(inputOf(declared.properties, parent), stack, undefined, preparation)
    const made = stacks.create(stack, prepared, { parent, onFailure: onFailureOf(parent) })
    context.made(declared, made.id)
    return finished(made.id, 'created')
  }

  async function update(properties: JsonObject, id: string, parent: StackRecord): Promise<Deployed> {
    const found = (await settled(id)) ?? stacks.get(id)
    if (found.status === 'UPDATE_ROLLBACK_FAILED') stacks.rollBack(found, {})
    const stack = (await settled(id)) ?? found
    try {
      const prepared = await prepare(inputOf(properties, parent), stack, stack.current, preparation)
      stacks.update(stack, prepared, { onFailure: onFailureOf(parent) })
    } catch (error) {
      if (!(error instanceof WireError) || error.message !== NO_UPDATES) throw error
      return deployed(stack, 'unchanged')
    }
    return finished(id, 'updated')
  }

  /** As its parent does. */
  const onFailureOf = (parent: StackRecord): OperationRecord['onFailure'] =>
    operationOf(parent)?.onFailure === 'DO_NOTHING' ? 'DO_NOTHING' : 'ROLLBACK'

  return {
    deploy(declared, context) {
      const parent = stacks.get(stackId)
      const { properties, before } = declared
      return before === undefined ? create(declared, context, parent) : update(properties, before.ref, parent)
    },
    async remove(ref) {
      if (store.stack(ref)?.status.startsWith('UPDATE_')) await settled(ref)
      const stack = stacks.delete(ref)
      const end = stack && (await settled(stack.id))
      return end === undefined || end.status === 'DELETE_COMPLETE'
        ? undefined
        : `Embedded stack ${ref} was not successfully deleted: ${reasonOf(end)}`
    },
  }
}

const reasonOf = (stack: StackRecord | undefined): string => stack?.reason ?? stack?.status ?? 'it is gone'

/** As a request for it would be. What the outer stack may, the inner one may. */
function inputOf(properties: JsonObject, parent: StackRecord): JsonObject {
  const settings = parent.target ?? parent.current
  const timeout = textAt(properties, 'TimeoutInMinutes')
  return {
    TemplateURL: requiredText(properties, 'TemplateURL'),
    Parameters: Object.entries(objectAt(properties, 'Parameters') ?? {}).map(([ParameterKey, value]) => ({
      ParameterKey,
      ParameterValue: printed(value),
    })),
    Tags: tagsOf(properties).map(({ key, value }) => ({ Key: key, Value: value })),
    Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
    NotificationARNs: getOwn(properties, 'NotificationARNs') ?? [],
    ...(timeout !== undefined && { TimeoutInMinutes: timeout }),
    ...(settings?.disableRollback && { DisableRollback: 'true' }),
  }
}

const printed = (value: Json): string =>
  isArray(value) ? value.map(printed).join(',') : isObject(value) ? JSON.stringify(value) : String(value)

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
