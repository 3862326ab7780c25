import { asId } from '../base/id-in-test.ts'

import { describe, expect, test } from 'vitest'

import { machine, only, play, PUBLISH } from './testing/play.ts'
import { nextDue } from './state.ts'

const END = { Type: 'Succeed' }
const guarded = (fields: object, more: Readonly<Record<string, object>> = { C: END }) =>
  machine({ T: { ...PUBLISH, ...fields, End: true }, ...more })
const calls = (flow: ReturnType<typeof play>) => flow.commands.filter(({ type }) => type === 'RunTask').length

describe('Retry', () => {
  test('waits longer from attempt to attempt, until they are used up', () => {
    const Retry = [{ ErrorEquals: ['Boom'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3 }]
    const flow = play(guarded({ Retry }))
    for (const seconds of [2, 6, 18]) {
      flow.fail('Boom')
      expect(nextDue(flow.state)).toBe(flow.now() + seconds * 1_000)
      flow.pass(seconds)
    }
    flow.fail('Boom', undefined, 'why')
    expect(flow.end()).toEqual({ status: 'FAILED', error: 'Boom', cause: 'why' })
    expect(calls(flow)).toBe(4)
  })

  test('tries three times after a second, twice as long each time, where nothing is said', () => {
    const flow = play(guarded({ Retry: [{ ErrorEquals: ['States.ALL'] }] }))
    for (const seconds of [1, 2, 4]) {
      flow.fail('Any')
      expect(nextDue(flow.state)).toBe(flow.now() + seconds * 1_000)
      flow.pass(seconds)
    }
    flow.fail('Any')
    expect(flow.state.status).toBe('FAILED')
  })

  test('counts each of its retriers for itself', () => {
    const Retry = ['A', 'B'].map((error) => ({ ErrorEquals: [error], IntervalSeconds: 1, MaxAttempts: 1 }))
    const flow = play(guarded({ Retry }))
    for (const error of ['A', 'B']) {
      flow.fail(error)
      flow.pass(1)
    }
    expect(flow.state.status).toBe('RUNNING')
    flow.fail('A')
    expect(flow.end()).toEqual({ status: 'FAILED', error: 'A' })
  })

  test('begins anew when the state is entered again', () => {
    const Retry = [{ ErrorEquals: ['Boom'], IntervalSeconds: 1, MaxAttempts: 1 }]
    const flow = play(machine({ T: { ...PUBLISH, Retry, Next: 'W' }, W: { Type: 'Wait', Seconds: 1, Next: 'T' } }))
    for (let round = 0; round < 3; round++) {
      flow.fail('Boom')
      flow.pass(1)
      flow.succeed()
      flow.pass(1)
    }
    expect(flow.state.status).toBe('RUNNING')
  })

  test('goes before Catch, and Catch takes over when it is used up', () => {
    const Retry = [{ ErrorEquals: ['Boom'], IntervalSeconds: 1, MaxAttempts: 1 }]
    const flow = play(guarded({ Retry, Catch: [{ ErrorEquals: ['Boom'], Next: 'C' }] }))
    flow.fail('Boom')
    expect(flow.entered()).toEqual(['T'])
    flow.pass(1)
    flow.fail('Boom')
    expect(flow.entered()).toEqual(['T', 'C'])
  })

  test('draws a delay with full jitter from the seed of the turn, within its bound', () => {
    const Retry = [{ ErrorEquals: ['Boom'], IntervalSeconds: 100, JitterStrategy: 'FULL' }]
    const delays = Array.from({ length: 20 }, () => {
      const flow = play(guarded({ Retry }))
      flow.fail('Boom')
      return nextDue(flow.state) ?? -1
    })
    for (const delay of delays) expect(delay >= 0 && delay <= 100_000).toBe(true)
    expect(new Set(delays).size).toBeGreaterThan(15)
  })

  test('tells the attempt in the context object', () => {
    const state = { Parameters: { 'n.$': '$$.State.RetryCount' }, Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 1 }] }
    const flow = play(guarded(state))
    expect(flow.task().parameters.value).toEqual({ n: 0 })
    flow.fail('Boom')
    flow.pass(1)
    expect(flow.task().parameters.value).toEqual({ n: 1 })
  })
})

