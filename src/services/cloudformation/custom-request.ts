/**
 * A request to a custom resource: what it says, by which id, and how it is sent: to a function as an event, or to a topic as a
 * message. Scalars among the properties are texts. The id follows from all that is asked, so that the same task asks once.
 * Source: CloudFormation user guide, "Custom resource request objects"; templates' values as functions receive them.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'
import { isNumeral } from '../../base/numeral.ts'
import type { Result } from '../../base/result.ts'
import { stableJson } from '../../base/stable-json.ts'

import { call, callQuery } from '../../aws/call.ts'
import type { Endpoints } from '../../aws/endpoints.ts'
import { type CallFailure, describeFailure, isTransient } from '../../aws/failure.ts'
import { functionPath } from '../../aws/paths.ts'
import { type AwsService, SERVICES } from '../../aws/services.ts'
import { uuidOf } from '../../cloudformation/resources/resource.ts'

import type { StackTask } from './stack-task.ts'

export type RequestType = 'Create' | 'Update' | 'Delete'

export interface Asked {
  readonly type: RequestType
  readonly properties: JsonObject
  /** Of an update. */
  readonly oldProperties?: JsonObject
  /** Of what is there. */
  readonly ref?: string
}

export function requestIdFor({ operationId, logicalId }: StackTask, { type, properties, oldProperties, ref }: Asked): string {
  return uuidOf(stableJson([operationId, logicalId, type, ref ?? null, properties, oldProperties ?? null]))
}

interface Addressed {
  readonly requestId: string
  readonly serviceToken: string
  readonly responseUrl: string
}

export function requestOf(task: StackTask, asked: Asked, { requestId, serviceToken, responseUrl }: Addressed): JsonObject {
  return {
    RequestType: asked.type,
    ServiceToken: serviceToken,
    ResponseURL: responseUrl,
    StackId: task.stackId,
    RequestId: requestId,
    LogicalResourceId: task.logicalId,
    ...(asked.ref !== undefined && { PhysicalResourceId: asked.ref }),
    ResourceType: task.resourceType,
    ResourceProperties: propertiesOf(asked.properties),
    ...(asked.oldProperties !== undefined && { OldResourceProperties: propertiesOf(asked.oldProperties) }),
  }
}

/**
 * CDK's AwsCustomResource installs a newer SDK where its property says so, which takes a minute, or two where there is no
 * network, and lands in the folder /tmp that all functions here share. The SDK that they are given is the one to use.
 */
const propertiesOf = (properties: JsonObject): Json =>
  asTexts({ ...properties, ...(getOwn(properties, INSTALL) !== undefined && { [INSTALL]: false }) })

const INSTALL = 'InstallLatestAwsSdk'

function asTexts(value: Json): Json {
  if (isNumeral(value)) return value.rawJSON
  if (isArray(value)) return value.map(asTexts)
  if (!isObject(value)) return value === null ? null : String(value)
  const members: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) setOwn(members, name, asTexts(member))
  return members
}

export type Sent = { readonly kind: 'taken' } | { readonly kind: 'again' | 'refused'; readonly reason: string }

const TOPIC = /^arn:aws[\w-]*:sns:/
const FUNCTION = /^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:/
const TIMEOUT_MS = 30_000

/** `again`: another attempt may be taken. */
export async function sendRequest(serviceToken: string, request: JsonObject, endpoints: Endpoints): Promise<Sent> {
  const text = JSON.stringify(request)
  const options = { timeoutMs: TIMEOUT_MS }
  if (TOPIC.test(serviceToken)) {
    const message = { TopicArn: serviceToken, Subject: 'AWS CloudFormation custom resource request', Message: text }
    return judge(SERVICES.sns, await callQuery(endpoints, SERVICES.sns, 'Publish', message, options))
  }
  if (!FUNCTION.test(serviceToken)) return { kind: 'refused', reason: 'Invalid service token.' }
  const path = `${functionPath(serviceToken)}/invocations`
  const headers = { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' }
  return judge(SERVICES.lambda, await call(endpoints, SERVICES.lambda, { path, headers, body: text, ...options }))
}

function judge(service: AwsService, called: Result<unknown, CallFailure>): Sent {
  if (called.ok) return { kind: 'taken' }
  const { error } = called
  const reason =
    error.kind === 'service'
      ? `${error.message} (Service: ${service.sdk}, Status Code: ${error.status}, Request ID: ${error.requestId})`
      : describeFailure(error)
  return { kind: isTransient(service, error) ? 'again' : 'refused', reason }
}
