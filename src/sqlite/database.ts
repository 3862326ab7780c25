/**
 * A connection to a SQLite file, over the SQLite that Node brings: statements with typed parameters and rows, transactions
 * that nest, errors that name the file. All of it is synchronous.
 * 1. A text is compiled once and kept: texts are few, what varies is bound.
 * 2. Numbers are bound as REAL. A column declared INTEGER keeps them as integers; one declared TEXT would keep `5.0`.
 *    Integers beyond 2^53 are refused when they are read.
 */
import type { DatabaseSync as NativeDatabase, StatementSync } from 'node:sqlite'

import { assert } from '../base/assert.ts'

import { named, naming } from './error.ts'
import { GroupCommit } from './group-commit.ts'
import { backup, DatabaseSync } from './node-sqlite.ts'
import { type Column, columnReader, type Given, type RowReader } from './row.ts'
import { type Connection, type SqlValue, Statement } from './statement.ts'

export interface DatabaseOptions {
  /** The file must exist already. */
  readonly isReadOnly?: boolean
  /** How long a statement waits for another connection's lock. */
  readonly busyTimeoutMs?: number
}

const BUSY_TIMEOUT_MS = 5_000
const PAGES_AT_ONCE = 1_000
const WHOLE = { begin: 'BEGIN', commit: 'COMMIT', undo: ['ROLLBACK'] }
const PART = { begin: 'SAVEPOINT part', commit: 'RELEASE part', undo: ['ROLLBACK TO part', 'RELEASE part'] }

interface OfLists {
  readonly native: StatementSync
  readonly given: readonly Given[]
}

export class Database {
  readonly #connection: Connection
  readonly #native: NativeDatabase
  readonly #ofRows = new Map<string, StatementSync>()
  readonly #ofLists = new Map<string, OfLists>()
  readonly #group = new GroupCommit(this)

  /** Opens or makes the file; `:memory:` is a database that ends with the connection. */
  constructor(file: string, { isReadOnly = false, busyTimeoutMs = BUSY_TIMEOUT_MS }: DatabaseOptions = {}) {
    this.#connection = { file, writes: 0 }
    this.#native = naming(file, () => new DatabaseSync(file, { readOnly: isReadOnly, timeout: busyTimeoutMs }))
  }

  get isOpen(): boolean {
    return this.#native.isOpen
  }

  get inTransaction(): boolean {
    return this.#native.isTransaction
  }

  /** Grows with each statement of this connection that may write: whoever has seen the same number twice has missed nothing. */
  get writes(): number {
    return this.#connection.writes
  }

  /** Runs statements that take no parameters and whose rows are not wanted. */
  exec(sql: string): void {
    this.#connection.writes++
    naming(this.#connection.file, () => this.#native.exec(sql))
  }

  /** A statement whose rows are read by `reader` (row.ts). Without one nobody vouches for what they hold. */
  prepare<P extends readonly SqlValue[] = SqlValue[], R = unknown>(sql: string, reader?: RowReader<R>): Statement<P, R> {
    if (!reader) return new Statement(this.#connection, this.#compiled(sql), (row) => row as R)
    const { native, given } = this.#compiledOfLists(sql)
    const read = reader(given)
    return new Statement(this.#connection, native, (row) => read(valuesOf(row)))
  }

  /** A statement of one column: its rows are the values, read by `column` (row.ts). */
  prepareValue<P extends readonly SqlValue[] = SqlValue[], V = unknown>(sql: string, column?: Column<V>): Statement<P, V> {
    const { native, given } = this.#compiledOfLists(sql)
    if (!column) return new Statement(this.#connection, native, (row) => valuesOf(row)[0] as V)
    const read = columnReader(given, given[0]?.name ?? '', column)
    return new Statement(this.#connection, native, (row) => read(valuesOf(row)))
  }

  /** All of `work`, or nothing of it when it throws. Within another transaction it is a part of that one. */
  transaction<T>(work: () => T): T {
    const { begin, commit, undo } = this.inTransaction ? PART : WHOLE
    this.#run(begin)
    try {
      const result = work()
      this.#run(commit)
      return result
    } catch (error) {
      // SQLite may have rolled back by itself, as it does when the disk is full.
      for (const sql of undo) if (this.inTransaction) this.#run(sql)
      throw error
    }
  }

  /**
   * As `transaction`, but in one commit with all who ask in this turn of the event loop, at its end: many small writes cost about
   * as much as one. Resolves when that is done, with what `work` returned. Rejects with what it throws, which undoes its own part
   * alone, or with why the commit failed. What `work` changes in memory has to wait for the commit too.
   */
  inGroup<T>(work: () => T): Promise<T> {
    return this.#group.add(work)
  }

  /**
   * Copies the whole database into a new file, while others write. Within a transaction that has read, as it was at that read;
   * else as it is when the copy is done. The copy is not synced.
   */
  async copyTo(file: string): Promise<void> {
    await backup(this.#native, file, { rate: PAGES_AT_ONCE }).catch((error: unknown) => {
      throw named(this.#connection.file, error)
    })
  }

  /** Frees the file; no statement can be used any more. */
  close(): void {
    this.#native.close()
  }

  #run(sql: string): void {
    naming(this.#connection.file, () => this.#compiled(sql).run())
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
    return naming(this.#connection.file, () => this.#native.prepare(sql))
  }
}

function valuesOf(row: object): readonly unknown[] {
  assert(Array.isArray(row), 'a row is a list of values')
  return row
}
