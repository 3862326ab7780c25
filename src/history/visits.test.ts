import { expect, test } from 'vitest'

import { statusByState } from './state-status.ts'
import { FAILED, history, RETRIED } from './test-history.ts'
import { countTransitions } from './transitions.ts'
import { depthOf, foldHistory } from './visits.ts'

test('a retried task is one visit with two attempts, and its variables are kept', () => {
  const run = foldHistory(RETRIED)
  expect(run.visits).toHaveLength(1)
  expect(run.visits[0]).toMatchObject({
    name: 'Pay',
    status: 'succeeded',
    attempts: 2,
    input: '{"a":1}',
    output: '2',
    endAt: 106,
  })
  expect(countTransitions(run)).toEqual({ drawn: 4, statesEntered: 2 })
  expect(run.variables).toEqual(new Map([['paid', 'true']]))
  expect(statusByState(run).get('Pay')).toMatchObject({ status: 'succeeded', retries: 1 })
})

test('the fold of the first events shows the workflow as it was then', () => {
  expect(foldHistory(RETRIED, 4)).toMatchObject({
    status: 'RUNNING',
    visits: [{ status: 'running', failure: { error: 'Busy' } }],
  })
  expect(foldHistory(RETRIED, 1).visits).toEqual([])
})

test('a failure marks the state that failed and what is around it; the rest was aborted', () => {
  const run = foldHistory(FAILED)
  const statuses = Object.fromEntries(run.visits.map(({ name, status }) => [name, status]))
  expect(statuses).toEqual({ Both: 'failed', Slow: 'aborted', Breaks: 'failed' })
  expect(run.failedVisit?.name).toBe('Breaks')
  expect(run.failure).toEqual({ error: 'Oh', cause: 'no', eventId: 8 })
})

test('an expression that fails belongs to the state that it names', () => {
  const run = foldHistory(
    history(
      ['ExecutionStarted', 0],
      ['PassStateEntered', 1, { name: 'A' }],
      ['PassStateExited', 2, { name: 'A' }],
      ['SucceedStateEntered', 3, { name: 'B' }],
      ['EvaluationFailed', 3, { state: 'B', error: 'States.QueryEvaluationError' }],
      ['ExecutionFailed', 5, { error: 'States.QueryEvaluationError' }],
    ),
  )
  expect(run.failedVisit?.name).toBe('B')
  expect(run.visits.map(({ status }) => status)).toEqual(['succeeded', 'failed'])
})

test('a redriven execution runs on in the state that had failed', () => {
  const more = [
    { id: 9, type: 'ExecutionRedriven', previousEventId: 8, timestamp: 110 },
    { id: 10, type: 'TaskScheduled', previousEventId: 9, timestamp: 111 },
  ]
  const run = foldHistory([...FAILED, ...more])
  expect(run.status).toBe('RUNNING')
  expect(run.visits.find(({ name }) => name === 'Breaks')).toMatchObject({ status: 'running', attempts: 2 })
})

test('a caught failure leaves the state caught', () => {
  const run = foldHistory(
    history(
      ['ExecutionStarted', 0],
      ['TaskStateEntered', 1, { name: 'A' }],
      ['TaskScheduled', 2],
      ['TaskFailed', 3, { error: 'E' }],
      ['TaskStateExited', 4, { name: 'A', output: '{}' }],
    ),
  )
  expect(run.visits[0]?.status).toBe('caught')
})

test('iterations of a Map are told apart, and one can be looked at alone', () => {
  const run = foldHistory(
    history(
      ['ExecutionStarted', 0],
      ['MapStateEntered', 1, { name: 'Each' }],
      ['MapStateStarted', 2, { length: 2 }],
      ['MapIterationStarted', 3, { name: 'Each', index: 0 }],
      ['PassStateEntered', 4, { name: 'Do' }],
      ['MapIterationStarted', 3, { name: 'Each', index: 1 }],
      ['WaitStateEntered', 6, { name: 'Do' }],
      ['PassStateExited', 5, { name: 'Do', output: '1' }],
      ['MapIterationSucceeded', 8, { name: 'Each', index: 0 }],
    ),
  )
  expect(run.visits.map(({ name, iteration, status }) => [name, iteration, status])).toEqual([
    ['Each', undefined, 'running'],
    ['Do', 0, 'succeeded'],
    ['Do', 1, 'running'],
  ])
  expect(statusByState(run).get('Do')).toMatchObject({ status: 'running' })
  expect(statusByState(run, new Map([['Each', 0]])).get('Do')).toMatchObject({ status: 'succeeded' })
})

test('branches that interleave do not mix', () => {
  const { visits } = foldHistory(
    history(
      ['ExecutionStarted', 0],
      ['ParallelStateEntered', 0, { name: 'Both' }, 0],
      ['ParallelStateStarted', 2],
      ['PassStateEntered', 3, { name: 'A' }],
      ['TaskStateEntered', 3, { name: 'B' }, 1],
      ['TaskScheduled', 5],
      ['PassStateExited', 4, { name: 'A' }, 2],
      ['TaskSucceeded', 6],
      ['TaskStateExited', 8, { name: 'B' }, 3],
      ['ParallelStateSucceeded', 7],
      ['ParallelStateExited', 10, { name: 'Both' }, 3],
      ['PassStateEntered', 11, { name: 'After' }, 3],
      ['PassStateExited', 12, { name: 'After' }, 3],
      ['ExecutionSucceeded', 13],
    ),
  )
  expect(visits.map((visit) => [visit.name, depthOf(visit), visit.endAt])).toEqual([
    ['Both', 0, 3],
    ['A', 1, 2],
    ['B', 1, 3],
    ['After', 0, 3],
  ])
})

test('what failed in a branch has failed, what was aborted with it was aborted, and the next attempt stands beside them', () => {
  const rows = [
    ['ExecutionStarted', 0],
    ['ParallelStateEntered', 0, { name: 'Both' }],
    ['ParallelStateStarted', 2],
    ['TaskStateEntered', 3, { name: 'Breaks' }],
    ['WaitStateEntered', 3, { name: 'Slow' }],
    ['TaskScheduled', 4],
    ['TaskFailed', 6, { error: 'Oh' }],
    ['TaskStateAborted', 7],
    ['WaitStateAborted', 7],
    ['ParallelStateStarted', 7],
    ['FailStateEntered', 10, { name: 'Gives up' }],
    ['ParallelStateFailed', 11],
    ['ExecutionFailed', 12, { error: 'Up' }],
  ] as const
  const run = foldHistory(history(...rows))
  expect(run.visits.map((visit) => [visit.name, visit.status, visit.parent?.name, visit.failure?.error])).toEqual([
    ['Both', 'failed', undefined, 'Up'],
    ['Breaks', 'failed', 'Both', 'Oh'],
    ['Slow', 'aborted', 'Both', undefined],
    ['Gives up', 'failed', 'Both', 'Up'],
  ])
  expect(foldHistory(history(...rows), 10).visits.map(({ status }) => status)).toEqual(['running', 'failed', 'aborted'])
})
