/**
 * What all of IAM's actions share: the stores, and how an entity is found, or refused in AWS's words where it is not there.
 */
import type { IncomingMessage } from 'node:http'

import type { Clock } from '../../base/clock.ts'
import type { JsonObject } from '../../base/json.ts'

import type { QueryOperation } from '../../wire/aws-query.ts'
import { headerOf } from '../../wire/http.ts'
import { scopeOf } from '../../wire/sigv4.ts'

import { applySchema, type ServicesDatabase } from '../kit/database.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import { CredentialStore } from './credential-store.ts'
import { type Entity, EntityStore, type Kind } from './entity-store.ts'
import { alreadyExists, mustFirst, noSuchEntity, validationError } from './errors.ts'
import { readName, requireName } from './input.ts'
import { PolicyStore } from './policy-store.ts'
import { IAM_SCHEMA } from './schema.ts'
import { SettingStore } from './setting-store.ts'
import { newUniqueId } from './unique-id.ts'

export type IamDeps = Pick<ServiceDeps, 'database' | 'account' | 'clock' | 'seal'>
export type Operations = readonly (readonly [string, QueryOperation])[]

/** The kinds that are asked for by a name which is not part of an ARN. */
export type NamedKind = Exclude<Kind, 'policy' | 'oidcProvider' | 'samlProvider'>

interface KindFacts {
  /** Of the unique id. */
  readonly prefix: string
  /** In the ARN. */
  readonly type: string
  readonly member: string
  readonly charsMax: number
  readonly missing: (name: string) => string
  readonly taken: (name: string) => string
}

/** A kind as AWS's texts name it: `The role with name x cannot be found.` */
const spoken = (noun: string) => ({
  missing: (name: string) => `The ${noun} with name ${name} cannot be found.`,
  taken: (name: string) => `${noun.charAt(0).toUpperCase()}${noun.slice(1)} with name ${name} already exists.`,
})

export const KINDS = {
  role: { prefix: 'AROA', type: 'role', member: 'RoleName', charsMax: 64, ...spoken('role') },
  user: { prefix: 'AIDA', type: 'user', member: 'UserName', charsMax: 64, ...spoken('user') },
  group: { prefix: 'AGPA', type: 'group', member: 'GroupName', charsMax: 128, ...spoken('group') },
  instanceProfile: {
    prefix: 'AIPA',
    type: 'instance-profile',
    member: 'InstanceProfileName',
    charsMax: 128,
    missing: (name: string) => `Instance Profile ${name} cannot be found.`,
    taken: (name: string) => `Instance Profile ${name} already exists.`,
  },
} as const satisfies Record<NamedKind, KindFacts>

export class Iam {
  readonly account: string
  readonly clock: Clock
  readonly entities: EntityStore
  readonly policies: PolicyStore
  readonly credentials: CredentialStore
  readonly settings: SettingStore
  readonly #database: ServicesDatabase

  constructor({ database, account, clock, seal }: IamDeps) {
    applySchema(database, IAM_SCHEMA)
    this.#database = database
    this.account = account
    this.clock = clock
    this.entities = new EntityStore(database, clock)
    this.policies = new PolicyStore(database, clock)
    this.credentials = new CredentialStore(database, clock, seal)
    this.settings = new SettingStore(database)
  }

  /** All of `work` or nothing of it. */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work)
  }

  get root(): string {
    return `arn:aws:iam::${this.account}:root`
  }

  /** `arn:aws:iam::123456789012:role/path/name`. */
  arnOf(kind: NamedKind, path: string, name: string): string {
    return `arn:aws:iam::${this.account}:${KINDS[kind].type}${path}${name}`
  }

  /** What the request names in the kind's member. Throws NoSuchEntity. */
  named(kind: NamedKind, input: JsonObject): Entity {
    const name = requireName(input, KINDS[kind].member)
    const found = this.entities.find(kind, name)
    if (!found) throw noSuchEntity(KINDS[kind].missing(name))
    return found
  }

  /** Throws EntityAlreadyExists. `except`: whose name it may be. */
  checkFree(kind: NamedKind, name: string, except?: Entity): void {
    const found = this.entities.find(kind, name)
    if (found && found.id !== except?.id) throw alreadyExists(KINDS[kind].taken(name))
  }

  /** Makes an entity with a unique id and an ARN of its kind. */
  create(kind: NamedKind, entity: Omit<Parameters<EntityStore['create']>[0], 'kind' | 'uniqueId' | 'arn'>): Entity {
    this.checkFree(kind, entity.name)
    const arn = this.arnOf(kind, entity.path, entity.name)
    return this.entities.create({ ...entity, kind, arn, uniqueId: newUniqueId(KINDS[kind].prefix) })
  }

  /** Whose access key signed the request; undefined for the root of the account and for temporary credentials. */
  caller(req: IncomingMessage): Entity | undefined {
    if (headerOf(req.headers, 'x-amz-security-token') !== undefined) return undefined
    const key = this.credentials.key(scopeOf(req)?.accessKeyId ?? '')
    return key && this.entities.byId(key.user)
  }

  /** The user that is named, or else the caller. */
  userOrCaller(input: JsonObject, req: IncomingMessage): Entity {
    if (readName(input, KINDS.user.member) !== undefined) return this.named('user', input)
    const caller = this.caller(req)
    if (!caller) throw validationError('Must specify userName when calling with non-User credentials')
    return caller
  }

  /** Throws DeleteConflict where an entity that is to be deleted has policies. */
  checkHasNoPolicies(entity: Entity): void {
    if (this.policies.attached(entity).length > 0) throw mustFirst('detach all policies')
    if (this.policies.inline(entity).length > 0) throw mustFirst('delete policies')
  }
}
