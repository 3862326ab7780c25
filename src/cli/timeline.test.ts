import { expect, test } from 'vitest'

import { history } from '../history/test-history.ts'

import { ProgressView } from './progress.ts'
import { formatDuration, printable } from './terminal.ts'
import { bar, renderTimeline } from './timeline.ts'

const timer = history(
  ['ExecutionStarted', 0, {}, 0],
  ['WaitStateEntered', 0, { name: 'Wait for Timestamp' }, 0],
  ['WaitStateExited', 2, { name: 'Wait for Timestamp' }, 10],
  ['TaskStateEntered', 3, { name: 'Send SNS Message' }, 10],
  ['TaskScheduled', 4, {}, 10],
  ['TaskStarted', 5, {}, 10],
  ['TaskSucceeded', 6, {}, 10],
  ['TaskStateExited', 7, { name: 'Send SNS Message' }, 10],
  ['ExecutionSucceeded', 8, {}, 10],
)

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

test('the timeline tells what failed, what was caught and what was aborted with it', () => {
  const events = history(
    ['ExecutionStarted', 0, {}, 0],
    ['TaskStateEntered', 0, { name: 'Pay' }, 0],
    ['TaskScheduled', 2, {}, 0],
    ['TaskFailed', 3, { error: 'Busy' }, 1],
    ['TaskScheduled', 4, {}, 2],
    ['TaskFailed', 5, { error: 'Declined' }, 3],
    ['TaskStateExited', 6, { name: 'Pay' }, 3],
    ['ParallelStateEntered', 7, { name: 'Both' }, 3],
    ['ParallelStateStarted', 8, {}, 3],
    ['WaitStateEntered', 9, { name: 'Slow' }, 3],
    ['TaskStateEntered', 9, { name: 'Breaks' }, 3],
    ['TaskScheduled', 11, {}, 3],
    ['TaskFailed', 12, { error: 'Oh' }, 9],
    ['ParallelStateFailed', 13, {}, 9],
    ['ExecutionFailed', 14, { error: 'Oh' }, 10],
  )
  const rows = renderTimeline({ ...summary, status: 'FAILED' }, events, look).slice(3, 7)
  expect(rows.map((row) => /(?:caught|failed|aborted).*$/.exec(row)?.[0])).toEqual([
    'caught  1 retry  Declined',
    'failed  Oh',
    'aborted',
    'failed  Oh',
  ])
})
