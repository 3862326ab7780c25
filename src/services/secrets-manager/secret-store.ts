/**
 * Secrets and their versions in the database.
 * 1. A staging label is at one version of a secret at most. Where AWSCURRENT goes to another version, AWSPREVIOUS comes to the
 *    one that had it.
 * 2. A version without a label is deprecated: it may be removed when there are many. Its value never changes.
 * 3. Values are sealed, each for its own version.
 * Source: Secrets Manager user guide, "What's in a Secrets Manager secret"; API reference, UpdateSecretVersionStage.
 */
import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import { jsonOf } from '../../base/json-text.ts'

import { integer, nullable, row, text } from '../../sqlite/row.ts'

import { applySchema, type ServicesDatabase } from '../kit/database.ts'
import type { Seal } from '../seal.ts'

import type { SecretValue } from './input.ts'
import { SECRETS_SCHEMA } from './schema.ts'

export const CURRENT = 'AWSCURRENT'
const PREVIOUS = 'AWSPREVIOUS'
const VERSIONS_MAX = 100
const DAY_MS = 86_400_000

export interface SecretRow {
  readonly id: number
  readonly arn: string
  readonly name: string
  readonly description: string | null
  readonly kmsKeyId: string | null
  readonly policy: string | null
  /** JSON text of an object. */
  readonly tags: string
  readonly createdMs: number
  readonly changedMs: number
  readonly accessedMs: number | null
  /** When it may be removed for good; null where it is not to be deleted. */
  readonly deletionMs: number | null
}

/** Without the value: a secret may have many versions, of which one is read. */
export interface VersionRow {
  readonly id: number
  readonly secret: number
  readonly versionId: string
  readonly isBinary: number
  /** JSON text of a list. */
  readonly stages: string
  readonly createdMs: number
  readonly accessedMs: number | null
}

/** What may change of a secret. */
export type SecretChange = Partial<Pick<SecretRow, 'description' | 'kmsKeyId' | 'policy' | 'tags' | 'deletionMs'>>

const SECRET = row<SecretRow>({
  id: integer,
  arn: text,
  name: text,
  description: nullable(text),
  kmsKeyId: nullable(text),
  policy: nullable(text),
  tags: text,
  createdMs: integer,
  changedMs: integer,
  accessedMs: nullable(integer),
  deletionMs: nullable(integer),
})
const VERSION = row<VersionRow>({
  id: integer,
  secret: integer,
  versionId: text,
  isBinary: integer,
  stages: text,
  createdMs: integer,
  accessedMs: nullable(integer),
})

export class SecretStore {
  readonly #database: ServicesDatabase
  readonly #clock: Clock
  readonly #seal: Seal
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase, clock: Clock, seal: Seal) {
    applySchema(database, SECRETS_SCHEMA)
    this.#database = database
    this.#clock = clock
    this.#seal = seal
    this.#sql = prepare(database)
  }

  /** All of `work` or nothing of it. */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work)
  }

  /** By name, ARN, or an ARN without the six characters at its end. */
  find(secretId: string): SecretRow | undefined {
    this.#removeDeleted()
    if (!secretId.startsWith('arn:')) return this.#sql.byName.get(secretId)
    const name = /^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(.+)$/.exec(secretId)?.[1]
    return this.#sql.byArn.get(secretId) ?? (name === undefined ? undefined : this.#sql.byName.get(name))
  }

  /** Newest first, those below `before`. */
  all(before: number): readonly SecretRow[] {
    this.#removeDeleted()
    return this.#sql.all.all(before)
  }

  create(secret: Pick<SecretRow, 'arn' | 'name' | 'description' | 'kmsKeyId' | 'tags'>): SecretRow {
    const now = this.#clock.now()
    const { arn, name, description, kmsKeyId, tags } = secret
    const { lastInsertRowid } = this.#sql.insert.run(arn, name, description, kmsKeyId, tags, now, now)
    return { ...secret, id: lastInsertRowid, policy: null, createdMs: now, changedMs: now, accessedMs: null, deletionMs: null }
  }

  change(secret: SecretRow, change: SecretChange): SecretRow {
    const changed = { ...secret, ...change, changedMs: this.#clock.now() }
    const { description, kmsKeyId, policy, tags, changedMs, deletionMs, id } = changed
    this.#sql.update.run(description, kmsKeyId, policy, tags, changedMs, deletionMs, id)
    return changed
  }

  remove(secret: SecretRow): void {
    this.transaction(() => {
      this.#sql.removeVersions.run(secret.id)
      this.#sql.remove.run(secret.id)
    })
  }

  /** Newest first. */
  versions(secret: SecretRow): readonly VersionRow[] {
    return this.#sql.versions.all(secret.id)
  }

  version(secret: SecretRow, versionId: string): VersionRow | undefined {
    return this.#sql.version.get(secret.id, versionId)
  }

  versionAt(secret: SecretRow, stage: string): VersionRow | undefined {
    return this.versions(secret).find((version) => stagesOf(version).includes(stage))
  }

  addVersion(secret: SecretRow, versionId: string, { text, isBinary }: SecretValue, stages: readonly string[]): void {
    const sealed = this.#seal.close(text, placeOf(secret, versionId))
    this.#sql.insertVersion.run(secret.id, versionId, isBinary ? 1 : 0, sealed, '[]', this.#clock.now())
    for (const stage of stages) this.moveStage(secret, stage, versionId)
    this.#removeOldVersions(secret)
  }

  valueOf(secret: SecretRow, { id, versionId, isBinary }: VersionRow): SecretValue {
    const sealed = this.#sql.value.get(id)
    assert(sealed !== undefined, `version ${versionId} has a value`)
    return { text: this.#seal.open(sealed, placeOf(secret, versionId)), isBinary: isBinary === 1 }
  }

  /** Undefined: the label is at no version then. */
  moveStage(secret: SecretRow, stage: string, to: string | undefined): void {
    const from = this.versionAt(secret, stage)
    if (from?.versionId === to) return
    if (from)
      this.#setStages(
        from,
        stagesOf(from).filter((one) => one !== stage),
      )
    const version = to === undefined ? undefined : this.version(secret, to)
    if (version) this.#setStages(version, [...stagesOf(version), stage])
    if (stage === CURRENT && from) this.moveStage(secret, PREVIOUS, from.versionId)
  }

  /** A value was read: AWS keeps the day. */
  accessed(secret: SecretRow, version: VersionRow): void {
    const day = this.#clock.now() - (this.#clock.now() % DAY_MS)
    if (secret.accessedMs !== day) this.#sql.accessed.run(day, secret.id)
    if (version.accessedMs !== day) this.#sql.versionAccessed.run(day, version.id)
  }

  #setStages(version: VersionRow, stages: readonly string[]): void {
    this.#sql.setStages.run(JSON.stringify(stages), version.id)
  }

  #removeOldVersions(secret: SecretRow): void {
    const versions = this.versions(secret)
    const yesterday = this.#clock.now() - DAY_MS
    for (const version of versions.slice(VERSIONS_MAX)) {
      if (stagesOf(version).length === 0 && version.createdMs < yesterday) this.#sql.removeVersion.run(version.id)
    }
  }

  #removeDeleted(): void {
    for (const secret of this.#sql.deleted.all(this.#clock.now())) this.remove(secret)
  }
}

