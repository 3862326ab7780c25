/**
 * `aws-sdk:SERVICE:ACTION` for any service: those that Regente embeds are called over their own protocols without an SDK,
 * all others (and the rarer actions of these) with the `@aws-sdk` client, if it is installed.
 * Source: AWS developer guide, "AWS SDK service integrations"; recorded cases aws-sdk-task-service*.
 */
import { type Failure, failure } from '../../base/failure.ts'
import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'
import { plainNumbers } from '../../base/plain-numbers.ts'
import { err, ok, type Result } from '../../base/result.ts'
import { formatContextTime, toInstant } from '../../base/time.ts'

import { call, callJson, callQuery } from '../../aws/call.ts'
import type { Endpoints } from '../../aws/endpoints.ts'
import type { CallFailure } from '../../aws/failure.ts'
import { type AwsService, type JsonService, type QueryService, serviceNamed } from '../../aws/services.ts'

import { isSdkCall, unrecognized } from '../../asl/resource.ts'

import { sdkFailure, throwOwnOutage } from '../call-failure.ts'
import { camel, pascal, renameMembers } from '../casing.ts'
import type { Connector, TaskRequest } from '../connector.ts'
import { asText, objectOf, spelledOf } from '../parameters.ts'
import { API_GATEWAY_ACTIONS, API_GATEWAY_V2_ACTIONS } from '../sdk/api-gateway-actions.ts'
import { attributesToResult, attributesToWire, recordsToResult } from '../sdk/attribute-values.ts'
import { callSdkClient } from '../sdk/client-call.ts'
import { kmsToResult, kmsToWire } from '../sdk/kms-blobs.ts'
import { LAMBDA_ACTIONS } from '../sdk/lambda-actions.ts'
import { readRestResult, type RestAction, toRestRequest } from '../sdk/rest.ts'
import { SCHEDULER_ACTIONS } from '../sdk/scheduler-actions.ts'
import { crc32Base64, S3_ACTIONS, withChecksum } from '../sdk/s3-actions.ts'
import { sorted } from '../sdk-metadata.ts'

import { foreignOrigin } from './messages.ts'

/** A function invoked this way may run for 15 minutes. */
const TIMEOUT_MS = 910_000

export function createAwsSdkConnector(endpoints: Endpoints): Connector {
  return {
    async start(request) {
      const isRequest = request.resource.pattern === 'request'
      const called = await callAction(endpoints, request)
      if (!called.ok) return { kind: 'failed', failure: called.error, phase: isRequest ? 'run' : 'submit' }
      const output = isObject(called.value) ? sorted(called.value) : called.value
      return isRequest ? { kind: 'succeeded', output } : { kind: 'submitted', output }
    },
  }
}

async function callAction(endpoints: Endpoints, request: TaskRequest): Promise<Result<Json, Failure>> {
  const { sdkService = '', action } = request.resource
  // Its client would be found by another letter case too, and would not call what Regente embeds.
  if (!isSdkCall(sdkService, action))
    return err(failure('States.Runtime', unrecognized(`arn:aws:states:::aws-sdk:${sdkService}:${action}`)))
  const service = serviceNamed(sdkService)
  if (!service) return callSdkClient(endpoints, sdkService, action, spelledOf(request), request.signal)
  const parameters = parametersOf(service, request)
  const rest = REST_ACTIONS.get(sdkService)?.get(action)
  if (rest) return restAction(endpoints, service, rest, request, parameters)
  if (service.protocol === 'query') return queryAction(endpoints, service, request, parameters)
  if (service.protocol === 'json') return jsonAction(endpoints, service, request, parameters)
  return callSdkClient(endpoints, sdkService, action, spelledOf(request), request.signal)
}

/** Texts have the numbers of what was given as JSON in their spelling; all others are plain. */
function parametersOf(service: AwsService, request: TaskRequest): JsonObject {
  const texts = withTexts(spelledOf(request), service)
  return objectOf(plainNumbers(service.id === 's3' ? withChecksum(request.resource.action, texts) : texts))
}

const REST_ACTIONS: ReadonlyMap<string, ReadonlyMap<string, RestAction>> = new Map([
  ['apigateway', API_GATEWAY_ACTIONS],
  ['apigatewayv2', API_GATEWAY_V2_ACTIONS],
  ['s3', S3_ACTIONS],
  ['lambda', LAMBDA_ACTIONS],
  ['scheduler', SCHEDULER_ACTIONS],
])

