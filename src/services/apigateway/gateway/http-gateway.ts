/**
 * Answers requests to stages of HTTP APIs: what pages ask before they may (CORS), the route, who may call it, and the integration.
 * Source: API Gateway developer guide, "Routes for HTTP APIs", "Integrations for HTTP APIs", "Configure CORS for HTTP APIs".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../../base/json.ts'
import type { Log } from '../../../base/log.ts'

import { corsHeaders, preflightHeaders } from '../../kit/cors.ts'
import { httpAnswer, httpEvent, isTextBody } from '../../kit/http-event.ts'

import { memberList, memberObject, memberText } from '../document.ts'
import { type GatewayAnswer, isCarrier, jsonAnswer } from './answer.ts'
import { askAuthorizer, judgePolicy, readToken, claimTexts, scopesOf } from './authorizers.ts'
import { type Asked, type BackendAnswer, type Backends, functionOf } from './backends.ts'
import { authorizerWrong, GatewayError } from './gateway-error.ts'
import { changedPairs, type HttpSource, mappedText, overwritten } from './http-mapping.ts'
import { comparePatterns, fillVariables, matchPattern, type PathPattern, readPattern, segmentsOf } from './path-pattern.ts'
import { type Placed, proxyAnswer, proxyEvent, requestContext } from './proxy-event.ts'
import type { GatewayRequest } from './request.ts'
import { withStageVariables } from './rest-mapping.ts'
import { serviceAction } from './service-actions.ts'

export interface HttpGatewayDeps {
  readonly backends: Backends
  readonly region: string
  readonly account: string
  readonly log: Log
}

export interface HttpSnapshot {
  readonly document: JsonObject
  /** In the order in which they are tried; `$default` is not among them. */
  readonly routes: readonly { readonly verb: string; readonly pattern: PathPattern; readonly route: JsonObject }[]
}

export interface HttpStage {
  readonly name: string
  readonly variables: Readonly<Record<string, string>>
  readonly snapshot: HttpSnapshot
}

export function readHttpSnapshot(document: JsonObject): HttpSnapshot {
  const routes = memberList(document, 'routes')
    .filter(isObject)
    .flatMap((route) => {
      const [verb = '', path] = String(route['routeKey']).split(' ')
      return path === undefined ? [] : [{ verb, pattern: readPattern(path), route }]
    })
  const isAny = ({ verb }: { readonly verb: string }) => Number(verb === 'ANY')
  return { document, routes: routes.sort((a, b) => comparePatterns(a.pattern, b.pattern) || isAny(a) - isAny(b)) }
}

/** One request on its way. */
interface Turn {
  readonly request: GatewayRequest
  readonly stage: HttpStage
  /** Without the stage. */
  readonly path: string
  readonly route: JsonObject
  readonly integration: JsonObject
  readonly pathParameters: Readonly<Record<string, string>>
  readonly authorizer: JsonObject | undefined
}

const TIMEOUT_MS = 30_000

export class HttpGateway {
  readonly #deps: HttpGatewayDeps

  constructor(deps: HttpGatewayDeps) {
    this.#deps = deps
  }

  /** `path`: without the stage. */
  async answer(stage: HttpStage, request: GatewayRequest, path: string): Promise<GatewayAnswer> {
    const cors = corsOf(stage.snapshot.document)
    if (cors && isPreflight(request)) return preflight(cors, request)
    const answer = await this.#routed(stage, request, path)
    const shared = cors && corsHeaders(cors, request.headers['origin'])
    if (!shared) return answer
    const names = new Set(Object.keys(shared))
    const own = answer.headers.filter(([name]) => !names.has(name.toLowerCase()) && !/^access-control-/i.test(name))
    return { ...answer, headers: [...own, ...Object.entries(shared)] }
  }

  async #routed(stage: HttpStage, request: GatewayRequest, path: string): Promise<GatewayAnswer> {
    try {
      const found = findRoute(stage.snapshot, request.method, path)
      if (!found) return jsonAnswer(404, { message: 'Not Found' })
      const integrations = memberList(stage.snapshot.document, 'integrations').filter(isObject)
      const target = String(found.route['target'] ?? '').replace(/^integrations\//, '')
      const integration = integrations.find(({ integrationId }) => integrationId === target)
      const turn = { request, stage, path, integration: integration ?? {}, authorizer: undefined, ...found }
      const authorizer = await this.#authorized(turn)
      if (!integration) return jsonAnswer(500, { message: 'Internal Server Error' })
      return await this.#integrate({ ...turn, authorizer })
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      if (error.reason !== undefined) this.#tell(stage, request, error.status, error.reason)
      return jsonAnswer(error.status, { message: TEXTS.get(error.status) ?? error.message })
    }
  }

