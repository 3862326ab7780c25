import { expect, test } from 'vitest'

import { history } from '../../../src/history/test-history.ts'
import { foldHistory } from '../../../src/history/visits.ts'
import { heatOf } from './heat.ts'

test('the state that takes most of the time comes first, with its failures and retries', () => {
  const run = foldHistory(
    history(
      ['PassStateEntered', 0, { name: 'Quick' }],
      ['PassStateExited', 1, { name: 'Quick' }],
      ['TaskStateEntered', 2, { name: 'Slow' }],
      ['TaskScheduled', 3],
      ['TaskFailed', 4, { error: 'E' }],
      ['TaskScheduled', 5],
      ['TaskFailed', 6, { error: 'E' }],
      ['TaskStateExited', 7, { name: 'Slow' }],
    ),
  )
  expect(heatOf([run, run])).toEqual([
    { name: 'Slow', visits: 2, failures: 2, retries: 2, mean: 5, p95: 5, share: 10 / 12 },
    { name: 'Quick', visits: 2, failures: 0, retries: 0, mean: 1, p95: 1, share: 2 / 12 },
  ])
  expect(heatOf([])).toEqual([])
})