const resourceTypeOf = ({ resource }: TaskRequest): string => `aws-sdk:${resource.sdkService}`

async function restAction(
  endpoints: Endpoints,
  service: AwsService,
  action: RestAction,
  request: TaskRequest,
  parameters: JsonObject,
): Promise<Result<Json, Failure>> {
  const made = toRestRequest(action, withEpochs(parameters, service))
  if ('missing' in made) return err(missingMember(service, made.missing))
  const { body, headers = {} } = made
  // S3 wants proof that an XML body arrived whole.
  const checksum = body !== undefined && typeof action.body === 'function' ? { 'x-amz-checksum-crc32': crc32Base64(body) } : {}
  const sent = { ...made, headers: { ...headers, ...checksum }, signal: request.signal, timeoutMs: TIMEOUT_MS }
  const called = await call(endpoints, service, sent)
  if (called.ok) return ok(withDates(readRestResult(action, called.value), DATE_MEMBERS[service.id] ?? NEVER))
  return err(sdkFailure(service, withoutBody(action, request, called.error), resourceTypeOf(request)))
}

const missingMember = (service: AwsService, member: string): Failure =>
  failure(`${service.sdk}.SdkClientException`, `Parameter '${member}' must not be null`)

/** An answer to HEAD has no body, so its status alone names the error. */
function withoutBody(action: RestAction, request: TaskRequest, error: CallFailure): CallFailure {
  if (action.method !== 'HEAD' || error.kind !== 'service' || error.status !== 404) return error
  const code = request.resource.action === 'headBucket' ? 'NoSuchBucket' : 'NoSuchKey'
  return { ...error, code, message: error.message || 'null' }
}

async function queryAction(
  endpoints: Endpoints,
  service: QueryService,
  request: TaskRequest,
  parameters: JsonObject,
): Promise<Result<Json, Failure>> {
  const { resource, signal } = request
  const called = await callQuery(endpoints, service, pascal(resource.action), parameters, { signal })
  return called.ok ? ok(called.value.body) : err(sdkFailure(service, called.error, resourceTypeOf(request)))
}

/** Members that are maps: their keys are data and keep their spelling. */
const MAP_MEMBERS: ReadonlySet<string> = new Set(['tags', 'variables'])
const NO_MAPS: ReadonlySet<string> = new Set()

async function jsonAction(
  endpoints: Endpoints,
  service: JsonService,
  request: TaskRequest,
  parameters: JsonObject,
): Promise<Result<Json, Failure>> {
  const isCamel = service.members === 'camel'
  const { action } = request.resource
  const nameOnWire = service.id === 'ecr' ? ecrName : camel
  const texts = TO_WIRE[service.id]?.(action, parameters) ?? withEpochs(parameters, service)
  const input = isCamel ? objectOf(renameMembers(texts, nameOnWire, MAP_MEMBERS)) : lowerTags(request, texts)
  const queueUrl = service.id === 'sqs' ? asText(getOwn(parameters, 'QueueUrl')) : undefined
  const url = queueUrl === undefined ? undefined : foreignOrigin(queueUrl, endpoints.endpointFor('sqs'))
  const options = { signal: request.signal, ...(url !== undefined && { url }) }
  const called = await callJson(endpoints, service, pascal(action), input, options)
  if (!called.ok) {
    throwOwnOutage(endpoints, service, called.error)
    return err(sdkFailure(service, called.error, resourceTypeOf(request)))
  }
  const body = isCamel ? renameMembers(called.value.body, pascal, MAP_MEMBERS) : called.value.body
  const shown = TO_RESULT[service.id]?.(action, objectOf(body)) ?? body
  return ok(withDates(shown, DATE_MEMBERS[service.id] ?? NEVER))
}

type Shown = (action: string, members: JsonObject) => JsonObject
/** Of services whose members look otherwise on the wire than in a state. */
const TO_WIRE: Readonly<Record<string, Shown>> = { dynamodb: attributesToWire, kms: kmsToWire }
const TO_RESULT: Readonly<Record<string, Shown>> = {
  dynamodb: attributesToResult,
  dynamodbstreams: recordsToResult,
  kms: kmsToResult,
}

