/**
 * Event buses, and who may put events on them. The default bus is always there; a row of it holds what it was given. A policy is
 * kept and shown, and not enforced.
 * Source: EventBridge API reference, CreateEventBus, UpdateEventBus, PutPermission and RemovePermission.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { picked } from '../kit/input.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { addTags, NO_TAGS } from '../kit/tags.ts'

import { alreadyExists, busNotFound, constraintError, eventsError, invalidParameter, TAG_ERRORS } from './errors.ts'
import type { EventStore } from './event-store.ts'
import { pageOf, readName, readTags, readText } from './input.ts'

export const DEFAULT_BUS = 'default'
const SETTINGS = ['Description', 'DeadLetterConfig', 'KmsKeyIdentifier', 'LogConfig']
const POLICY_CHARS_MAX = 10_240

type BusesDeps = Pick<ServiceDeps, 'region' | 'account' | 'clock'> & { readonly store: EventStore }

export class EventBuses {
  readonly #deps: BusesDeps

  constructor(deps: BusesDeps) {
    this.#deps = deps
  }

  create(input: JsonObject): JsonObject {
    const name = readName(input, 'Name', 256)
    if (this.has(name)) throw alreadyExists(`Event bus ${name}`)
    const { store } = this.#deps
    const tags = addTags(NO_TAGS, readTags(input), TAG_ERRORS)
    const now = this.#seconds()
    store.putBus(name, { ...picked(input, SETTINGS), CreationTime: now, LastModifiedTime: now })
    store.putTags(this.arnOf(name), tags)
    return { EventBusArn: this.arnOf(name) }
  }

  /** What is not given is no longer set. */
  update(input: JsonObject): JsonObject {
    const name = this.read(input, 'Name')
    const kept = picked(this.#dataOf(name), ['CreationTime', 'Policy'])
    const settings = picked(input, SETTINGS)
    this.#deps.store.putBus(name, { ...settings, ...kept, LastModifiedTime: this.#seconds() })
    return { Arn: this.arnOf(name), Name: name, ...settings }
  }

  delete(input: JsonObject): JsonObject {
    const name = readName(input, 'Name', 256)
    if (name === DEFAULT_BUS) throw invalidParameter('Cannot delete event bus default.')
    const { store } = this.#deps
    if (store.hasRules(name)) throw invalidParameter(`Cannot delete event bus ${name}: it has rules.`)
    store.deleteBus(name)
    store.deleteTags(this.arnOf(name), store.tags(this.arnOf(name)).keys())
    return {}
  }

  describe(input: JsonObject): JsonObject {
    return this.#render(this.read(input, 'Name'))
  }

  list(input: JsonObject): JsonObject {
    const prefix = readText(input, 'NamePrefix') ?? ''
    const names = new Set([DEFAULT_BUS, ...this.#deps.store.buses().map(({ name }) => name)])
    const found = [...names].filter((name) => name.startsWith(prefix)).sort()
    const { items, ...next } = pageOf(input, found, (name) => name)
    return { EventBuses: items.map((name) => this.#render(name)), ...next }
  }

  /** Adds one statement, or puts another in its place; or puts a policy as a whole. */
  putPermission(input: JsonObject): JsonObject {
    const name = this.read(input)
    const policy = readText(input, 'Policy', POLICY_CHARS_MAX)
    if (policy !== undefined && !objectOf(policy)) throw invalidParameter('The policy is not a valid JSON document.')
    this.#putPolicy(name, policy ?? this.#withStatement(name, this.#readStatement(input, name)))
    return {}
  }

  removePermission(input: JsonObject): JsonObject {
    const name = this.read(input)
    const statements = this.#statementsOf(name)
    if (statements.length === 0) throw eventsError('ResourceNotFoundException', 'EventBus does not have a policy.')
    const sid = readText(input, 'StatementId', 64)
    const isAll = getOwn(input, 'RemoveAllPermissions') === true
    const rest = isAll ? [] : statements.filter((statement) => !isNamed(statement, sid))
    if (rest.length === statements.length)
      throw eventsError('ResourceNotFoundException', 'Statement with the provided id does not exist.')
    this.#putPolicy(name, rest.length === 0 ? undefined : printPolicy(rest))
    return {}
  }

  /** A bus by name or ARN; the default where none is named. Throws where there is no such bus. */
  read(input: JsonObject, member = 'EventBusName'): string {
    const name = busNameOf(readText(input, member, 1600) ?? DEFAULT_BUS)
    if (!this.has(name)) throw busNotFound(name)
    return name
  }

  arnOf(name: string): string {
    return `arn:aws:events:${this.#deps.region}:${this.#deps.account}:event-bus/${name}`
  }

  has(name: string): boolean {
    return name === DEFAULT_BUS || this.#deps.store.buses().some((bus) => bus.name === name)
  }

  #dataOf(name: string): JsonObject {
    return this.#deps.store.buses().find((bus) => bus.name === name)?.data ?? {}
  }

  #render(name: string): JsonObject {
    return { Name: name, Arn: this.arnOf(name), ...this.#dataOf(name) }
  }

  #seconds(): number {
    return this.#deps.clock.now() / 1000
  }

  #statementsOf(name: string): readonly Json[] {
    const { Policy } = this.#dataOf(name)
    const statements = typeof Policy === 'string' ? (objectOf(Policy)?.['Statement'] ?? []) : []
    return isArray(statements) ? statements : [statements]
  }

  #withStatement(name: string, statement: JsonObject): string {
    const sid = readText(statement, 'Sid')
    return printPolicy([...this.#statementsOf(name).filter((known) => !isNamed(known, sid)), statement])
  }

  #readStatement(input: JsonObject, name: string): JsonObject {
    const Sid = readText(input, 'StatementId', 64)
    const principal = readText(input, 'Principal', 12)
    const Action = readText(input, 'Action', 64)
    if (Sid === undefined || !/^[\w-]+$/.test(Sid))
      throw constraintError(Sid, 'statementId', 'Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+')
    if (principal === undefined || !/^(?:\d{12}|\*)$/.test(principal))
      throw constraintError(principal, 'principal', 'Member must satisfy regular expression pattern: (\\d{12}|\\*)')
    if (Action === undefined) throw constraintError(undefined, 'action', 'Member must not be null')
    const Principal = principal === '*' ? '*' : { AWS: `arn:aws:iam::${principal}:root` }
    const condition = getOwn(input, 'Condition')
    const Condition = isObject(condition)
      ? { [readText(condition, 'Type') ?? '']: { [readText(condition, 'Key') ?? '']: readText(condition, 'Value') ?? '' } }
      : undefined
    return { Sid, Effect: 'Allow', Principal, Action, Resource: this.arnOf(name), ...(Condition && { Condition }) }
  }

  #putPolicy(name: string, policy: string | undefined): void {
    const { Policy: _, ...data } = this.#dataOf(name)
    this.#deps.store.putBus(name, { ...data, ...(policy !== undefined && { Policy: policy }) })
  }
}

const isNamed = (statement: Json, sid: string | undefined): boolean => isObject(statement) && getOwn(statement, 'Sid') === sid
const printPolicy = (statements: readonly Json[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements })

/** The name that an ARN holds, or the name itself. */
export const busNameOf = (nameOrArn: string): string =>
  /^arn:[^:]+:events:[^:]*:[^:]*:event-bus\/(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn
