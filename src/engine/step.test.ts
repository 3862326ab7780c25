import { ROOT_FRAME } from '../base/ids.ts'
import { asId } from '../base/id-in-test.ts'
import { describe, expect, test } from 'vitest'

import type { Json } from '../base/json.ts'
import { Payload } from '../base/payload.ts'
import { newSeed } from '../base/random.ts'
import { toInstant } from '../base/time.ts'

import { fold } from './apply.ts'
import type { EngineEvent } from './event.ts'
import { run, shown } from './flow-in-test.ts'
import { AWS_LIMITS } from '../base/limits.ts'
import { nextDue } from './state.ts'
import { pendingCommands, step } from './step.ts'

const TASK = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { 'Message.$': '$.m' } }

describe('a Task', () => {
  test('is asked for once its events are told, and its result goes on', () => {
    const flow = run({ StartAt: 'T', States: { T: { ...TASK, ResultPath: '$.r', End: true } } }, { m: 'x' })
    expect(flow.commands).toMatchObject([{ type: 'RunTask', frame: 0, task: 3 }])
    flow.send({ type: 'TaskSucceeded', frame: asId(0), task: asId(3), output: Payload.ofValue({ id: 1 }) })
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
    const failed = { type: 'TaskFailed', frame: ROOT_FRAME, failure: { error: 'Boom', cause: 'why' }, phase: 'run' } as const
    flow.send({ ...failed, task: asId(3) })
    expect(nextDue(flow.state)).toBe(5_000)
    flow.send({ type: 'TimerFired' }, 5_000)
    flow.send({ ...failed, task: asId(6) })
    expect(flow.state.output?.value).toEqual({ Error: 'Boom', Cause: 'why' })
  })

  test('answers once: results of attempts that are over are dropped', () => {
    const flow = run({ StartAt: 'T', States: { T: { ...TASK, TimeoutSeconds: 2, End: true } } }, { m: 'x' })
    flow.send({ type: 'TimerFired' }, 2_000)
    expect(flow.state).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
    const before = flow.events.length
    flow.send({ type: 'TaskSucceeded', frame: asId(0), task: asId(3), output: Payload.ofValue(1) })
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

describe('an activity task', () => {
  const ACTIVITY = 'arn:aws:states:us-east-1:000000000000:activity:a'
  const activity = { StartAt: 'T', States: { T: { Type: 'Task', Resource: ACTIVITY, End: true } } }

  test('is scheduled once its activity is found', () => {
    const flow = run(activity)
    expect(flow.commands).toEqual([{ type: 'FindActivity', frame: 0, activityArn: ACTIVITY }])
    flow.send({ type: 'ActivityFound', frame: asId(0) })
    expect(flow.types().at(-1)).toBe('ActivityScheduled')
    expect(flow.commands.at(-1)).toMatchObject({ type: 'OfferActivity', activityArn: ACTIVITY })
  })

  test('ends the execution when there is no such activity', () => {
    const flow = run(activity)
    flow.send({ type: 'ActivityMissing', frame: asId(0) })
    expect(flow.types()).toEqual(['ExecutionStarted', 'TaskStateEntered', 'ExecutionFailed'])
    expect(flow.state.cause).toContain(`The activity ${ACTIVITY} does not exist.`)
  })
})

test('tasks that are late together are told so before any failure follows', () => {
  const late = { StartAt: 'T', States: { T: { ...TASK, TimeoutSeconds: 2, End: true } } }
  const flow = run({ StartAt: 'M', States: { M: { Type: 'Map', ItemProcessor: late, End: true } } }, [{ m: 1 }, { m: 2 }])
  const before = flow.types().length
  flow.send({ type: 'TimerFired' }, 2_000)
  expect(flow.types().slice(before, before + 3)).toEqual(['TaskTimedOut', 'TaskTimedOut', 'MapIterationFailed'])
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

test('variables have AWS limits: 256 KiB an Assign, 10 MiB in all', () => {
  const assign = (variables: Json) => ({
    QueryLanguage: 'JSONata',
    StartAt: 'A0',
    States: Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [
        `A${i}`,
        { Type: 'Pass', Assign: variables, ...(i < 49 ? { Next: `A${i + 1}` } : { End: true }), Output: 1 },
      ]),
    ),
  })
  const big = 'x'.repeat(250_000)
  expect(run(assign({ v: '{% $states.input %}' }), big).state.status).toBe('SUCCEEDED')
  expect(run(assign({ v: '{% $states.input & $states.input %}' }), big).state.error).toBe('States.DataLimitExceeded')
})

test('members named __proto__ stay data', () => {
  const flow = run(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'x.$': '$' }, End: true } } },
    JSON.parse('{"__proto__": {"polluted": 1}}') as Json,
  )
  expect(flow.state.output?.text).toBe('{"x":{"__proto__":{"polluted":1}}}')
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})
