/**
 * One signed call to a service, without retries, in the protocol that the table names. What comes back is the answer, or a
 * value that says what went wrong; a call never throws for what a network or a service can do.
 */
import { parseJson } from '../base/json-bounds.ts'
import { isObject, type JsonObject } from '../base/json.ts'
import { err, ok, type Result } from '../base/result.ts'

import {
  type AwsCall,
  type AwsResponse,
  type AwsStreamCall,
  type AwsStreamResponse,
  callAws,
  collect,
  openStream,
  TransportError,
} from '../wire/client.ts'
import { type ErrorResponse, readErrorResponse } from '../wire/errors.ts'
import type { Credentials } from '../wire/sigv4.ts'

import type { Endpoints, ServiceEndpoint } from './endpoints.ts'
import type { CallFailure } from './failure.ts'
import { readQueryResult, toQueryForm } from './query-form.ts'
import { type AwsService, type JsonService, jsonHeaders, type QueryService, type RestService } from './services.ts'

type Address = 'endpoint' | 'socketPath' | 'transport' | 'region' | 'service' | 'credentials'

export interface AwsRequest extends Omit<AwsCall, Address> {
  /** Instead of the service's own endpoint: a queue URL names its host itself. */
  readonly url?: string
}

export type AwsStreamRequest = Omit<AwsStreamCall, Address>

/** What remains to be said where protocol, action and input are. */
export type CallOptions = Pick<AwsRequest, 'url' | 'query' | 'signal' | 'timeoutMs'>

/** The answer as read by the protocol, and as it came. */
export interface Answer {
  readonly body: JsonObject
  readonly response: AwsResponse
}

type Called<T> = Promise<Result<T, CallFailure>>

/** Answers with a 2xx response. */
export function call(endpoints: Endpoints, service: AwsService, request: AwsRequest): Called<AwsResponse> {
  return callAndRead(endpoints, service, request, (response) => response)
}

/** Answers with a response of any status: for whoever passes on what a service says. */
export function exchange(endpoints: Endpoints, service: AwsService, request: AwsRequest): Called<AwsResponse> {
  return send(endpoints, service, request.url, async (address) => ok(await callAws({ ...request, ...address })))
}

/** Answers with a 2xx response whose body is still to be read. */
export function callStream(endpoints: Endpoints, service: AwsService, request: AwsStreamRequest): Called<AwsStreamResponse> {
  return send(endpoints, service, undefined, async (address) => {
    const response = await openStream({ ...request, ...address })
    return response.status < 300 ? ok(response) : err(refusalOf(service, { ...response, body: await collect(response.body) }))
  })
}

/** Speaks AWS JSON. The body is `{}` where the answer is empty. */
export function callJson(
  endpoints: Endpoints,
  service: JsonService,
  action: string,
  input: object,
  options: CallOptions = {},
): Called<Answer> {
  const request = { ...options, headers: jsonHeaders(service, action), body: JSON.stringify(input) }
  return callAndRead(endpoints, service, request, (response) => ({ body: readObject(response), response }))
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }

/** Speaks AWS Query. The body holds the members of the result. */
export function callQuery(
  endpoints: Endpoints,
  service: QueryService,
  action: string,
  parameters: JsonObject,
  options: CallOptions = {},
): Called<Answer> {
  const request = { ...options, headers: FORM, body: toQueryForm(action, service.version, parameters) }
  return callAndRead(endpoints, service, request, (response) => ({
    body: readQueryResult(action, response.body.toString('utf8')),
    response,
  }))
}

/** Speaks REST with JSON bodies. The body is `{}` where the answer is empty. */
export function callRestJson(
  endpoints: Endpoints,
  service: RestService,
  method: string,
  path: string,
  input?: object,
  options: CallOptions = {},
): Called<Answer> {
  const body = input === undefined ? '' : JSON.stringify(input)
  const request = { ...options, method, path, headers: { 'content-type': 'application/json' }, body }
  return callAndRead(endpoints, service, request, (response) => ({ body: readObject(response), response }))
}

function callAndRead<T>(
  endpoints: Endpoints,
  service: AwsService,
  request: AwsRequest,
  read: (response: AwsResponse) => T,
): Called<T> {
  return send(endpoints, service, request.url, async (address) => {
    const response = await callAws({ ...request, ...address })
    if (response.status >= 300) return err(refusalOf(service, response))
    try {
      return ok(read(response))
    } catch (error) {
      throw new TransportError('broken', `the answer cannot be read: ${String(error)}`, { cause: error })
    }
  })
}

function readObject({ body }: AwsResponse): JsonObject {
  const text = body.toString('utf8')
  const value = text.trim() === '' ? {} : parseJson(text)
  return isObject(value) ? value : {}
}

async function send<T>(
  endpoints: Endpoints,
  service: AwsService,
  otherUrl: string | undefined,
  attempt: (address: Pick<AwsCall, Address>) => Called<T>,
): Called<T> {
  const { region, ...endpoint } = endpoints.endpointFor(service.id)
  const url = otherUrl ?? endpoint.url
  const credentials = await credentialsOf(endpoint)
  if (!credentials.ok) return credentials
  try {
    return await attempt({
      endpoint: url,
      ...(otherUrl === undefined && { socketPath: endpoint.socketPath, transport: endpoint.transport }),
      region,
      service: service.signingName,
      credentials: credentials.value,
    })
  } catch (error) {
    if (error instanceof TransportError) return err({ kind: 'transport', error, host: hostOf(url) })
    throw error
  }
}

async function credentialsOf({ credentials }: Pick<ServiceEndpoint, 'credentials'>): Called<Credentials | undefined> {
  try {
    return ok(await credentials())
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return err({ kind: 'credentials', message: `Unable to load credentials from any of the providers in the chain: ${reason}` })
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)

function refusalOf(service: AwsService, response: ErrorResponse): CallFailure {
  const { status, code, message } = readErrorResponse(response)
  // S3 names each answer twice, and the texts of its errors show both; stand-ins for S3 often send one only.
  const extended = response.headers['x-amz-id-2'] ?? (service.id === 's3' ? requestIdOf(response) : undefined)
  return {
    kind: 'service',
    status,
    code,
    message,
    requestId: requestIdOf(response),
    ...(typeof extended === 'string' && { extendedRequestId: extended }),
  }
}

export function requestIdOf({ headers }: Pick<ErrorResponse, 'headers'>): string {
  const id = headers['x-amzn-requestid'] ?? headers['x-amz-request-id']
  return typeof id === 'string' ? id : ''
}
