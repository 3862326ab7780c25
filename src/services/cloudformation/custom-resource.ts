/**
 * Custom resources: whoever the service token names is asked to make, change or remove them, and answers at a link. Invariants:
 * 1. A task that is done again, after a crash say, asks nobody a second time but waits for the first answer. A request whose
 *    taking was not noted is sent again, with the same id and link: who makes custom resources must bear that on AWS too.
 * 2. Another physical id as an answer to an update means another resource: whoever drives has the old one removed in the end.
 * Source: CloudFormation template reference, AWS::CloudFormation::CustomResource; user guide, "Custom resource reference".
 */
import type { Clock } from '../../base/clock.ts'
import { growingPause } from '../../base/growing-pause.ts'
import { getOwn, type JsonObject } from '../../base/json.ts'

import type { Endpoints } from '../../aws/endpoints.ts'
import {
  type Declared,
  type DeployContext,
  type Deployed,
  numberAt,
  physicalName,
  PropertyError,
  requiredText,
  type ResourceType,
  textAt,
} from '../../cloudformation/resources/resource.ts'

import { pause } from '../kit/pause.ts'

import { type CustomAnswer, readAnswer } from './custom-answer.ts'
import { type Asked, requestIdFor, requestOf, sendRequest } from './custom-request.ts'
import { linkAt } from './link.ts'
import type { OpenRequest, ResponseLinks } from './response-links.ts'
import type { StackTask } from './stack-task.ts'
import { isAsked } from './stub-types.ts'

export interface CustomResourceDeps {
  readonly links: ResponseLinks
  readonly endpoints: Endpoints
  readonly clock: Clock
  /** Our own URL as functions are told it. */
  readonly urlBase: () => string
  /** Ends the waiting, and nothing else. */
  readonly signal: AbortSignal
}

/** Its message is the resource's status reason. */
export class CustomResourceFailure extends Error {
  override readonly name = 'CustomResourceFailure'
  /** What is to be removed when all is rolled back; undefined where nobody was asked for anything. */
  readonly ref: string | undefined

  constructor(reason: string, ref?: string) {
    super(reason)
    this.ref = ref
  }
}

export interface CustomDeployed extends Deployed {
  /** Its attributes are not to be shown. */
  readonly noEcho: boolean
}

export interface CustomResource extends ResourceType {
  deploy(resource: Declared, context: DeployContext): Promise<CustomDeployed>
}

const TIMEOUT_SECONDS = 3600
const SEND_PAUSE = { firstMs: 200, longestMs: 10_000 }

export const CUSTOM_RESOURCE = 'AWS::CloudFormation::CustomResource'

export const isCustomType = (type: string): boolean => type === CUSTOM_RESOURCE || isAsked(type)

export function customResource(task: StackTask, deps: CustomResourceDeps): CustomResource {
  return {
    async deploy({ id, properties, before }, context) {
      refuseOtherToken(properties, before?.properties)
      const asked: Asked =
        before === undefined
          ? { type: 'Create', properties }
          : { type: 'Update', properties, oldProperties: before.properties, ref: before.ref }
      const { answer, requestId } = await ask(asked, task, deps)
      if (answer.kind === 'failure')
        throw new CustomResourceFailure(answer.reason, answer.ref ?? before?.ref ?? physicalName(context, id, 255))
      return {
        ref: answer.ref,
        attributes: answer.data,
        anyAttribute: (name) => {
          throw new CustomResourceFailure(missingAttributeText(task, requestId, name), answer.ref)
        },
        change: before === undefined ? 'created' : 'updated',
        noEcho: answer.noEcho,
      }
    },
    async remove(ref, _aws, { properties = {} } = {}) {
      const { answer } = await ask({ type: 'Delete', properties, ref }, task, deps)
      if (answer.kind === 'failure') throw new CustomResourceFailure(answer.reason, ref)
      return undefined
    },
  }
}

/** Of an attribute that no answer gave. */
export function missingAttributeText({ stackId, logicalId }: StackTask, requestId: string, name: string): string {
  const region = (stackId.split(':')[3] ?? '').replaceAll('-', '')
  const place = `${stackId}|${logicalId}|${requestId} in S3 bucket cloudformation-custom-resource-storage-${region}`
  return `CustomResource attribute error: Vendor response doesn't contain ${name} attribute in object ${place}`
}

/** Who made a resource has to remove it. */
function refuseOtherToken(properties: JsonObject, before: JsonObject | undefined): void {
  if (before !== undefined && textAt(before, 'ServiceToken') !== textAt(properties, 'ServiceToken'))
    throw new CustomResourceFailure('Modifying service token is not allowed.')
}

async function ask(
  asked: Asked,
  task: StackTask,
  deps: CustomResourceDeps,
): Promise<{ readonly answer: CustomAnswer; readonly requestId: string }> {
  const { links, signal } = deps
  const requestId = requestIdFor(task, asked)
  const timeoutMs = timeoutOf(asked.properties) * 1000
  const open = links.open({ id: requestId, operationId: task.operationId, timeoutMs })
  if (!open.isSent) await send(open, asked, task, deps)
  return { answer: readAnswer(await links.outcomeOf(requestId, signal), requestId), requestId }
}

/** Until it is taken, or there is no time left for an answer. Throws where it is refused. */
async function send(open: OpenRequest, asked: Asked, task: StackTask, deps: CustomResourceDeps): Promise<void> {
  const { links, endpoints, clock, urlBase, signal } = deps
  const serviceToken = requiredText(asked.properties, 'ServiceToken')
  const responseUrl = linkAt(urlBase(), { kind: 'responses', id: open.id, secret: open.secret })
  const request = requestOf(task, asked, { requestId: open.id, serviceToken, responseUrl })
  for (let failures = 1; clock.now() < open.dueMs; failures++) {
    const sent = await sendRequest(serviceToken, request, endpoints)
    if (sent.kind === 'taken') return links.noteSent(open.id)
    if (sent.kind === 'refused') throw new CustomResourceFailure(sent.reason, asked.ref)
    await pause(clock, growingPause(failures, SEND_PAUSE), signal)
    signal.throwIfAborted()
  }
}

function timeoutOf(properties: JsonObject): number {
  const seconds = getOwn(properties, 'ServiceTimeout') === undefined ? TIMEOUT_SECONDS : numberAt(properties, 'ServiceTimeout')
  if (seconds === undefined || !Number.isInteger(seconds) || seconds < 1 || seconds > TIMEOUT_SECONDS)
    throw new PropertyError(`The property ServiceTimeout must be between 1 and ${TIMEOUT_SECONDS}.`, 'ServiceTimeout')
  return seconds
}
