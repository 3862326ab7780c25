import { describe, expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import type { Json } from '../base/json.ts'
import { AWS_LIMITS } from '../base/limits.ts'
import { Payload } from '../base/payload.ts'
import { newSeed } from '../base/random.ts'
import { toInstant } from '../base/time.ts'

import { IDENTITY, programOf } from './flow-in-test.ts'
import { newExecutionState } from './state.ts'
import { step } from './step.ts'
import { machine, only, play, PUBLISH } from './testing/play.ts'

const JSONATA = { QueryLanguage: 'JSONata' }

/** What leaves a Task that is given `input` and answered with `result`. */
function through(fields: object, input: Json, result: Json): Json | undefined {
  const flow = play(only('T', { ...PUBLISH, ...fields }), input)
  flow.succeed(result)
  return flow.output() ?? (flow.end() as Json)
}
const INPUT = { a: { b: 1 }, keep: true }
const RESULT = { r: [1, 2] }

describe('the way of data through a Task', () => {
  test.each<[string, object, Json]>([
    ['is the result alone', {}, RESULT],
    ['is the result alone, by ResultPath $', { ResultPath: '$' }, RESULT],
    ['puts the result into the raw input', { InputPath: '$.a', ResultPath: '$.a.c' }, { a: { b: 1, c: RESULT }, keep: true }],
    ['makes the way that ResultPath tells', { ResultPath: '$.x.y.z' }, { ...INPUT, x: { y: { z: RESULT } } }],
    ['takes what is there away', { ResultPath: '$.a' }, { a: RESULT, keep: true }],
    ['drops the result', { ResultPath: null }, INPUT],
    ['selects from the result', { ResultSelector: { 'first.$': '$.r[0]', fixed: 'f' } }, { first: 1, fixed: 'f' }],
    ['selects before it puts', { ResultSelector: { 'n.$': '$.r[1]' }, ResultPath: '$.s' }, { ...INPUT, s: { n: 2 } }],
    ['takes a part out at the end', { ResultPath: '$.s', OutputPath: '$.s.r' }, [1, 2]],
    ['puts out nothing but an object', { OutputPath: null }, {}],
    ['sees the context object at the end', { OutputPath: '$$.State.Name' }, 'T'],
  ])('%s', (_, fields, output) => {
    expect(through(fields, INPUT, RESULT)).toEqual(output)
  })

  test('takes a part of its input at the beginning, an empty object by null, and the context object', () => {
    const asked = (fields: object) =>
      play(only('T', { ...PUBLISH, Parameters: { 'p.$': '$' }, ...fields }), INPUT).task().parameters.value
    expect(asked({ InputPath: '$.a' })).toEqual({ p: { b: 1 } })
    expect(asked({ InputPath: null })).toEqual({ p: {} })
    expect(asked({ InputPath: '$$.Execution.Input.keep' })).toEqual({ p: true })
  })

  test.each<[string, object]>([
    ['OutputPath', { OutputPath: '$.none' }],
    ['ResultSelector', { ResultSelector: { 'x.$': '$.none' } }],
    ['ResultPath', { ResultPath: '$.keep.x' }],
  ])('ends where %s finds nothing, and tells the place', (_, fields) => {
    expect(through(fields, INPUT, RESULT)).toMatchObject({
      status: 'FAILED',
      error: expect.stringMatching(/^States\./),
      cause: expect.stringContaining("An error occurred while executing the state 'T' (entered at the event id #2)."),
    })
  })

  test('keeps the spelling of what it only hands on', () => {
    const flow = play(machine({ P: { Type: 'Pass', Next: 'Q' }, Q: { Type: 'Succeed' } }), [1, { b: null }])
    const texts = flow.events.flatMap((event) =>
      'input' in event ? [event.input.text] : 'output' in event ? [event.output.text] : [],
    )
    expect(new Set(texts)).toEqual(new Set(['[1,{"b":null}]']))
  })
})

describe('the way of data by JSONata', () => {
  test.each<[string, object, Json]>([
    ['is the result alone', {}, RESULT],
    ['is what Output says', { Output: { all: '{% $states.result.r %}', in: '{% $states.input.a.b %}' } }, { all: [1, 2], in: 1 }],
    ['may be anything', { Output: 'fixed' }, 'fixed'],
  ])('%s', (_, fields, output) => {
    const { Parameters: _parameters, ...state } = PUBLISH
    const flow = play(only('T', { ...state, ...JSONATA, Arguments: {}, ...fields }), INPUT)
    flow.succeed(RESULT)
    expect(flow.output()).toEqual(output)
  })

  test('without Arguments asks with the input', () => {
    const { Parameters: _, ...state } = PUBLISH
    expect(play(only('T', { ...state, ...JSONATA }), INPUT).task().parameters.value).toEqual(INPUT)
  })

  test('tells an expression that gives nothing as an event of its own, with its place, and it may be caught', () => {
    const Catch = [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'C' }]
    const { Parameters: _, ...state } = PUBLISH
    const flow = play(
      machine({
        T: { ...state, ...JSONATA, Arguments: { deep: { x: '{% $states.input.none %}' } }, Catch, End: true },
        C: { Type: 'Succeed' },
      }),
      INPUT,
    )
    expect(flow.last('EvaluationFailed')).toMatchObject({
      error: 'States.QueryEvaluationError',
      location: 'Arguments/deep/x',
      state: 'T',
    })
    expect(flow.types()).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'EvaluationFailed',
      'TaskStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ])
  })
})

