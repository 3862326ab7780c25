/**
 * Connections: how an HTTP Task proves who it is. What they hold is kept sealed (see seal.ts) and never shown again;
 * only the task that names a connection is handed what to add to its request.
 * Source: EventBridge API reference, CreateConnection; user guide, "Connections for API endpoint targets".
 */
import { createHash } from 'node:crypto'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { newRequestId } from '../../wire/request-context.ts'
import type { ConnectionParts, ConnectionSecrets } from '../../aws/connections.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { picked } from '../kit/input.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { isSealed } from '../seal.ts'

import { alreadyExists, constraintError, eventsError, invalidParameter } from './errors.ts'
import { pageOf, readName, readText } from './input.ts'
import { type OauthClient, OauthTokens } from './oauth.ts'

interface Connection {
  readonly name: string
  readonly data: JsonObject
  /** AuthParameters as they were given. */
  readonly secret: JsonObject
}

export type ConnectionsDeps = Pick<ServiceDeps, 'database' | 'clock' | 'region' | 'account' | 'log' | 'seal'>

const TYPES: readonly Json[] = ['BASIC', 'API_KEY', 'OAUTH_CLIENT_CREDENTIALS']
const AUTH_MEMBERS: Readonly<Record<string, string>> = {
  BASIC: 'BasicAuthParameters',
  API_KEY: 'ApiKeyAuthParameters',
  OAUTH_CLIENT_CREDENTIALS: 'OAuthParameters',
}
/** Never shown: by the name of the member. */
const SECRETS: ReadonlySet<string> = new Set(['Password', 'ApiKeyValue', 'ClientSecret'])

export class Connections implements ConnectionSecrets {
  readonly #deps: ConnectionsDeps
  readonly #sql: ReturnType<typeof prepare>
  readonly #tokens: OauthTokens

  constructor(deps: ConnectionsDeps) {
    this.#deps = deps
    this.#tokens = new OauthTokens(deps.clock)
    this.#sql = prepare(deps.database)
    this.#sealOld()
  }