describe('Catch', () => {
  test('is the first that takes the error', () => {
    const Catch = [
      { ErrorEquals: ['A', 'B'], Next: 'C' },
      { ErrorEquals: ['States.ALL'], Next: 'D' },
    ]
    const caught = (error: string) => {
      const flow = play(guarded({ Catch }, { C: END, D: END }))
      flow.fail(error)
      return flow.entered()[1]
    }
    expect(['A', 'B', 'C', ''].map(caught)).toEqual(['C', 'C', 'D', 'D'])
  })

  test.each([
    ['takes the place of the input', {}, { Error: 'Boom', Cause: 'why' }],
    ['goes into the input', { ResultPath: '$.e' }, { x: 1, e: { Error: 'Boom', Cause: 'why' } }],
    ['is dropped', { ResultPath: null }, { x: 1 }],
  ])('hands on what was wrong: it %s', (_, fields, output) => {
    const flow = play(guarded({ Catch: [{ ErrorEquals: ['Boom'], Next: 'C', ...fields }] }), { x: 1 })
    flow.fail('Boom', undefined, 'why')
    expect(flow.output()).toEqual(output)
  })

  test('shows a cause that is absent as null, and that of a time-out as empty', () => {
    const flow = play(guarded({ TimeoutSeconds: 5, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }] }))
    flow.pass(5)
    expect(flow.output()).toEqual({ Error: 'States.Timeout', Cause: '' })
    const nameless = play(guarded({ Catch: [{ ErrorEquals: ['Boom'], ResultPath: '$.e', Next: 'C' }] }))
    nameless.fail('Boom')
    expect(nameless.output()).toEqual({ e: { Error: 'Boom', Cause: null } })
  })

  test('of a failure without a name shows both members as null', () => {
    const flow = play(guarded({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }] }))
    const { frame, task } = flow.task()
    flow.send({ type: 'TaskFailed', frame, task, failure: {}, phase: 'run' })
    expect(flow.output()).toEqual({ Error: null, Cause: null })
  })

  test('assigns what it says, and sees the error alone', () => {
    const Catch = [{ ErrorEquals: ['Boom'], Next: 'C', Assign: { 'what.$': '$.Error' } }]
    const flow = play(guarded({ Catch }, { C: { Type: 'Pass', Parameters: { 'it.$': '$what' }, End: true } }))
    flow.fail('Boom')
    expect(flow.output()).toEqual({ it: 'Boom' })
  })

  test('by JSONata sees the input and the error', () => {
    const fields = {
      QueryLanguage: 'JSONata',
      Resource: PUBLISH.Resource,
      Catch: [
        {
          ErrorEquals: ['Boom'],
          Next: 'C',
          Assign: { e: '{% $states.errorOutput.Error %}' },
          Output: '{% $states.input.x & $states.errorOutput.Cause %}',
        },
      ],
    }
    const flow = play(machine({ T: { Type: 'Task', ...fields, End: true }, C: { Type: 'Succeed' } }), { x: 'because ' })
    flow.fail('Boom', undefined, 'why')
    expect(flow.output()).toBe('because why')
    expect(flow.state.frames.get(asId(0))?.variables.get('e')).toBe('Boom')
  })

  test('may lead back to the state that failed', () => {
    const Catch = [{ ErrorEquals: ['Boom'], ResultPath: null, Next: 'T' }]
    const flow = play(machine({ T: { ...PUBLISH, Catch, Next: 'C' }, C: END }), { x: 1 })
    flow.fail('Boom')
    flow.fail('Boom')
    flow.succeed('done')
    expect(flow.entered()).toEqual(['T', 'T', 'T', 'C'])
  })

  test.each([
    ['States.TaskFailed', 'Boom', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.ALL', 'States.DataLimitExceeded', true],
    ['States.ALL', 'States.Runtime', false],
    ['States.Runtime', 'States.Runtime', false],
    ['Boom', 'boom', false],
    ['Boom', 'Boom ', false],
  ])('of %s of the error %j: %s', (name, error, isCaught) => {
    const flow = play(guarded({ Catch: [{ ErrorEquals: [name], Next: 'C' }] }))
    flow.fail(error)
    expect(flow.state.status).toBe(isCaught ? 'SUCCEEDED' : 'FAILED')
  })
})

describe('Fail', () => {
  test.each([
    [{}, {}],
    [{ Error: 'E' }, { error: 'E' }],
    [{ Cause: 'why' }, { cause: 'why' }],
    [
      { ErrorPath: '$.e', CausePath: "States.Format('because {}', $.c)" },
      { error: 'given', cause: 'because 7' },
    ],
    [
      { QueryLanguage: 'JSONata', Error: '{% $states.input.e %}', Cause: '{% "c" %}' },
      { error: 'given', cause: 'c' },
    ],
  ])('of %j ends with %j', (fields, told) => {
    const flow = play(machine({ F: { Type: 'Fail', ...fields } }), { e: 'given', c: 7 })
    expect(flow.end()).toEqual({ status: 'FAILED', ...told })
    expect(flow.types()).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed'])
  })
})

describe('the time of the machine', () => {
  test('is over to the second, whatever runs then', () => {
    const flow = play({ ...(guarded({}) as object), TimeoutSeconds: 30 } as never)
    flow.pass(29.999)
    expect(flow.state.status).toBe('RUNNING')
    flow.pass(0.001)
    expect(flow.end()).toEqual({ status: 'TIMED_OUT', error: 'States.Timeout' })
    expect(flow.types().at(-1)).toBe('ExecutionTimedOut')
    expect(flow.state.stopAt).toBe(30_000)
    expect(nextDue(flow.state)).toBeUndefined()
  })

  test('cannot be caught, and goes before a time-out of the same instant', () => {
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'C' }]
    const flow = play({ ...(guarded({ TimeoutSeconds: 30, Catch }) as object), TimeoutSeconds: 30 } as never)
    flow.pass(30)
    expect(flow.end()).toEqual({ status: 'TIMED_OUT', error: 'States.Timeout' })
  })

  test('begins anew with a redrive', () => {
    const flow = play({ ...(guarded({}) as object), TimeoutSeconds: 30 } as never)
    flow.pass(30)
    flow.pass(100)
    flow.send({ type: 'Redrive' })
    expect(flow.state.status).toBe('RUNNING')
    expect(nextDue(flow.state)).toBe(160_000)
    flow.succeed()
    expect(flow.state.status).toBe('SUCCEEDED')
  })
})

test('a state that puts out more than 256 KiB ends the execution, whatever would catch it', () => {
  const big = 'x'.repeat(200_000)
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'C' }]
  const inner = only('A', { Type: 'Pass', Parameters: { 'a.$': '$', 'b.$': '$' } })
  const flow = play(machine({ P: { Type: 'Parallel', Branches: [inner], Catch, End: true }, C: END }), big)
  expect(flow.end()).toEqual({
    status: 'FAILED',
    error: 'States.DataLimitExceeded',
    cause: "The state/task 'A' returned a result with a size exceeding the maximum number of bytes service limit.",
  })
})
