import { describe, expect, it, vi } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import { utf8Length } from '../base/json.ts'
import { silentLog } from '../base/log.ts'
import { Payload } from '../base/payload.ts'
import { toInstant } from '../base/time.ts'

import type { EngineEvent, EventBody, ShownEvent } from '../engine/event.ts'

import { createExecutionLog, type LogLine, LogsRefused } from './execution-log.ts'
import { isLogged, LINE_BYTES_MAX, renderLine } from './log-line.ts'

const ARN = 'arn:aws:states:us-east-1:111111111111:execution:Machine:one'
const at = (ms: number) => toInstant(Date.UTC(2026, 0, 1) + ms)
const lineOf = (id: number, body: EventBody) => ({ id, previousEventId: 0, at: at(id), frame: 0, ...body }) as ShownEvent
const eventOf = (id: number, ms = id, text = '{}'): EngineEvent => ({
  id,
  previousEventId: 0,
  at: at(ms),
  frame: asId(0),
  type: 'ExecutionSucceeded',
  output: Payload.ofText(text),
})
const executionOf = (group: string, level = 'ALL') => ({
  arn: ARN,
  redriveCount: 0,
  loggingConfiguration: JSON.stringify({
    level,
    includeExecutionData: true,
    destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: `arn:aws:logs:us-east-1:1:log-group:/states/${group}:*` } }],
  }),
})
const started = lineOf(1, { type: 'ExecutionStarted', input: Payload.ofText('{"a": 1}'), roleArn: 'role' })
const entered = lineOf(2, { type: 'StateEntered', stateType: 'Fail', name: 'F', input: Payload.ofText('{}') })
const failed = lineOf(3, { type: 'ExecutionFailed', error: 'SomeFailure', cause: 'why' })

function recorder(fail: (group: string, call: number) => Error | undefined = () => undefined) {
  const calls: { group: string; stream: string; lines: readonly LogLine[] }[] = []
  const lost: unknown[] = []
  let attempts = 0
  const executionLog = createExecutionLog({
    log: { ...silentLog, warn: (_, fields) => void lost.push(fields) },
    retryDelayMs: 1,
    async putLogEvents(group, stream, lines) {
      const error = fail(group, attempts++)
      if (error) throw error
      calls.push({ group, stream, lines })
    },
  })
  return { ...executionLog, calls, lost, attempts: () => attempts }
}
const idsOf = (lines: readonly LogLine[]) => lines.map(({ message }) => JSON.parse(message).id)

describe('a line of the execution log', () => {
  it('leaves inputs out without execution data, but not causes', () => {
    const details = (event: ShownEvent) => JSON.parse(renderLine(executionOf('one'), event, false)).details
    expect([started, entered, failed].map(details)).toEqual([
      { roleArn: 'role' },
      { name: 'F' },
      { error: 'SomeFailure', cause: 'why' },
    ])
  })

  it.each(['字', '😀', '\u0001'])('cuts a payload that makes it too long, and says so', (character) => {
    const text = JSON.stringify(character.repeat(200_000))
    const line = renderLine(executionOf('one'), lineOf(4, { type: 'ExecutionSucceeded', output: Payload.ofText(text) }), true)
    expect(utf8Length(line)).toBeLessThanOrEqual(LINE_BYTES_MAX)
    const { details } = JSON.parse(line)
    expect(details.outputDetails).toEqual({ truncated: true })
    expect(text.startsWith(details.output)).toBe(true)
    expect(details.output.isWellFormed()).toBe(true)
  })

  it.each([
    ['ALL', [true, true, true]],
    ['ERROR', [false, true, true]],
    ['FATAL', [false, false, true]],
    ['OFF', [false, false, false]],
  ] as const)('is written at level %s for the events that AWS logs', (level, expected) => {
    expect([started, entered, failed].map((event) => isLogged(event, level))).toEqual(expected)
  })
})

describe('the execution log', () => {
  it('sends the lines of many turns together, by group, in the order of their times', async () => {
    const logged = recorder()
    logged.committed(executionOf('one'), [eventOf(2, 20), eventOf(3, 30)])
    logged.committed(executionOf('two'), [eventOf(1)])
    logged.committed(executionOf('one'), [eventOf(1, 10)])
    await logged.close()
    expect(logged.calls.map(({ group, lines }) => [group, idsOf(lines)])).toEqual([
      ['/states/one', ['1', '2', '3']],
      ['/states/two', ['1']],
    ])
    expect(logged.calls[0]?.stream).toMatch(/^states\/Machine\/2026-01-01\/[0-9a-f]{8}$/)
  })

  it('keeps a batch below what PutLogEvents takes', async () => {
    const logged = recorder()
    const text = JSON.stringify('x'.repeat(200_000))
    logged.committed(
      executionOf('one'),
      Array.from({ length: 12 }, (_, index) => eventOf(index + 1, index, text)),
    )
    await logged.close()
    for (const { lines } of logged.calls)
      expect(lines.reduce((sum, { message }) => sum + Buffer.byteLength(message) + 26, 0)).toBeLessThanOrEqual(1_048_576)
    expect(logged.calls.flatMap(({ lines }) => idsOf(lines))).toHaveLength(12)
  })

  it('tries again after a failure that may pass', async () => {
    const logged = recorder((_, call) => (call < 2 ? new Error('busy') : undefined))
    logged.committed(executionOf('one'), [eventOf(1)])
    await logged.close()
    expect([logged.calls.length, logged.lost.length]).toEqual([1, 0])
  })

  it('keeps lines while the service has no room, and sends them when it has', async () => {
    let isFull = true
    const logged = recorder(() => (isFull ? new Error('500 ServiceUnavailableException') : undefined))
    logged.committed(executionOf('one'), [eventOf(1)])
    await vi.waitFor(() => expect(logged.attempts()).toBeGreaterThan(4))
    isFull = false
    await vi.waitFor(() => expect(logged.calls).toHaveLength(1))
    expect(logged.lost).toEqual([])
    await logged.close()
  })

  it('does not wait for a service that is gone when the server stops', async () => {
    const logged = recorder(() => new Error('no answer'))
    logged.committed(executionOf('one'), [eventOf(1)])
    await vi.waitFor(() => expect(logged.attempts()).toBeGreaterThan(8))
    await logged.close()
    expect(logged.lost).toMatchObject([{ lines: 1 }])
  })

  it('does not try again when the service refuses, and holds up no other group', async () => {
    const logged = recorder((group) => (group === '/states/gone' ? new LogsRefused('no such group') : undefined))
    logged.committed(executionOf('gone'), [eventOf(1)])
    logged.committed(executionOf('one'), [eventOf(1)])
    await logged.close()
    expect(logged.attempts()).toBe(2)
    expect(logged.calls.map(({ group }) => group)).toEqual(['/states/one'])
    expect(logged.lost).toMatchObject([{ group: '/states/gone', lines: 1 }])
  })

  it('drops lines rather than keep more than it may', async () => {
    const logged = recorder()
    const events = Array.from({ length: 1_000 }, (_, index) => eventOf(index + 1))
    for (let turn = 0; turn < 101; turn++) logged.committed(executionOf('one'), events)
    await logged.close()
    expect(logged.calls.reduce((sum, { lines }) => sum + lines.length, 0)).toBe(100_000)
    expect(logged.lost).toMatchObject([{ lines: 1_000 }])
  })
})
