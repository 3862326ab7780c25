/** Functions, versions and aliases as rows of the local database: one JSON document each, so that a new setting needs no migration. */
import { randomUUID } from 'node:crypto'

import type { LocalDatabase } from '../database.ts'

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
  readonly variables: Readonly<Record<string, string>>
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
  readonly description: string
  readonly revisionId: string
}

export const newRevisionId = (): string => randomUUID()

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS lambda_functions (
    name TEXT NOT NULL, version TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (name, version)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS lambda_aliases (
    function TEXT NOT NULL, name TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (function, name)) WITHOUT ROWID;`

interface Row {
  readonly record: string
}

/** Rows are our own: what `put` wrote, `get` reads. */
export class FunctionTable {
  readonly #db: LocalDatabase

  constructor(db: LocalDatabase) {
    db.exec(SCHEMA)
    this.#db = db
  }

  get(name: string, version: string): FunctionRecord | undefined {
    const row = this.#db
      .prepare<[string, string], Row>('SELECT record FROM lambda_functions WHERE name = ? AND version = ?')
      .get(name, version)
    return row && (JSON.parse(row.record) as FunctionRecord)
  }

  put(record: FunctionRecord): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO lambda_functions (name, version, record) VALUES (?, ?, ?)')
      .run(record.name, record.version, JSON.stringify(record))
  }

  /** One version, or the function with all its versions and aliases. */
  delete(name: string, version?: string): void {
    if (version !== undefined) {
      this.#db.prepare('DELETE FROM lambda_functions WHERE name = ? AND version = ?').run(name, version)
      return
    }
    this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM lambda_functions WHERE name = ?').run(name)
      this.#db.prepare('DELETE FROM lambda_aliases WHERE function = ?').run(name)
    })
  }

  /** Latest versions by name, after `after`. */
  list(after: string, limit: number): FunctionRecord[] {
    return this.#db
      .prepare<[string, string, number], Row>(
        'SELECT record FROM lambda_functions WHERE version = ? AND name > ? ORDER BY name LIMIT ?',
      )
      .all(LATEST, after, limit)
      .map((row) => JSON.parse(row.record) as FunctionRecord)
  }

  /** $LATEST first, then the published versions in their order. */
  versions(name: string): FunctionRecord[] {
    return this.#db
      .prepare<[string], Row>('SELECT record FROM lambda_functions WHERE name = ? ORDER BY CAST(version AS INTEGER)')
      .all(name)
      .map((row) => JSON.parse(row.record) as FunctionRecord)
  }

  codeDirectories(): Set<string> {
    const rows = this.#db
      .prepare<[], { directory: string }>(`SELECT DISTINCT record ->> 'codeDirectory' AS directory FROM lambda_functions`)
      .all()
    return new Set(rows.map((row) => row.directory))
  }

  getAlias(functionName: string, name: string): AliasRecord | undefined {
    const row = this.#db
      .prepare<[string, string], Row>('SELECT record FROM lambda_aliases WHERE function = ? AND name = ?')
      .get(functionName, name)
    return row && (JSON.parse(row.record) as AliasRecord)
  }

  putAlias(functionName: string, alias: AliasRecord): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO lambda_aliases (function, name, record) VALUES (?, ?, ?)')
      .run(functionName, alias.name, JSON.stringify(alias))
  }

  deleteAlias(functionName: string, name: string): void {
    this.#db.prepare('DELETE FROM lambda_aliases WHERE function = ? AND name = ?').run(functionName, name)
  }

  aliases(functionName: string): AliasRecord[] {
    return this.#db
      .prepare<[string], Row>('SELECT record FROM lambda_aliases WHERE function = ? ORDER BY name')
      .all(functionName)
      .map((row) => JSON.parse(row.record) as AliasRecord)
  }
}