describe('Assign', () => {
  const show = (names: readonly string[]) => ({
    Type: 'Pass',
    ...JSONATA,
    Output: Object.fromEntries(names.map((name) => [name, `{% $${name} %}`])),
    End: true,
  })

  test('sets its variables all at once: each sees what was before', () => {
    const flow = play(
      machine({
        A: { Type: 'Pass', ...JSONATA, Assign: { x: 1, y: 2 }, Next: 'B' },
        B: { Type: 'Pass', ...JSONATA, Assign: { x: '{% $y %}', y: '{% $x %}' }, Output: '{% $x * 10 + $y %}', Next: 'C' },
        C: show(['x', 'y']),
      }),
    )
    expect(flow.last('StateExited').output.value).toEqual({ x: 2, y: 1 })
    expect(flow.events.find((event) => event.type === 'StateExited' && event.name === 'B')).toMatchObject({
      output: { text: '12' },
    })
  })

  test('by JSONPath sees the raw result, and what it sets is read as a path', () => {
    const flow = play(
      machine({
        T: { ...PUBLISH, ResultPath: '$.r', Assign: { 'n.$': '$.count', fixed: 'f' }, Next: 'B' },
        B: { Type: 'Pass', Parameters: { 'sum.$': 'States.MathAdd($n, 1)', 'f.$': '$fixed' }, End: true },
      }),
    )
    flow.succeed({ count: 4 })
    expect(flow.output()).toEqual({ sum: 5, f: 'f' })
  })

  test('sets nothing where the state failed', () => {
    const Retry = [{ ErrorEquals: ['Boom'], IntervalSeconds: 1 }]
    const flow = play(only('T', { ...PUBLISH, Retry, Assign: { x: 1 } }))
    flow.fail('Boom')
    flow.pass(1)
    expect(flow.state.frames.get(asId(0))?.variables.size).toBe(0)
    flow.succeed()
    expect(flow.state.frames.get(asId(0))?.variables.get('x')).toBe(1)
  })

  test('may set what JavaScript has a meaning for, and null', () => {
    const flow = play(
      machine({
        A: { Type: 'Pass', ...JSONATA, Assign: { constructor: 1, none: null }, Next: 'B' },
        B: show(['constructor', 'none']),
      }),
    )
    expect(flow.output()).toEqual({ constructor: 1, none: null })
  })

  test('is seen by the branches within, each of which has its own beside it', () => {
    const branch = (name: string) =>
      machine({
        [`A${name}`]: { Type: 'Pass', ...JSONATA, Assign: { [`own${name}`]: `{% $outer & '${name}' %}` }, Next: `B${name}` },
        [`B${name}`]: { Type: 'Pass', ...JSONATA, Output: `{% $own${name} %}`, End: true },
      })
    const flow = play(
      machine({
        A: { Type: 'Pass', ...JSONATA, Assign: { outer: 'o' }, Next: 'P' },
        P: { Type: 'Parallel', Branches: [branch('x'), branch('y')], Next: 'E' },
        E: { Type: 'Pass', Parameters: { 'all.$': '$', 'outer.$': '$outer' }, End: true },
      }),
    )
    expect(flow.output()).toEqual({ all: ['ox', 'oy'], outer: 'o' })
  })

  test('within an iteration is of that iteration alone', () => {
    const inner = machine({
      A: { Type: 'Pass', ...JSONATA, Assign: { mine: '{% $states.input * 10 %}' }, Next: 'W' },
      W: { Type: 'Wait', ...JSONATA, Seconds: 1, Next: 'B' },
      B: { Type: 'Pass', ...JSONATA, Output: '{% $mine %}', End: true },
    })
    const flow = play(only('M', { Type: 'Map', ItemProcessor: inner }), [1, 2, 3])
    flow.pass(1)
    expect(flow.output()).toEqual([10, 20, 30])
  })

  test('of more than 256 KiB ends the execution', () => {
    const flow = play(only('A', { Type: 'Pass', ...JSONATA, Assign: { x: '{% $pad("", 262144, "x") %}' }, Output: 1 }))
    expect(flow.end()).toEqual({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      cause: "The state/task 'A' assigned variables with a size exceeding the maximum number of bytes service limit.",
    })
  })
})

