/** What holds of any workflow and any order of signals: the same signals give the same events; the fold is the live state. */
import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Json } from '../base/json.ts'
import { Payload } from '../base/payload.ts'
import { toInstant } from '../base/time.ts'

import { checkDefinition } from '../asl/check.ts'

import { apply, fold } from './apply.ts'
import type { EngineEvent } from './event.ts'
import { IDENTITY, programOf, shown } from './flow-in-test.ts'
import { AWS_LIMITS } from '../base/limits.ts'
import type { Signal, SignalBody } from './signal.ts'
import { type ExecutionState, isBusy, isInHand, newExecutionState, nextDue } from './state.ts'
import { pendingCommands, step } from './step.ts'

const RUNS = Number(process.env['REGENTE_PROPERTY_RUNS'] ?? 150)
const TASK = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish.waitForTaskToken', Parameters: { 'T.$': '$$.Task.Token' } }
const ERRORS = ['Boom', 'States.TaskFailed']

/** One state of a chain, given the name of the next one and what names the blocks within it. */
type MakeState = (next: Json, names: () => string, depth: number) => Json

const guard = fc.record({
  Retry: fc.constantFrom([], [{ ErrorEquals: ['Boom'], MaxAttempts: 2, IntervalSeconds: 1 }]),
})

function stateOf(depth: number): fc.Arbitrary<MakeState> {
  const leaf: fc.Arbitrary<MakeState> = fc.oneof(
    fc.constant<MakeState>((next) => ({ Type: 'Pass', ...(next as object) })),
    fc.constant<MakeState>((next, names) => ({
      Type: 'Pass',
      Result: { n: 1 },
      ResultPath: '$.r',
      // An inner block may not assign what an outer one has.
      Assign: { [`v${names()}.$`]: '$$.State.Name' },
      ...(next as object),
    })),
    fc.integer({ min: 0, max: 9 }).map(
      (Seconds): MakeState =>
        (next) => ({ Type: 'Wait', Seconds, ...(next as object) }),
    ),
    guard.map(
      (guarded): MakeState =>
        (next) => ({ ...TASK, ...guarded, TimeoutSeconds: 5, ...(next as object) }),
    ),
    fc.constant<MakeState>(() => ({ Type: 'Fail', Error: 'Boom' })),
    fc.constant<MakeState>((next) => ({
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Output: "{% {'id': $uuid(), 'r': $random()} %}",
      ...(next as object),
    })),
  )
  if (depth === 0) return leaf
  const block = fc.array(stateOf(depth - 1), { minLength: 1, maxLength: 3 })
  const parallel = fc.tuple(fc.array(block, { minLength: 1, maxLength: 3 }), guard).map(
    ([branches, guarded]): MakeState =>
      (next, names, level) => ({
        Type: 'Parallel',
        Branches: branches.map((states) => blockOf(states, names, level)),
        ...guarded,
        ...(next as object),
      }),
  )
  const map = fc.tuple(block, fc.integer({ min: 0, max: 2 })).map(
    ([states, MaxConcurrency]): MakeState =>
      (next, names, level) => ({
        Type: 'Map',
        QueryLanguage: 'JSONata',
        Items: [1, 2, 3],
        MaxConcurrency,
        ItemProcessor: blockOf(states, names, level),
        ...(next as object),
      }),
  )
  return fc.oneof({ weight: 4, arbitrary: leaf }, { weight: 1, arbitrary: parallel }, { weight: 1, arbitrary: map })
}

function blockOf(states: readonly MakeState[], names: () => string, depth: number): Json {
  const made = states.map((make) => ({ make, name: names() }))
  const entries = made.map(({ make, name }, i) => {
    const following = made[i + 1]?.name
    return [name, make(following === undefined ? { End: true } : { Next: following }, names, depth)] as const
  })
  // What comes after a Fail is not reached.
  const end = entries.findIndex(([, state]) => (state as { Type: string }).Type === 'Fail')
  return { StartAt: made[0]?.name ?? '', States: Object.fromEntries(end < 0 ? entries : entries.slice(0, end + 1)) }
}

const definition = fc.array(stateOf(2), { minLength: 1, maxLength: 4 }).map((states) => {
  let count = 0
  return blockOf(states, () => `S${count++}`, 2)
})
/** What happens next: which of the waiting tasks, or time, and how it ends. */
const happening = fc.record({
  kind: fc.constantFrom('succeed', 'fail', 'time', 'heartbeat', 'continue', 'stop', 'redrive'),
  which: fc.nat(),
  error: fc.constantFrom(...ERRORS),
})

