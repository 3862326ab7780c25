/** Functions, versions and aliases as rows of the local database: one JSON document each, so that a new setting needs no migration. */
import { randomUUID } from 'node:crypto'

import type { ServicesDatabase } from '../kit/database.ts'

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
  readonly retryAttempts?: number | undefined
  readonly eventAgeSeconds?: number | undefined
  readonly policy: readonly PolicyStatement[]
}

export interface PolicyStatement {
  readonly sid: string
  /** JSON text of the statement. */
  readonly statement: string
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
  readonly #sql: ReturnType<typeof prepare>

  constructor(db: ServicesDatabase) {
    this.#db = db
    this.#sql = prepare(db)
  }

  get(name: string, version: string): FunctionRecord | undefined {
    const record = this.#sql.get.get(name, version)
    return record === undefined ? undefined : parseFunction(record)
  }

  put(record: FunctionRecord): void {
    this.#sql.put.run(record.name, record.version, JSON.stringify(record))
  }

  /** One version, or the function with all its versions and aliases. */
  delete(name: string, version?: string): void {
    if (version !== undefined) {
      this.#sql.deleteVersion.run(name, version)
      return
    }
    this.#db.transaction(() => {
      this.#sql.deleteVersions.run(name)
      this.#sql.deleteAliases.run(name)
    })
  }

  /** Latest versions by name, after `after`. */
  list(after: string, limit: number): FunctionRecord[] {
    return this.#sql.list.all(LATEST, after, limit).map(parseFunction)
  }

  /** $LATEST first, then the published versions in their order. */
  versions(name: string): FunctionRecord[] {
    return this.#sql.versions.all(name).map(parseFunction)
  }

  /** Functions, and the bytes of all their versions' archives. */
  usage(): { readonly count: number; readonly bytes: number } {
    return this.#sql.usage.get() ?? { count: 0, bytes: 0 }
  }

  codeDirectories(): Set<string> {
    return new Set(this.#sql.codeDirectories.all())
  }

  getAlias(functionName: string, name: string): AliasRecord | undefined {
    const record = this.#sql.getAlias.get(functionName, name)
    return record === undefined ? undefined : parseAlias(record)
  }

  putAlias(functionName: string, alias: AliasRecord): void {
    this.#sql.putAlias.run(functionName, alias.name, JSON.stringify(alias))
  }

  deleteAlias(functionName: string, name: string): void {
    this.#sql.deleteAlias.run(functionName, name)
  }

  aliases(functionName: string): AliasRecord[] {
    return this.#sql.aliases.all(functionName).map(parseAlias)
  }
}

const parseFunction = (record: string): FunctionRecord => JSON.parse(record) as FunctionRecord
const parseAlias = (record: string): AliasRecord => JSON.parse(record) as AliasRecord

const prepare = (db: ServicesDatabase) => ({
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
  codeDirectories: db.prepareValue<[], string>("SELECT DISTINCT record ->> 'codeDirectory' FROM lambda_functions"),
  getAlias: db.prepareValue<[string, string], string>('SELECT record FROM lambda_aliases WHERE function = ? AND name = ?'),
  putAlias: db.prepare<[string, string, string]>(
    'INSERT OR REPLACE INTO lambda_aliases (function, name, record) VALUES (?, ?, ?)',
  ),
  deleteAlias: db.prepare<[string, string]>('DELETE FROM lambda_aliases WHERE function = ? AND name = ?'),
  deleteAliases: db.prepare<[string]>('DELETE FROM lambda_aliases WHERE function = ?'),
  aliases: db.prepareValue<[string], string>('SELECT record FROM lambda_aliases WHERE function = ? ORDER BY name'),
})
