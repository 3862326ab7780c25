/** Functions, versions and aliases as rows of the local database: one JSON document each, so that a new setting needs no migration. */
import { randomUUID } from 'node:crypto'

import type { JsonObject } from '../../base/json.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import { codePlace } from './code-store.ts'
import type { QualifiedSettings } from './qualified-settings.ts'

export const LATEST = '$LATEST'

export interface FunctionRecord {
  readonly name: string
  readonly version: string
  readonly runtime: string
  readonly handler: string
  readonly role: string
  readonly description: string
  readonly timeoutSeconds: number
  readonly memoryMb: number
  /** Undefined where no Environment was ever given: an empty one is shown. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  readonly architectures: readonly string[]
  readonly ephemeralMb: number
  readonly layers: readonly string[]
  readonly tracingMode: string
  readonly codeSha256: string
  readonly codeSize: number
  readonly codeDirectory: string
  readonly isLive: boolean
  readonly lastModifiedMs: number
  readonly revisionId: string
  readonly tags: Readonly<Record<string, string>>
  readonly reservedConcurrency?: number | undefined
  /** A queue or topic that is sent the asynchronous events that failed. */
  readonly deadLetterArn?: string | undefined
  readonly logGroup?: string | undefined
  /** Members of the API that are kept and shown, and change nothing here. */
  readonly kept?: JsonObject | undefined
  readonly policy: readonly PolicyStatement[]
}

export interface PolicyStatement {
  readonly sid: string
  /** JSON text of the statement. */
  readonly statement: string
  /** Of the version or alias that it is for; undefined for the function. */
  readonly qualifier?: string | undefined
}

export interface AliasRecord {
  readonly name: string
  readonly functionVersion: string
  /** A second version and the share of calls that it gets, 0 to 1. */
  readonly canary?: { readonly version: string; readonly weight: number } | undefined
  readonly description: string
  readonly revisionId: string
}

export const newRevisionId = (): string => randomUUID()

/** Rows are our own: what `put` wrote, `get` reads. */
export class FunctionTable {
  readonly #db: ServicesDatabase
  readonly #root: string
  readonly #settings: QualifiedSettings
  readonly #sql: ReturnType<typeof prepare>
  /** Read for each call, and changed by nobody else; undefined for what is not there. */
  readonly #known = new Map<string, FunctionRecord | undefined>()
  readonly #knownAliases = new Map<string, AliasRecord | undefined>()

  /** `root`: where all code lies that is not live. */
  constructor(db: ServicesDatabase, root: string, settings: QualifiedSettings) {
    this.#db = db
    this.#root = root
    this.#settings = settings
    this.#sql = prepare(db)
  }

  get(name: string, version: string): FunctionRecord | undefined {
    return remembered(this.#known, `${name}:${version}`, () => {
      const record = this.#sql.get.get(name, version)
      return record === undefined ? undefined : this.#parse(record)
    })
  }

  put(record: FunctionRecord): void {
    this.#forget()
    this.#sql.put.run(record.name, record.version, JSON.stringify(record))
  }

  /** The next version of a function: no number is given twice, not even to a function that was deleted and made again. */
  putVersion(record: Omit<FunctionRecord, 'version'>): FunctionRecord {
    return this.#db.transaction(() => {
      const version = this.#sql.nextNumber.get(record.name, record.name) ?? 1
      this.#sql.putNumber.run(record.name, version)
      const made = { ...record, version: String(version) }
      this.put(made)
      return made
    })
  }

  /** One version, or the function with all its versions and aliases, and what is kept beside them. */
  delete(name: string, version?: string): void {
    this.#forget()
    this.#db.transaction(() => {
      this.#settings.forget(name, version)
      if (version !== undefined) return this.#sql.deleteVersion.run(name, version)
      this.#sql.deleteVersions.run(name)
      return this.#sql.deleteAliases.run(name)
    })
  }

  /** Latest versions by name, after `after`. */
  list(after: string, limit: number): FunctionRecord[] {
    return this.#sql.list.all(LATEST, after, limit).map((record) => this.#parse(record))
  }

  /** $LATEST first, then the published versions in their order. */
  versions(name: string): FunctionRecord[] {
    return this.#sql.versions.all(name).map((record) => this.#parse(record))
  }

  /** Functions, and the bytes of all their versions' archives. */
  usage(): { readonly count: number; readonly bytes: number } {
    return this.#sql.usage.get() ?? { count: 0, bytes: 0 }
  }

  /** Of code that is not live. */
  codeDirectories(): Set<string> {
    return new Set(this.#sql.codeDirectories.all().map((recorded) => codePlace(this.#root, recorded)))
  }

  getAlias(functionName: string, name: string): AliasRecord | undefined {
    return remembered(this.#knownAliases, `${functionName}:${name}`, () => {
      const record = this.#sql.getAlias.get(functionName, name)
      return record === undefined ? undefined : parseAlias(record)
    })
  }

  putAlias(functionName: string, alias: AliasRecord): void {
    this.#forget()
    this.#sql.putAlias.run(functionName, alias.name, JSON.stringify(alias))
  }

  deleteAlias(functionName: string, name: string): void {
    this.#forget()
    this.#db.transaction(() => {
      this.#settings.forget(functionName, name)
      this.#sql.deleteAlias.run(functionName, name)
    })
  }

  aliases(functionName: string): AliasRecord[] {
    return this.#sql.aliases.all(functionName).map(parseAlias)
  }

  /** Changes are rare: after one nothing is remembered. */
  #forget(): void {
    this.#known.clear()
    this.#knownAliases.clear()
  }

  #parse(text: string): FunctionRecord {
    const record = JSON.parse(text) as FunctionRecord
    return record.isLive ? record : { ...record, codeDirectory: codePlace(this.#root, record.codeDirectory) }
  }
}

