/**
 * How a record lies in a row: a column a member, `createdAt` in `created_at`. Absent members are NULL; keys and instants are
 * int8, which are read as numbers: none is above 2^53. Reading leaves NULL members out.
 */
import type { Instant } from '../../base/time.ts'

import {
  type Column,
  columnReader,
  integerOf,
  nullable,
  oneOf as oneOfText,
  type RowReader,
  textOf as anyText,
} from '../../sqlite/row.ts'

import type { Patch } from '../patch.ts'
import { BinaryArray, type ElementType } from './binary-array.ts'

/** What a statement is given: an array is a Buffer in binary format. */
export type SqlValue = string | number | boolean | Buffer | null

export interface SqlColumn<T> extends Column<T> {
  readonly type: ElementType
}

export const key = <B extends number>(): SqlColumn<B> => ({ ...integerOf<B>(), type: 'int8' })
export const instant = key<Instant>()
export const integer: SqlColumn<number> = { ...integerOf<number>(), type: 'int4' }
export const textOf = <B extends string>(): SqlColumn<B> => ({ ...anyText<B>(), type: 'text' })
export const text = textOf<string>()
export const oneOf = <const T extends string>(...values: readonly T[]): SqlColumn<T> => ({
  ...oneOfText(...values),
  type: 'text',
})
export const flag: SqlColumn<boolean> = {
  kind: 'true or false',
  type: 'bool',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
}
export const real: SqlColumn<number> = {
  kind: 'a number',
  type: 'float8',
  read: (value) => (typeof value === 'number' ? value : undefined),
}

/** A column that may be NULL. */
interface Optional<T> extends SqlColumn<T | null> {
  readonly isOptional: true
}
/** A member that may be absent, and no other, is `optional`. */
type Members<R> = {
  readonly [M in keyof R]-?: undefined extends Pick<R, M>[M] ? Optional<Exclude<R[M], undefined>> : SqlColumn<R[M]>
}

export const optional = <T>(column: SqlColumn<T>): Optional<T> => ({ ...nullable(column), type: column.type, isOptional: true })

export interface Shape<R> {
  /** `a, b, c`, in the order of `values` and of `arrays`. */
  readonly columns: string
  /** `$1, $2, $3` */
  readonly marks: string
  values(record: R): SqlValue[]
  /** An array for each column, to be filled by `push`. */
  arrays(): BinaryArray[]
  /** Adds a record to its arrays. */
  push(arrays: readonly BinaryArray[], record: R): void
  /** The members that `patch` has, by their columns; null clears. */
  assigned(patch: Patch<R>): Record<string, unknown>
  readonly reader: RowReader<R>
}

export function shapeOf<R extends object>(members: Members<R>): Shape<R> {
  const all = Object.entries<SqlColumn<unknown>>(members).map(([member, column]) => ({
    member,
    name: snakeCase(member),
    column,
  }))
  return {
    columns: all.map(({ name }) => name).join(', '),
    marks: all.map((_, i) => `$${i + 1}`).join(', '),
    values: (record) => all.map(({ member }) => toSql(Reflect.get(record, member))),
    arrays: () => all.map(({ column }) => new BinaryArray(column.type)),
    push(arrays, record) {
      for (let i = 0; i < all.length; i++) {
        const one = all[i]
        if (one) arrays[i]?.push(Reflect.get(record, one.member))
      }
    },
    assigned: (patch) =>
      Object.fromEntries(
        all.flatMap(({ member, name }) => {
          const value: unknown = Reflect.get(patch, member)
          return value === undefined ? [] : [[name, value]]
        }),
      ),
    reader(given) {
      const readers = all.map(({ member, name, column }) => ({ member, read: columnReader(given, name, column) }))
      return (row) => {
        const record: Record<string, unknown> = {}
        for (const { member, read } of readers) {
          const value = read(row)
          if (value !== null) record[member] = value
        }
        return record as R // each member by its own column, and only optional ones are left out
      }
    },
  }
}

const snakeCase = (member: string) => member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function toSql(value: unknown): SqlValue {
  if (value === undefined || value === null) return null
  if (typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number') return value
  throw new Error(`a column holds no ${typeof value}`)
}
