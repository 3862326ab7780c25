import { describe, expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'
import { Payload } from '../../base/payload.ts'
import { toInstant } from '../../base/time.ts'

import { IDENTITY, programOf } from '../flow-in-test.ts'
import { AWS_LIMITS } from '../../base/limits.ts'
import { type Mock, MockMismatch, type TestStateConfiguration } from './mock.ts'
import { TestState } from './test-state.ts'

interface Given {
  readonly input?: Json
  readonly mock?: Mock
  readonly context?: Json
  /** The machine that the state `S` stands in; of its own unless given. */
  readonly definition?: Json
  readonly configuration?: Partial<TestStateConfiguration>
}

/** One state tried alone. */
function tried(state: Json, { input = {}, mock, context, configuration, definition }: Given = {}) {
  const test = new TestState({
    program: programOf(
      definition ?? { StartAt: 'S', States: { S: state, Next: { Type: 'Succeed' }, Caught: { Type: 'Succeed' } } },
    ),
    stateName: 'S',
    identity: IDENTITY,
    input: Payload.ofValue(input),
    variables: {},
    context,
    mock,
    configuration: { retrierRetryCount: 0, mapIterationFailureCount: undefined, mapItemReaderData: undefined, ...configuration },
    at: toInstant(0),
    seed: 'seed',
    limits: AWS_LIMITS,
  })
  const command = test.begin()
  return { test, command, outcome: command ? undefined : test.outcome() }
}

const shown = (inspection: object) =>
  Object.fromEntries(Object.entries(inspection).map(([name, value]) => [name, value instanceof Payload ? value.value : value]))
const result = (value: Json): Mock => ({ result: Payload.ofValue(value) })
const boom: Mock = { failure: { error: 'Boom', cause: 'why' } }
const TASK = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish' }

describe('a state tried alone', () => {
  test('an activity is mocked like any other task, whether it is there or not', () => {
    const activity = { Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:none', End: true }
    const answered = tried({ ...activity, Parameters: { 'n.$': '$.id' } }, { input: { id: 1 }, mock: result('yes') })
    expect(answered.outcome?.status).toBe('SUCCEEDED')
    expect(shown(answered.outcome?.inspection ?? {})).toMatchObject({ afterParameters: { n: 1 }, result: 'yes' })
    expect(tried(activity, { mock: boom }).outcome).toMatchObject({ status: 'FAILED', error: 'Boom' })
    const wrong = tried({ ...activity, Parameters: { 'n.$': '$.none' } }, { mock: result('yes') })
    expect(wrong.outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' })
  })

  test('shows each step of the way of its data', () => {
    const pass = { Type: 'Pass', InputPath: '$.a', Parameters: { 'x.$': '$.b' }, ResultPath: '$.r', Next: 'Next' }
    const { outcome } = tried(pass, { input: { a: { b: 1 } } })
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', nextState: 'Next' })
    expect(shown(outcome?.inspection ?? {})).toEqual({
      afterInputPath: { b: 1 },
      afterParameters: { x: 1 },
      afterResultSelector: { x: 1 },
      afterResultPath: { a: { b: 1 }, r: { x: 1 } },
    })
  })

  test('asks for its call when it is a Task without a mock, and goes on with the answer', () => {
    const { test, command } = tried({ ...TASK, Parameters: { Message: 'm' }, Next: 'Next' })
    expect(command).toMatchObject({ type: 'RunTask', resource: { service: 'sns' } })
    test.finish(result({ MessageId: '1' }))
    expect(test.outcome()).toMatchObject({ status: 'SUCCEEDED', nextState: 'Next' })
  })

  test('does not wait', () => {
    expect(tried({ Type: 'Wait', Seconds: 1_000, Next: 'Next' }).outcome).toMatchObject({
      status: 'SUCCEEDED',
      nextState: 'Next',
    })
  })

  test('takes a context object in place of its own', () => {
    const task = { ...TASK, QueryLanguage: 'JSONata', Output: '{% $states.context.Execution.Name %}', Next: 'Next' }
    const { outcome } = tried(task, { mock: result({}), context: { Execution: { Name: 'given' } } })
    expect(outcome?.output?.value).toBe('given')
  })
})

describe('a mocked failure', () => {
  const guarded = {
    ...TASK,
    Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 3, MaxAttempts: 2 }],
    Catch: [
      { ErrorEquals: ['Other'], Next: 'Next' },
      { ErrorEquals: ['States.ALL'], Next: 'Caught' },
    ],
    Next: 'Next',
  }
  const failedAfter = (retrierRetryCount: number) => tried(guarded, { mock: boom, configuration: { retrierRetryCount } }).outcome

  test('is retriable while its retrier has attempts left', () => {
    expect(failedAfter(1)).toMatchObject({
      status: 'RETRIABLE',
      error: 'Boom',
      errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 6 },
    })
  })

  test('is caught once they are used up', () => {
    expect(failedAfter(2)).toMatchObject({
      status: 'CAUGHT_ERROR',
      nextState: 'Caught',
      errorDetails: { catchIndex: 1, retryIndex: 0 },
    })
  })

  test('fails the state when nothing takes it', () => {
    const { outcome } = tried({ ...TASK, Next: 'Next' }, { mock: boom })
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'Boom', cause: 'why' })
  })
})

