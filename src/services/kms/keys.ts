/**
 * Finds keys by whatever names them, and makes them. Source: AWS KMS developer guide, "Key identifiers (KeyId)"; API reference,
 * the `KeyId` of each action.
 */
import { randomBytes, randomUUID } from 'node:crypto'

import type { Clock } from '../../base/clock.ts'

import type { ServiceDeps } from '../kit/service-deps.ts'

import { invalidArn, invalidState, keyDisabled, notFound } from './errors.ts'
import { type KeyUsage, newSymmetricMaterial, SYMMETRIC } from './key-specs.ts'
import { type KeyRow, KeyStore } from './key-store.ts'
import { managedKeyDescription } from './managed-keys.ts'

export type KmsDeps = Pick<ServiceDeps, 'database' | 'region' | 'account' | 'clock' | 'seal'>

export interface NewKey {
  readonly spec: string
  readonly keyUsage: KeyUsage
  readonly description: string
  readonly policy: string
  readonly tags: string
  readonly isMultiRegion: boolean
}

const KEY_ID = /^(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i

export class Keys {
  readonly store: KeyStore
  readonly clock: Clock
  readonly #place: Pick<KmsDeps, 'region' | 'account'>

  constructor(deps: KmsDeps) {
    this.store = new KeyStore(deps.database, deps.clock, deps.seal)
    this.clock = deps.clock
    this.#place = deps
  }

  get account(): string {
    return this.#place.account
  }

  create(key: NewKey, material: string, manager: KeyRow['manager'] = 'CUSTOMER'): KeyRow {
    const id = key.isMultiRegion ? `mrk-${randomBytes(16).toString('hex')}` : randomUUID()
    return this.store.create({ ...key, id, manager }, material)
  }

  /** By its id or ARN, and where `takesAlias` by an alias or the ARN of one. Throws NotFoundException, InvalidArnException. */
  find(keyId: string, takesAlias = true): KeyRow {
    const name = this.#nameIn(keyId)
    if (name.startsWith('alias/') && takesAlias) return this.#behind(name)
    if (name.startsWith('alias/') || !KEY_ID.test(name)) throw notFound(`Invalid keyId '${keyId}'`)
    const key = this.store.find(name)
    if (!key) throw notFound(`Key '${this.arnOf({ id: name })}' does not exist`)
    return key
  }

  /** One that may be put to use now. */
  usable(keyId: string): KeyRow {
    const key = this.find(keyId)
    this.requireUsable(key)
    return key
  }

  requireUsable(key: KeyRow): void {
    this.requireKept(key)
    if (!key.isEnabled) throw keyDisabled(this.arnOf(key))
  }

  requireKept(key: KeyRow): void {
    if (key.deletionMs !== null) throw invalidState(`${this.arnOf(key)} is pending deletion.`)
  }

  arnOf({ id }: Pick<KeyRow, 'id'>): string {
    return `arn:aws:kms:${this.#place.region}:${this.#place.account}:key/${id}`
  }

  aliasArn(name: string): string {
    return `arn:aws:kms:${this.#place.region}:${this.#place.account}:${name}`
  }

  /** `alias/…`, or what ought to be the id of a key. */
  #nameIn(keyId: string): string {
    if (!keyId.startsWith('arn:')) return keyId
    const name = /^arn:[^:]*:kms:[^:]+:\d{12}:(?:key\/)?((?:alias\/)?[\w/-]+)$/.exec(keyId)?.[1]
    if (name === undefined) throw invalidArn(keyId)
    return name
  }

  #behind(name: string): KeyRow {
    const alias = this.store.alias(name)
    const key = alias ? this.store.find(alias.keyId) : this.#makeManaged(name)
    if (!key) throw notFound(`Alias ${this.aliasArn(name)} is not found.`)
    return key
  }

  #makeManaged(alias: string): KeyRow | undefined {
    const description = managedKeyDescription(alias)
    if (description === undefined) return undefined
    return this.store.transaction(() => {
      const policy = defaultPolicy(this.#place.account)
      const made = {
        spec: SYMMETRIC,
        keyUsage: 'ENCRYPT_DECRYPT',
        description,
        policy,
        tags: '{}',
        isMultiRegion: false,
      } as const
      const key = this.store.change(this.create(made, newSymmetricMaterial(), 'AWS'), {
        rotationDays: 365,
        rotationFromMs: this.clock.now(),
      })
      this.store.putAlias(alias, key.id)
      return key
    })
  }
}

/** As AWS writes it where a key is made without one. */
export const defaultPolicy = (account: string): string =>
  JSON.stringify(
    {
      Version: '2012-10-17',
      Id: 'key-default-1',
      Statement: [
        {
          Sid: 'Enable IAM User Permissions',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${account}:root` },
          Action: 'kms:*',
          Resource: '*',
        },
      ],
    },
    null,
    2,
  )
