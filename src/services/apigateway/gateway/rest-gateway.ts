/**
 * Answers requests to stages of REST APIs: finds the method, judges who may call it and what he must send, hands the request to the
 * integration, and makes the response of its answer.
 * Source: API Gateway developer guide, "Set up REST API integrations", "Set up an integration response".
 */
import { isObject, type JsonObject } from '../../../base/json.ts'
import { jsonOf, objectOf } from '../../../base/json-text.ts'
import type { Log } from '../../../base/log.ts'

import { memberList, memberObject, memberText, readDocument } from '../document.ts'
import { TemplateError } from '../velocity/syntax.ts'
import { type GatewayAnswer, isCarrier } from './answer.ts'
import { type Asked, type BackendAnswer, type Backends, functionOf } from './backends.ts'
import { askAuthorizer, claimTexts, judgePolicy, readToken, scopesOf } from './authorizers.ts'
import {
  authorizerWrong,
  denied,
  forbidden,
  GatewayError,
  invalidBody,
  malformed,
  misconfigured,
  missingParameters,
  missingToken,
  timedOut,
  unauthorized,
  unreached,
} from './gateway-error.ts'
import { gatewayResponse } from './gateway-response.ts'
import { fillVariables, matchPattern, segmentsOf } from './path-pattern.ts'
import { type Placed, proxyAnswer, proxyEvent, requestContext } from './proxy-event.ts'
import type { GatewayRequest } from './request.ts'
import { hasParameter, mapRequest, withStageVariables } from './rest-mapping.ts'
import { matches, requestBody, respond } from './rest-templates.ts'
import { type RestStage, sourceOf, type Turn } from './rest-turn.ts'

export interface RestGatewayDeps {
  readonly backends: Backends
  readonly region: string
  readonly account: string
  readonly log: Log
  /** The key of a caller that may call this stage. */
  readonly keyFor: (value: string, api: string, stage: string) => JsonObject | undefined
}

const TIMEOUT_MS = 29_000
/** What a mock is given says a status, and little else. */
const MOCK_CHARS_MAX = 16_384
const SYNC_ANSWER_MAX_MS = 310_000

export class RestGateway {
  readonly #deps: RestGatewayDeps

  constructor(deps: RestGatewayDeps) {
    this.#deps = deps
  }

