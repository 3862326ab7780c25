/**
 * Rows as their tables hold them: a reader names the columns that it wants and their kinds, and each value is checked as it
 * is read. What is not of its kind is told with its table and column (RowError).
 * ```ts
 * const QUEUE = row({ id: integer, name: text, status: oneOf('open', 'shut'), expires_at: nullable(integer) })
 * type QueueRow = RowOf<typeof QUEUE>
 * const byName = db.prepare<[string], QueueRow>('SELECT * FROM sqs_queues WHERE name = ?', QUEUE)
 * const count = db.prepareValue<[], number>('SELECT count(*) FROM sqs_queues', integer)
 * ```
 * A statement may give more columns than its reader names; one that lacks a named column throws when it is prepared.
 */
import { assert } from '../base/assert.ts'

import { RowError } from './error.ts'

/** How a value of SQLite's becomes one of ours; undefined when it is none. `kind` is for people. */
export interface Column<T> {
  readonly kind: string
  readonly read: (value: unknown) => T | undefined
}

export const integer = integerOf<number>()
export const text = textOf<string>()
export const real: Column<number> = { kind: 'a number', read: (value) => (typeof value === 'number' ? value : undefined) }
export const bytes: Column<Uint8Array<ArrayBuffer>> = {
  kind: 'bytes',
  read: (value) => (isBytes(value) ? value : undefined),
}
/** Kept as 0 or 1. */
export const flag: Column<boolean> = {
  kind: '0 or 1',
  read: (value) => (value === 0 || value === 1 ? value === 1 : undefined),
}

/** A branded whole number: only what had the brand was written there. */
export function integerOf<B extends number>(): Column<B> {
  return { kind: 'a whole number', read: (value) => (isInteger<B>(value) ? value : undefined) }
}

/** A branded text: only what had the brand was written there. */
export function textOf<B extends string>(): Column<B> {
  return { kind: 'text', read: (value) => (isText<B>(value) ? value : undefined) }
}

export function oneOf<const T extends string | number>(...values: readonly T[]): Column<T> {
  const isOne = (value: unknown): value is T => values.some((known) => known === value)
  return { kind: `one of ${values.join(', ')}`, read: (value) => (isOne(value) ? value : undefined) }
}

export function nullable<T>({ kind, read }: Column<T>): Column<T | null> {
  return { kind: `${kind}, or NULL`, read: (value) => (value === null ? null : read(value)) }
}

const isInteger = <B extends number>(value: unknown): value is B => Number.isInteger(value)
const isText = <B extends string>(value: unknown): value is B => typeof value === 'string'
const isBytes = (value: unknown): value is Uint8Array<ArrayBuffer> => value instanceof Uint8Array

/** A column of a statement; what is worked out is of no table. */
export interface Given {
  readonly name: string
  readonly table: string | null
}
/** Made ready once for the columns that a statement gives; then reads each row, its values in their order. */
export type RowReader<R> = (given: readonly Given[]) => (values: readonly unknown[]) => R
export type RowOf<Reader> = Reader extends RowReader<infer R> ? R : never

/** Objects with a member for each column, under its own name; NULL is null. */
export function row<R extends object>(columns: { readonly [M in keyof R]: Column<R[M]> }): RowReader<R> {
  const members = Object.entries<Column<unknown>>(columns)
  return (given) => {
    const readers = members.map(([name, column]) => ({ name, read: columnReader(given, name, column) }))
    return (values) => {
      const made: Record<string, unknown> = {}
      for (const { name, read } of readers) made[name] = read(values)
      return made as R // each member by its own column
    }
  }
}

/** Reads one column out of a row. Throws when the statement does not give it. */
export function columnReader<T>(given: readonly Given[], name: string, { kind, read }: Column<T>) {
  const place = given.findIndex((column) => column.name === name)
  const column = given[place]
  assert(column, `the statement gives a column ${name}`)
  const told = column.table === null ? name : `${column.table}.${name}`
  return (values: readonly unknown[]): T => {
    const found = read(values[place])
    if (found === undefined) throw new RowError(`${told} is not ${kind}: ${show(values[place])}`)
    return found
  }
}

const show = (value: unknown) => (typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : String(value))
