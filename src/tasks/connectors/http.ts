/**
 * `http:invoke` and `apigateway:invoke`: any HTTP API as a task. The answer's JSON is parsed, any other text is kept.
 * Beyond AWS: a plain `http://` endpoint and an `http:invoke` without a connection are taken, for services on this machine.
 * Source: AWS developer guide, "Call HTTPS APIs in Step Functions workflows", "Create API Gateway REST APIs with Step Functions".
 */
import { STATUS_CODES } from 'node:http'

import { type Failure, failure } from '../../base/failure.ts'
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { err, ok, type Result } from '../../base/result.ts'

import { type AwsResponse, callAws, TransportError } from '../../wire/client.ts'
import type { ConnectionParts, ConnectionSecrets } from '../../aws/connections.ts'
import type { Endpoints } from '../../aws/endpoints.ts'

import type { Connector, HttpExchange, HttpSent, TaskOutcome, TaskRequest } from '../connector.ts'
import { asText, jsonOrText, spelledOf, textMember } from '../parameters.ts'
import { headerLists } from '../sdk-metadata.ts'

const TIMEOUT_MS = 60_000
const RESPONSE_BYTES_MAX = 262_144
const METHODS = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])

/** Headers that a workflow may not set. */
const DENIED =
  /^(a-im|accept-charset|accept-datetime|accept-encoding|authorization|cache-control|connection|content-encoding|content-md5|date|expect|forwarded|from|host|http2-settings|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|max-forwards|origin|pragma|proxy-authorization|referer|server|te|trailer|transfer-encoding|upgrade|via|warning|x-amz-.*|x-amzn-.*|x-forwarded-.*)$/i
const BINARY = /^(application\/octet-stream|image\/|video\/|audio\/)/i

