/**
 * How a record lies in a row: a column a member, `createdAt` in `created_at`. Absent members are NULL, instants are integers,
 * booleans 0 and 1. Reading leaves NULL members out.
 */
import type { Instant } from '../../base/time.ts'

import { type Column, columnReader, integerOf, nullable, type RowReader } from '../../sqlite/row.ts'

import type { Patch } from '../patch.ts'

export type SqlValue = string | number | null

export interface Shape<R> {
  /** `a, b, c`, in the order of `values`. */
  readonly columns: string
  /** `?, ?, ?` */
  readonly marks: string
  values(record: R): SqlValue[]
  /** The members that `patch` has, as `a = ?, b = ?` with their values; null clears. */
  assignments(patch: Patch<R>): { readonly sql: string; readonly values: SqlValue[] }
  readonly reader: RowReader<R>
}

/** A column that may be NULL. */
interface Optional<T> extends Column<T | null> {
  readonly isOptional: true
}
/** A member that may be absent, and no other, is `optional`. */
type Members<R> = {
  readonly [M in keyof R]-?: undefined extends Pick<R, M>[M] ? Optional<Exclude<R[M], undefined>> : Column<R[M]>
}

export const optional = <T>(column: Column<T>): Optional<T> => ({ ...nullable(column), isOptional: true })
export const instant = integerOf<Instant>()

export function shapeOf<R extends object>(members: Members<R>): Shape<R> {
  const columnOf = new Map<string, string>(Object.keys(members).map((member) => [member, snakeCase(member)]))
  const [names, columns] = [[...columnOf.keys()], [...columnOf.values()]]
  const sqlOf = (of: object, member: string) => toSql(Reflect.get(of, member))
  return {
    columns: columns.join(', '),
    marks: columns.map(() => '?').join(', '),
    values: (record) => names.map((member) => sqlOf(record, member)),
    assignments(patch) {
      const given = Object.entries<unknown>(patch).filter(([member, value]) => value !== undefined && columnOf.has(member))
      return {
        sql: given.map(([member]) => `${columnOf.get(member)} = ?`).join(', '),
        values: given.map(([, value]) => toSql(value)),
      }
    },
    reader(given) {
      const readers = Object.entries<Column<unknown>>(members).map(([member, column]) => ({
        member,
        read: columnReader(given, snakeCase(member), column),
      }))
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
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string' || typeof value === 'number') return value
  throw new Error(`a column holds no ${typeof value}`)
}