  #tell(stage: HttpStage, { apiId: api, path, requestId }: GatewayRequest, status: number, reason: string): void {
    this.#deps.log.warn('an API answers with an error of its own', { api, stage: stage.name, path, requestId, status, reason })
  }

  async #authorized(turn: Turn): Promise<JsonObject | undefined> {
    const { route, stage, request } = turn
    const type = memberText(route, 'authorizationType') ?? 'NONE'
    if (type === 'NONE') return undefined
    if (type === 'AWS_IAM') {
      // Whoever signs may: permissions are not judged here.
      if (request.headers['authorization'] === undefined && !request.query.has('X-Amz-Signature')) throw refused(403)
      return undefined
    }
    const authorizers = memberList(stage.snapshot.document, 'authorizers').filter(isObject)
    const authorizer = authorizers.find(({ authorizerId }) => authorizerId === route['authorizerId'])
    if (!authorizer) throw authorizerWrong('the authorizer is not there')
    return type === 'JWT' ? this.#token(turn, authorizer) : this.#asked(turn, authorizer)
  }

  #token({ request, route, ...turn }: Turn, authorizer: JsonObject): JsonObject {
    const settings = memberObject(authorizer, 'jwtConfiguration')
    const [source = '$request.header.Authorization'] = memberList(authorizer, 'identitySource').map(String)
    const claims = readToken(mappedText(source, sourceOf({ request, route, ...turn })), {
      issuer: memberText(settings, 'issuer'),
      audience: memberList(settings, 'audience'),
      now: request.at,
    })
    const scopes = scopesOf(claims)
    const wanted = memberList(route, 'authorizationScopes')
    if (wanted.length > 0 && !wanted.some((scope) => scopes.includes(String(scope)))) throw refused(403)
    return { jwt: { claims: claimTexts(claims), scopes: wanted.length > 0 ? [...scopes] : null } }
  }

  async #asked(turn: Turn, authorizer: JsonObject): Promise<JsonObject> {
    const { request, stage } = turn
    const { region, account, backends } = this.#deps
    const sources = memberList(authorizer, 'identitySource').map((source) => mappedText(String(source), sourceOf(turn)))
    if (sources.some((source) => source === undefined || source === '')) throw refused(401)
    const arn = `arn:aws:execute-api:${region}:${account}:${request.apiId}/${stage.name}/${request.method}${turn.path}`
    const uri = withStageVariables(memberText(authorizer, 'authorizerUri') ?? '', stage.variables)
    if (memberText(authorizer, 'authorizerPayloadFormatVersion') === '1.0') {
      const { body: _, isBase64Encoded: __, ...event } = proxyEvent(lowerCased(request), this.#placed(turn), false)
      const told = { version: '1.0', type: 'REQUEST', methodArn: arn, identitySource: sources.join(','), ...event }
      return this.#judged(await askAuthorizer(backends, uri, told), authorizer, arn)
    }
    const { body: _, isBase64Encoded: __, ...event } = this.#event(turn)
    const identitySource = sources.map((source) => source ?? '')
    const told = { ...event, version: '2.0', type: 'REQUEST', routeArn: arn, identitySource }
    return this.#judged(await askAuthorizer(backends, uri, told), authorizer, arn)
  }

  #judged(answer: JsonObject, authorizer: JsonObject, arn: string): JsonObject {
    if (authorizer['enableSimpleResponses'] !== true) return { lambda: judgePolicy(answer, arn) }
    if (typeof answer['isAuthorized'] !== 'boolean') throw authorizerWrong('the authorizer answered no isAuthorized')
    if (!answer['isAuthorized']) throw refused(403)
    return { lambda: getOwn(answer, 'context') ?? null }
  }

  #integrate(turn: Turn): Promise<GatewayAnswer> | GatewayAnswer {
    const { integration } = turn
    const subtype = memberText(integration, 'integrationSubtype')
    if (subtype !== undefined) return this.#act(turn, subtype)
    switch (integration['integrationType']) {
      case 'AWS_PROXY':
      case 'AWS':
        return this.#proxyFunction(turn)
      case 'HTTP_PROXY':
      case 'HTTP':
        return this.#proxyUrl(turn)
      default:
        return jsonAnswer(200, {})
    }
  }

  async #proxyFunction(turn: Turn): Promise<GatewayAnswer> {
    const uri = withStageVariables(memberText(turn.integration, 'integrationUri') ?? '', turn.stage.variables)
    const functionArn = functionOf(uri)
    if (functionArn === undefined) throw failed(`${uri} names no function`)
    const isOfTwo = memberText(turn.integration, 'payloadFormatVersion') === '2.0'
    const event = JSON.stringify(isOfTwo ? this.#event(turn) : this.#eventOfOne(turn))
    const { status, body } = heard(await this.#deps.backends.invoke(functionArn, event, timeoutOf(turn)))
    if (status !== 200) throw failed(`the function failed: ${body.toString('utf8').slice(0, 500)}`)
    const answer = isOfTwo ? answerOfTwo(body) : proxyAnswer(body)
    if (!answer) throw failed(`Malformed Lambda proxy response: ${body.toString('utf8').slice(0, 500)}`)
    return this.#mapped(turn, answer)
  }

  async #proxyUrl(turn: Turn): Promise<GatewayAnswer> {
    const { request, integration, pathParameters } = turn
    const parameters = memberObject(integration, 'requestParameters')
    const source = sourceOf(turn)
    const passed = Object.entries(request.headers).filter(([name]) => !isCarrier(name) && name !== 'host' && name !== 'expect')
    const headers = Object.fromEntries(changedPairs(passed, 'header', parameters, source))
    const query = new URLSearchParams()
    for (const [name, value] of changedPairs([...request.query], 'querystring', parameters, source)) query.append(name, value)
    const given = memberText(integration, 'integrationMethod') ?? 'ANY'
    const uri = withStageVariables(memberText(integration, 'integrationUri') ?? '', turn.stage.variables)
    const url = withPath(fillVariables(uri, pathParameters), overwritten('path', parameters, source))
    const call = {
      method: given === 'ANY' ? request.method : given,
      headers,
      query,
      body: request.body,
      timeoutMs: timeoutOf(turn),
    }
    return this.#mapped(turn, heard(await this.#deps.backends.callUrl(url, call)))
  }

  /** A call of a service, by what is mapped to the members of its action. */
  async #act(turn: Turn, subtype: string): Promise<GatewayAnswer> {
    const found = serviceAction(subtype)
    if (!found) throw failed(`${subtype} is not here`)
    const source = sourceOf(turn)
    const parameters = Object.entries(memberObject(turn.integration, 'requestParameters')).flatMap(([name, from]) => {
      const value = mappedText(String(from), source)
      return value === undefined ? [] : [[name, value] as const]
    })
    const input = found.input(Object.fromEntries(parameters))
    const asked = await this.#deps.backends.act(found.service, found.action, JSON.stringify(input), timeoutOf(turn))
    const { status, headers, body } = heard(asked)
    const shown = headers.filter(([name]) => name === 'x-amzn-requestid' || name === 'x-amzn-errortype')
    return this.#mapped(turn, { status, headers: [['content-type', 'application/json'], ...shown], body })
  }

  /** What the integration's response parameters of this status make of it. */
  #mapped(turn: Turn, answer: BackendAnswer): GatewayAnswer {
    const parameters = memberObject(memberObject(turn.integration, 'responseParameters'), String(answer.status))
    const source = { ...sourceOf(turn), response: answer }
    const status = Number(overwritten('statuscode', parameters, source) ?? answer.status)
    return {
      status: Number.isInteger(status) ? status : answer.status,
      headers: changedPairs(answer.headers, 'header', parameters, source),
      body: answer.body,
    }
  }

  #event({ request, stage, path, route, pathParameters, authorizer }: Turn): JsonObject {
    const orUndefined = (texts: JsonObject) => (Object.keys(texts).length === 0 ? undefined : texts)
    return httpEvent({
      id: request.apiId,
      method: request.method,
      path: stage.name === '$default' ? path : `/${stage.name}${path}`,
      queryText: request.queryText,
      query: request.query,
      headers: request.headers,
      body: request.body,
      sourceIp: request.sourceIp,
      requestId: request.requestId,
      account: this.#deps.account,
      at: request.at,
      routed: {
        routeKey: String(route['routeKey']),
        stage: stage.name,
        pathParameters: orUndefined(pathParameters),
        stageVariables: orUndefined(stage.variables),
        authorizer,
      },
    })
  }

  #eventOfOne(turn: Turn): JsonObject {
    const { body } = turn.request
    const isBinary = body.length > 0 && !isTextBody(turn.request.headers['content-type'], body)
    return { version: '1.0', ...proxyEvent(lowerCased(turn.request), this.#placed(turn), isBinary) }
  }

  #placed({ stage, path, route, pathParameters, authorizer }: Turn): Placed {
    const routeKey = String(route['routeKey'])
    return {
      account: this.#deps.account,
      stage: stage.name,
      path: stage.name === '$default' ? path : `/${stage.name}${path}`,
      resourcePath: routeKey.split(' ')[1] ?? routeKey,
      resourceId: routeKey,
      pathParameters,
      stageVariables: stage.variables,
      authorizer,
      apiKey: undefined,
    }
  }
}