test.each([{ Parameters: { 'x.$': '$' } }, { InputPath: '$.a' }, { OutputPath: '$.a' }])(
  'no path is read of an input that is null: %j',
  (fields) => {
    expect(play(only('P', { Type: 'Pass', ...fields }), null).end()).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause:
        "An error occurred while executing the state 'P' (entered at the event id #2). Unable to apply Path transformation to null or empty input.",
    })
  },
)

test('an input that is null passes where nothing is read of it', () => {
  expect(play(only('P', { Type: 'Pass', InputPath: '$', Parameters: { 'e.$': '$$.Execution.Name' } }), null).output()).toEqual({
    e: 'e',
  })
  expect(play(only('P', { Type: 'Pass', OutputPath: '$' }), null).output()).toBe(null)
})

test.each([{}, JSONATA])('an Assign of nothing is not told: %j', (more) => {
  const exited = play(machine({ P: { Type: 'Pass', Assign: {}, End: true } }, more)).last('StateExited')
  expect('assigned' in exited).toBe(false)
})

describe('the context object', () => {
  test('tells execution, machine and state', () => {
    const flow = play(only('T', { ...PUBLISH, Parameters: { 'c.$': '$$' } }), { x: 1 })
    expect(flow.task().parameters.value).toEqual({
      c: {
        Execution: {
          Id: 'arn:aws:states:us-east-1:000000000000:execution:m:e',
          Input: { x: 1 },
          Name: 'e',
          RoleArn: 'arn:aws:iam::000000000000:role/r',
          StartTime: '1970-01-01T00:00:00Z',
          RedriveCount: 0,
        },
        StateMachine: { Id: 'arn:aws:states:us-east-1:000000000000:stateMachine:m', Name: 'm' },
        State: { EnteredTime: '1970-01-01T00:00:00Z', Name: 'T', RetryCount: 0 },
      },
    })
  })

  test('of an execution that is waited for knows no redrive', () => {
    const definition = only('P', { Type: 'Pass', Parameters: { 'c.$': '$$.Execution' } })
    const identity = { ...IDENTITY, isExpress: true, isSynchronous: true } as const
    const state = newExecutionState(programOf(definition), identity, Payload.ofValue({}), toInstant(0))
    step(state, { type: 'Start', at: toInstant(0), seed: newSeed() }, AWS_LIMITS)
    expect(Object.keys(Object(state.output?.value).c)).toEqual(['Id', 'Input', 'Name', 'RoleArn', 'StartTime'])
  })

  test('tells when a state was entered, and of a redrive how often and when', () => {
    const flow = play(
      machine({ W: { Type: 'Wait', Seconds: 5, Next: 'T' }, T: { ...PUBLISH, Parameters: { 'c.$': '$$' }, End: true } }),
    )
    flow.pass(5)
    flow.fail('Boom')
    flow.pass(2)
    flow.send({ type: 'Redrive' })
    expect(flow.task().parameters.value).toMatchObject({
      c: {
        Execution: { RedriveCount: 1, RedriveTime: '1970-01-01T00:00:07Z', StartTime: '1970-01-01T00:00:00Z' },
        State: { EnteredTime: '1970-01-01T00:00:05Z' },
      },
    })
  })
})

test('what is drawn is drawn anew for each state, and the same when the same signals come again', () => {
  const draw = { Type: 'Pass', ...JSONATA, Output: '{% [$uuid(), $random()] %}' }
  const flow = play(machine({ A: { ...draw, Next: 'B' }, B: { ...draw, End: true } }))
  const [a, b] = flow.events.flatMap((event) => (event.type === 'StateExited' ? [event.output.text] : []))
  expect(a).not.toBe(b)
})
