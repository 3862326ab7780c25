/** KMS's actions on keys, aliases, policies and tags. Source: AWS KMS API reference. */
import type { JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { cutPage } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'
import { addTags, NO_TAGS, removeTags, type Tags, tagsObject } from '../kit/tags.ts'

import {
  alreadyExists,
  constraintError,
  enumError,
  invalidMarker,
  invalidState,
  notFound,
  TAG_ERRORS,
  unsupported,
  validation,
} from './errors.ts'
import { readFlag, readOneOf, readPolicy, readTags, readText, readTexts, readWhole, requireText } from './input.ts'
import { algorithmsOf, isAsymmetric, KEY_SPECS, newSymmetricMaterial, SYMMETRIC } from './key-specs.ts'
import type { AliasRow, KeyRow } from './key-store.ts'
import { defaultPolicy, type Keys } from './keys.ts'
import { isReserved } from './managed-keys.ts'

const DAY_MS = 86_400_000
const WINDOW_DAYS = 30
const ROTATION_DAYS = 365
const ROTATIONS_MAX = 25
const USAGES = ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] as const
const ALIAS_NAME = /^alias\/[\w/-]+$/
const MARKERS = pageTokens('kms', invalidMarker)

export class KmsService {
  readonly #keys: Keys

  constructor(keys: Keys) {
    this.#keys = keys
  }

  // ---- keys ----