/** What HTTP APIs say, by the status alone. */
const TEXTS: ReadonlyMap<number, string> = new Map([
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [500, 'Internal Server Error'],
  [503, 'Service Unavailable'],
])

const refused = (status: 401 | 403) => new GatewayError(status === 401 ? 'UNAUTHORIZED' : 'ACCESS_DENIED', status, '')
const failed = (reason: string) => new GatewayError('API_CONFIGURATION_ERROR', 500, '', reason)
const unavailable = (reason: string) => new GatewayError('INTEGRATION_FAILURE', 503, '', reason)

function heard(asked: Asked): BackendAnswer {
  if (asked.kind === 'late') throw unavailable('the integration has not answered in time')
  if (asked.kind === 'failed') throw failed(asked.reason)
  return { ...asked.answer, headers: asked.answer.headers.filter(([name]) => !isCarrier(name)) }
}

function answerOfTwo(payload: Buffer): BackendAnswer | undefined {
  const { status, headers, cookies, body } = httpAnswer(payload)
  if (status === 502) return undefined
  return { status, body, headers: [...Object.entries(headers), ...cookies.map((cookie) => ['set-cookie', cookie] as const)] }
}

function findRoute(
  { routes, document }: HttpSnapshot,
  method: string,
  path: string,
): Pick<Turn, 'route' | 'pathParameters'> | undefined {
  const segments = segmentsOf(path, false)
  for (const { verb, pattern, route } of routes) {
    const pathParameters = verb === 'ANY' || verb === method ? matchPattern(pattern, segments) : undefined
    if (pathParameters) return { route, pathParameters }
  }
  const fallback = memberList(document, 'routes')
    .filter(isObject)
    .find(({ routeKey }) => routeKey === '$default')
  return fallback && { route: fallback, pathParameters: {} }
}

