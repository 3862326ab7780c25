import { asId } from '../../base/id-in-test.ts'
import { ROOT_FRAME } from '../../base/ids.ts'

import { expect, test } from 'vitest'

import { Payload } from '../../base/payload.ts'

import type { EngineEvent } from '../../engine/event.ts'
import { at, eventsOf, executionOf } from '../../store/testing/records.ts'

import { type ExaminedRow, logFault } from './log-faults.ts'

const base = (id: number) => ({ id, previousEventId: id - 1, at: at(id), frame: ROOT_FRAME })
const started: EngineEvent = { ...base(1), type: 'ExecutionStarted', input: Payload.ofText('{}'), roleArn: 'r' }
const fact: EngineEvent = { ...base(0), type: 'HeartbeatReceived' } as EngineEvent
const ended = (id: number): EngineEvent => ({ ...base(id), type: 'ExecutionFailed', error: 'E' })

const row = (over: Partial<ExaminedRow> = {}): ExaminedRow => ({ ...executionOf(1), lastEventId: 5, status: 'FAILED', ...over })
const turns = [
  { sequence: 0, events: [started, ...eventsOf(2, 2)] },
  { sequence: 3, events: [fact] },
  { sequence: 4, events: [...eventsOf(1, 4), ended(5)] },
]

test('a log without a gap, whose row says what it says, is well', () => {
  expect(logFault(row(), turns)).toBeUndefined()
  expect(logFault(row({ status: 'RUNNING', lastEventId: 3 }), turns.slice(0, 2))).toBeUndefined()
})

test('what keeps no log, or has none yet, is well without one', () => {
  expect(logFault(row({ type: 'EXPRESS', lastEventId: 0 }), [])).toBeUndefined()
  expect(logFault(row({ status: 'PENDING', mapRunKey: asId(1) }), [])).toBeUndefined()
  expect(logFault(row(), [])).toBe('its log is empty')
})

test('a child that failed and waits for its Map Run to be redriven is well', () => {
  expect(logFault(row({ status: 'PENDING_REDRIVE', mapRunKey: asId(1) }), turns)).toBeUndefined()
})

test.each([
  ['a turn is missing', row(), turns.toSpliced(1, 1), 'its log has no turn at 3: the next one is at 4'],
  ['the first turn is missing', row(), turns.slice(1), 'its log has no turn at 0: the next one is at 3'],
  [
    'an event is missing',
    row(),
    [...turns.slice(0, 2), { sequence: 4, events: [ended(5)] }],
    'its history has no event 4: the next one is 5',
  ],
  [
    'an event is there twice',
    row(),
    [{ sequence: 0, events: [started, started] }],
    'its history has no event 2: the next one is 1',
  ],
  ['the row is behind', row({ lastEventId: 3 }), turns, 'its row says that event 3 is the last one, its log that 5 is'],
  ['the row says another end', row({ status: 'SUCCEEDED' }), turns, 'its row says SUCCEEDED, its log FAILED'],
  ['the row says that it runs', row({ status: 'RUNNING' }), turns, 'its row says RUNNING, its log FAILED'],
  [
    'the log does not begin',
    row({ status: 'RUNNING', lastEventId: 2 }),
    [{ sequence: 0, events: eventsOf(2) }],
    'its row says RUNNING, its log nothing of a status',
  ],
])('where %s it is told', (_, given, log, told) => {
  expect(logFault(given, log)).toBe(told)
})
