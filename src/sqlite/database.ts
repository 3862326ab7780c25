/**
 * A connection to a SQLite file, over the SQLite that Node brings: statements with typed parameters and rows, transactions
 * that nest, errors that name the file. All of it is synchronous.
 * 1. A text is compiled once and kept: texts are few, what varies is bound.
 * 2. Numbers are bound as REAL. A column declared INTEGER keeps them as integers; one declared TEXT would keep `5.0`.
 *    Integers beyond 2^53 are refused when they are read.
 */
import type { DatabaseSync as NativeDatabase, StatementSync } from 'node:sqlite'

import { assert } from '../base/assert.ts'

import { naming } from './error.ts'
import { DatabaseSync } from './node-sqlite.ts'
import { type Column, columnReader, type Given, type RowReader } from './row.ts'
import { type SqlValue, Statement } from './statement.ts'

export interface DatabaseOptions {
  /** The file must exist already. */
  readonly isReadOnly?: boolean
  /** How long a statement waits for another connection's lock. */
  readonly busyTimeoutMs?: number
}

const BUSY_TIMEOUT_MS = 5_000
const WHOLE = { begin: 'BEGIN', commit: 'COMMIT', undo: 'ROLLBACK' }
const PART = { begin: 'SAVEPOINT part', commit: 'RELEASE part', undo: 'ROLLBACK TO part; RELEASE part' }

interface OfLists {
  readonly native: StatementSync
  readonly given: readonly Given[]
}

export class Database {
  readonly #file: string
  readonly #native: NativeDatabase
  readonly #ofRows = new Map<string, StatementSync>()
  readonly #ofLists = new Map<string, OfLists>()

  /** Opens or makes the file; `:memory:` is a database that ends with the connection. */
  constructor(file: string, { isReadOnly = false, busyTimeoutMs = BUSY_TIMEOUT_MS }: DatabaseOptions = {}) {
    this.#file = file
    this.#native = naming(file, () => new DatabaseSync(file, { readOnly: isReadOnly, timeout: busyTimeoutMs }))
  }

  get isOpen(): boolean {
    return this.#native.isOpen
  }

  get inTransaction(): boolean {
    return this.#native.isTransaction
  }

  /** Runs statements that take no parameters and whose rows are not wanted. */
  exec(sql: string): void {
    naming(this.#file, () => this.#native.exec(sql))
  }

  /** A statement whose rows are read by `reader` (row.ts). Without one nobody vouches for what they hold. */
  prepare<P extends readonly SqlValue[] = SqlValue[], R = unknown>(sql: string, reader?: RowReader<R>): Statement<P, R> {
    if (!reader) return new Statement(this.#file, this.#compiled(sql), (row) => row as R)
    const { native, given } = this.#compiledOfLists(sql)
    const read = reader(given)
    return new Statement(this.#file, native, (row) => read(valuesOf(row)))
  }

  /** A statement of one column: its rows are the values, read by `column` (row.ts). */
  prepareValue<P extends readonly SqlValue[] = SqlValue[], V = unknown>(sql: string, column?: Column<V>): Statement<P, V> {
    const { native, given } = this.#compiledOfLists(sql)
    if (!column) return new Statement(this.#file, native, (row) => valuesOf(row)[0] as V)
    const read = columnReader(given, given[0]?.name ?? '', column)
    return new Statement(this.#file, native, (row) => read(valuesOf(row)))
  }

  /** All of `work`, or nothing of it when it throws. Within another transaction it is a part of that one. */
  transaction<T>(work: () => T): T {
    const { begin, commit, undo } = this.inTransaction ? PART : WHOLE
    this.exec(begin)
    try {
      const result = work()
      this.exec(commit)
      return result
    } catch (error) {
      // SQLite may have rolled back by itself, as it does when the disk is full.
      if (this.inTransaction) this.exec(undo)
      throw error
    }
  }

  /** Frees the file; no statement can be used any more. */
  close(): void {
    this.#native.close()
  }

  #compiled(sql: string): StatementSync {
    const known = this.#ofRows.get(sql)
    if (known) return known
    const made = this.#compile(sql)
    this.#ofRows.set(sql, made)
    return made
  }

  /** Its rows are lists of values: half the time of objects (26 columns: 1.5 us, checked; as objects 2.1, unchecked). */
  #compiledOfLists(sql: string): OfLists {
    const known = this.#ofLists.get(sql)
    if (known) return known
    const native = this.#compile(sql)
    native.setReturnArrays(true)
    const made = { native, given: native.columns() }
    this.#ofLists.set(sql, made)
    return made
  }

  #compile(sql: string): StatementSync {
    return naming(this.#file, () => this.#native.prepare(sql))
  }
}

function valuesOf(row: object): readonly unknown[] {
  assert(Array.isArray(row), 'a row is a list of values')
  return row
}
