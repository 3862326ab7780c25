/**
 * A request to a function's URL, or to an HTTP API, as the event that the function is given (payload format 2.0), and what its answer
 * says of the response. Pure.
 * Source: AWS Lambda developer guide, "Invoking Lambda function URLs"; API Gateway developer guide, "Create AWS Lambda proxy
 * integrations for HTTP APIs".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

/** What an API knows of a request beyond what its caller said. */
export interface Routed {
  readonly routeKey: string
  readonly stage: string
  readonly pathParameters: JsonObject | undefined
  readonly stageVariables: JsonObject | undefined
  readonly authorizer: JsonObject | undefined
}

export interface HttpEventRequest {
  readonly id: string
  readonly method: string
  /** Still percent-encoded, as it came. */
  readonly path: string
  readonly queryText: string
  readonly query: URLSearchParams
  /** Names in small letters; repeated ones joined. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly sourceIp: string
  readonly requestId: string
  readonly account: string
  /** Who signed it, where signatures are asked for. */
  readonly accessKey?: string | undefined
  readonly at: number
  /** Of an API. A function's URL has one route and one stage. */
  readonly routed?: Routed | undefined
}

const UNROUTED: Routed = {
  routeKey: '$default',
  stage: '$default',
  pathParameters: undefined,
  stageVariables: undefined,
  authorizer: undefined,
}

export function httpEvent(request: HttpEventRequest): JsonObject {
  const { id, method, path, queryText, query, headers, body, sourceIp, requestId, account, accessKey, at, routed } = request
  const { routeKey, stage, pathParameters, stageVariables, authorizer } = routed ?? UNROUTED
  const signer = accessKey === undefined ? undefined : { iam: identityOf(accessKey, account) }
  const { cookie, ...others } = headers
  const isText = body.length === 0 || isTextBody(headers['content-type'], body)
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: queryText,
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/).filter((one) => one !== '') }),
    headers: others,
    ...(query.size > 0 && { queryStringParameters: joined(query) }),
    requestContext: {
      accountId: accessKey === undefined && routed === undefined ? 'anonymous' : account,
      apiId: id,
      ...((signer ?? authorizer) !== undefined && { authorizer: { ...signer, ...authorizer } }),
      domainName: headers['host'] ?? '',
      domainPrefix: id,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId,
      routeKey,
      stage,
      time: accessLogTime(at),
      timeEpoch: at,
    },
    ...(pathParameters !== undefined && { pathParameters }),
    ...(stageVariables !== undefined && { stageVariables }),
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: !isText,
  }
}

const identityOf = (accessKey: string, account: string): JsonObject => ({
  accessKey,
  accountId: account,
  callerId: accessKey,
  cognitoIdentity: null,
  principalOrgId: null,
  userArn: `arn:aws:iam::${account}:root`,
  userId: accessKey,
})

function joined(query: URLSearchParams): JsonObject {
  const values = new Map<string, string>()
  for (const [name, value] of query) values.set(name, values.has(name) ? `${values.get(name)},${value}` : value)
  return Object.fromEntries(values)
}

export const isTextBody = (contentType: string | undefined, body: Buffer): boolean =>
  /text|json|xml|javascript/i.test(contentType ?? '') && body.equals(Buffer.from(body.toString('utf8'), 'utf8'))

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `12/Mar/2020:19:03:58 +0000`. */
export function accessLogTime(at: number): string {
  const [day = '', time = ''] = new Date(at).toISOString().split('T')
  const [year = '', month = '', date = ''] = day.split('-')
  return `${date}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly string[]
  readonly body: Buffer
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** An answer that names no status is the body itself. */
export function httpAnswer(payload: Buffer): HttpAnswer {
  const value = jsonOf(payload.toString('utf8'))
  if (isObject(value) && getOwn(value, 'statusCode') !== undefined) return shapedAnswer(value, bodyOf(value))
  const cut = value === undefined ? cutPrelude(payload) : undefined
  if (cut) return shapedAnswer(cut.prelude, cut.body)
  const body = typeof value === 'string' ? Buffer.from(value) : payload
  return { status: 200, headers: JSON_TYPE, cookies: [], body }
}

function bodyOf(answer: JsonObject): Buffer {
  const body = getOwn(answer, 'body') ?? ''
  if (typeof body !== 'string') return Buffer.from(JSON.stringify(body))
  return Buffer.from(body, getOwn(answer, 'isBase64Encoded') === true ? 'base64' : 'utf8')
}

/** What a streamed answer begins with: what is said of the response, then eight zeros, then the body. */
const MARK = Buffer.alloc(8)

/** Undefined where there is none, or not yet. */
export function cutPrelude(payload: Buffer): { readonly prelude: JsonObject; readonly body: Buffer } | undefined {
  const at = payload.indexOf(MARK)
  const prelude = at < 0 ? undefined : jsonOf(payload.subarray(0, at).toString('utf8'))
  return isObject(prelude) ? { prelude, body: payload.subarray(at + MARK.length) } : undefined
}

export function shapedAnswer(answer: JsonObject, body: Buffer): HttpAnswer {
  const status = Number(getOwn(answer, 'statusCode') ?? 200)
  const headers = getOwn(answer, 'headers')
  const cookies = getOwn(answer, 'cookies')
  return {
    status: Number.isInteger(status) && status >= 200 && status <= 599 ? status : 502,
    headers: { ...JSON_TYPE, ...(isObject(headers) ? textsOf(headers) : {}) },
    cookies: isArray(cookies) ? cookies.map(String) : [],
    body,
  }
}

/** By names in small letters. What no header can hold is left out. */
export function textsOf(headers: JsonObject): Record<string, string> {
  const shown = ([, value]: readonly [string, Json]) => value !== null && !isObject(value)
  const isSound = ([name, value]: readonly [string, string]) =>
    /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
  return Object.fromEntries(
    Object.entries(headers)
      .filter(shown)
      .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
      .filter(isSound),
  )
}
