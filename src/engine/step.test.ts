import { describe, expect, test } from 'vitest'

import type { Json } from '../base/json.ts'
import { Payload } from '../base/payload.ts'
import { newSeed } from '../base/random.ts'
import { toInstant } from '../base/time.ts'

import { compileDefinition } from '../asl/compile.ts'

import { fold } from './apply.ts'
import { type EngineEvent, historyEventType, isHistoryEvent } from './event.ts'
import { AWS_LIMITS } from './limits.ts'
import type { Signal, SignalBody } from './signal.ts'
import { type ExecutionState, newExecutionState, nextDue } from './state.ts'
import { pendingCommands, step } from './step.ts'

const IDENTITY = {
  ...{
    executionArn: 'arn:aws:states:us-east-1:000000000000:execution:m:e',
    executionName: 'e',
    roleArn: 'arn:aws:iam::000000000000:role/r',
  },
  ...{ stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m', stateMachineName: 'm' },
  ...{ region: 'us-east-1', isExpress: false },
}

function programOf(definition: Json) {
  const compiled = compileDefinition(JSON.stringify(definition))
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  return compiled.value
}

/** Runs a definition on signals, keeping them and the events. */
function run(definition: Json, input: Json = {}) {
  const empty = () => newExecutionState(programOf(definition), IDENTITY, Payload.ofValue(input), toInstant(0))
  const state = empty()
  const events: EngineEvent[] = []
  const signals: Signal[] = []
  const commands: ReturnType<typeof step>['commands'][number][] = []
  const send = (body: SignalBody, at = 0) => {
    const signal: Signal = { ...body, at: toInstant(at), seed: newSeed() }
    signals.push(signal)
    const turn = step(state, signal, AWS_LIMITS)
    events.push(...turn.events)
    commands.push(...turn.commands)
  }
  send({ type: 'Start' })
  return { state, events, signals, commands, send, empty, types: () => events.filter(isHistoryEvent).map(historyEventType) }
}

const shown = (state: ExecutionState) =>
  JSON.stringify(state, (_key, value) =>
    value instanceof Map ? [...value] : value instanceof Set ? [...value] : value instanceof Payload ? value.text : value,
  )

const TASK = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { 'Message.$': '$.m' } }

describe('a Task', () => {
  test('is asked for once its events are told, and its result goes on', () => {
    const flow = run({ StartAt: 'T', States: { T: { ...TASK, ResultPath: '$.r', End: true } } }, { m: 'x' })
    expect(flow.commands).toMatchObject([{ type: 'RunTask', frame: 0, task: 3 }])
    flow.send({ type: 'TaskSucceeded', frame: 0, task: 3, output: Payload.ofValue({ id: 1 }) })
    expect(flow.state.output?.value).toEqual({ m: 'x', r: { id: 1 } })
    expect(flow.types()).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ])
  })

  test('is tried again after its delay, and then caught', () => {
    const guarded = {
      Retry: [{ ErrorEquals: ['Boom'], MaxAttempts: 1, IntervalSeconds: 5 }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }],
    }
    const flow = run(
      { StartAt: 'T', States: { T: { ...TASK, ...guarded, End: true }, C: { Type: 'Pass', End: true } } },
      { m: 'x' },
    )
    const failed = { type: 'TaskFailed', frame: 0, failure: { error: 'Boom', cause: 'why' }, phase: 'run' } as const
    flow.send({ ...failed, task: 3 })
    expect(nextDue(flow.state)).toBe(5_000)
    flow.send({ type: 'TimerFired' }, 5_000)
    flow.send({ ...failed, task: 6 })
    expect(flow.state.output?.value).toEqual({ Error: 'Boom', Cause: 'why' })
  })

  test('answers once: results of attempts that are over are dropped', () => {
    const flow = run({ StartAt: 'T', States: { T: { ...TASK, TimeoutSeconds: 2, End: true } } }, { m: 'x' })
    flow.send({ type: 'TimerFired' }, 2_000)
    expect(flow.state).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
    const before = flow.events.length
    flow.send({ type: 'TaskSucceeded', frame: 0, task: 3, output: Payload.ofValue(1) })
    expect(flow.events.length).toBe(before)
  })

  test('that was in flight is asked for again by the state alone', () => {
    const flow = run({ StartAt: 'T', States: { T: { ...TASK, End: true } } }, { m: 'x' })
    const recovered = fold(flow.empty(), flow.events)
    expect(pendingCommands(recovered, toInstant(9), newSeed(), AWS_LIMITS)).toMatchObject([{ type: 'RunTask', task: 3 }])
  })
})

