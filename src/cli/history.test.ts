import { expect, test } from 'vitest'

import type { Json } from '../base/json.ts'

import { enteredStates, type HistoryEvent, parseHistoryEvent } from './history.ts'
import { bar, renderTimeline, statusOf } from './timeline.ts'
import { ProgressView } from './progress.ts'
import { formatDuration, printable } from './terminal.ts'
import { countTransitions } from './transitions.ts'

/** `[type, previous, name or error, seconds]`; ids count from 1. */
type Short = readonly [type: string, previous: number, text?: string | undefined, second?: number]

function history(...events: readonly Short[]): HistoryEvent[] {
  return events.map(([type, previous, text, second = 0], index) => ({
    id: index + 1,
    previousEventId: previous,
    type,
    at: second * 1000,
    details: text === undefined ? {} : /Failed|TimedOut/.test(type) ? { error: text, cause: 'why' } : { name: text },
  }))
}

const timer = history(
  ['ExecutionStarted', 0],
  ['WaitStateEntered', 0, 'Wait for Timestamp'],
  ['WaitStateExited', 2, 'Wait for Timestamp', 10],
  ['TaskStateEntered', 3, 'Send SNS Message', 10],
  ['TaskScheduled', 4, undefined, 10],
  ['TaskStarted', 5, undefined, 10],
  ['TaskSucceeded', 6, undefined, 10],
  ['TaskStateExited', 7, 'Send SNS Message', 10],
  ['ExecutionSucceeded', 8, undefined, 10],
)

test('the task timer has four transitions: Start, two states, End', () => {
  expect(countTransitions(timer)).toEqual({ drawn: 4, statesEntered: 2 })
})

test('each retry is a transition more, and a failed execution reaches no End', () => {
  const events = history(
    ['ExecutionStarted', 0],
    ['TaskStateEntered', 0, 'Pay'],
    ['TaskScheduled', 2],
    ['TaskStarted', 3],
    ['TaskFailed', 4, 'Busy'],
    ['TaskScheduled', 5],
    ['TaskStarted', 6],
    ['TaskTimedOut', 7, 'States.Timeout'],
    ['ExecutionFailed', 8, 'States.Timeout'],
  )
  expect(countTransitions(events)).toEqual({ drawn: 3, statesEntered: 2 })
  expect(enteredStates(events)).toMatchObject([{ name: 'Pay', retries: 1, error: 'States.Timeout', exitedAt: undefined }])
})

test('a Map that is tried again is one state with a retry; what runs in it again is entered again', () => {
  const events = history(
    ['ExecutionStarted', 0],
    ['MapStateEntered', 0, 'Each'],
    ['MapStateStarted', 2],
    ['MapIterationStarted', 3, 'Each'],
    ['TaskStateEntered', 4, 'Work'],
    ['LambdaFunctionScheduled', 5],
    ['LambdaFunctionStarted', 6],
    ['LambdaFunctionFailed', 7, 'Bad'],
    ['MapIterationFailed', 8, 'Each'],
    ['MapStateFailed', 9, 'Bad'],
    ['MapStateStarted', 10],
    ['MapIterationStarted', 11, 'Each'],
    ['PassStateEntered', 12, 'Work'],
    ['PassStateExited', 13, 'Work'],
    ['MapIterationSucceeded', 14, 'Each'],
    ['MapStateSucceeded', 15],
    ['MapStateExited', 16, 'Each'],
    ['ExecutionSucceeded', 17],
  )
  expect(enteredStates(events).map(({ name, depth, retries }) => [name, depth, retries])).toEqual([
    ['Each', 0, 1],
    ['Work', 1, 0],
    ['Work', 1, 0],
  ])
  expect(countTransitions(events)).toEqual({ drawn: 6, statesEntered: 4 })
})