  async createKey(input: JsonObject): Promise<JsonObject> {
    const spec = readText(input, 'KeySpec') ?? readText(input, 'CustomerMasterKeySpec') ?? SYMMETRIC
    const known = KEY_SPECS.get(spec)
    if (!known) throw enumError(spec, 'KeySpec', KEY_SPECS.keys())
    const origin = readText(input, 'Origin') ?? 'AWS_KMS'
    if (origin !== 'AWS_KMS') throw unsupported(`The local KMS makes its keys itself: Origin ${origin} is not supported.`)
    const keyUsage = readOneOf(input, 'KeyUsage', USAGES) ?? (spec === SYMMETRIC ? 'ENCRYPT_DECRYPT' : known.usages[0])
    if (readText(input, 'KeyUsage') === undefined && known.usages.length > 1)
      throw validation(`You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.`)
    if (keyUsage === undefined || !known.usages.includes(keyUsage))
      throw validation(`KeyUsage ${keyUsage} is not compatible with KeySpec ${spec}`)
    const made = {
      spec,
      keyUsage,
      description: readText(input, 'Description') ?? '',
      policy: readPolicy(input) ?? defaultPolicy(this.#keys.account),
      tags: printTags(addTags(NO_TAGS, readTags(input), TAG_ERRORS)),
      isMultiRegion: readFlag(input, 'MultiRegion'),
    }
    return { KeyMetadata: this.#render(this.#keys.create(made, await known.generate())) }
  }

  describeKey(input: JsonObject): JsonObject {
    return { KeyMetadata: this.#render(this.#keys.find(requireText(input, 'KeyId'))) }
  }

  listKeys(input: JsonObject): JsonObject {
    const { size, after } = readPage(input, 100, 1000)
    const { items, last } = cutPage(this.#keys.store.list(after, size + 1), size)
    return { Keys: items.map((key) => ({ KeyId: key.id, KeyArn: this.#keys.arnOf(key) })), ...nextOf(last?.id) }
  }

  updateKeyDescription(input: JsonObject): JsonObject {
    return this.#changed(input, { description: readText(input, 'Description') ?? '' })
  }

  enableKey(input: JsonObject): JsonObject {
    return this.#changed(input, { isEnabled: true })
  }

  disableKey(input: JsonObject): JsonObject {
    return this.#changed(input, { isEnabled: false })
  }

  scheduleKeyDeletion(input: JsonObject): JsonObject {
    const days = readWhole(input, 'PendingWindowInDays', 7, 30) ?? WINDOW_DAYS
    const key = this.#own(input)
    this.#keys.requireKept(key)
    const deletionMs = this.#keys.clock.now() + days * DAY_MS
    this.#keys.store.change(key, { isEnabled: false, deletionMs })
    return {
      KeyId: this.#keys.arnOf(key),
      DeletionDate: deletionMs / 1000,
      KeyState: 'PendingDeletion',
      PendingWindowInDays: days,
    }
  }

  /** It is disabled then. */
  cancelKeyDeletion(input: JsonObject): JsonObject {
    const key = this.#own(input)
    if (key.deletionMs === null) throw invalidState(`${this.#keys.arnOf(key)} is not pending deletion.`)
    this.#keys.store.change(key, { deletionMs: null })
    return { KeyId: this.#keys.arnOf(key) }
  }

  // ---- rotation ----

  /** Off for keys that cannot be rotated, and while one is to be deleted. */
  getKeyRotationStatus(input: JsonObject): JsonObject {
    const key = this.#own(input)
    const { rotationDays, rotationFromMs } = key
    const isOn = rotationDays !== null && rotationFromMs !== null && key.deletionMs === null
    return {
      KeyId: this.#keys.arnOf(key),
      KeyRotationEnabled: isOn,
      ...(isOn && {
        RotationPeriodInDays: rotationDays,
        NextRotationDate: (rotationFromMs + rotationDays * DAY_MS) / 1000,
      }),
    }
  }

  enableKeyRotation(input: JsonObject): JsonObject {
    const rotationDays = readWhole(input, 'RotationPeriodInDays', 90, 2560) ?? ROTATION_DAYS
    const key = this.#rotatable(input)
    this.#keys.requireUsable(key)
    this.#keys.store.change(key, { rotationDays, rotationFromMs: this.#keys.clock.now() })
    return {}
  }

  disableKeyRotation(input: JsonObject): JsonObject {
    const key = this.#rotatable(input)
    this.#keys.requireUsable(key)
    this.#keys.store.change(key, { rotationDays: null, rotationFromMs: null })
    return {}
  }

  /** What was encrypted before stays readable. */
  rotateKeyOnDemand(input: JsonObject): JsonObject {
    const key = this.#rotatable(input)
    this.#keys.requireUsable(key)
    const { store } = this.#keys
    const { generation } = store.newestMaterial(key)
    if (generation > ROTATIONS_MAX) throw invalidState(`${this.#keys.arnOf(key)} was rotated on demand ${ROTATIONS_MAX} times.`)
    store.addMaterial(key.id, generation + 1, newSymmetricMaterial())
    return { KeyId: this.#keys.arnOf(key) }
  }

  listKeyRotations(input: JsonObject): JsonObject {
    const key = this.#rotatable(input)
    const KeyId = this.#keys.arnOf(key)
    return {
      Rotations: this.#keys.store
        .rotations(key)
        .map(({ madeMs }) => ({ KeyId, RotationDate: madeMs / 1000, RotationType: 'ON_DEMAND' })),
      Truncated: false,
    }
  }

  #rotatable(input: JsonObject): KeyRow {
    const key = this.#own(input)
    this.#keys.requireKept(key)
    if (key.spec !== SYMMETRIC) throw unsupported(`${this.#keys.arnOf(key)} is not a symmetric encryption key.`)
    return key
  }

  // ---- aliases ----

  createAlias(input: JsonObject): JsonObject {
    const name = readAlias(input)
    const key = this.#target(input)
    if (this.#keys.store.alias(name)) throw alreadyExists(`An alias with the name ${this.#keys.aliasArn(name)} already exists`)
    this.#keys.store.putAlias(name, key.id)
    return {}
  }

  updateAlias(input: JsonObject): JsonObject {
    const alias = this.#alias(readAlias(input))
    const key = this.#target(input)
    const before = this.#keys.store.find(alias.keyId)
    if (before && (before.keyUsage !== key.keyUsage || isAsymmetric(before.spec) !== isAsymmetric(key.spec)))
      throw validation(
        `Alias ${alias.name} cannot be changed from key ${before.id} to key ${key.id}: they are of different kinds.`,
      )
    this.#keys.store.putAlias(alias.name, key.id)
    return {}
  }

  deleteAlias(input: JsonObject): JsonObject {
    this.#keys.store.removeAlias(this.#alias(readAlias(input)).name)
    return {}
  }

  listAliases(input: JsonObject): JsonObject {
    const { size, after } = readPage(input, 50, 100)
    const keyId = readText(input, 'KeyId')
    const of = keyId === undefined ? undefined : this.#keys.find(keyId, false).id
    const { items, last } = cutPage(this.#keys.store.aliases(after, size + 1, of), size)
    return { Aliases: items.map((alias) => this.#renderAlias(alias)), ...nextOf(last?.name) }
  }

  #alias(name: string): AliasRow {
    const alias = this.#keys.store.alias(name)
    if (!alias) throw notFound(`Alias ${this.#keys.aliasArn(name)} is not found.`)
    return alias
  }

  #target(input: JsonObject): KeyRow {
    const keyId = requireText(input, 'TargetKeyId')
    if (/(?:^|:)alias\//.test(keyId)) throw validation('Aliases must refer to keys. Not aliases')
    const key = this.#keys.find(keyId, false)
    this.#keys.requireKept(key)
    return key
  }

  #renderAlias({ name, keyId, createdMs, updatedMs }: AliasRow): JsonObject {
    return {
      AliasName: name,
      AliasArn: this.#keys.aliasArn(name),
      TargetKeyId: keyId,
      CreationDate: createdMs / 1000,
      LastUpdatedDate: updatedMs / 1000,
    }
  }

  // ---- policies and tags ----

  getKeyPolicy(input: JsonObject): JsonObject {
    requireDefault(input)
    return { Policy: this.#own(input).policy, PolicyName: 'default' }
  }

  putKeyPolicy(input: JsonObject): JsonObject {
    requireDefault(input)
    const policy = readPolicy(input)
    if (policy === undefined) throw constraintError(undefined, 'Policy', 'Member must not be null')
    return this.#changed(input, { policy })
  }

  listKeyPolicies(input: JsonObject): JsonObject {
    this.#own(input)
    return { PolicyNames: ['default'], Truncated: false }
  }

  tagResource(input: JsonObject): JsonObject {
    const key = this.#own(input)
    this.#keys.requireKept(key)
    this.#keys.store.change(key, { tags: printTags(addTags(tagsIn(key), readTags(input), TAG_ERRORS)) })
    return {}
  }

  untagResource(input: JsonObject): JsonObject {
    const key = this.#own(input)
    this.#keys.requireKept(key)
    this.#keys.store.change(key, { tags: printTags(removeTags(tagsIn(key), readTexts(input, 'TagKeys') ?? [])) })
    return {}
  }

  listResourceTags(input: JsonObject): JsonObject {
    const tags = [...tagsIn(this.#own(input))].map(([TagKey, TagValue]) => ({ TagKey, TagValue }))
    return { Tags: tags, Truncated: false }
  }

  // ---- shared ----

  /** Actions on the key itself take no alias. */
  #own(input: JsonObject): KeyRow {
    return this.#keys.find(requireText(input, 'KeyId'), false)
  }

  #changed(input: JsonObject, change: Parameters<Keys['store']['change']>[1]): JsonObject {
    const key = this.#own(input)
    this.#keys.requireKept(key)
    this.#keys.store.change(key, change)
    return {}
  }

  #render(key: KeyRow): JsonObject {
    const { id, createdMs, description, keyUsage, spec, manager, isMultiRegion, deletionMs } = key
    const arn = this.#keys.arnOf(key)
    const primary = { Arn: arn, Region: arn.split(':')[3] ?? '' }
    return {
      AWSAccountId: this.#keys.account,
      KeyId: id,
      Arn: arn,
      CreationDate: createdMs / 1000,
      Enabled: key.isEnabled && deletionMs === null,
      Description: description,
      KeyUsage: keyUsage,
      KeyState: deletionMs !== null ? 'PendingDeletion' : key.isEnabled ? 'Enabled' : 'Disabled',
      ...(deletionMs !== null && { DeletionDate: deletionMs / 1000 }),
      Origin: 'AWS_KMS',
      KeyManager: manager,
      CustomerMasterKeySpec: spec,
      KeySpec: spec,
      ...algorithmsOf(spec, keyUsage),
      MultiRegion: isMultiRegion,
      ...(isMultiRegion && {
        MultiRegionConfiguration: { MultiRegionKeyType: 'PRIMARY', PrimaryKey: primary, ReplicaKeys: [] },
      }),
    }
  }
}

const printTags = (tags: Tags): string => JSON.stringify(tagsObject(tags))
const tagsIn = ({ tags }: KeyRow): Tags =>
  new Map(Object.entries(objectOf(tags) ?? {}).map(([key, value]) => [key, String(value)]))

function readAlias(input: JsonObject): string {
  const name = requireText(input, 'AliasName')
  if (!/^[\w:/-]{1,256}$/.test(name))
    throw constraintError(name, 'AliasName', 'Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$')
  if (!ALIAS_NAME.test(name))
    throw validation(name.startsWith('alias/') ? `${name} contains invalid characters for an alias` : 'Invalid identifier')
  if (isReserved(name)) throw notAuthorized()
  return name
}

const notAuthorized = () => validation('Aliases that begin with alias/aws/ are reserved for keys that AWS manages.')

function requireDefault(input: JsonObject): void {
  if ((readText(input, 'PolicyName') ?? 'default') !== 'default') throw notFound('No such policy exists')
}

function readPage(input: JsonObject, initially: number, max: number) {
  return { size: readWhole(input, 'Limit', 1, max) ?? initially, after: MARKERS.placeOf(readText(input, 'Marker')) }
}

const nextOf = (last: string | undefined): JsonObject =>
  last === undefined ? { Truncated: false } : { Truncated: true, NextMarker: MARKERS.print([last]) }
