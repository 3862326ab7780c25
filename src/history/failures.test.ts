/** What failed within Map and Parallel, and what a redrive goes on with: folded from the engine's own events. */
import { expect, test } from 'vitest'

import type { Json } from '../base/json.ts'
import { Payload } from '../base/payload.ts'
import { toFrameId } from '../base/ids.ts'

import { isHistoryEvent } from '../engine/event.ts'
import { run } from '../engine/flow-in-test.ts'

import { renderEvent } from './event-details.ts'
import { statusByState } from './state-status.ts'
import { foldHistory } from './visits.ts'

const task = (name: string, topic = name) => ({
  StartAt: name,
  States: { [name]: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { TopicArn: topic }, End: true } },
})
const FAILS = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E', Cause: 'why' } } }
const AFTER = { Type: 'Pass', End: true }
/** A machine of one state, or of that and another that follows it. */
const machine = (name: string, state: object, next?: { readonly After: object }): Json & object => ({
  StartAt: name,
  States: { [name]: { ...state, ...(next ? { Next: 'After' } : { End: true }) }, ...next } as Json,
})

type Flow = ReturnType<typeof run>

function taskIn(flow: Flow, at: number) {
  const frame = toFrameId(at)
  const asked = flow.commands.findLast((command) => command.type === 'RunTask' && command.frame === frame)
  if (asked?.type !== 'RunTask') throw new Error(`no task was asked for in frame ${frame}`)
  return { frame, task: asked.task }
}
const fail = (flow: Flow, frame: number) =>
  flow.send({ type: 'TaskFailed', ...taskIn(flow, frame), failure: { error: 'Boom', cause: 'why' }, phase: 'run' })
const succeed = (flow: Flow, frame: number) =>
  flow.send({ type: 'TaskSucceeded', ...taskIn(flow, frame), output: Payload.ofValue(1) })

const folded = (flow: Flow) => foldHistory(flow.events.filter(isHistoryEvent).map((event) => renderEvent(event, true)))
const statuses = (flow: Flow) => folded(flow).visits.map(({ name, iteration, status }) => [name, iteration, status])
const FAILURE = { error: 'Boom', cause: 'why' }

test('a task that fails in an iteration has failed, with its error, and so has the Map around it', () => {
  const flow = run(machine('M', { Type: 'Map', ItemProcessor: task('Send') }), [1, 2, 3])
  succeed(flow, 1)
  fail(flow, 2)
  expect(statuses(flow)).toEqual([
    ['M', undefined, 'failed'],
    ['Send', 0, 'succeeded'],
    ['Send', 1, 'failed'],
    ['Send', 2, 'aborted'],
  ])
  const { failedVisit, visits } = folded(flow)
  expect(failedVisit).toMatchObject({ name: 'Send', iteration: 1, failure: FAILURE })
  expect(visits[0]?.failure).toMatchObject(FAILURE)
  expect(statusByState(folded(flow)).get('Send')?.status).toBe('failed')
})

test('a Fail state that ends an iteration has failed, with the error of the execution', () => {
  const { failedVisit } = folded(run(machine('M', { Type: 'Map', ItemProcessor: FAILS }), [1, 2]))
  expect(failedVisit).toMatchObject({ name: 'F', iteration: 0, status: 'failed', failure: { error: 'E', cause: 'why' } })
})

test('what failed is found through Parallel, Map and Parallel, and all that ran beside it was aborted', () => {
  const inner = machine('Inner', { Type: 'Parallel', Branches: [task('Beside'), FAILS] })
  const map = machine('M', { Type: 'Map', ItemProcessor: inner })
  const flow = run(machine('Outer', { Type: 'Parallel', Branches: [map, task('Other')] }), [1, 2])
  expect(folded(flow).failedVisit?.name).toBe('F')
  expect(statuses(flow)).toEqual([
    ['Outer', undefined, 'failed'],
    ['M', undefined, 'failed'],
    ['Other', undefined, 'aborted'],
    ['Inner', 0, 'failed'],
    ['Inner', 1, 'aborted'],
    ['Beside', undefined, 'aborted'],
    ['F', undefined, 'failed'],
  ])
})

test('of a caught failure the block is caught, and what failed in it has failed', () => {
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'After' }]
  const flow = run(machine('P', { Type: 'Parallel', Branches: [task('A'), task('B')], Catch }, { After: AFTER }))
  fail(flow, 2)
  expect(statuses(flow)).toEqual([
    ['P', undefined, 'caught'],
    ['A', undefined, 'aborted'],
    ['B', undefined, 'failed'],
    ['After', undefined, 'succeeded'],
  ])
  expect(folded(flow).visits[0]?.failure).toMatchObject(FAILURE)
})

test('a state without events of its own is known to have failed by what is told after it', () => {
  const choice = {
    StartAt: 'C',
    States: { C: { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'D' }] }, D: AFTER },
  }
  const flow = run(machine('P', { Type: 'Parallel', Branches: [choice, task('A')] }))
  expect(folded(flow).failedVisit).toMatchObject({ name: 'C', failure: { error: 'States.NoChoiceMatched' } })
})