  /** Older versions kept secrets in the clear. Nothing of them stays in the files, in pages that are free neither. */
  #sealOld(): void {
    const { database, log, seal } = this.#deps
    const clear = this.#sql.all.all().filter(({ secret }) => !isSealed(secret))
    if (clear.length === 0) return
    database.transaction(() => {
      for (const { name, secret } of clear) this.#sql.putSecret.run(seal.close(secret, placeOf(name)), name)
    })
    try {
      database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
    } catch (error) {
      log.warn('secrets of connections may still be found in free pages of local.sqlite', { error: String(error) })
    }
  }

  create(input: JsonObject): JsonObject {
    const name = readName(input)
    if (this.#find(name)) throw alreadyExists(`Connection ${name}`)
    const now = this.#deps.clock.now() / 1000
    const arn = `arn:aws:events:${this.#deps.region}:${this.#deps.account}:connection/${name}/${newRequestId()}`
    return this.#put(name, input, { ConnectionArn: arn, CreationTime: now }, {})
  }

  update(input: JsonObject): JsonObject {
    const { name, data, secret } = this.#read(input)
    const AuthorizationType = getOwn(input, 'AuthorizationType') ?? getOwn(data, 'AuthorizationType') ?? null
    const AuthParameters = getOwn(input, 'AuthParameters') ?? secret
    const Description = getOwn(input, 'Description') ?? getOwn(data, 'Description') ?? null
    return this.#put(
      name,
      { AuthorizationType, AuthParameters, Description },
      picked(data, ['ConnectionArn', 'CreationTime']),
      secret,
    )
  }

  #put(name: string, input: JsonObject, kept: JsonObject, known: JsonObject): JsonObject {
    const type = getOwn(input, 'AuthorizationType') ?? null
    if (!TYPES.includes(type))
      throw constraintError(type, 'authorizationType', `Member must satisfy enum value set: [${TYPES.join(', ')}]`)
    const secret = mergeKnown(getOwn(input, 'AuthParameters') ?? null, known)
    const member = AUTH_MEMBERS[String(type)] ?? ''
    if (!isObject(secret) || !isObject(getOwn(secret, member)))
      throw invalidParameter(`Parameter AuthParameters is not valid. Reason: ${member} is required for ${String(type)}.`)
    const at = this.#deps.clock.now() / 1000
    const data = {
      ...kept,
      ...picked(input, ['Description']),
      AuthorizationType: type,
      ConnectionState: 'AUTHORIZED',
      LastModifiedTime: at,
      LastAuthorizedTime: at,
    }
    this.#sql.put.run(name, JSON.stringify(data), this.#deps.seal.close(JSON.stringify(secret), placeOf(name)))
    this.#tokens.forget(String(getOwn(kept, 'ConnectionArn')))
    return picked(data, ['ConnectionArn', 'ConnectionState', 'CreationTime', 'LastModifiedTime', 'LastAuthorizedTime'])
  }

  describe(input: JsonObject): JsonObject {
    const { name, data, secret } = this.#read(input)
    return { Name: name, ...data, SecretArn: secretArn(data), AuthParameters: withoutSecrets(secret) }
  }

  list(input: JsonObject): JsonObject {
    const prefix = readText(input, 'NamePrefix') ?? ''
    const state = getOwn(input, 'ConnectionState')
    const found = this.#sql.all
      .all()
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, data }) => ({ Name: name, ...parse(data) }))
    const wanted = found.filter((one) => state === undefined || getOwn(one, 'ConnectionState') === state)
    const { items, ...next } = pageOf(input, wanted, ({ Name }) => Name)
    return { Connections: items.map((one) => ({ ...one })), ...next }
  }

  delete(input: JsonObject): JsonObject {
    const { name, data } = this.#read(input)
    this.#sql.remove.run(name)
    this.#tokens.forget(String(getOwn(data, 'ConnectionArn')))
    return {
      ...picked(data, ['ConnectionArn', 'CreationTime', 'LastModifiedTime', 'LastAuthorizedTime']),
      ConnectionState: 'DELETING',
    }
  }

  has(connectionArn: string): boolean {
    const found = this.#sql.one.get(nameIn(connectionArn))
    return found !== undefined && getOwn(parse(found.data), 'ConnectionArn') === connectionArn
  }

  async authorize(connectionArn: string): Promise<ConnectionParts | undefined> {
    const found = this.#find(nameIn(connectionArn))
    if (!found || !String(getOwn(found.data, 'ConnectionArn')).startsWith(connectionArn)) return undefined
    const parts = httpParts(getOwn(found.secret, 'InvocationHttpParameters'))
    return { ...parts, headers: { ...parts.headers, ...(await this.#authHeaders(found)) } }
  }

  async #authHeaders({ data, secret }: Connection): Promise<Record<string, string>> {
    const type = String(getOwn(data, 'AuthorizationType'))
    const auth = getOwn(secret, AUTH_MEMBERS[type] ?? '')
    const text = (name: string): string => (isObject(auth) ? String(getOwn(auth, name) ?? '') : '')
    switch (type) {
      case 'BASIC':
        return { authorization: `Basic ${Buffer.from(`${text('Username')}:${text('Password')}`).toString('base64')}` }
      case 'API_KEY':
        return { [text('ApiKeyName')]: text('ApiKeyValue') }
      default:
        return { authorization: await this.#tokens.header(String(getOwn(data, 'ConnectionArn')), oauthClient(auth)) }
    }
  }

  #read(input: JsonObject): Connection {
    const name = readName(input)
    const found = this.#find(name)
    if (!found)
      throw eventsError('ResourceNotFoundException', `Failed to describe the connection(s). Connection '${name}' does not exist.`)
    return found
  }

  #find(name: string): Connection | undefined {
    const row = this.#sql.one.get(name)
    return row && { name, data: parse(row.data), secret: parse(this.#deps.seal.open(row.secret, placeOf(name))) }
  }
}

interface Row {
  readonly name: string
  readonly data: string
  /** Sealed. */
  readonly secret: string
}

const prepare = (database: ServicesDatabase) => ({
  all: database.prepare<[], Row>('SELECT * FROM events_connections ORDER BY name'),
  one: database.prepare<[string], Row>('SELECT * FROM events_connections WHERE name = ?'),
  put: database.prepare<[string, string, string]>('INSERT OR REPLACE INTO events_connections VALUES (?, ?, ?)'),
  putSecret: database.prepare<[string, string]>('UPDATE events_connections SET secret = ? WHERE name = ?'),
  remove: database.prepare<[string]>('DELETE FROM events_connections WHERE name = ?'),
})

/** Where AWS keeps the secret of a connection. Here it is kept with the connection, sealed. */
function secretArn(data: JsonObject): string {
  const arn = String(getOwn(data, 'ConnectionArn'))
  const ending = createHash('sha256').update(arn).digest('hex').slice(0, 6)
  return `${arn.replace(':events:', ':secretsmanager:').replace(':connection/', ':secret:events!connection/')}-${ending}`
}

const nameIn = (connectionArn: string): string => /:connection\/([^/]+)/.exec(connectionArn)?.[1] ?? ''

const placeOf = (name: string): string => `connection/${name}`

const parse = (text: string): JsonObject => JSON.parse(text) as JsonObject

/** An update may leave out what is not to change. */
function mergeKnown(given: Json, known: JsonObject): Json {
  if (!isObject(given)) return given
  const merged: Record<string, Json> = { ...known }
  for (const [name, value] of Object.entries(given)) {
    const before = getOwn(known, name)
    merged[name] = isObject(value) && isObject(before) ? mergeKnown(value, before) : value
  }
  return merged
}

/** Passwords and keys left out, and the values of parameters that are marked as secret. */
function withoutSecrets(value: Json): Json {
  if (isArray(value)) return value.map(withoutSecrets)
  if (!isObject(value)) return value
  const isSecretValue = getOwn(value, 'IsValueSecret') === true
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !SECRETS.has(name) && !(isSecretValue && name === 'Value'))
      .map(([name, member]) => [name, withoutSecrets(member)]),
  )
}

function httpParts(parameters: Json | undefined): ConnectionParts {
  const pairs = (member: string): Record<string, string> => {
    const list = isObject(parameters) ? getOwn(parameters, member) : undefined
    const items = isArray(list) ? list.filter(isObject) : []
    return Object.fromEntries(items.map((item) => [String(getOwn(item, 'Key') ?? ''), String(getOwn(item, 'Value') ?? '')]))
  }
  return { headers: pairs('HeaderParameters'), query: pairs('QueryStringParameters'), body: pairs('BodyParameters') }
}

function oauthClient(auth: Json | undefined): OauthClient {
  const given = isObject(auth) ? auth : {}
  const client = getOwn(given, 'ClientParameters')
  const text = (from: Json | undefined, name: string): string => (isObject(from) ? String(getOwn(from, name) ?? '') : '')
  return {
    clientId: text(client, 'ClientID'),
    clientSecret: text(client, 'ClientSecret'),
    endpoint: text(given, 'AuthorizationEndpoint'),
    method: text(given, 'HttpMethod') || 'POST',
    ...httpParts(getOwn(given, 'OAuthHttpParameters')),
  }
}
