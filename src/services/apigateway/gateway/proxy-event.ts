/**
 * A request as functions are given it by a proxy integration of payload format 1.0, of both kinds of API, and what the function's answer
 * says of the response.
 * Source: API Gateway developer guide, "Input format of a Lambda function for proxy integration", "Output format …".
 */
import { getOwn, isArray, isObject, type JsonObject } from '../../../base/json.ts'
import { jsonOf } from '../../../base/json-text.ts'

import { accessLogTime } from '../../kit/http-event.ts'

import type { GatewayAnswer } from './answer.ts'
import type { GatewayRequest } from './request.ts'

/** Where a request has come to. */
export interface Placed {
  readonly account: string
  readonly stage: string
  /** Without the stage. */
  readonly path: string
  readonly resourcePath: string
  /** Of REST APIs. */
  readonly resourceId: string | undefined
  readonly pathParameters: Readonly<Record<string, string>>
  readonly stageVariables: Readonly<Record<string, string>>
  readonly authorizer: JsonObject | undefined
  readonly apiKey: JsonObject | undefined
}

export const orNull = (values: JsonObject): JsonObject | null => (Object.keys(values).length === 0 ? null : values)

/** `$context` of templates, and the `requestContext` of events. */
export function requestContext(request: GatewayRequest, placed: Placed): JsonObject {
  const host = request.headers['host'] ?? ''
  return {
    accountId: placed.account,
    apiId: request.apiId,
    ...(placed.authorizer !== undefined && { authorizer: placed.authorizer }),
    domainName: host,
    domainPrefix: host.split('.')[0] ?? '',
    extendedRequestId: request.requestId,
    httpMethod: request.method,
    identity: {
      accessKey: null,
      accountId: null,
      apiKey: placed.apiKey?.['value'] ?? null,
      apiKeyId: placed.apiKey?.['id'] ?? null,
      caller: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: request.sourceIp,
      user: null,
      userAgent: request.headers['user-agent'] ?? null,
      userArn: null,
    },
    path: `/${placed.stage}${placed.path}`,
    protocol: 'HTTP/1.1',
    requestId: request.requestId,
    requestTime: accessLogTime(request.at),
    requestTimeEpoch: request.at,
    ...(placed.resourceId !== undefined && { resourceId: placed.resourceId }),
    resourcePath: placed.resourcePath,
    stage: placed.stage,
  }
}

/** `isBinary`: the body goes in base64. */
export function proxyEvent(request: GatewayRequest, placed: Placed, isBinary: boolean): JsonObject {
  return {
    resource: placed.resourcePath,
    path: placed.path,
    httpMethod: request.method,
    headers: lastOf(request.sent),
    multiValueHeaders: severalOf(request.sent),
    queryStringParameters: orNull(lastOf(request.query)),
    multiValueQueryStringParameters: orNull(severalOf(request.query)),
    pathParameters: orNull(placed.pathParameters),
    stageVariables: orNull(placed.stageVariables),
    requestContext: requestContext(request, placed),
    body: request.body.length === 0 ? null : request.body.toString(isBinary ? 'base64' : 'utf8'),
    isBase64Encoded: isBinary && request.body.length > 0,
  }
}

/** By name, all values in their order. */
function severalOf(pairs: Iterable<readonly [string, string]>): JsonObject {
  const lists = new Map<string, string[]>()
  for (const [name, value] of pairs) {
    const list = lists.get(name)
    if (list) list.push(value)
    else lists.set(name, [value])
  }
  return Object.fromEntries(lists)
}

/** Of several of one name the last. */
export const lastOf = (pairs: Iterable<readonly [string, string]>): Record<string, string> => Object.fromEntries(pairs)

/** Undefined where it is no answer of a proxy. `takesBinary`: whether a body in base64 is decoded. */
export function proxyAnswer(payload: Buffer, takesBinary = true): GatewayAnswer | undefined {
  const answer = jsonOf(payload.toString('utf8'))
  if (!isObject(answer)) return undefined
  const known = new Set(['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded', 'cookies'])
  if (Object.keys(answer).some((name) => !known.has(name))) return undefined
  const status = Number(getOwn(answer, 'statusCode') ?? Number.NaN)
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined
  const body = getOwn(answer, 'body') ?? ''
  if (typeof body === 'object') return undefined
  const isBase64 = takesBinary && getOwn(answer, 'isBase64Encoded') === true
  const headers = headersOf(answer)
  const isTyped = headers.some(([name]) => name.toLowerCase() === 'content-type')
  return {
    status,
    headers: isTyped ? headers : [['content-type', 'application/json'], ...headers],
    body: Buffer.from(String(body), isBase64 ? 'base64' : 'utf8'),
  }
}

/** Those of several values go before those of one. */
function headersOf(answer: JsonObject): readonly (readonly [string, string])[] {
  const several = getOwn(answer, 'multiValueHeaders')
  const one = getOwn(answer, 'headers')
  const all = isObject(several)
    ? Object.entries(several).flatMap(([name, values]) =>
        (isArray(values) ? values : [values]).map((value) => [name, String(value)] as const),
      )
    : []
  const named = new Set(all.map(([name]) => name.toLowerCase()))
  const others = isObject(one)
    ? Object.entries(one).filter(([name, value]) => !named.has(name.toLowerCase()) && value !== null && typeof value !== 'object')
    : []
  return [...all, ...others.map(([name, value]) => [name, String(value)] as const)]
}
