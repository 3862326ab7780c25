/**
 * Parameters and their versions in the database.
 * 1. Versions are numbered from 1 on; the newest is what a plain name means. The oldest goes where there are more than 100.
 * 2. A label is at one version of a parameter at most, and never at one that goes.
 * 3. The value of a SecureString is what KMS made of it.
 * Source: Systems Manager user guide, "Working with parameter versions", "Working with parameter labels".
 */
import type { Clock } from '../../base/clock.ts'
import { isArray } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { integer, nullable, oneOf, row, text } from '../../sqlite/row.ts'

import { applySchema, type ServicesDatabase } from '../kit/database.ts'

import { oldestHasLabel } from './errors.ts'
import { SSM_SCHEMA } from './schema.ts'

export const TYPES = ['SecureString', 'StringList', 'String'] as const
export type ParameterType = (typeof TYPES)[number]
export const TIERS = ['Standard', 'Advanced', 'Intelligent-Tiering'] as const
export type Tier = 'Standard' | 'Advanced'

export interface VersionRow {
  readonly name: string
  readonly version: number
  readonly type: ParameterType
  readonly value: string
  /** Null where it is no SecureString. */
  readonly keyId: string | null
  readonly description: string | null
  readonly allowedPattern: string | null
  readonly tier: Tier
  /** JSON text of a list. */
  readonly policies: string | null
  readonly dataType: string
  /** JSON text of a list. */
  readonly labels: string
  readonly modifiedMs: number
}

/** The newest version, with what the parameter has as a whole. */
export interface ParameterRow extends VersionRow {
  /** JSON text of an object. */
  readonly tags: string
}

export type NewVersion = Omit<VersionRow, 'version' | 'labels' | 'modifiedMs'>

const VERSION_COLUMNS = {
  name: text,
  version: integer,
  type: oneOf(...TYPES),
  value: text,
  keyId: nullable(text),
  description: nullable(text),
  allowedPattern: nullable(text),
  tier: oneOf('Standard', 'Advanced'),
  policies: nullable(text),
  dataType: text,
  labels: text,
  modifiedMs: integer,
} as const
const VERSION = row<VersionRow>(VERSION_COLUMNS)
const PARAMETER = row<ParameterRow>({ ...VERSION_COLUMNS, tags: text })

const VERSIONS_MAX = 100

export class ParameterStore {
  readonly #database: ServicesDatabase
  readonly #clock: Clock
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase, clock: Clock) {
    applySchema(database, SSM_SCHEMA)
    this.#database = database
    this.#clock = clock
    this.#sql = prepare(database)
  }

  /** All of `work` or nothing of it. */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work)
  }

  find(name: string): ParameterRow | undefined {
    this.#removeExpired()
    return this.#sql.byName.get(name)
  }

  /** In the order of their names, those that begin with `prefix` and come after `after`. */
  below(prefix: string, after: string): Generator<ParameterRow> {
    this.#removeExpired()
    return this.#sql.below.iterate(after, prefix, `${prefix}\u{10ffff}`)
  }

  /** Oldest first, those after `after`. */
  versions(name: string, after = 0): readonly VersionRow[] {
    return this.#sql.versions.all(name, after)
  }

  /** A number, a label, or the newest. `selector` has its colon. */
  version({ name, version }: VersionRow, selector: string | undefined): VersionRow | undefined {
    if (selector === undefined) return this.#sql.version.get(name, version)
    const wanted = selector.slice(1)
    if (/^\d{1,15}$/.test(wanted)) return this.#sql.version.get(name, Number(wanted))
    return this.versions(name).find((one) => labelsOf(one).includes(wanted))
  }

  /** The version that it becomes. Throws ParameterMaxVersionLimitExceeded. */
  add(made: NewVersion, tags: string | undefined, expiresMs: number | null): number {
    return this.transaction(() => {
      const known = this.find(made.name)
      const version = (known?.version ?? 0) + 1
      const { name, type, value, keyId, description, allowedPattern, tier, policies, dataType } = made
      const now = this.#clock.now()
      this.#sql.insert.run(name, version, type, value, keyId, description, allowedPattern, tier, policies, dataType, '[]', now)
      this.#sql.put.run(name, version, tags ?? known?.tags ?? '{}', expiresMs)
      this.#removeOldest(name)
      return version
    })
  }

  setLabels({ name, version }: VersionRow, labels: readonly string[]): void {
    this.#sql.setLabels.run(JSON.stringify(labels), name, version)
  }

  setTags(name: string, tags: string): void {
    this.#sql.setTags.run(tags, name)
  }

  /** False where there was none. */
  remove(name: string): boolean {
    return this.transaction(() => {
      this.#sql.removeVersions.run(name)
      return this.#sql.remove.run(name).changes > 0
    })
  }

  #removeOldest(name: string): void {
    const versions = this.versions(name)
    const oldest = versions[0]
    if (versions.length <= VERSIONS_MAX || !oldest) return
    if (labelsOf(oldest).length > 0) throw oldestHasLabel(name, oldest.version)
    this.#sql.removeVersion.run(name, oldest.version)
  }

  #removeExpired(): void {
    for (const name of this.#sql.expired.all(this.#clock.now())) this.remove(name)
  }
}

export const labelsOf = ({ labels }: VersionRow): readonly string[] => {
  const parsed = jsonOf(labels)
  return isArray(parsed) ? parsed.map(String) : []
}

const NEWEST = `SELECT v.*, p.tags FROM ssm_parameters p JOIN ssm_versions v ON v.name = p.name AND v.version = p.latest`
type Text = string | null

const prepare = (database: ServicesDatabase) => ({
  byName: database.prepare<[string], ParameterRow>(`${NEWEST} WHERE p.name = ?`, PARAMETER),
  below: database.prepare<[string, string, string], ParameterRow>(
    `${NEWEST} WHERE p.name > ? AND p.name >= ? AND p.name < ? ORDER BY p.name`,
    PARAMETER,
  ),
  versions: database.prepare<[string, number], VersionRow>(
    'SELECT * FROM ssm_versions WHERE name = ? AND version > ? ORDER BY version',
    VERSION,
  ),
  version: database.prepare<[string, number], VersionRow>('SELECT * FROM ssm_versions WHERE name = ? AND version = ?', VERSION),
  insert: database.prepare<[string, number, string, string, Text, Text, Text, string, Text, string, string, number]>(
    `INSERT INTO ssm_versions
     (name, version, type, value, keyId, description, allowedPattern, tier, policies, dataType, labels, modifiedMs)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  put: database.prepare<[string, number, string, number | null]>(
    `INSERT INTO ssm_parameters (name, latest, tags, expiresMs) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET latest = excluded.latest, tags = excluded.tags, expiresMs = excluded.expiresMs`,
  ),
  setLabels: database.prepare<[string, string, number]>('UPDATE ssm_versions SET labels = ? WHERE name = ? AND version = ?'),
  setTags: database.prepare<[string, string]>('UPDATE ssm_parameters SET tags = ? WHERE name = ?'),
  expired: database.prepareValue<[number], string>('SELECT name FROM ssm_parameters WHERE expiresMs <= ?', text),
  remove: database.prepare<[string]>('DELETE FROM ssm_parameters WHERE name = ?'),
  removeVersion: database.prepare<[string, number]>('DELETE FROM ssm_versions WHERE name = ? AND version = ?'),
  removeVersions: database.prepare<[string]>('DELETE FROM ssm_versions WHERE name = ?'),
})
