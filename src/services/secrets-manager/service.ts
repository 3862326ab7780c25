/** Secrets Manager's actions. Source: Secrets Manager API reference. */
import { randomInt } from 'node:crypto'

import { getOwn, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { cutPage } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { addTags, NO_TAGS, removeTags, type Tags, tagList, tagsObject } from '../kit/tags.ts'

import {
  exists,
  invalidParameter,
  invalidRequest,
  invalidToken,
  markedForDeletion,
  secretNotFound,
  TAG_ERRORS,
  tokenInUse,
  valueNotFound,
} from './errors.ts'
import { readFilters } from './filters.ts'
import {
  readFlag,
  readName,
  readSecretId,
  readTags,
  readText,
  readTexts,
  readToken,
  readValue,
  readWhole,
  type SecretValue,
} from './input.ts'
import { drawPassword } from './random-password.ts'
import { CURRENT, type SecretRow, SecretStore, stagesOf, type VersionRow } from './secret-store.ts'

export type SecretsDeps = Pick<ServiceDeps, 'database' | 'region' | 'account' | 'clock' | 'seal'>

const PAGE_MAX = 100
const STAGES_MAX = 20
const DAY_MS = 86_400_000
const RECOVERY_DAYS = 30
const SUFFIX_CHARS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const TOKENS = pageTokens('secretsmanager', invalidToken)

export class SecretsService {
  readonly #deps: SecretsDeps
  readonly #store: SecretStore

  constructor(deps: SecretsDeps) {
    this.#deps = deps
    this.#store = new SecretStore(deps.database, deps.clock, deps.seal)
  }

  // ---- secrets ----

  createSecret(input: JsonObject): JsonObject {
    const name = readName(input)
    const value = readValue(input)
    const token = readToken(input)
    const tags = addTags(NO_TAGS, readTags(input), TAG_ERRORS)
    const known = this.#store.find(name)
    if (known) return this.#createAgain(known, token, value)
    const description = readText(input, 'Description') ?? null
    const kmsKeyId = readText(input, 'KmsKeyId') ?? null
    return this.#store.transaction(() => {
      const secret = this.#store.create({ arn: this.#arnOf(name), name, description, kmsKeyId, tags: printTags(tags) })
      if (value) this.#store.addVersion(secret, token, value, [CURRENT])
      return { ...nameOf(secret), ...(value && { VersionId: token }) }
    })
  }

  /** The same request once more is answered once more. */
  #createAgain(secret: SecretRow, token: string, value: SecretValue | undefined): JsonObject {
    if (secret.deletionMs !== null)
      throw invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.")
    const version = this.#store.version(secret, token)
    if (!version || !value || !this.#holds(secret, version, value))
      throw exists(`The operation failed because the secret ${secret.name} already exists.`)
    return { ...nameOf(secret), VersionId: token }
  }

  updateSecret(input: JsonObject): JsonObject {
    const secret = this.#usable(input)
    const value = readValue(input)
    const token = readToken(input)
    const description = readText(input, 'Description') ?? secret.description
    const kmsKeyId = readText(input, 'KmsKeyId') ?? secret.kmsKeyId
    return this.#store.transaction(() => {
      const changed = this.#store.change(secret, { description, kmsKeyId })
      if (value) this.#putVersion(changed, token, value, [CURRENT])
      return { ...nameOf(changed), ...(value && { VersionId: token }) }
    })
  }

  describeSecret(input: JsonObject): JsonObject {
    const secret = this.#found(input)
    const stages = this.#stagesByVersion(secret)
    return { ...this.#render(secret), ...(Object.keys(stages).length > 0 && { VersionIdsToStages: stages }) }
  }

  listSecrets(input: JsonObject): JsonObject {
    const size = readWhole(input, 'MaxResults', 1, PAGE_MAX) ?? PAGE_MAX
    const matches = readFilters(input)
    const isOldestFirst = readText(input, 'SortOrder') === 'asc'
    const withDeleted = readFlag(input, 'IncludePlannedDeletion')
    const from = placeIn(input)
    const found = this.#store
      .all(Number.MAX_SAFE_INTEGER)
      .filter(({ deletionMs }) => withDeleted || deletionMs === null)
      .filter((secret) => matches({ name: secret.name, description: secret.description ?? '', tags: tagsIn(secret) }))
    const ordered = isOldestFirst ? found.toReversed() : found
    const rest = from === undefined ? ordered : ordered.filter(({ id }) => (isOldestFirst ? id > from : id < from))
    const { items, last } = cutPage(rest, size)
    const shown = items.map((secret) => ({ ...this.#render(secret), SecretVersionsToStages: this.#stagesByVersion(secret) }))
    return { SecretList: shown, ...(last && { NextToken: TOKENS.print([last.id]) }) }
  }

  deleteSecret(input: JsonObject): JsonObject {
    const isForced = readFlag(input, 'ForceDeleteWithoutRecovery')
    const days = readDays(input)
    if (isForced && days !== undefined)
      throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
    const secretId = readSecretId(input)
    const secret = this.#store.find(secretId)
    const now = this.#deps.clock.now()
    if (isForced) {
      if (secret) this.#store.remove(secret)
      return { ...(secret ? nameOf(secret) : { ARN: this.#arnOf(secretId), Name: secretId }), DeletionDate: now / 1000 }
    }
    if (!secret) throw secretNotFound()
    if (secret.deletionMs !== null) throw markedForDeletion()
    const deletionMs = now + (days ?? RECOVERY_DAYS) * DAY_MS
    this.#store.change(secret, { deletionMs })
    return { ...nameOf(secret), DeletionDate: deletionMs / 1000 }
  }

  restoreSecret(input: JsonObject): JsonObject {
    return nameOf(this.#store.change(this.#found(input), { deletionMs: null }))
  }

  // ---- values ----

  putSecretValue(input: JsonObject): JsonObject {
    const secret = this.#usable(input)
    const value = readValue(input)
    const token = readToken(input)
    const stages = readTexts(input, 'VersionStages', STAGES_MAX)
    if (!value) throw invalidParameter('You must provide either SecretString or SecretBinary.')
    return this.#store.transaction(() => {
      const isFirst = this.#store.versions(secret).length === 0
      this.#putVersion(secret, token, value, [...new Set([...(stages ?? [CURRENT]), ...(isFirst ? [CURRENT] : [])])])
      const version = this.#store.version(secret, token)
      return { ...nameOf(secret), VersionId: token, VersionStages: version ? stagesOf(version) : [] }
    })
  }

  getSecretValue(input: JsonObject): JsonObject {
    const secret = this.#usable(input)
    const versionId = readText(input, 'VersionId')
    const stage = readText(input, 'VersionStage')
    const version =
      versionId === undefined ? this.#store.versionAt(secret, stage ?? CURRENT) : this.#store.version(secret, versionId)
    if (!version) throw valueNotFound(versionId === undefined ? `staging label: ${stage ?? CURRENT}` : `VersionId: ${versionId}`)
    if (versionId !== undefined && stage !== undefined && !stagesOf(version).includes(stage))
      throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.')
    this.#store.accessed(secret, version)
    return { ...nameOf(secret), ...this.#renderValue(secret, version) }
  }

  batchGetSecretValue(input: JsonObject): JsonObject {
    const ids = readTexts(input, 'SecretIdList', 20)
    if (!ids) throw invalidParameter('SecretIdList must be given: Regente does not search values by Filters.')
    const values: JsonObject[] = []
    const errors: JsonObject[] = []
    for (const id of ids) {
      const secret = this.#store.find(id)
      const version = secret?.deletionMs === null ? this.#store.versionAt(secret, CURRENT) : undefined
      if (secret && version) values.push({ ...nameOf(secret), ...this.#renderValue(secret, version) })
      else {
        const { code, message } = secret && secret.deletionMs !== null ? markedForDeletion() : secretNotFound()
        errors.push({ SecretId: id, ErrorCode: code, Message: message })
      }
    }
    return { SecretValues: values, Errors: errors }
  }

  getRandomPassword(input: JsonObject): JsonObject {
    return { RandomPassword: drawPassword(input) }
  }

  // ---- versions ----

  listSecretVersionIds(input: JsonObject): JsonObject {
    const secret = this.#found(input)
    const size = readWhole(input, 'MaxResults', 1, PAGE_MAX) ?? PAGE_MAX
    const withDeprecated = readFlag(input, 'IncludeDeprecated')
    const from = placeIn(input) ?? Number.MAX_SAFE_INTEGER
    const all = this.#store.versions(secret).filter((one) => one.id < from && (withDeprecated || stagesOf(one).length > 0))
    const { items, last } = cutPage(all, size)
    return { ...nameOf(secret), Versions: items.map(renderVersion), ...(last && { NextToken: TOKENS.print([last.id]) }) }
  }

  updateSecretVersionStage(input: JsonObject): JsonObject {
    const secret = this.#usable(input)
    const stage = readText(input, 'VersionStage', 256)
    if (stage === undefined || stage === '') throw invalidParameter('VersionStage must be given.')
    const to = readText(input, 'MoveToVersionId')
    const from = readText(input, 'RemoveFromVersionId')
    const holder = this.#store.versionAt(secret, stage)?.versionId
    for (const id of [to, from]) if (id !== undefined && !this.#store.version(secret, id)) throw valueNotFound(`VersionId: ${id}`)
    if (to === undefined && stage === CURRENT)
      throw invalidParameter(
        `You can only move staging label ${CURRENT} to a different secret version. It can’t be completely removed.`,
      )
    if (holder !== undefined && holder !== to && from === undefined)
      throw invalidParameter(
        `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
      )
    if (from !== undefined && from !== holder)
      throw invalidParameter(`Staging label ${stage} is not attached to version ${from}, so it can't be removed from there.`)
    this.#store.transaction(() => {
      this.#store.moveStage(secret, stage, to)
      this.#store.change(secret, {})
    })
    return nameOf(secret)
  }

  // ---- tags and policies ----

  tagResource(input: JsonObject): JsonObject {
    const secret = this.#usable(input)
    this.#store.change(secret, { tags: printTags(addTags(tagsIn(secret), readTags(input), TAG_ERRORS)) })
    return {}
  }

  untagResource(input: JsonObject): JsonObject {
    const secret = this.#usable(input)
    this.#store.change(secret, { tags: printTags(removeTags(tagsIn(secret), readTexts(input, 'TagKeys') ?? [])) })
    return {}
  }

  getResourcePolicy(input: JsonObject): JsonObject {
    const secret = this.#found(input)
    return { ...nameOf(secret), ...(secret.policy !== null && { ResourcePolicy: secret.policy }) }
  }

  putResourcePolicy(input: JsonObject): JsonObject {
    const policy = readText(input, 'ResourcePolicy', 20_480)
    if (policy === undefined || !objectOf(policy)) throw invalidParameter('ResourcePolicy must be a JSON document.')
    return nameOf(this.#store.change(this.#usable(input), { policy }))
  }

  deleteResourcePolicy(input: JsonObject): JsonObject {
    return nameOf(this.#store.change(this.#usable(input), { policy: null }))
  }

  // ---- shared ----

  #found(input: JsonObject): SecretRow {
    const secret = this.#store.find(readSecretId(input))
    if (!secret) throw secretNotFound()
    return secret
  }

  /** One that is not to be deleted. */
  #usable(input: JsonObject): SecretRow {
    const secret = this.#found(input)
    if (secret.deletionMs !== null) throw markedForDeletion()
    return secret
  }

  /** A version never changes: the same once more is answered, another value refused. */
  #putVersion(secret: SecretRow, token: string, value: SecretValue, stages: readonly string[]): void {
    const known = this.#store.version(secret, token)
    if (known && !this.#holds(secret, known, value)) throw tokenInUse(token, secret.arn)
    if (!known) this.#store.addVersion(secret, token, value, stages)
    this.#store.change(secret, {})
  }

  #holds(secret: SecretRow, version: VersionRow, { text, isBinary }: SecretValue): boolean {
    const known = this.#store.valueOf(secret, version)
    return known.text === text && known.isBinary === isBinary
  }

  #renderValue(secret: SecretRow, version: VersionRow): JsonObject {
    const { text, isBinary } = this.#store.valueOf(secret, version)
    return {
      VersionId: version.versionId,
      [isBinary ? 'SecretBinary' : 'SecretString']: text,
      VersionStages: stagesOf(version),
      CreatedDate: version.createdMs / 1000,
    }
  }

  #render(secret: SecretRow): JsonObject {
    const { description, kmsKeyId, createdMs, changedMs, accessedMs, deletionMs } = secret
    return {
      ...nameOf(secret),
      ...(description !== null && { Description: description }),
      ...(kmsKeyId !== null && { KmsKeyId: kmsKeyId }),
      CreatedDate: createdMs / 1000,
      LastChangedDate: changedMs / 1000,
      ...(accessedMs !== null && { LastAccessedDate: accessedMs / 1000 }),
      ...(deletionMs !== null && { DeletedDate: deletionMs / 1000 }),
      Tags: tagList(tagsIn(secret)),
    }
  }

  /** Of versions that have a label. */
  #stagesByVersion(secret: SecretRow): JsonObject {
    const stages = this.#store.versions(secret).map((version) => [version.versionId, stagesOf(version)] as const)
    return Object.fromEntries(stages.filter(([, labels]) => labels.length > 0))
  }

  #arnOf(name: string): string {
    const { region, account } = this.#deps
    const suffix = Array.from({ length: 6 }, () => SUFFIX_CHARS[randomInt(SUFFIX_CHARS.length)]).join('')
    return `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${suffix}`
  }
}

const nameOf = ({ arn, name }: SecretRow): JsonObject => ({ ARN: arn, Name: name })
const printTags = (tags: Tags): string => JSON.stringify(tagsObject(tags))
const tagsIn = ({ tags }: SecretRow): Tags =>
  new Map(Object.entries(objectOf(tags) ?? {}).map(([key, value]) => [key, String(value)]))

function renderVersion(version: VersionRow): JsonObject {
  const { versionId, createdMs, accessedMs } = version
  return {
    VersionId: versionId,
    VersionStages: stagesOf(version),
    CreatedDate: createdMs / 1000,
    ...(accessedMs !== null && { LastAccessedDate: accessedMs / 1000 }),
  }
}

function readDays(input: JsonObject): number | undefined {
  const days = getOwn(input, 'RecoveryWindowInDays') ?? undefined
  if (days === undefined) return undefined
  if (typeof days !== 'number' || !Number.isInteger(days) || days < 7 || days > 30)
    throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).')
  return days
}

/** The row after which the page begins. */
function placeIn(input: JsonObject): number | undefined {
  const token = readText(input, 'NextToken', 4096)
  return token === undefined || token === '' ? undefined : Number(TOKENS.parse(token)[0])
}
