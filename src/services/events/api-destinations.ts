/**
 * API destinations: an HTTP endpoint as a rule's target, called with what its connection adds and no faster than it says.
 * Source: EventBridge API reference, CreateApiDestination and its like; user guide, "API destinations as targets".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { callAws, TransportError } from '../../wire/client.ts'
import { newRequestId } from '../../wire/request-context.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { DELIVERED, type SendResult } from '../kit/delivery.ts'
import { picked } from '../kit/input.ts'
import { pause } from '../kit/pause.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import type { Connections } from './connections.ts'
import { alreadyExists, constraintError, eventsError, invalidParameter } from './errors.ts'
import { pageOf, readName, readText } from './input.ts'

export type ApiDestinationsDeps = Pick<ServiceDeps, 'database' | 'clock' | 'region' | 'account'> & {
  readonly connections: Pick<Connections, 'authorize' | 'has'>
}

interface Destination {
  readonly name: string
  readonly data: JsonObject
}

const METHODS: readonly Json[] = ['POST', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']
const SHOWN = ['ApiDestinationArn', 'ApiDestinationState', 'CreationTime', 'LastModifiedTime']
const TIMEOUT_MS = 5_000
const ANSWER_BYTES_MAX = 1 << 20
const RATE_MAX = 300

export class ApiDestinations {
  readonly #deps: ApiDestinationsDeps
  readonly #sql: ReturnType<typeof prepare>
  readonly #closes = new AbortController()
  /** When the next call to a destination may go, by its ARN. */
  readonly #free = new Map<string, number>()

  constructor(deps: ApiDestinationsDeps) {
    this.#deps = deps
    this.#sql = prepare(deps.database)
  }

  create(input: JsonObject): JsonObject {
    const name = readName(input)
    if (this.#find(name)) throw alreadyExists(`An api-destination '${name}'`)
    const { region, account, clock } = this.#deps
    const ApiDestinationArn = `arn:aws:events:${region}:${account}:api-destination/${name}/${newRequestId()}`
    for (const member of ['ConnectionArn', 'InvocationEndpoint', 'HttpMethod'])
      if (readText(input, member) === undefined)
        throw constraintError(undefined, `${member.charAt(0).toLowerCase()}${member.slice(1)}`, 'Member must not be null')
    return this.#put(name, input, { ApiDestinationArn, CreationTime: clock.now() / 1000 })
  }

  update(input: JsonObject): JsonObject {
    const { name, data } = this.#read(input)
    return this.#put(name, input, data)
  }

  describe(input: JsonObject): JsonObject {
    const { name, data } = this.#read(input)
    return { Name: name, ...data }
  }

  list(input: JsonObject): JsonObject {
    const prefix = readText(input, 'NamePrefix') ?? ''
    const connection = readText(input, 'ConnectionArn')
    const found = this.#sql.all
      .all()
      .map(({ name, data }) => ({ name, data: parse(data) }))
      .filter(({ name, data }) => name.startsWith(prefix) && (connection === undefined || data['ConnectionArn'] === connection))
    const { items, ...next } = pageOf(input, found, ({ name }) => name)
    return { ApiDestinations: items.map(({ name, data }) => ({ Name: name, ...data })), ...next }
  }

  delete(input: JsonObject): JsonObject {
    this.#sql.remove.run(this.#read(input).name)
    return {}
  }

  close(): void {
    this.#closes.abort()
  }

  /** Sends an input to a destination as a target says. */
  async send(arn: string, target: JsonObject, input: string): Promise<SendResult> {
    const found = this.#find(nameIn(arn))
    if (!found || getOwn(found.data, 'ApiDestinationArn') !== arn) return { kind: 'refused', reason: `there is no ${arn}` }
    await this.#wait(found)
    try {
      return await this.#call(found, target, input)
    } catch (error) {
      return { kind: 'again', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  async #call({ data }: Destination, target: JsonObject, input: string): Promise<SendResult> {
    const connection = await this.#deps.connections.authorize(String(data['ConnectionArn']))
    if (!connection) return { kind: 'refused', reason: 'its connection is not there any more' }
    const given = getOwn(target, 'HttpParameters')
    const http = isObject(given) ? given : {}
    const url = new URL(withPathValues(String(data['InvocationEndpoint']), getOwn(http, 'PathParameterValues')))
    for (const [name, value] of [...textsOf(http, 'QueryStringParameters'), ...Object.entries(connection.query)])
      url.searchParams.set(name, value)
    const method = String(data['HttpMethod'])
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Amazon/EventBridge/ApiDestinations',
      ...Object.fromEntries(textsOf(http, 'HeaderParameters').map(([name, value]) => [name.toLowerCase(), value])),
      ...connection.headers,
    }
    try {
      const { status } = await callAws({
        endpoint: url.origin,
        path: url.pathname,
        query: url.searchParams,
        method,
        region: '',
        service: '',
        headers,
        body: method === 'GET' || method === 'HEAD' ? '' : withMembers(input, connection.body),
        timeoutMs: TIMEOUT_MS,
        responseBytesMax: ANSWER_BYTES_MAX,
      })
      return judge(status)
    } catch (error) {
      if (error instanceof TransportError) return { kind: 'again', reason: error.message }
      throw error
    }
  }

  /** Calls keep apart as its rate says. */
  async #wait({ data }: Destination): Promise<void> {
    const { clock } = this.#deps
    const arn = String(data['ApiDestinationArn'])
    const rate = Number(getOwn(data, 'InvocationRateLimitPerSecond') ?? RATE_MAX)
    const now = clock.elapsed()
    const at = Math.max(now, this.#free.get(arn) ?? 0)
    this.#free.set(arn, at + 1000 / rate)
    if (at > now) await pause(clock, at - now, this.#closes.signal)
  }

  #put(name: string, input: JsonObject, before: JsonObject): JsonObject {
    const members = ['Description', 'ConnectionArn', 'InvocationEndpoint', 'HttpMethod', 'InvocationRateLimitPerSecond']
    const data: JsonObject = {
      InvocationRateLimitPerSecond: RATE_MAX,
      ...before,
      ...picked(input, members),
      ApiDestinationState: 'ACTIVE',
      LastModifiedTime: this.#deps.clock.now() / 1000,
    }
    const method = getOwn(data, 'HttpMethod') ?? null
    if (!METHODS.includes(method))
      throw constraintError(method, 'httpMethod', `Member must satisfy enum value set: [${METHODS.join(', ')}]`)
    const endpoint = String(data['InvocationEndpoint'])
    if (!/^https?:\/\//.test(endpoint) || !URL.canParse(withPathValues(endpoint, [])))
      throw invalidParameter(`Parameter InvocationEndpoint is not valid. Reason: ${endpoint} is no URL of HTTP.`)
    const rate = getOwn(data, 'InvocationRateLimitPerSecond')
    if (typeof rate !== 'number' || rate < 1 || rate > RATE_MAX)
      throw constraintError(rate, 'invocationRateLimitPerSecond', `Member must have value between 1 and ${RATE_MAX}, inclusive`)
    const connection = String(data['ConnectionArn'])
    if (!this.#deps.connections.has(connection))
      throw eventsError('ResourceNotFoundException', `Connection '${connection}' does not exist.`)
    this.#sql.put.run(name, JSON.stringify(data))
    return picked(data, SHOWN)
  }

  #read(input: JsonObject): Destination {
    const name = readName(input)
    const found = this.#find(name)
    if (found) return found
    const message = `Failed to describe the api-destination(s). An api-destination '${name}' does not exist.`
    throw eventsError('ResourceNotFoundException', message)
  }

  #find(name: string): Destination | undefined {
    const data = this.#sql.one.get(name)
    return data === undefined ? undefined : { name, data: parse(data) }
  }
}

export const isApiDestinationArn = (arn: string): boolean => /^arn:[^:]+:events:[^:]*:\d{12}:api-destination\//.test(arn)
const nameIn = (arn: string): string => /:api-destination\/([^/]+)/.exec(arn)?.[1] ?? ''
const parse = (text: string): JsonObject => JSON.parse(text) as JsonObject

/** The stars of a path stand for values, in their order. */
function withPathValues(endpoint: string, values: Json | undefined): string {
  const left = isArray(values) ? values.map(String) : []
  return endpoint.replaceAll('*', () => encodeURIComponent(left.shift() ?? ''))
}

function textsOf(http: JsonObject, member: string): readonly (readonly [string, string])[] {
  const given = getOwn(http, member)
  return isObject(given) ? Object.entries(given).map(([name, value]) => [name, String(value)] as const) : []
}

/** What a connection adds to a body goes into one that is an object. */
function withMembers(input: string, members: Readonly<Record<string, string>>): string {
  const body = Object.keys(members).length === 0 ? undefined : objectOf(input)
  return body ? JSON.stringify({ ...body, ...members }) : input
}

/** As EventBridge: refusals that may pass are tried again. */
function judge(status: number): SendResult {
  if (status >= 200 && status < 300) return DELIVERED
  const mayPass = status >= 500 || [401, 407, 409, 429].includes(status)
  return { kind: mayPass ? 'again' : 'refused', reason: `the endpoint answered ${status}` }
}

const prepare = (database: ServicesDatabase) => ({
  all: database.prepare<[], { name: string; data: string }>('SELECT name, data FROM events_destinations ORDER BY name'),
  one: database.prepareValue<[string], string>('SELECT data FROM events_destinations WHERE name = ?'),
  put: database.prepare<[string, string]>('INSERT OR REPLACE INTO events_destinations (name, data) VALUES (?, ?)'),
  remove: database.prepare<[string]>('DELETE FROM events_destinations WHERE name = ?'),
})
