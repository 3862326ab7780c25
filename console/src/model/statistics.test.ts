import { expect, test } from 'vitest'

import { slotsOf, totalOf } from './statistics.ts'

const EXECUTIONS = [
  { startDate: 100, stopDate: 101, status: 'SUCCEEDED' },
  { startDate: 109, stopDate: 112, status: 'FAILED' },
  { startDate: 110, stopDate: 112, status: 'TIMED_OUT' },
  { startDate: 120, status: 'RUNNING' },
]

test('every execution is counted where it started', () => {
  const slots = slotsOf(EXECUTIONS, { from: 100, to: 120, count: 2 })
  expect(slots).toMatchObject([
    { at: 100, started: 2, succeeded: 1, failed: 1, p50: 1, p99: 3 },
    { at: 110, started: 2, succeeded: 0, failed: 1, p50: 2 },
  ])
})

test('durations are those of executions that have ended', () => {
  expect(totalOf(EXECUTIONS)).toMatchObject({ started: 4, failed: 2, aborted: 0, p50: 2, p95: 3 })
  expect(totalOf([{ startDate: 1, status: 'RUNNING' }]).p50).toBeUndefined()
})