  /** `path`: without the stage. */
  async answer(stage: RestStage, request: GatewayRequest, path: string): Promise<GatewayAnswer> {
    let known: Pick<Turn, 'context'> = { context: {} }
    try {
      const { placed, method } = this.#place(stage, request, path)
      known = { context: requestContext(request, placed) }
      const allowed = await this.#allowed(stage, request, placed, method)
      const turn = {
        request,
        stage,
        method,
        placed: allowed,
        context: requestContext(request, allowed),
        integration: memberObject(method, 'methodIntegration'),
      }
      known = turn
      checkParameters(turn)
      return await this.#integrate(turn)
    } catch (error) {
      const wrong = error instanceof TemplateError ? misconfigured(error.message) : error
      if (!(wrong instanceof GatewayError)) throw error
      if (wrong.reason !== undefined)
        this.#deps.log.warn('an API answers with an error of its own', {
          api: request.apiId,
          stage: stage.name,
          path,
          requestId: request.requestId,
          status: wrong.status,
          reason: wrong.reason,
        })
      return gatewayResponse(wrong, stage.snapshot.document, { ...known, request, stageVariables: stage.variables })
    }
  }

  #place(stage: RestStage, request: GatewayRequest, path: string): { readonly placed: Placed; readonly method: JsonObject } {
    const segments = segmentsOf(path, true)
    for (const { pattern, resource } of stage.snapshot.resources) {
      const pathParameters = matchPattern(pattern, segments)
      if (pathParameters === undefined) continue
      const methods = memberObject(resource, 'resourceMethods')
      const method = methods[request.method] ?? methods['ANY']
      if (!isObject(method)) break
      return {
        method,
        placed: {
          account: this.#deps.account,
          stage: stage.name,
          path: path === '' ? '/' : path,
          resourcePath: String(resource['path']),
          resourceId: String(resource['id']),
          pathParameters,
          stageVariables: stage.variables,
          authorizer: undefined,
          apiKey: undefined,
        },
      }
    }
    throw missingToken()
  }

  async #allowed(stage: RestStage, request: GatewayRequest, placed: Placed, method: JsonObject): Promise<Placed> {
    const authorizer = await this.#authorized(stage, request, placed, method)
    const known = { ...placed, authorizer }
    if (method['apiKeyRequired'] !== true) return known
    const apiKey = this.#deps.keyFor(request.headers['x-api-key'] ?? '', request.apiId, stage.name)
    if (!apiKey) throw forbidden()
    return { ...known, apiKey }
  }

  async #authorized(
    stage: RestStage,
    request: GatewayRequest,
    placed: Placed,
    method: JsonObject,
  ): Promise<JsonObject | undefined> {
    const type = memberText(method, 'authorizationType')
    if (type === undefined || type === 'NONE') return undefined
    if (type === 'AWS_IAM') {
      // Whoever signs may: permissions are not judged here.
      if (request.headers['authorization'] === undefined && !request.query.has('X-Amz-Signature')) throw missingToken()
      return undefined
    }
    const authorizer = memberList(stage.snapshot.document, 'authorizers')
      .filter(isObject)
      .find(({ id }) => id === method['authorizerId'])
    if (!authorizer) throw authorizerWrong('the authorizer is not there')
    if (type === 'COGNITO_USER_POOLS') return this.#cognito(request, method, authorizer)
    const arn = this.#methodArn(request, placed)
    const event = authorizerEvent(authorizer, request, placed, arn)
    const uri = withStageVariables(memberText(authorizer, 'authorizerUri') ?? '', stage.variables)
    return judgePolicy(await askAuthorizer(this.#deps.backends, uri, event), arn)
  }

  #cognito(request: GatewayRequest, method: JsonObject, authorizer: JsonObject): JsonObject {
    const [, , source = 'Authorization'] = (memberText(authorizer, 'identitySource') ?? '').split('.').slice(1)
    const claims = readToken(request.headers[source.toLowerCase()], { issuer: undefined, audience: [], now: request.at })
    const wanted = memberList(method, 'authorizationScopes')
    const scopes = scopesOf(claims)
    if (wanted.length > 0 && !wanted.some((scope) => scopes.includes(String(scope)))) throw denied(false)
    return { claims: claimTexts(claims) }
  }

  #methodArn({ apiId, method }: GatewayRequest, { stage, path }: Placed): string {
    const { region, account } = this.#deps
    return `arn:aws:execute-api:${region}:${account}:${apiId}/${stage}/${method}${path}`
  }

  #integrate(turn: Turn): Promise<GatewayAnswer> {
    const { integration } = turn
    switch (integration['type']) {
      case 'AWS_PROXY':
        return this.#proxyFunction(turn)
      case 'HTTP_PROXY':
        return this.#proxyUrl(turn)
      case 'MOCK':
        return this.#mock(turn)
      case 'AWS':
      case 'HTTP':
        return this.#mapped(turn)
      default:
        throw misconfigured('the method has no integration')
    }
  }

  async #proxyFunction(turn: Turn): Promise<GatewayAnswer> {
    const functionArn = functionOf(uriOf(turn))
    if (functionArn === undefined) throw misconfigured(`${uriOf(turn)} names no function`)
    const isEncoded = isBinary(turn, turn.request.headers['content-type'])
    const event = JSON.stringify(proxyEvent(turn.request, turn.placed, isEncoded))
    const { body, status } = heard(await this.#deps.backends.invoke(functionArn, event, timeoutOf(turn)), malformed)
    // As on AWS, what the caller accepts first tells whether bytes are wanted.
    const accepted = (turn.request.headers['accept'] ?? '').split(',', 1)[0]
    const answer = status === 200 ? proxyAnswer(body, isBinary(turn, accepted)) : undefined
    if (!answer) throw malformed(`Malformed Lambda proxy response: ${body.toString('utf8').slice(0, 500)}`)
    return answer
  }

  async #proxyUrl(turn: Turn): Promise<GatewayAnswer> {
    const { request } = turn
    const mapped = mapRequest(memberObject(turn.integration, 'requestParameters'), sourceOf(turn))
    const query = new URLSearchParams(request.query)
    for (const [name, values] of Object.entries(mapped.querystring)) {
      query.delete(name)
      for (const value of values) query.append(name, value)
    }
    const headers = { ...passedHeaders(request), ...mapped.header }
    const method = methodOf(turn)
    const uri = fillVariables(uriOf(turn), mapped.path)
    const asked = await this.#deps.backends.callUrl(uri, {
      method,
      headers,
      query,
      body: request.body,
      timeoutMs: timeoutOf(turn),
    })
    return heard(asked, unreached)
  }

  async #mock(turn: Turn): Promise<GatewayAnswer> {
    const { text } = requestBody(turn)
    // AWS takes names without quotes, and its tools write them.
    const wanted = readDocument(text.slice(0, MOCK_CHARS_MAX))?.['statusCode']
    const status = Number(wanted ?? Number.NaN)
    if (!Number.isInteger(status)) throw misconfigured('the request template of a mock gives no statusCode')
    return respond(turn, { status, headers: [], body: Buffer.from('') }, String(status))
  }

  async #mapped(turn: Turn): Promise<GatewayAnswer> {
    const mapped = mapRequest(memberObject(turn.integration, 'requestParameters'), sourceOf(turn))
    const { text, override, contentType } = requestBody(turn)
    const headers: Record<string, string> = {
      'content-type': contentType,
      ...lowered(mapped.header),
      ...lowered(override.header),
    }
    const query = new URLSearchParams()
    for (const [name, values] of Object.entries(mapped.querystring)) for (const value of values) query.append(name, value)
    for (const [name, value] of Object.entries(override.querystring)) query.set(name, value)
    const uri = fillVariables(uriOf(turn), { ...mapped.path, ...override.path })
    const method = methodOf(turn)
    const call = { method, headers, query, body: text, timeoutMs: timeoutOf(turn) }
    if (turn.integration['type'] === 'HTTP') {
      const answer = heard(await this.#deps.backends.callUrl(uri, call), unreached)
      return respond(turn, answer, String(answer.status))
    }
    const functionArn = functionOf(uri)
    if (functionArn === undefined) {
      const answer = heard(await this.#deps.backends.callService(uri, call), misconfigured)
      return respond(turn, answer, String(answer.status))
    }
    const isEvent = headers['x-amz-invocation-type'] === 'Event'
    const answer = heard(await this.#deps.backends.invoke(functionArn, text, timeoutOf(turn), isEvent), misconfigured)
    // A function that failed is told by its message.
    const failed = answer.status === 200 ? undefined : objectOf(answer.body.toString('utf8'))
    const message = failed && memberText(failed, 'errorMessage')
    return respond(turn, { ...answer, status: 200 }, message ?? '')
  }
}

/** Of an answer that there is none of, the error. */
function heard(asked: Asked, failed: (reason: string) => GatewayError): BackendAnswer {
  if (asked.kind === 'late') throw timedOut()
  if (asked.kind === 'failed') throw failed(asked.reason)
  return { ...asked.answer, headers: asked.answer.headers.filter(([name]) => !isCarrier(name)) }
}

const uriOf = ({ integration, stage }: Turn): string => withStageVariables(memberText(integration, 'uri') ?? '', stage.variables)

function methodOf({ integration, request }: Turn): string {
  const method = memberText(integration, 'httpMethod') ?? 'ANY'
  return method === 'ANY' ? request.method : method
}

function timeoutOf({ integration }: Turn): number {
  const given = integration['timeoutInMillis']
  return typeof given === 'number' && given > 0 ? Math.min(given, SYNC_ANSWER_MAX_MS) : TIMEOUT_MS
}

const lowered = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** What a caller sent to us is for whoever answers, but for what is of this connection alone. */
function passedHeaders({ headers }: GatewayRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isCarrier(name) && name !== 'host' && name !== 'expect'))
}