test('branches that interleave do not mix', () => {
  const events = history(
    ['ExecutionStarted', 0],
    ['ParallelStateEntered', 0, 'Both'],
    ['ParallelStateStarted', 2],
    ['PassStateEntered', 3, 'A'],
    ['TaskStateEntered', 3, 'B', 1],
    ['TaskScheduled', 5, undefined, 1],
    ['PassStateExited', 4, 'A', 2],
    ['TaskSucceeded', 6, undefined, 3],
    ['TaskStateExited', 8, 'B', 3],
    ['ParallelStateSucceeded', 7, undefined, 3],
    ['ParallelStateExited', 10, 'Both', 3],
    ['PassStateEntered', 11, 'After', 3],
    ['PassStateExited', 12, 'After', 3],
    ['ExecutionSucceeded', 13, undefined, 3],
  )
  expect(enteredStates(events).map(({ name, depth, exitedAt }) => [name, depth, exitedAt])).toEqual([
    ['Both', 0, 3000],
    ['A', 1, 2000],
    ['B', 1, 3000],
    ['After', 0, 3000],
  ])
})

test('a caught failure is not a failed state', () => {
  const events = history(
    ['TaskStateEntered', 0, 'Pay'],
    ['TaskScheduled', 1],
    ['TaskFailed', 2, 'Declined'],
    ['TaskStateExited', 3, 'Pay'],
  )
  const [state] = enteredStates(events)
  expect(state && statusOf(state, 'FAILED')).toBe('caught')
})

const summary = {
  executionArn: 'arn:aws:states:us-east-1:000000000000:execution:TaskTimer:one',
  stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:TaskTimer',
  status: 'SUCCEEDED',
  startedAt: 0,
  stoppedAt: 10_000,
  input: undefined,
  output: undefined,
  error: undefined,
  cause: undefined,
}
const look = { columns: 80, now: 20_000, paint: (_: unknown, text: string) => text }

test('the timeline shows start, bar, duration and status of each state, and the transitions', () => {
  const lines = renderTimeline(summary, timer, look)
  expect(lines.slice(0, 3)).toEqual([summary.executionArn, 'Started 1970-01-01T00:00:00.000Z', ''])
  expect(lines.at(-1)).toBe('SUCCEEDED after 10.0 s, 4 transitions (2 states entered)')
  expect(lines[3]).toMatch(/^Wait for Timestamp +\+0 ms {2}█+ {2}10\.0 s {2}succeeded$/)
  expect(lines[4]).toMatch(/^Send SNS Message +\+10\.0 s {2}·+█ +0 ms {2}succeeded$/)
  expect(lines.every((line) => line.length <= 80)).toBe(true)
})

test('a history without states renders too', () => {
  expect(renderTimeline({ ...summary, status: 'FAILED', error: 'E', cause: 'c' }, [], look).slice(-3)).toEqual([
    'FAILED after 10.0 s, 0 transitions (0 states entered)',
    'Error: E',
    'Cause: c',
  ])
})

test('a bar is never empty and never too long', () => {
  expect(bar(1, 1, 4)).toBe('···█')
  expect(bar(0, 1, 4)).toBe('████')
  expect(bar(0.5, 0.5, 4)).toBe('··█·')
  expect(bar(-1, 9, 4)).toBe('████')
})

test('without a terminal progress is told in plain lines, each once', () => {
  const written: string[] = []
  const view = new ProgressView({ write: (text) => written.push(text) })
  view.show(timer.slice(0, 2), false)
  view.show(timer.slice(0, 2), false)
  view.show(timer, true)
  expect(written.join('')).toBe('▸ Wait for Timestamp\n✔ Wait for Timestamp (10.0 s)\n✔ Send SNS Message (0 ms)\n')
})

test('control characters in a name do not reach the terminal', () => {
  expect(printable('a\u001b[31mb\nc\u009b')).toBe('a\u{fffd}[31mb\u{fffd}c\u{fffd}')
})

test.each([
  [7.4, '7 ms'],
  [1_234, '1.23 s'],
  [12_345, '12.3 s'],
  [75_000, '1 min 15 s'],
  [86_400_000, '24 h 0 min'],
])('%d ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test('an event is read with its details, whatever its type; what is none is left out', () => {
  const event: Json = { id: 2, previousEventId: 1, type: 'X', timestamp: 1.5, somethingNewEventDetails: { name: 'n' } }
  expect(parseHistoryEvent(event)).toEqual({ id: 2, previousEventId: 1, type: 'X', at: 1500, details: { name: 'n' } })
  expect(parseHistoryEvent('x')).toBeUndefined()
})