interface HttpCall {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export function createHttpConnector(endpoints: Endpoints, connections: ConnectionSecrets): Connector {
  return {
    async start(request) {
      const parameters = spelledOf(request)
      const connection = await readConnection(parameters, connections)
      if (!connection.ok) return { kind: 'failed', failure: connection.error }
      const { region } = endpoints.endpointFor('http')
      const call = readHttpCall(parameters, region, connection.value)
      if (!call.ok) return runtimeFailure(call.error)
      const called = await send(call.value, request.signal)
      if (request.onExchange) {
        const bare = readHttpCall(parameters, region, NO_PARTS)
        if (bare.ok) request.onExchange(exchangeOf(call.value, bare.value, called.ok ? called.value : undefined))
      }
      if (!called.ok) return { kind: 'failed', failure: failure('States.Http.Socket', called.error.message) }
      const response = called.value
      const type = response.headers['content-type'] ?? ''
      if (response.status >= 300) {
        const cause = response.body.toString('utf8') || statusText(response.status)
        return { kind: 'failed', failure: failure(`States.Http.StatusCode.${response.status}`, cause) }
      }
      if (BINARY.test(type)) return runtimeFailure(`The response has the content type ${type}, which is not supported.`)
      return { kind: 'succeeded', output: renderResponse(response) }
    },
  }
}

function exchangeOf(call: HttpCall, bare: HttpCall, response: AwsResponse | undefined): HttpExchange {
  const sent = ({ method, url, headers, body }: HttpCall): HttpSent => ({ method, url: url.href, headers, body })
  return {
    request: sent(call),
    withoutSecrets: sent(bare),
    response: response && {
      status: response.status,
      statusText: statusText(response.status),
      headers: response.headers,
      body: response.body.toString('utf8'),
    },
  }
}

export function createApiGatewayConnector(endpoints: Endpoints): Connector {
  return {
    async start(request) {
      const parameters = spelledOf(request)
      const call = readGatewayCall(parameters)
      if (!call.ok) return runtimeFailure(call.error)
      const isSigned = textMember(parameters, 'AuthType') === 'IAM_ROLE'
      const called = await send(call.value, request.signal, isSigned ? endpoints : undefined)
      const phase = request.resource.pattern === 'request' ? 'run' : 'submit'
      if (!called.ok) {
        const cause = `Unable to execute HTTP request: ${called.error.message}`
        return { kind: 'failed', failure: failure('ApiGateway.SdkClientException', cause), phase }
      }
      const response = called.value
      if (response.status >= 300) {
        return { kind: 'failed', failure: failure(`ApiGateway.${response.status}`, response.body.toString('utf8')), phase }
      }
      return taken(request, renderResponse(response))
    },
  }
}

const taken = (request: TaskRequest, output: Json): TaskOutcome =>
  request.resource.pattern === 'waitForTaskToken' ? { kind: 'submitted', output } : { kind: 'succeeded', output }

const runtimeFailure = (cause: string): TaskOutcome => ({ kind: 'failed', failure: failure('States.Runtime', cause) })

async function send(call: HttpCall, signal: AbortSignal, signer?: Endpoints): Promise<Result<AwsResponse, TransportError>> {
  const endpoint = signer?.endpointFor('executeapi')
  try {
    return ok(
      await callAws({
        endpoint: call.url.origin,
        path: call.url.pathname,
        query: call.url.searchParams,
        method: call.method,
        headers: call.headers,
        body: call.body,
        region: endpoint?.region ?? '',
        service: 'execute-api',
        credentials: await endpoint?.credentials(),
        signal,
        timeoutMs: TIMEOUT_MS,
        responseBytesMax: RESPONSE_BYTES_MAX,
      }),
    )
  } catch (error) {
    if (error instanceof TransportError) return err(error)
    throw error
  }
}

const NO_PARTS: ConnectionParts = { headers: {}, query: {}, body: {} }

/** What the connection that the task names adds; nothing where it names none. */
async function readConnection(parameters: JsonObject, connections: ConnectionSecrets): Promise<Result<ConnectionParts, Failure>> {
  const config = getOwn(parameters, 'InvocationConfig') ?? getOwn(parameters, 'Authentication')
  if (config === undefined || config === null) return ok(NO_PARTS)
  const arn = isObject(config) ? textMember(config, 'ConnectionArn') : undefined
  if (arn === undefined) return err(failure('States.Runtime', "The value of the field 'ConnectionArn' has an invalid format"))
  try {
    const parts = await connections.authorize(arn)
    if (parts) return ok(parts)
    return err(failure('Events.ConnectionResource.ResourceNotFound', `The connection ${arn} does not exist.`))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return err(failure('Events.ConnectionResource.InvalidConnectionState', `The connection could not be authorized: ${reason}`))
  }
}

function readHttpCall(parameters: JsonObject, region: string, connection: ConnectionParts): Result<HttpCall, string> {
  const endpoint = textMember(parameters, 'ApiEndpoint') ?? ''
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    return err("The value of the field 'ApiEndpoint' has an invalid format")
  const url = new URL(endpoint)
  addQuery(url, getOwn(parameters, 'QueryParameters'))
  const headers = readHeaders(getOwn(parameters, 'Headers'), false)
  if (!headers.ok) return headers
  const encoding = getOwn(parameters, 'Transform')
  const isForm = isObject(encoding) && getOwn(encoding, 'RequestBodyEncoding') === 'URL_ENCODED'
  for (const [name, value] of Object.entries(connection.query)) url.searchParams.set(name, value)
  const given = getOwn(parameters, 'RequestBody') ?? undefined
  const hasBody = Object.keys(connection.body).length > 0
  if (hasBody && given !== undefined && !isObject(given))
    return err('The request body must be an object, because the connection adds parameters to it.')
  const body = hasBody ? { ...(isObject(given) ? given : {}), ...connection.body } : given
  const own = new Set(Object.keys(connection.headers).map((name) => name.toLowerCase()))
  const kept = Object.fromEntries(Object.entries(headers.value).filter(([name]) => !own.has(name.toLowerCase())))
  const fixed = { ...connection.headers, 'user-agent': `Amazon|StepFunctions|HttpInvoke|${region}`, range: 'bytes=0-262144' }
  const form = isForm && isObject(body) ? encodeForm(body, arrayFormatOf(encoding)) : undefined
  return finish(parameters, url, { ...kept, ...fixed }, form ?? bodyText(body), form !== undefined)
}

function readGatewayCall(parameters: JsonObject): Result<HttpCall, string> {
  const host = textMember(parameters, 'ApiEndpoint') ?? ''
  const base = /^https?:\/\//.test(host) ? host : `https://${host}`
  if (!URL.canParse(base)) return err("The value of the field 'ApiEndpoint' has an invalid format")
  const url = new URL(base)
  const parts = [textMember(parameters, 'Stage'), textMember(parameters, 'Path')]
  const path = parts.filter((part) => part !== undefined && part !== '').map((part) => (part ?? '').replace(/^\/+/, ''))
  url.pathname = [url.pathname.replace(/\/+$/, ''), ...path].join('/') || '/'
  addQuery(url, getOwn(parameters, 'QueryParameters'))
  const headers = readHeaders(getOwn(parameters, 'Headers'), true)
  if (!headers.ok) return headers
  const body = getOwn(parameters, 'RequestBody')
  const isNullKept = getOwn(parameters, 'AllowNullValues') === true
  return finish(parameters, url, headers.value, bodyText(isNullKept ? body : withoutNulls(body)), false)
}

function finish(
  parameters: JsonObject,
  url: URL,
  headers: Record<string, string>,
  body: string | undefined,
  isForm: boolean,
): Result<HttpCall, string> {
  const method = textMember(parameters, 'Method') ?? 'GET'
  if (!METHODS.has(method)) return err("The value of the field 'Method' has an invalid format")
  const isBodiless = method === 'GET' || method === 'HEAD'
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json'
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  const sent = isBodiless ? undefined : body
  return ok({ url, method, body: sent, headers: sent === undefined || hasType ? headers : { ...headers, 'content-type': type } })
}

/** A text goes as it is, anything else as JSON. */
const bodyText = (body: Json | undefined): string | undefined => asText(body)

function withoutNulls(value: Json | undefined): Json | undefined {
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, withoutNulls(member) ?? null]),
  )
}

