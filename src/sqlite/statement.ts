/** A compiled statement: typed parameters in, one for each `?`; typed rows out. What the rows hold its maker knows. */
import type { SQLInputValue, StatementSync } from 'node:sqlite'

import { named } from './error.ts'
import { cutsTextAtNul } from './node-sqlite.ts'

export type SqlValue = SQLInputValue

export interface Change {
  /** Rows that the statement itself made, changed or removed. */
  readonly changes: number
  readonly lastInsertRowid: number
}

/** What a connection's statements know of it. */
export interface Connection {
  readonly file: string
  /** Of statements that may write, how many have been run. */
  writes: number
}

export class Statement<P extends readonly SqlValue[], R> {
  readonly #connection: Connection
  readonly #native: StatementSync
  readonly #read: (row: object) => R
  /** What a run counts as. */
  readonly #writes: number

  constructor(connection: Connection, native: StatementSync, read: (row: object) => R) {
    this.#connection = connection
    this.#native = native
    this.#read = read
    this.#writes = /^\s*SELECT\b/i.test(native.sourceSQL) ? 0 : 1
  }

  get(...parameters: P): R | undefined {
    this.#connection.writes += this.#writes
    try {
      const row = this.#native.get(...bindable(parameters))
      return row && this.#read(row)
    } catch (error) {
      throw named(this.#connection.file, error)
    }
  }

  all(...parameters: P): R[] {
    this.#connection.writes += this.#writes
    try {
      return this.#native.all(...bindable(parameters)).map(this.#read)
    } catch (error) {
      throw named(this.#connection.file, error)
    }
  }

  /** Rows as they are asked for; stop early at will. Ends when the same text is used again on its connection. */
  *iterate(...parameters: P): Generator<R, void> {
    this.#connection.writes += this.#writes
    try {
      for (const row of this.#native.iterate(...bindable(parameters))) yield this.#read(row)
    } catch (error) {
      throw named(this.#connection.file, error)
    }
  }

  run(...parameters: P): Change {
    this.#connection.writes += this.#writes
    try {
      const { changes, lastInsertRowid } = this.#native.run(...bindable(parameters))
      return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) }
    } catch (error) {
      throw named(this.#connection.file, error)
    }
  }
}

/** Where NUL would cut the text when it is read, its symbol U+2400 is kept instead. */
const bindable = (values: readonly SqlValue[]): readonly SqlValue[] =>
  cutsTextAtNul ? values.map((value) => (typeof value === 'string' ? value.replaceAll('\0', '\u2400') : value)) : values