const sourceOf = (turn: Turn): HttpSource => ({
  request: turn.request,
  path: turn.path,
  pathParameters: turn.pathParameters,
  stageVariables: turn.stage.variables,
  context: contextOf(turn),
})

/** `$context`, which other names are in than in those of REST APIs. */
function contextOf({ request, stage, path, route, pathParameters, authorizer }: Turn): JsonObject {
  const placed = {
    account: '',
    stage: stage.name,
    path,
    resourcePath: path,
    resourceId: undefined,
    pathParameters,
    stageVariables: stage.variables,
    authorizer: shownAuthorizer(authorizer),
    apiKey: undefined,
  }
  return { ...requestContext(request, placed), routeKey: String(route['routeKey']) }
}

/** Claims stand at `authorizer.claims`, what functions say at `authorizer` itself. */
function shownAuthorizer(authorizer: JsonObject | undefined): JsonObject | undefined {
  if (!authorizer) return undefined
  const claims = memberObject(memberObject(authorizer, 'jwt'), 'claims')
  return { claims, ...memberObject(authorizer, 'lambda') }
}

function timeoutOf({ integration }: Turn): number {
  const given = integration['timeoutInMillis']
  return typeof given === 'number' && given > 0 ? Math.min(given, TIMEOUT_MS) : TIMEOUT_MS
}

function withPath(uri: string, path: string | undefined): string {
  if (path === undefined || !URL.canParse(uri)) return uri
  const url = new URL(uri)
  url.pathname = path
  return url.href
}

const lowerCased = (request: GatewayRequest): GatewayRequest => ({
  ...request,
  sent: Object.entries(request.headers),
})

/** In the members of functions' URLs, which begin with capitals. */
function corsOf(document: JsonObject): JsonObject | undefined {
  const cors = getOwn(document, 'corsConfiguration')
  if (!isObject(cors)) return undefined
  const capital = ([name, value]: readonly [string, Json]) => [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, value]
  return Object.fromEntries(Object.entries(cors).map(capital))
}

const isPreflight = ({ method, headers }: GatewayRequest): boolean =>
  method === 'OPTIONS' && headers['origin'] !== undefined && headers['access-control-request-method'] !== undefined

function preflight(cors: JsonObject, { headers }: GatewayRequest): GatewayAnswer {
  const asked = {
    origin: headers['origin'],
    method: headers['access-control-request-method'],
    headers: headers['access-control-request-headers'],
  }
  return { status: 204, headers: Object.entries(preflightHeaders(cors, asked) ?? {}), body: Buffer.alloc(0) }
}
