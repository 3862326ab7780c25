/**
 * Rows as they cross to the writing thread: what stands alike in all of them once, the rest side by side. A copy costs by the
 * value, and of the columns of a Map Run's children three in four are the same.
 */
import type { SqlValue } from './shape.ts'

export interface RowBatch {
  readonly count: number
  /** The first row. */
  readonly first: readonly SqlValue[]
  /** The columns in which the rows differ. */
  readonly places: readonly number[]
  /** Of those columns, row after row. */
  readonly values: readonly SqlValue[]
}

/** The rows are equally long. */
export function packRows(rows: readonly (readonly SqlValue[])[]): RowBatch {
  const [first = []] = rows
  const places = [...first.keys()].filter((place) => rows.some((row) => row[place] !== first[place]))
  const values: SqlValue[] = []
  for (const row of rows) for (const place of places) values.push(row[place] ?? null)
  return { count: rows.length, first, places, values }
}

/** Row after row; each takes the place of the one before it. */
export function* unpackRows({ count, first, places, values }: RowBatch): Generator<readonly SqlValue[], void> {
  const row = [...first]
  let next = 0
  for (let i = 0; i < count; i++) {
    for (const place of places) row[place] = values[next++] ?? null
    yield row
  }
}