test('what fails within a Parallel or Map is caught by it', () => {
  const inner = { StartAt: 'S', States: { S: { ...TASK, End: true } } }
  const definition = {
    StartAt: 'P',
    States: {
      P: {
        Type: 'Parallel',
        Branches: [inner],
        Catch: [{ ErrorEquals: ['Boom'], ResultPath: '$.e', Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Succeed' },
    },
  }
  const { outcome } = tried(definition.States.P.Branches[0]?.States.S ?? null, { mock: boom, input: { a: 1 }, definition })
  expect(outcome).toMatchObject({ status: 'CAUGHT_ERROR', nextState: 'Caught', errorDetails: { catchIndex: 0 } })
  expect(outcome?.output?.value).toEqual({ a: 1, e: { Error: 'Boom', Cause: 'why' } })
})

test('a state within a Map sees the item that it would have', () => {
  const S = { Type: 'Pass', Parameters: { 'item.$': '$$.Map.Item.Value', 'index.$': '$$.Map.Item.Index' }, End: true }
  const processor = { StartAt: 'S', States: { S } }
  const definition = { StartAt: 'M', States: { M: { Type: 'Map', ItemProcessor: processor, End: true } } }
  expect(tried(S, { input: 7, definition }).outcome?.output?.value).toEqual({ item: 7, index: 0 })
})

describe('a mocked Map', () => {
  const map = {
    Type: 'Map',
    QueryLanguage: 'JSONata',
    Items: '{% $states.input %}',
    ToleratedFailureCount: 1,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'P',
      States: { P: { Type: 'Pass', End: true } },
    },
    Next: 'Next',
  }
  const failing = (mapIterationFailureCount: number) =>
    tried(map, { input: [1, 2, 3], mock: result([0, 0, 1]), configuration: { mapIterationFailureCount } })

  test('has the result of its mock as long as no more iterations fail than it tolerates', () => {
    expect(failing(1).outcome).toMatchObject({ status: 'SUCCEEDED' })
    expect(failing(2).outcome).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' })
    expect(() => failing(4)).toThrow(MockMismatch)
  })

  test('shows its bounds', () => {
    expect(failing(0).outcome?.inspection).toEqual({ maxConcurrency: 0, toleratedFailureCount: 1 })
  })

  test('shows its items, selected and batched', () => {
    const selecting = {
      ...map,
      QueryLanguage: 'JSONPath',
      Items: undefined,
      ItemsPath: '$.list',
      ItemSelector: { 'v.$': '$$.Map.Item.Value', 'i.$': '$$.Map.Item.Index' },
      ItemBatcher: { MaxItemsPerBatch: 2 },
    }
    const { outcome } = tried(JSON.parse(JSON.stringify(selecting)), {
      input: { list: ['a', 'b', 'c'] },
      mock: result([1, 2, 3]),
    })
    const item = (v: string, i: number) => ({ v, i })
    expect(shown(outcome?.inspection ?? {})).toMatchObject({
      afterItemsPath: ['a', 'b', 'c'],
      afterItemSelector: [item('a', 0), item('b', 1), item('c', 2)],
      afterItemBatcher: [{ Items: [item('a', 0), item('b', 1)] }, { Items: [item('c', 2)] }],
    })
  })
})
