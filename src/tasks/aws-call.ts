/**
 * One signed call to a service, without retries. What comes back is the answer, or a value that says what went wrong; a
 * call never throws for what a network or a service can do.
 */
import { err, ok, type Result } from '../base/result.ts'
import { parseJson } from '../base/json-bounds.ts'
import type { Json, JsonObject } from '../base/json.ts'

import { type AwsResponse, callAws, TransportError } from '../wire/client.ts'
import { readErrorResponse } from '../wire/errors.ts'
import type { Credentials } from '../wire/sigv4.ts'

import type { CallFailure } from './call-failure.ts'
import type { Endpoints, ServiceEndpoint } from './connector.ts'
import type { WireService } from './wire-services.ts'

export interface ServiceRequest {
  readonly method?: string
  readonly path?: string
  readonly query?: URLSearchParams
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Instead of the service's own endpoint: a queue URL names its host itself. */
  readonly url?: string
  readonly signal: AbortSignal
  readonly timeoutMs?: number
  readonly responseBytesMax?: number
}

/** Answers with a 2xx response. */
export async function callService(
  endpoints: Endpoints,
  service: WireService,
  request: ServiceRequest,
): Promise<Result<AwsResponse, CallFailure>> {
  const endpoint = endpoints.endpointFor(service.id)
  const url = request.url ?? endpoint.url
  const credentials = await credentialsOf(endpoint)
  if (!credentials.ok) return credentials
  try {
    const { url: _, ...rest } = request
    const response = await callAws({
      ...rest,
      endpoint: url,
      region: endpoint.region,
      service: service.signingName,
      credentials: credentials.value,
    })
    return response.status < 300 ? ok(response) : err(serviceFailure(service, response))
  } catch (error) {
    if (error instanceof TransportError) return err({ kind: 'transport', error, host: hostOf(url) })
    throw error
  }
}

async function credentialsOf(endpoint: ServiceEndpoint): Promise<Result<Credentials | undefined, CallFailure>> {
  try {
    return ok(await endpoint.credentials())
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return err({ kind: 'credentials', message: `Unable to load credentials from any of the providers in the chain: ${reason}` })
  }
}

function serviceFailure(service: WireService, response: AwsResponse): CallFailure {
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

export function requestIdOf({ headers }: AwsResponse): string {
  const id = headers['x-amzn-requestid'] ?? headers['x-amz-request-id']
  return typeof id === 'string' ? id : ''
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)

/** Speaks AWS JSON. The answer is the parsed body, `{}` where it is empty. */
export async function callJson(
  endpoints: Endpoints,
  service: WireService,
  action: string,
  input: Json,
  request: ServiceRequest,
): Promise<Result<{ readonly body: JsonObject; readonly response: AwsResponse }, CallFailure>> {
  const { target = '', version = '1.0' } = service.json ?? {}
  const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': `${target}.${action}` }
  const called = await callService(endpoints, service, { ...request, headers, body: JSON.stringify(input) })
  if (!called.ok) return called
  return ok({ body: parseObject(called.value.body), response: called.value })
}

function parseObject(body: Buffer): JsonObject {
  if (body.length === 0) return {}
  try {
    const value: unknown = parseJson(body.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
  } catch {
    return {}
  }
}
