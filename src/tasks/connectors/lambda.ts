/**
 * Lambda: `lambda:invoke` with its full result, and a Resource that is a function's own ARN, where the payload alone is
 * the result. A function that throws fails the task under its own error type.
 * Source: AWS developer guide, "Invoke Lambda with Step Functions"; recorded cases lambda-task*, task-service-lambda*.
 */
import { type Failure, failure } from '../../base/failure.ts'
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { exactJsonOf } from '../../base/json-text.ts'
import { printInOrder } from '../../base/member-order.ts'

import type { AwsResponse } from '../../wire/client.ts'
import { call } from '../../aws/call.ts'
import type { Endpoints } from '../../aws/endpoints.ts'
import { functionPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { optimizedFailure } from '../call-failure.ts'
import type { Connector, TaskOutcome, TaskRequest } from '../connector.ts'
import { jsonOrText, objectOf, spelledOf, textMember } from '../parameters.ts'
import { sdkMetadata, sorted } from '../sdk-metadata.ts'

const LAMBDA = SERVICES.lambda
/** A function may run for 15 minutes. */
const TIMEOUT_MS = 910_000

export function createLambdaConnector(endpoints: Endpoints): Connector {
  return {
    answersWhenDone: true,
    start: (request) =>
      request.resource.legacyLambdaArn === undefined ? invoke(endpoints, request) : invokeLegacy(endpoints, request),
  }
}

async function invoke(endpoints: Endpoints, request: TaskRequest): Promise<TaskOutcome> {
  const parameters = objectOf(request.parameters)
  const phase = request.resource.pattern === 'request' ? 'run' : 'submit'
  const payload = getOwn(spelledOf(request), 'Payload')
  const called = await callFunction(endpoints, request, {
    name: textMember(parameters, 'FunctionName') ?? '',
    qualifier: textMember(parameters, 'Qualifier'),
    headers: invokeHeaders(parameters),
    body: bodyOf(payload),
  })
  if (!called.ok) return { kind: 'failed', failure: optimizedFailure(LAMBDA, called.error, 'lambda'), phase }
  const failed = functionFailure(called.value, printed)
  if (failed) return { kind: 'failed', failure: failed, phase }
  const output = renderInvoked(called.value)
  return request.resource.pattern === 'waitForTaskToken' ? { kind: 'submitted', output } : { kind: 'succeeded', output }
}

/** A text goes as it stands, as a blob does; null is no payload (recorded: services, invoke json values). */
const bodyOf = (payload: Json | undefined): string =>
  payload === undefined || payload === null ? '' : typeof payload === 'string' ? payload : printInOrder(payload)

async function invokeLegacy(endpoints: Endpoints, request: TaskRequest): Promise<TaskOutcome> {
  const name = request.resource.legacyLambdaArn ?? ''
  const body = printInOrder(request.spelled ?? request.parameters)
  const called = await callFunction(endpoints, request, { name, qualifier: undefined, headers: {}, body })
  if (!called.ok) return { kind: 'failed', failure: optimizedFailure(LAMBDA, called.error, name) }
  const failed = functionFailure(called.value, asWritten)
  if (failed) return { kind: 'failed', failure: failed }
  const text = called.value.body.toString('utf8')
  return { kind: 'succeeded', output: isJson(text) ? { text } : text }
}

interface FunctionCall {
  readonly name: string
  readonly qualifier: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function callFunction(endpoints: Endpoints, request: TaskRequest, { name, qualifier, headers, body }: FunctionCall) {
  return call(endpoints, LAMBDA, {
    path: `${functionPath(name)}/invocations`,
    ...(qualifier !== undefined && { query: new URLSearchParams({ Qualifier: qualifier }) }),
    headers: { 'content-type': 'application/json', ...headers },
    body,
    signal: request.signal,
    timeoutMs: TIMEOUT_MS,
  })
}

function invokeHeaders(parameters: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {}
  const type = textMember(parameters, 'InvocationType')
  const logType = textMember(parameters, 'LogType')
  const context = getOwn(parameters, 'ClientContext')
  if (type !== undefined) headers['x-amz-invocation-type'] = type
  if (logType !== undefined) headers['x-amz-log-type'] = logType
  if (context !== undefined && context !== null) {
    const isEncoded = typeof context === 'string'
    headers['x-amz-client-context'] = isEncoded ? context : Buffer.from(JSON.stringify(context)).toString('base64')
  }
  return headers
}

/** The optimized integration prints the error anew; a function's own ARN hands it on as the runtime wrote it (recorded: error_handling). */
const printed = (text: string, error: Json | undefined) => (error === undefined ? text : JSON.stringify(error))
const asWritten = (text: string) => text

/** What the function threw, if it did. */
function functionFailure(response: AwsResponse, causeOf: (text: string, error: Json | undefined) => string): Failure | undefined {
  if (response.headers['x-amz-function-error'] === undefined) return undefined
  const text = response.body.toString('utf8')
  const payload = exactJsonOf(text)
  const type = isObject(payload) ? getOwn(payload, 'errorType') : undefined
  if (typeof type === 'string' && type !== '') return failure(type, causeOf(text, payload))
  return failure(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${text}`,
  )
}

function renderInvoked(response: AwsResponse): JsonObject {
  const text = response.body.toString('utf8')
  const header = (name: string) => {
    const value = response.headers[name]
    return typeof value === 'string' ? value : undefined
  }
  const version = header('x-amz-executed-version')
  const logResult = header('x-amz-log-result')
  return sorted({
    ...(version !== undefined && { ExecutedVersion: version }),
    ...(logResult !== undefined && { LogResult: logResult }),
    ...(text !== '' && { Payload: jsonOrText(text) }),
    ...sdkMetadata(response),
    StatusCode: response.status,
  })
}

const isJson = (text: string): boolean => exactJsonOf(text) !== undefined