test('after a redrive that succeeds nothing is left failed, and each event is that of the iteration that went on', () => {
  const flow = run(machine('M', { Type: 'Map', MaxConcurrency: 2, ItemProcessor: task('Send') }, { After: AFTER }), [1, 2, 3])
  succeed(flow, 1)
  fail(flow, 2)
  flow.send({ type: 'Redrive' })
  expect(statuses(flow).slice(2)).toEqual([
    ['Send', 1, 'running'],
    ['Send', 2, 'running'],
  ])
  succeed(flow, 3)
  succeed(flow, 2)
  expect(statuses(flow)).toEqual([
    ['M', undefined, 'succeeded'],
    ['Send', 0, 'succeeded'],
    ['Send', 1, 'succeeded'],
    ['Send', 2, 'succeeded'],
    ['After', undefined, 'succeeded'],
  ])
  expect(folded(flow)).toMatchObject({ status: 'SUCCEEDED', failure: undefined, failedVisit: undefined })
})

test('a redrive goes on in branches that stood at different places: a call, a later call, a wait', () => {
  const later = { StartAt: 'B0', States: { B0: { Type: 'Pass', Next: 'B' }, ...task('B').States } }
  const waits = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 5, End: true } } }
  const flow = run(machine('P', { Type: 'Parallel', Branches: [task('A'), later, waits] }, { After: AFTER }))
  fail(flow, 2)
  flow.send({ type: 'Redrive' })
  succeed(flow, 2)
  expect(statuses(flow).filter(([, , status]) => status === 'running')).toEqual([
    ['P', undefined, 'running'],
    ['A', undefined, 'running'],
    ['W', undefined, 'running'],
  ])
  succeed(flow, 1)
  flow.send({ type: 'TimerFired' }, 60_000)
  expect(statuses(flow).every(([, , status]) => status === 'succeeded')).toBe(true)
})

test('a stopped execution tells why it was stopped, and its redrive opens what was aborted', () => {
  const flow = run(machine('P', { Type: 'Parallel', Branches: [task('A'), task('B')] }))
  succeed(flow, 1)
  flow.send({ type: 'Stop', failure: { error: 'Enough', cause: 'by hand' } })
  expect(folded(flow)).toMatchObject({
    status: 'ABORTED',
    failure: { error: 'Enough', cause: 'by hand' },
    failedVisit: undefined,
  })
  flow.send({ type: 'Redrive' })
  expect(folded(flow).visits.map(({ name, status, redrives }) => [name, status, redrives])).toEqual([
    ['P', 'running', 1],
    ['A', 'succeeded', 0],
    ['B', 'running', 1],
  ])
})

test('a redrive leaves the attempts that a Retry of the block had given up as they were', () => {
  const Retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1, IntervalSeconds: 1 }]
  const flow = run(machine('P', { Type: 'Parallel', Branches: [task('A')], Retry }))
  fail(flow, 1)
  flow.send({ type: 'TimerFired' }, 60_000)
  fail(flow, 2)
  flow.send({ type: 'Redrive' }, 61_000)
  expect(statuses(flow)).toEqual([
    ['P', undefined, 'running'],
    ['A', undefined, 'failed'],
    ['A', undefined, 'running'],
  ])
})

test('a Map Run that fails beside a branch is what failed, and is gone on with after a redrive', () => {
  const processor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...task('T') }
  const map = machine('M', { Type: 'Map', Label: 'L', ItemProcessor: processor })
  const flow = run(machine('P', { Type: 'Parallel', Branches: [map, task('A')] }), [1])
  const start = flow.commands.find((command) => command.type === 'StartMapRun')
  if (start?.type !== 'StartMapRun') throw new Error('a Map Run was asked for')
  const { frame, mapRunArn } = start
  flow.send({ type: 'MapRunFailed', frame, mapRunArn, redriveCount: 0, failure: FAILURE })
  expect(folded(flow).failedVisit).toMatchObject({ name: 'M', failure: FAILURE })
  flow.send({ type: 'Redrive' })
  flow.send({ type: 'MapRunSucceeded', frame, mapRunArn, redriveCount: 1, output: Payload.ofValue([1]) })
  succeed(flow, 2)
  expect(statuses(flow).map(([name, , status]) => [name, status])).toEqual([
    ['P', 'succeeded'],
    ['M', 'succeeded'],
    ['A', 'succeeded'],
  ])
})

test('an execution whose time is over has failed where it stood last', () => {
  const waits = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 60, End: true } } }
  const flow = run({ ...machine('M', { Type: 'Map', ItemProcessor: waits }), TimeoutSeconds: 5 }, [1, 2])
  flow.send({ type: 'TimerFired' }, 5_000)
  expect(statuses(flow)).toEqual([
    ['M', undefined, 'failed'],
    ['W', 0, 'aborted'],
    ['W', 1, 'failed'],
  ])
})
