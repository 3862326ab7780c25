import { expect, test } from 'vitest'

import { history } from './test-history.ts'
import { countTransitions } from './transitions.ts'
import { depthOf, foldHistory, retriesOf } from './visits.ts'

test('the task timer has four transitions: Start, two states, End', () => {
  const timer = history(
    ['ExecutionStarted', 0],
    ['WaitStateEntered', 0, { name: 'Wait for Timestamp' }],
    ['WaitStateExited', 2, { name: 'Wait for Timestamp' }],
    ['TaskStateEntered', 3, { name: 'Send SNS Message' }],
    ['TaskScheduled', 4],
    ['TaskStarted', 5],
    ['TaskSucceeded', 6],
    ['TaskStateExited', 7, { name: 'Send SNS Message' }],
    ['ExecutionSucceeded', 8],
  )
  expect(countTransitions(foldHistory(timer))).toEqual({ drawn: 4, statesEntered: 2 })
})

test('each retry is a transition more, and a failed execution reaches no End', () => {
  const run = foldHistory(
    history(
      ['ExecutionStarted', 0],
      ['TaskStateEntered', 0, { name: 'Pay' }],
      ['TaskScheduled', 2],
      ['TaskStarted', 3],
      ['TaskFailed', 4, { error: 'Busy', cause: 'why' }],
      ['TaskScheduled', 5],
      ['TaskStarted', 6],
      ['TaskTimedOut', 7, { error: 'States.Timeout', cause: 'why' }],
      ['ExecutionFailed', 8, { error: 'States.Timeout', cause: 'why' }],
    ),
  )
  expect(countTransitions(run)).toEqual({ drawn: 3, statesEntered: 2 })
  expect(run.visits).toMatchObject([{ name: 'Pay', attempts: 2, status: 'failed', failure: { error: 'States.Timeout' } }])
})

test('a redrive is a transition, and so is what it begins again', () => {
  const run = foldHistory(
    history(
      ['ExecutionStarted', 0],
      ['TaskStateEntered', 1, { name: 'Pay' }],
      ['TaskScheduled', 2],
      ['TaskFailed', 3, { error: 'Busy' }],
      ['ExecutionFailed', 4, { error: 'Busy' }],
      ['ExecutionRedriven', 5, { redriveCount: 1 }],
      ['TaskScheduled', 6],
      ['TaskSucceeded', 7],
      ['TaskStateExited', 8, { name: 'Pay' }],
      ['ExecutionSucceeded', 9],
    ),
  )
  expect(countTransitions(run)).toEqual({ drawn: 5, statesEntered: 2 })
})

test('a Map that is tried again is one state with a retry; what runs in it again is entered again', () => {
  const run = foldHistory(
    history(
      ['ExecutionStarted', 0],
      ['MapStateEntered', 0, { name: 'Each' }],
      ['MapStateStarted', 2],
      ['MapIterationStarted', 3, { name: 'Each', index: 0 }],
      ['TaskStateEntered', 4, { name: 'Work' }],
      ['LambdaFunctionScheduled', 5],
      ['LambdaFunctionStarted', 6],
      ['LambdaFunctionFailed', 7, { error: 'Bad' }],
      ['MapIterationFailed', 8, { name: 'Each', index: 0 }],
      ['MapStateFailed', 9],
      ['MapStateStarted', 10],
      ['MapIterationStarted', 11, { name: 'Each', index: 0 }],
      ['PassStateEntered', 12, { name: 'Work' }],
      ['PassStateExited', 13, { name: 'Work' }],
      ['MapIterationSucceeded', 14, { name: 'Each', index: 0 }],
      ['MapStateSucceeded', 15],
      ['MapStateExited', 16, { name: 'Each' }],
      ['ExecutionSucceeded', 17],
    ),
  )
  expect(run.visits.map((visit) => [visit.name, depthOf(visit), retriesOf(visit), visit.status])).toEqual([
    ['Each', 0, 1, 'succeeded'],
    ['Work', 1, 0, 'failed'],
    ['Work', 1, 0, 'succeeded'],
  ])
  expect(countTransitions(run)).toEqual({ drawn: 6, statesEntered: 4 })
})

test('a Parallel that is tried again counts again', () => {
  const run = foldHistory(
    history(
      ['ExecutionStarted', 0],
      ['ParallelStateEntered', 0, { name: 'Both' }],
      ['ParallelStateStarted', 2],
      ['FailStateEntered', 3, { name: 'Breaks' }],
      ['ParallelStateFailed', 4],
      ['ParallelStateStarted', 5],
      ['FailStateEntered', 6, { name: 'Breaks' }],
      ['ParallelStateFailed', 7],
      ['ExecutionFailed', 8, { error: 'Oh' }],
    ),
  )
  expect(countTransitions(run)).toEqual({ drawn: 5, statesEntered: 4 })
})