function addQuery(url: URL, query: Json | undefined): void {
  if (!isObject(query)) return
  for (const [name, value] of Object.entries(query)) {
    for (const one of isArray(value) ? value : [value]) {
      const text = asText(one)
      if (text !== undefined) url.searchParams.append(name, text)
    }
  }
}

function readHeaders(given: Json | undefined, mustBeLists: boolean): Result<Record<string, string>, string> {
  const headers: Record<string, string> = {}
  if (given === undefined || given === null) return ok(headers)
  const invalid = err("The value of the field 'Headers' has an invalid format")
  if (!isObject(given)) return invalid
  for (const [name, value] of Object.entries(given)) {
    if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(name)) return invalid
    if (DENIED.test(name)) return err(`The header '${name}' is not allowed in a request.`)
    if (mustBeLists && !isArray(value)) return invalid
    const text = isArray(value) ? value.map((one) => asText(one) ?? '').join(',') : (asText(value) ?? '')
    if (/[\r\n\0]/.test(text)) return invalid
    headers[name] = text
  }
  return ok(headers)
}

type ArrayFormat = 'INDICES' | 'REPEAT' | 'COMMAS' | 'BRACKETS'

function arrayFormatOf(transform: JsonObject): ArrayFormat {
  const options = getOwn(transform, 'RequestEncodingOptions')
  const format = isObject(options) ? getOwn(options, 'ArrayFormat') : undefined
  return format === 'REPEAT' || format === 'COMMAS' || format === 'BRACKETS' ? format : 'INDICES'
}

function encodeForm(body: JsonObject, format: ArrayFormat): string {
  const form = new URLSearchParams()
  const add = (name: string, value: Json): void => {
    if (isArray(value)) {
      if (format === 'COMMAS') form.append(name, value.map((item) => asText(item) ?? '').join(','))
      else
        for (const [i, item] of value.entries())
          add(format === 'REPEAT' ? name : `${name}[${format === 'INDICES' ? i : ''}]`, item)
    } else if (isObject(value)) for (const [key, member] of Object.entries(value)) add(`${name}[${key}]`, member)
    else form.append(name, asText(value) ?? '')
  }
  for (const [name, value] of Object.entries(body)) add(name, value)
  return form.toString()
}

function renderResponse(response: AwsResponse): JsonObject {
  return {
    Headers: Object.fromEntries(headerLists(response.headers)),
    ResponseBody: jsonOrText(response.body.toString('utf8')),
    StatusCode: response.status,
    StatusText: statusText(response.status),
  }
}

const statusText = (status: number): string => STATUS_CODES[status] ?? ''
