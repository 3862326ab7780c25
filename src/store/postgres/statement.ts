/**
 * A statement and how its rows are read. With a name it is parsed once a connection and planned the same for all values; without
 * one it is planned anew for the values at hand, which lets the server leave out the partitions that cannot have them.
 */
import { type Column, columnReader, type RowReader } from '../../sqlite/row.ts'

export interface Statement<R> {
  readonly text: string
  readonly name?: string
  readonly reader: RowReader<R>
}

let last = 0

export const prepared = <R>(text: string, reader: RowReader<R>): Statement<R> => ({ text, name: `regente_${++last}`, reader })
export const unprepared = <R>(text: string, reader: RowReader<R>): Statement<R> => ({ text, reader })

/** For the first column of each row. */
export const only =
  <T>(column: Column<T>): RowReader<T> =>
  (given) =>
    columnReader(given, given[0]?.name ?? '', column)
/** For what gives no rows. */
export const nothing: RowReader<never> = () => () => {
  throw new Error('Assertion failed: the statement gives no rows')
}

/** What an error about a row calls the table. */
export const tableOf = ({ text }: Statement<unknown>): string | null => /\b(?:FROM|INTO|UPDATE) ([a-z_]+)/.exec(text)?.[1] ?? null
