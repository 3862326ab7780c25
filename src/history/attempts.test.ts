import { expect, test } from 'vitest'

import { attemptsOf } from './attempts.ts'
import { foldHistory } from './visits.ts'
import { history } from './test-history.ts'

test('every attempt is told with how it ended and how long was waited before it', () => {
  const run = foldHistory(
    history(
      ['TaskStateEntered', 0, { name: 'Pay' }],
      ['TaskScheduled', 1],
      ['TaskStarted', 2],
      ['TaskFailed', 3, { error: 'Busy', cause: 'later' }],
      ['TaskScheduled', 4],
      ['TaskTimedOut', 5],
      ['TaskScheduled', 6],
    ),
  )
  const visit = run.visits[0]
  expect(visit && attemptsOf(visit)).toEqual([
    { number: 1, redrive: 0, startAt: 101, endAt: 103, outcome: 'failed', error: 'Busy', cause: 'later', waited: undefined },
    { number: 2, redrive: 0, startAt: 104, endAt: 105, outcome: 'failed', error: 'States.Timeout', cause: undefined, waited: 1 },
    { number: 3, redrive: 0, startAt: 106, endAt: undefined, outcome: 'running', error: undefined, cause: undefined, waited: 1 },
  ])
})

test('attempts after a redrive count from one again, and nobody waited for them', () => {
  const run = foldHistory(
    history(
      ['TaskStateEntered', 0, { name: 'Pay' }],
      ['TaskScheduled', 1],
      ['TaskFailed', 2, { error: 'Busy' }],
      ['ExecutionFailed', 3, { error: 'Busy' }],
      ['ExecutionRedriven', 4, { redriveCount: 1 }],
      ['TaskScheduled', 5],
      ['TaskFailed', 6, { error: 'Busy' }],
      ['TaskScheduled', 7],
    ),
  )
  const visit = run.visits[0]
  expect(visit && attemptsOf(visit).map(({ number, redrive, waited }) => [redrive, number, waited])).toEqual([
    [0, 1, undefined],
    [1, 1, undefined],
    [1, 2, 1],
  ])
})