const wait = (Seconds: number) => ({ StartAt: `W${Seconds}`, States: { [`W${Seconds}`]: { Type: 'Wait', Seconds, End: true } } })

const FLOWS: readonly (readonly [string, Json, Json])[] = [
  [
    'passes',
    { StartAt: 'A', States: { A: { Type: 'Pass', Result: 1, ResultPath: '$.a', Next: 'B' }, B: { Type: 'Succeed' } } },
    {},
  ],
  [
    'a parallel of waits',
    { StartAt: 'P', States: { P: { Type: 'Parallel', Branches: [wait(3), wait(1)], End: true } } },
    { x: 1 },
  ],
  [
    'a map that waits, two at a time',
    { StartAt: 'M', States: { M: { Type: 'Map', MaxConcurrency: 2, ItemProcessor: wait(4), End: true } } },
    [1, 2, 3, 4, 5],
  ],
  [
    'variables and JSONata',
    {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { n: '{% $states.input.n + 1 %}', id: '{% $uuid() %}' }, Next: 'C' },
        C: { Type: 'Choice', Choices: [{ Condition: '{% $n > 1 %}', Next: 'B' }], Default: 'B' },
        B: { Type: 'Succeed', Output: "{% {'n': $n, 'id': $id, 'r': $random()} %}" },
      },
    },
    { n: 2 },
  ],
  [
    'a branch that fails and takes its sibling with it',
    {
      StartAt: 'P',
      States: {
        P: { Type: 'Parallel', Branches: [wait(9), { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E' } } }], End: true },
      },
    },
    {},
  ],
]

describe.each(FLOWS)('%s', (_name, definition, input) => {
  const finish = () => {
    const flow = run(definition, input)
    for (let due = nextDue(flow.state); due !== undefined; due = nextDue(flow.state)) flow.send({ type: 'TimerFired' }, due)
    return flow
  }

  test('ends, and the fold over its log is the live state', () => {
    const flow = finish()
    expect(flow.state.status).not.toBe('RUNNING')
    expect(shown(fold(flow.empty(), flow.events))).toBe(shown(flow.state))
  })

  test('the same signals give the same events', () => {
    const flow = finish()
    const again = flow.empty()
    const events = flow.signals.flatMap((signal) => step(again, signal, AWS_LIMITS).events)
    const text = (all: readonly EngineEvent[]) =>
      JSON.stringify(all, (_key, value) => (value instanceof Payload ? value.text : value))
    expect(text(events)).toBe(text(flow.events))
  })
})

test('event 25,000 ends the execution, whatever its states say', () => {
  const flow = run({ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } } })
  while (flow.state.status === 'RUNNING') flow.send({ type: 'Continue' })
  expect(flow.state.lastEventId).toBe(25_000)
  expect(flow.state).toMatchObject({
    error: 'States.Runtime',
    cause: 'The execution reached the maximum number of history events (25000).',
  })
})

test('members named __proto__ stay data', () => {
  const flow = run(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'x.$': '$' }, End: true } } },
    JSON.parse('{"__proto__": {"polluted": 1}}') as Json,
  )
  expect(flow.state.output?.text).toBe('{"x":{"__proto__":{"polluted":1}}}')
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})
