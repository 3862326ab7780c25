/** Histories for tests: events numbered from 1, one second apart unless told. */
import type { HistoryEvent } from './history-event.ts'

export type Row = readonly [type: string, previous: number, details?: Record<string, unknown>, timestamp?: number]

export const history = (...rows: readonly Row[]): HistoryEvent[] =>
  rows.map(([type, previousEventId, details = {}, timestamp], index) => ({
    id: index + 1,
    type,
    previousEventId,
    timestamp: timestamp ?? 100 + index,
    someEventDetails: details,
  }))

/** A task that succeeds at its second attempt. */
export const RETRIED = history(
  ['ExecutionStarted', 0, { input: '{}' }],
  ['TaskStateEntered', 1, { name: 'Pay', input: '{"a":1}' }],
  ['TaskScheduled', 2],
  ['TaskFailed', 3, { error: 'Busy', cause: 'try later' }],
  ['TaskScheduled', 4],
  ['TaskSucceeded', 5],
  ['TaskStateExited', 6, { name: 'Pay', output: '2', assignedVariables: { paid: 'true' } }],
  ['ExecutionSucceeded', 7, { output: '2' }],
)

/** A branch breaks, and the execution with it. */
export const FAILED = history(
  ['ExecutionStarted', 0],
  ['ParallelStateEntered', 1, { name: 'Both' }],
  ['ParallelStateStarted', 2],
  ['WaitStateEntered', 3, { name: 'Slow' }],
  ['TaskStateEntered', 3, { name: 'Breaks' }],
  ['TaskScheduled', 5],
  ['TaskFailed', 6, { error: 'Oh', cause: 'no' }],
  ['ExecutionFailed', 7, { error: 'Oh', cause: 'no' }],
)
