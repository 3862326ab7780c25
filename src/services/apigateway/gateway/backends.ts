/**
 * Whom an API hands requests to: functions, actions of AWS's services, URLs. Each is called once, and given as long as its integration
 * says. What comes back is an answer of any status, or why there is none.
 */
import { type AwsResponse, callAws, TransportError } from '../../../wire/client.ts'
import { exchange } from '../../../aws/call.ts'
import { type Endpoints, endpointsAt } from '../../../aws/endpoints.ts'
import { functionPath } from '../../../aws/paths.ts'
import { type AwsService, jsonHeaders, SERVICES } from '../../../aws/services.ts'

import type { ApiGatewayDeps } from '../deps.ts'

export interface BackendAnswer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

export type Asked =
  | { readonly kind: 'answered'; readonly answer: BackendAnswer }
  | { readonly kind: 'late' }
  | { readonly kind: 'failed'; readonly reason: string }

export interface BackendRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly query?: URLSearchParams
  readonly body: Buffer | string
  readonly timeoutMs: number
}

const ANSWER_BYTES_MAX = 10 * 1024 * 1024
/** `arn:aws:apigateway:us-east-1:states:action/StartExecution`. */
const SERVICE_URI = /^arn:aws[\w-]*:apigateway:[\w-]+:(?:[\w-]+\.)?([\w-]+):(action|path)\/(.*)$/s
const FUNCTION_URI = /^arn:aws[\w-]*:apigateway:[\w-]+:lambda:path\/\d{4}-\d\d-\d\d\/functions\/(.+)\/invocations$/

/** The function that a URI of an integration, or a URI that is an ARN already, names. */
export function functionOf(uri: string): string | undefined {
  return FUNCTION_URI.exec(uri)?.[1] ?? (/^arn:aws[\w-]*:lambda:/.test(uri) ? uri : undefined)
}

export class Backends {
  readonly #endpoints: Endpoints

  constructor({ endpoint, region, credentials }: Pick<ApiGatewayDeps, 'endpoint' | 'region' | 'credentials'>) {
    this.#endpoints = endpointsAt(() => ({ endpoint: endpoint(), region, credentials: credentials?.() }))
  }

  /** The payload that the function gave; of status 500 where it failed. `isEvent`: nobody waits for it. */
  async invoke(functionArn: string, event: string, timeoutMs: number, isEvent = false): Promise<Asked> {
    const path = `${functionPath(functionArn)}/invocations`
    const headers = { 'content-type': 'application/json', ...(isEvent && { 'x-amz-invocation-type': 'Event' }) }
    const asked = await this.#ask(SERVICES.lambda, { method: 'POST', path, headers, body: event, timeoutMs })
    if (asked.kind !== 'answered') return asked
    const { status, headers: given, body } = asked.answer
    if (status >= 300) return { kind: 'failed', reason: `Lambda answered ${status}: ${body.toString('utf8').slice(0, 500)}` }
    const hasFailed = given.some(([name]) => name === 'x-amz-function-error')
    return { kind: 'answered', answer: { ...asked.answer, status: hasFailed ? 500 : 200 } }
  }

  /** `uri`: of an integration of the type AWS. */
  async callService(uri: string, request: BackendRequest): Promise<Asked> {
    const [, name = '', way = '', rest = ''] = SERVICE_URI.exec(uri) ?? []
    const service = serviceOf(name, request.headers)
    if (!service) return { kind: 'failed', reason: `the service of ${uri} is not here` }
    return way === 'path'
      ? this.#ask(service, { ...request, path: `/${rest.replace(/^\//, '')}` })
      : this.#act(service, rest, request)
  }

  /** An action of a service that speaks JSON, by its members. */
  act(service: AwsService, action: string, body: string, timeoutMs: number): Promise<Asked> {
    return this.#act(service, action, { method: 'POST', headers: {}, body, timeoutMs })
  }

  async callUrl(text: string, { method, headers, query, body, timeoutMs }: BackendRequest): Promise<Asked> {
    if (!URL.canParse(text)) return { kind: 'failed', reason: `${text} is no URL` }
    const url = new URL(text)
    const all = new URLSearchParams([...url.searchParams, ...(query ?? [])])
    const { origin: endpoint, pathname: path } = url
    return this.#heard(() =>
      callAws({
        endpoint,
        path,
        query: all,
        region: '',
        service: '',
        method,
        headers,
        body,
        timeoutMs,
        responseBytesMax: ANSWER_BYTES_MAX,
      }),
    )
  }

  #act(service: AwsService, action: string, request: BackendRequest): Promise<Asked> {
    const path = '/'
    if (service.protocol === 'json') {
      // The protocol's own headers: those of a caller's JSON would be another's.
      const headers = { ...withoutHeader(request.headers, 'content-type'), ...jsonHeaders(service, action) }
      return this.#ask(service, { ...request, method: 'POST', path, headers })
    }
    const form = new URLSearchParams(request.query)
    form.set('Action', action)
    if ('version' in service) form.set('Version', service.version)
    const headers = { ...request.headers, 'content-type': 'application/x-www-form-urlencoded' }
    const body = [form.toString(), request.body.toString()].filter((part) => part !== '').join('&')
    const { query: _, ...others } = request
    return this.#ask(service, { ...others, method: 'POST', path, headers, body })
  }

  async #ask(service: AwsService, request: BackendRequest & { readonly path: string }): Promise<Asked> {
    const asked = await exchange(this.#endpoints, service, { ...request, responseBytesMax: ANSWER_BYTES_MAX })
    if (asked.ok) return { kind: 'answered', answer: answerOf(asked.value) }
    if (asked.error.kind === 'transport') return unheard(asked.error.error)
    return { kind: 'failed', reason: asked.error.message }
  }

  async #heard(call: () => Promise<AwsResponse>): Promise<Asked> {
    try {
      return { kind: 'answered', answer: answerOf(await call()) }
    } catch (error) {
      if (error instanceof TransportError) return unheard(error)
      throw error
    }
  }
}

const unheard = (error: TransportError): Asked =>
  error.kind === 'timeout' ? { kind: 'late' } : { kind: 'failed', reason: error.message }

function serviceOf(name: string, headers: Readonly<Record<string, string>>): AwsService | undefined {
  const target = Object.entries(headers).find(([header]) => header.toLowerCase() === 'x-amz-target')?.[1]
  const all: readonly AwsService[] = Object.values(SERVICES)
  const named = all.filter(({ signingName, host }) => signingName === name || host === name)
  return named.find((service) => service.protocol === 'json' && target?.startsWith(`${service.target}.`)) ?? named[0]
}

function answerOf({ status, headers, body }: AwsResponse): BackendAnswer {
  const all = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => [name, one] as const),
  )
  return { status, headers: all, body }
}

function withoutHeader(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([header]) => header.toLowerCase() !== name))
}
