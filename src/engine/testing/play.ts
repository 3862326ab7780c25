/**
 * Plays a definition by hand, a happening at a time. After each the invariants of state.ts hold, the fold over the log is the
 * live state, and the ids of the history have no gap: a test that plays cannot miss a fault of those.
 */
import { expect } from 'vitest'

import type { Json } from '../../base/json.ts'
import { Payload } from '../../base/payload.ts'

import { fold } from '../apply.ts'
import { type EngineEvent, isHistoryEvent } from '../event.ts'
import { run, type RunOptions, shown } from '../flow-in-test.ts'
import type { SignalBody } from '../signal.ts'
import { type ExecutionState, nextDue } from '../state.ts'

export const machine = (States: Readonly<Record<string, object>>, more: object = {}): Json =>
  ({ StartAt: Object.keys(States)[0] ?? '', States, ...more }) as Json
/** A block of one state that ends. */
export const only = (name: string, state: object): Json => machine({ [name]: { ...state, End: true } })
export const PUBLISH = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { Message: 'x' } }

export function play(definition: Json, input: Json = {}, options: RunOptions = {}) {
  const flow = run(definition, input, options)
  let now = 0
  const send = (body: SignalBody) => {
    flow.send(body, now)
    expectSound(flow.state, flow.events)
    expect(shown(fold(flow.empty(), flow.events)), 'the fold over the log').toBe(shown(flow.state))
  }
  expectSound(flow.state, flow.events)
  /** The task that was asked for last; in `frame`, if that is told. */
  const task = (frame?: number) => {
    const asked = flow.commands.findLast(
      ({ type, ...of }) => type === 'RunTask' && (frame === undefined || ('frame' in of && of.frame === frame)),
    )
    if (asked?.type !== 'RunTask') throw new Error('no task was asked for')
    return asked
  }
  const at = (frame?: number) => ({ frame: task(frame).frame, task: task(frame).task })
  return {
    ...flow,
    send,
    task,
    succeed: (value: Json = {}, frame?: number) => send({ type: 'TaskSucceeded', ...at(frame), output: Payload.ofValue(value) }),
    fail: (error: string, frame?: number, cause?: string) =>
      send({ type: 'TaskFailed', ...at(frame), failure: { error, ...(cause !== undefined && { cause }) }, phase: 'run' }),
    heartbeat: (frame?: number) => send({ type: 'HeartbeatReceived', ...at(frame) }),
    submitted: (value: Json, frame?: number) => send({ type: 'TaskSubmitted', ...at(frame), output: Payload.ofValue(value) }),
    /** `seconds` pass, and what is due by then fires when it is due. */
    pass: (seconds: number) => {
      const until = now + seconds * 1_000
      for (let due = nextDue(flow.state); due !== undefined && due <= until; due = nextDue(flow.state)) {
        now = Math.max(now, due)
        send({ type: 'TimerFired' })
      }
      now = until
    },
    now: () => now,
    output: () => flow.state.output?.value,
    /** Status, error and cause: how it has ended. */
    end: () => {
      const { status, error, cause } = flow.state
      return { status, ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) }
    },
    /** The names of the states that were entered, in their order. */
    entered: () => flow.events.flatMap((event) => (event.type === 'StateEntered' ? [event.name] : [])),
    /** The last event of a type. */
    last: <T extends EngineEvent['type']>(type: T) => {
      const found = flow.events.findLast((event): event is Extract<EngineEvent, { type: T }> => event.type === type)
      if (!found) throw new Error(`there is no ${type}`)
      return found
    },
  }
}

export type Play = ReturnType<typeof play>

function expectSound(state: ExecutionState, events: readonly EngineEvent[]): void {
  const ids = events.filter(isHistoryEvent).map(({ id }) => id)
  expect(ids, 'ids without a gap').toEqual(ids.map((_, i) => i + 1))
  for (const event of events) if (event.id > 0) expect(event.previousEventId).toBeLessThan(event.id)
  for (const { id, next, active, output, parent } of state.frames.values()) {
    const places = [next, active, output].filter((place) => place !== undefined)
    expect(places.length, `frame ${id} is in one place`).toBe(1)
    if (parent === undefined) continue
    const around = state.frames.get(parent)?.active
    expect(around?.type, `frame ${id} is within a Parallel or Map`).toMatch(/^(?:Parallel|Map)$/)
    expect(around?.fork?.running.has(id), `frame ${id} is known to its fork`).toBe(output === undefined)
  }
  for (const { active } of state.frames.values()) {
    const { fork } = active ?? {}
    if (!fork) continue
    expect(fork.running.size).toBeLessThanOrEqual(fork.maxConcurrency)
    expect(fork.finished + fork.running.size).toBeLessThanOrEqual(fork.total)
  }
}
