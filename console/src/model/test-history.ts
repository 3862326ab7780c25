/** Histories for tests: events one second apart, numbered from 1. */
import type { HistoryEvent } from './history.ts'

export type Row = readonly [type: string, previous: number, details?: Record<string, unknown>]

export const history = (...rows: readonly Row[]): HistoryEvent[] =>
  rows.map(([type, previousEventId, details = {}], index) => ({
    ...{ id: index + 1, type, previousEventId, timestamp: 100 + index },
    someEventDetails: details,
  }))
