import { expect, test } from 'vitest'

import { firstDifference } from './difference.ts'
import { foldHistory } from './history.ts'
import { statusByState } from './state-status.ts'
import { history } from './test-history.ts'
import { timelineOf } from './timeline.ts'

const RETRIED = history(
  ['ExecutionStarted', 0, { input: '{}' }],
  ['TaskStateEntered', 1, { name: 'Pay', input: '{"a":1}' }],
  ['TaskScheduled', 2],
  ['TaskFailed', 3, { error: 'Busy', cause: 'try later' }],
  ['TaskScheduled', 4],
  ['TaskSucceeded', 5],
  ['TaskStateExited', 6, { name: 'Pay', output: '2', assignedVariables: { paid: 'true' } }],
  ['ExecutionSucceeded', 7, { output: '2' }],
)

const FAILED = history(
  ['ExecutionStarted', 0],
  ['ParallelStateEntered', 1, { name: 'Both' }],
  ['ParallelStateStarted', 2],
  ['WaitStateEntered', 3, { name: 'Slow' }],
  ['TaskStateEntered', 3, { name: 'Breaks' }],
  ['TaskScheduled', 5],
  ['TaskFailed', 6, { error: 'Oh', cause: 'no' }],
  ['ExecutionFailed', 7, { error: 'Oh', cause: 'no' }],
)

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
  expect(run).toMatchObject({ transitions: 4, statesEntered: 2 })
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

test('bars share one axis, and open ones end now', () => {
  const [both, slow] = timelineOf(foldHistory(FAILED, 5), 104)
  expect(both).toMatchObject({ from: 0, width: 1, depth: 0 })
  expect(slow).toMatchObject({ from: 2 / 3, depth: 1 })
})

test('the first difference of two executions is found', () => {
  expect(firstDifference(foldHistory(RETRIED), foldHistory(RETRIED))).toEqual({ kind: 'none' })
  expect(firstDifference(foldHistory(RETRIED), foldHistory(RETRIED, 4))).toMatchObject({ kind: 'status', left: { name: 'Pay' } })
  expect(firstDifference(foldHistory(RETRIED), foldHistory(FAILED))).toMatchObject({ kind: 'path', right: { name: 'Both' } })
})