/** The members of ECR's tags are in PascalCase on the wire, all others are not. */
const ecrName = (name: string): string => (name === 'Key' || name === 'Value' ? name : camel(name))

/** SQS's one member that is not in PascalCase on the wire. */
function lowerTags(request: TaskRequest, parameters: JsonObject): JsonObject {
  const tags = getOwn(parameters, 'Tags')
  const { sdkService, action } = request.resource
  return sdkService === 'sqs' && action === 'createQueue' && tags !== undefined ? { ...parameters, tags } : parameters
}

/** Members of type text that a workflow may give as JSON: they are sent as its text. */
const TEXT_MEMBERS: Readonly<Record<string, ReadonlySet<string>>> = {
  apigateway: new Set(['Body', 'Policy', 'Schema']),
  apigatewayv2: new Set(['Body', 'Schema']),
  lambda: new Set(['Payload']),
  sfn: new Set(['Definition', 'Input', 'Output']),
  sns: new Set(['Message']),
  sqs: new Set(['MessageBody']),
  eventbridge: new Set(['Detail']),
  scheduler: new Set(['Input']),
  secretsmanager: new Set(['SecretString', 'ResourcePolicy']),
  iam: new Set(['AssumeRolePolicyDocument', 'PolicyDocument']),
  sts: new Set(['Policy']),
  ssm: new Set(['Value', 'Policies']),
  kms: new Set(['Policy', 'Plaintext', 'Message']),
  ecr: new Set(['LifecyclePolicyText', 'PolicyText']),
  cloudwatch: new Set(['DashboardBody', 'StateReasonData']),
  cloudwatchlogs: new Set(['Message', 'PolicyDocument']),
}

function withTexts(parameters: JsonObject, service: AwsService): JsonObject {
  return objectOf(textsIn(parameters, TEXT_MEMBERS[service.id] ?? NO_MAPS))
}

function textsIn(value: Json, names: ReadonlySet<string>): Json {
  if (names.size === 0) return value
  if (isArray(value)) return value.map((item) => textsIn(item, names))
  if (!isObject(value)) return value
  const members: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) {
    setOwn(members, name, names.has(name) ? (asText(member) ?? null) : textsIn(member, names))
  }
  return members
}

/** Members that are seconds on the wire and ISO 8601 in a result. */
const DATE_MEMBERS: Readonly<Record<string, RegExp>> = {
  apigateway: /Date$/,
  sfn: /(^|[a-z])Date$|^Timestamp$/,
  dynamodb: /DateTime$/,
  dynamodbstreams: /DateTime$/,
  eventbridge: /Time$/,
  scheduler: /Date$/,
  secretsmanager: /Date$/,
  ssm: /Date$/,
  kms: /Date$/,
  ecr: /At$/,
  cloudwatch: /Timestamps?$|^LastModified$|^(?:Start|End)(?:Time|Date)$/,
}
const NEVER = /(?!)/

/** Of these a workflow gives times, which go as seconds. */
const TAKES_TIMES: ReadonlySet<string> = new Set(['cloudwatch', 'eventbridge', 'scheduler'])

function withEpochs(parameters: JsonObject, service: AwsService): JsonObject {
  const pattern = TAKES_TIMES.has(service.id) ? DATE_MEMBERS[service.id] : undefined
  return pattern ? objectOf(epochsIn(parameters, pattern)) : parameters
}

function epochsIn(value: Json, pattern: RegExp): Json {
  if (isArray(value)) return value.map((item) => epochsIn(item, pattern))
  if (!isObject(value)) return value
  const members: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) {
    const at = typeof member === 'string' && pattern.test(name) ? Date.parse(member) : Number.NaN
    setOwn(members, name, Number.isNaN(at) ? epochsIn(member, pattern) : at / 1000)
  }
  return members
}

/** Of a list each. */
function dateOf(value: Json, pattern: RegExp): Json {
  if (typeof value === 'number') return formatContextTime(toInstant(Math.round(value * 1000)))
  return isArray(value) ? value.map((item) => dateOf(item, pattern)) : withDates(value, pattern)
}

function withDates(value: Json, pattern: RegExp): Json {
  if (isArray(value)) return value.map((item) => withDates(item, pattern))
  if (!isObject(value)) return value
  const members: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) {
    setOwn(members, name, pattern.test(name) ? dateOf(member, pattern) : withDates(member, pattern))
  }
  return members
}
