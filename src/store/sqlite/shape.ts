/**
 * How a record lies in a row: one column a member. Absent members are NULL, instants are integers, and columns that begin
 * with `is_` hold booleans as 0 and 1. Reading leaves NULL members out, as the records' types demand.
 */
export type SqlValue = string | number | null
export type Row = Readonly<Record<string, SqlValue>>

export interface Shape<R> {
  /** `a, b, c`, in the order of `values`. */
  readonly columns: string
  /** `?, ?, ?` */
  readonly marks: string
  values(record: R): SqlValue[]
  /** The members that `patch` has, as `a = ?, b = ?` with their values; null clears. */
  assignments(patch: Patch<R>): { readonly sql: string; readonly values: SqlValue[] }
  read(row: Row): R
}

export type Patch<R> = { readonly [M in keyof R]?: R[M] | null | undefined }

export function shapeOf<R extends object>(columnOf: { readonly [M in keyof Required<R>]: string }): Shape<R> {
  const pairs = Object.entries(columnOf) as [keyof R & string, string][]
  const readers = pairs.map(([member, column]) => ({ member, column, isFlag: column.startsWith('is_') }))
  return {
    columns: pairs.map(([, column]) => column).join(', '),
    marks: pairs.map(() => '?').join(', '),
    values: (record) => pairs.map(([member]) => toSql(record[member])),
    assignments(patch) {
      const given = pairs.filter(([member]) => patch[member] !== undefined)
      return {
        sql: given.map(([, column]) => `${column} = ?`).join(', '),
        values: given.map(([member]) => toSql(patch[member])),
      }
    },
    read(row) {
      const record: Record<string, unknown> = {}
      for (const { member, column, isFlag } of readers) {
        const value = row[column]
        if (value !== null && value !== undefined) record[member] = isFlag ? value === 1 : value
      }
      return record as R // the columns' NOT NULLs are the required members
    },
  }
}

function toSql(value: unknown): SqlValue {
  if (value === undefined || value === null) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  return value as SqlValue
}
