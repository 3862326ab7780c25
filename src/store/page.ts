/** Pages are read with one row more than asked for: whether it is there tells whether there is a next page. */
import type { Page } from './contract.ts'

/** `rows` were read with limit + 1; `placeOf` the last row of the page is where the next one begins (exclusive). */
export function pageOf<T>(rows: readonly T[], limit: number, placeOf: (last: T) => string): Page<T> {
  const last = rows[limit - 1]
  if (rows.length <= limit || last === undefined) return { rows }
  return { rows: rows.slice(0, limit), next: placeOf(last) }
}