const KNOWN_MAX = 1_000

function remembered<T>(known: Map<string, T | undefined>, key: string, read: () => T | undefined): T | undefined {
  if (known.has(key)) return known.get(key)
  const found = read()
  if (known.size >= KNOWN_MAX) known.clear()
  known.set(key, found)
  return found
}

const parseAlias = (record: string): AliasRecord => JSON.parse(record) as AliasRecord

const prepare = (db: ServicesDatabase) => ({
  nextNumber: db.prepareValue<[string, string], number>(
    `SELECT max(
      coalesce((SELECT last FROM lambda_version_numbers WHERE function = ?), 0),
      coalesce((SELECT max(CAST(version AS INTEGER)) FROM lambda_functions WHERE name = ?), 0)) + 1`,
  ),
  putNumber: db.prepare<[string, number]>('INSERT OR REPLACE INTO lambda_version_numbers (function, last) VALUES (?, ?)'),
  get: db.prepareValue<[string, string], string>('SELECT record FROM lambda_functions WHERE name = ? AND version = ?'),
  put: db.prepare<[string, string, string]>('INSERT OR REPLACE INTO lambda_functions (name, version, record) VALUES (?, ?, ?)'),
  deleteVersion: db.prepare<[string, string]>('DELETE FROM lambda_functions WHERE name = ? AND version = ?'),
  deleteVersions: db.prepare<[string]>('DELETE FROM lambda_functions WHERE name = ?'),
  list: db.prepareValue<[string, string, number], string>(
    'SELECT record FROM lambda_functions WHERE version = ? AND name > ? ORDER BY name LIMIT ?',
  ),
  versions: db.prepareValue<[string], string>(
    'SELECT record FROM lambda_functions WHERE name = ? ORDER BY CAST(version AS INTEGER)',
  ),
  usage: db.prepare<[], { count: number; bytes: number }>(
    "SELECT COUNT(DISTINCT name) AS count, COALESCE(SUM(record ->> 'codeSize'), 0) AS bytes FROM lambda_functions",
  ),
  codeDirectories: db.prepareValue<[], string>(
    "SELECT DISTINCT record ->> 'codeDirectory' FROM lambda_functions WHERE NOT record ->> 'isLive'",
  ),
  getAlias: db.prepareValue<[string, string], string>('SELECT record FROM lambda_aliases WHERE function = ? AND name = ?'),
  putAlias: db.prepare<[string, string, string]>(
    'INSERT OR REPLACE INTO lambda_aliases (function, name, record) VALUES (?, ?, ?)',
  ),
  deleteAlias: db.prepare<[string, string]>('DELETE FROM lambda_aliases WHERE function = ? AND name = ?'),
  deleteAliases: db.prepare<[string]>('DELETE FROM lambda_aliases WHERE function = ?'),
  aliases: db.prepareValue<[string], string>('SELECT record FROM lambda_aliases WHERE function = ? ORDER BY name'),
})