export const stagesOf = ({ stages }: VersionRow): readonly string[] => {
  const parsed = jsonOf(stages)
  return Array.isArray(parsed) ? parsed.map(String) : []
}

const placeOf = ({ arn }: SecretRow, versionId: string): string => `${arn}#${versionId}`

const VERSION_COLUMNS = 'id, secret, versionId, isBinary, stages, createdMs, accessedMs'

const prepare = (database: ServicesDatabase) => ({
  byName: database.prepare<[string], SecretRow>('SELECT * FROM secrets WHERE name = ?', SECRET),
  byArn: database.prepare<[string], SecretRow>('SELECT * FROM secrets WHERE arn = ?', SECRET),
  all: database.prepare<[number], SecretRow>('SELECT * FROM secrets WHERE id < ? ORDER BY id DESC', SECRET),
  deleted: database.prepare<[number], SecretRow>('SELECT * FROM secrets WHERE deletionMs <= ?', SECRET),
  insert: database.prepare<[string, string, string | null, string | null, string, number, number]>(
    'INSERT INTO secrets (arn, name, description, kmsKeyId, tags, createdMs, changedMs) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ),
  update: database.prepare<[string | null, string | null, string | null, string, number, number | null, number]>(
    'UPDATE secrets SET description = ?, kmsKeyId = ?, policy = ?, tags = ?, changedMs = ?, deletionMs = ? WHERE id = ?',
  ),
  accessed: database.prepare<[number, number]>('UPDATE secrets SET accessedMs = ? WHERE id = ?'),
  remove: database.prepare<[number]>('DELETE FROM secrets WHERE id = ?'),
  versions: database.prepare<[number], VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM secret_versions WHERE secret = ? ORDER BY id DESC`,
    VERSION,
  ),
  version: database.prepare<[number, string], VersionRow>(
    `SELECT ${VERSION_COLUMNS} FROM secret_versions WHERE secret = ? AND versionId = ?`,
    VERSION,
  ),
  value: database.prepareValue<[number], string>('SELECT value FROM secret_versions WHERE id = ?', text),
  insertVersion: database.prepare<[number, string, number, string, string, number]>(
    'INSERT INTO secret_versions (secret, versionId, isBinary, value, stages, createdMs) VALUES (?, ?, ?, ?, ?, ?)',
  ),
  setStages: database.prepare<[string, number]>('UPDATE secret_versions SET stages = ? WHERE id = ?'),
  versionAccessed: database.prepare<[number, number]>('UPDATE secret_versions SET accessedMs = ? WHERE id = ?'),
  removeVersion: database.prepare<[number]>('DELETE FROM secret_versions WHERE id = ?'),
  removeVersions: database.prepare<[number]>('DELETE FROM secret_versions WHERE secret = ?'),
})
