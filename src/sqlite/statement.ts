/** A compiled statement: typed parameters in, one for each `?`; typed rows out. What the rows hold its maker knows. */
import type { SQLInputValue, StatementSync } from 'node:sqlite'

import { named, naming } from './error.ts'
import { cutsTextAtNul } from './node-sqlite.ts'

export type SqlValue = SQLInputValue

export interface Change {
  /** Rows that the statement itself made, changed or removed. */
  readonly changes: number
  readonly lastInsertRowid: number
}

export class Statement<P extends readonly SqlValue[], R> {
  readonly #file: string
  readonly #native: StatementSync
  readonly #read: (row: object) => R

  constructor(file: string, native: StatementSync, read: (row: object) => R) {
    this.#file = file
    this.#native = native
    this.#read = read
  }

  get(...parameters: P): R | undefined {
    return naming(this.#file, () => {
      const row = this.#native.get(...bindable(parameters))
      return row && this.#read(row)
    })
  }

  all(...parameters: P): R[] {
    return naming(this.#file, () => this.#native.all(...bindable(parameters)).map(this.#read))
  }

  /** Rows as they are asked for; stop early at will. Ends when the same text is used again on its connection. */
  *iterate(...parameters: P): Generator<R, void> {
    try {
      for (const row of this.#native.iterate(...bindable(parameters))) yield this.#read(row)
    } catch (error) {
      throw named(this.#file, error)
    }
  }

  run(...parameters: P): Change {
    const { changes, lastInsertRowid } = naming(this.#file, () => this.#native.run(...bindable(parameters)))
    return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) }
  }
}

/** Where NUL would cut the text when it is read, its symbol U+2400 is kept instead. */
const bindable = (values: readonly SqlValue[]): readonly SqlValue[] =>
  cutsTextAtNul ? values.map((value) => (typeof value === 'string' ? value.replaceAll('\0', '\u2400') : value)) : values