function signalOf(
  state: ExecutionState,
  { kind, which, error }: { kind: string; which: number; error: string },
): SignalBody | undefined {
  const tasks = [...state.frames.values()].flatMap(({ id, active }) =>
    active?.task ? [{ frame: id, task: active.task.id }] : [],
  )
  const at = tasks[which % Math.max(1, tasks.length)]
  switch (kind) {
    case 'succeed':
      return at && { type: 'TaskSucceeded', ...at, output: Payload.ofValue({ ok: which }) }
    case 'fail':
      return at && { type: 'TaskFailed', ...at, failure: { error, cause: 'why' }, phase: 'run' }
    case 'heartbeat':
      return at && { type: 'HeartbeatReceived', ...at }
    case 'stop':
      return which % 7 === 0 ? { type: 'Stop', failure: {} } : undefined
    case 'redrive':
      return state.status === 'FAILED' || state.status === 'ABORTED' ? { type: 'Redrive' } : undefined
    case 'time':
      return nextDue(state) === undefined ? undefined : { type: 'TimerFired' }
    default:
      return { type: 'Continue' }
  }
}

const text = (events: readonly EngineEvent[]) =>
  JSON.stringify(events, (_key, value) => (value instanceof Payload ? value.text : value))

test('any workflow, any order of signals', () => {
  fc.assert(
    fc.property(definition, fc.array(happening, { maxLength: 40 }), (written, happenings) => {
      expect(checkDefinition(JSON.stringify(written), { type: 'STANDARD' })).toEqual([])
      const program = programOf(written)
      const empty = () => newExecutionState(program, IDENTITY, Payload.ofValue({}), toInstant(0))
      const live = empty()
      const folded = empty()
      const again = empty()
      const cut = empty()
      let now = 0
      const send = (body: SignalBody) => {
        if (body.type === 'TimerFired') now = Math.max(now, nextDue(live) ?? now)
        const signal: Signal = { ...body, at: toInstant(now), seed: `seed ${now} ${live.sequence}` }
        const { events } = step(live, signal, AWS_LIMITS)
        expect(text(step(again, signal, AWS_LIMITS).events)).toBe(text(events))
        expect(outline(inShortTurns(cut, signal))).toBe(outline(events))
        for (const event of events) apply(folded, event)
        expect(shown(folded)).toBe(shown(live))
        expect(events.flatMap(({ id }) => (id > 0 ? [id] : []))).toEqual(idsUpTo(live.lastEventId, events))
        return events
      }
      const log = [...send({ type: 'Start' })]
      for (const what of happenings) {
        const body = signalOf(live, what)
        if (body) log.push(...send(body))
      }
      expect(shown(fold(empty(), log))).toBe(shown(live))
      // Whoever takes the execution up after a crash asks for what is asked for, and for nothing when it is over.
      const pending = pendingCommands(fold(empty(), log), toInstant(now), 'seed', AWS_LIMITS)
      if (!isBusy(live)) expect(pending.filter(({ type }) => type === 'RunTask')).toEqual([])
    }),
    { numRuns: RUNS, seed: 20_261_123 },
  )
})

/** What one turn tells, told by turns that each run one state. As long as there is something left to run the execution is in hand. */
function inShortTurns(state: ExecutionState, signal: Signal): EngineEvent[] {
  // What of many timers fires first is the turn's choice.
  const workMax = signal.type === 'TimerFired' ? Number.POSITIVE_INFINITY : 1
  const { events, isUnfinished } = step(state, signal, AWS_LIMITS, workMax)
  if (!isUnfinished) return [...events]
  const isTakenUp = isBusy(state) && isInHand(state)
  const rest = inShortTurns(state, { type: 'Continue', at: signal.at, seed: signal.seed })
  if (!isTakenUp) expect(rest).toEqual([])
  return [...events, ...rest]
}

/** Without what is drawn: each turn draws from its own seed. */
const outline = (events: readonly EngineEvent[]) =>
  JSON.stringify(events.map(({ type, id, previousEventId, frame }) => [type, id, previousEventId, frame]))

/** Ids of history events go up one by one, without a gap. */
function idsUpTo(last: number, events: readonly EngineEvent[]): number[] {
  const count = events.filter(({ id }) => id > 0).length
  return Array.from({ length: count }, (_, i) => last - count + 1 + i)
}