function isBinary({ stage }: Turn, contentType: string | undefined): boolean {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase()
  const media = memberList(stage.snapshot.document, 'binaryMediaTypes').map((one) => String(one).toLowerCase())
  return media.some((one) => one === '*/*' || one === type)
}

/** What the method requires, where its validator asks for it. Of bodies alone whether they are JSON: schemas are kept, and judge nothing. */
function checkParameters(turn: Turn): void {
  const validator = memberList(turn.stage.snapshot.document, 'requestValidators')
    .filter(isObject)
    .find(({ id }) => id === turn.method['requestValidatorId'])
  if (!validator) return
  const required = Object.entries(memberObject(turn.method, 'requestParameters')).filter(([, isRequired]) => isRequired === true)
  if (validator['validateRequestParameters'] === true) {
    const missing = required
      .filter(([name]) => !hasParameter(name, sourceOf(turn)))
      .map(([name]) => name.split('.').slice(3).join('.'))
    if (missing.length > 0) throw missingParameters(missing)
  }
  const hasModel = Object.keys(memberObject(turn.method, 'requestModels')).length > 0
  if (validator['validateRequestBody'] === true && hasModel && jsonOf(turn.request.body.toString('utf8')) === undefined)
    throw invalidBody()
}

function authorizerEvent(authorizer: JsonObject, request: GatewayRequest, placed: Placed, methodArn: string): JsonObject {
  const sources = (memberText(authorizer, 'identitySource') ?? '').split(/\s*,\s*/).filter((source) => source !== '')
  if (authorizer['type'] === 'TOKEN') {
    const [, , , header = 'Authorization'] = (sources[0] ?? '').split('.')
    const authorizationToken = request.headers[header.toLowerCase()]
    const expression = memberText(authorizer, 'identityValidationExpression') ?? ''
    if (authorizationToken === undefined || authorizationToken === '') throw unauthorized()
    if (expression !== '' && !matches(expression, authorizationToken)) throw unauthorized()
    return { type: 'TOKEN', methodArn, authorizationToken }
  }
  if (
    sources.some(
      (source) => source.startsWith('method.') && !hasParameter(source, { request, pathParameters: placed.pathParameters }),
    )
  )
    throw unauthorized()
  const { body: _, isBase64Encoded: __, ...event } = proxyEvent(request, placed, false)
  return { type: 'REQUEST', methodArn, ...event }
}
