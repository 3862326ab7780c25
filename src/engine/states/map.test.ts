import { describe, expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'

import { machine, only, play, PUBLISH } from '../testing/play.ts'

const mapping = (ItemProcessor: Json, more: object = {}) => only('M', { Type: 'Map', ItemProcessor, ...more })
const CALL = only('T', { ...PUBLISH, Parameters: { 'm.$': '$' } })
const WAIT = only('W', { Type: 'Wait', Seconds: 10 })
const ECHO = only('E', { Type: 'Pass' })
const running = (flow: ReturnType<typeof play>) => flow.commands.filter(({ type }) => type === 'RunTask').length

describe('a Map', () => {
  test('runs one iteration an item, and puts their outputs in the order of the items', () => {
    const flow = play(mapping(CALL), [1, 2, 3])
    for (const frame of [3, 1, 2]) flow.succeed(`of ${frame}`, frame)
    expect(flow.output()).toEqual(['of 1', 'of 2', 'of 3'])
    expect(flow.last('MapStateStarted').length).toBe(3)
  })

  test.each([
    ['of nothing ends at once', [], []],
    ['keeps items that are null or repeat', [null, 1, 1, false], [null, 1, 1, false]],
  ])('%s', (_, items, outputs) => {
    expect(play(mapping(ECHO), items).output()).toEqual(outputs)
  })

  test('runs no more than MaxConcurrency at a time, and the next one as soon as one is done', () => {
    const flow = play(mapping(CALL, { MaxConcurrency: 2 }), [1, 2, 3, 4])
    expect(running(flow)).toBe(2)
    flow.succeed('b', 2)
    expect(running(flow)).toBe(3)
    flow.succeed('a', 1)
    flow.succeed('c', 3)
    flow.succeed('d', 4)
    expect(flow.output()).toEqual(['a', 'b', 'c', 'd'])
  })

  test('runs forty at a time where nothing is said, as AWS does', () => {
    expect(running(play(mapping(CALL), Array(50).fill(0)))).toBe(40)
    expect(running(play(mapping(CALL, { MaxConcurrency: 0 }), Array(50).fill(0)))).toBe(40)
    expect(running(play(mapping(CALL, { MaxConcurrency: 45 }), Array(50).fill(0)))).toBe(40)
  })

  test('takes its concurrency from the input', () => {
    const of = (n: Json) => play(mapping(CALL, { ItemsPath: '$.items', MaxConcurrencyPath: '$.n' }), { items: [1, 2, 3], n })
    expect(running(of(2))).toBe(2)
    expect(of('x').end()).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: expect.stringContaining('The MaxConcurrencyPath field refers to value "x" which is not a valid integer: $.n'),
    })
  })

  test('fails before it starts where its concurrency is negative', () => {
    const flow = play(mapping(ECHO, { ItemsPath: '$.items', MaxConcurrencyPath: '$.max' }), { items: [1], max: -1 })
    expect(flow.types()).toEqual(['ExecutionStarted', 'MapStateEntered', 'ExecutionFailed'])
    expect(flow.end()).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining('MaxConcurrency cannot be negative.'),
    })
  })

  test('shapes what an iteration sees by the state and the item', () => {
    const ItemSelector = { 'all.$': '$.factor', 'item.$': '$$.Map.Item.Value', 'at.$': '$$.Map.Item.Index' }
    const flow = play(mapping(ECHO, { ItemsPath: '$.items', ItemSelector }), { factor: 3, items: ['a', 'b'] })
    expect(flow.output()).toEqual([
      { all: 3, item: 'a', at: 0 },
      { all: 3, item: 'b', at: 1 },
    ])
  })

  test('by JSONata takes Items and selects likewise', () => {
    const state = {
      Type: 'Map',
      QueryLanguage: 'JSONata',
      Items: '{% $states.input.items[n > 1] %}',
      ItemSelector: { v: '{% $states.context.Map.Item.Value.n * 10 %}', i: '{% $states.context.Map.Item.Index %}' },
      ItemProcessor: only('E', { Type: 'Pass' }),
      Output: '{% $states.result.v %}',
      End: true,
    }
    expect(play(machine({ M: state }), { items: [{ n: 1 }, { n: 2 }, { n: 3 }] }).output()).toEqual([20, 30])
  })

  test.each([
    [{ ItemsPath: '$.items' }, { items: { a: 1 } }, 'Reference path "$.items" must point to array.'],
    [{}, { a: 1 }, 'Reference path "$" must point to array.'],
    [{ ItemsPath: '$.items' }, { items: 'text' }, 'Reference path "$.items" must point to array.'],
  ])('with %j of %j fails: that is no array', (fields, input, cause) => {
    expect(play(mapping(ECHO, fields), input).end()).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: `An error occurred while executing the state 'M' (entered at the event id #2). ${cause}`,
    })
  })

  test('by JSONata of no array is told with its value, and may be caught', () => {
    const state = {
      Type: 'Map',
      QueryLanguage: 'JSONata',
      Items: '{% {"a": 1} %}',
      ItemProcessor: ECHO,
      Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'C' }],
      End: true,
    }
    const flow = play(machine({ M: state, C: { Type: 'Succeed' } }))
    expect(flow.last('EvaluationFailed').cause).toContain(`Expected 'array', but was 'object' for value: {"a":1}`)
    expect(flow.state.status).toBe('SUCCEEDED')
  })
})

describe('an iteration that fails', () => {
  test('within others tells the end of each state and iteration once', () => {
    const FAILS_OR_CALLS = machine({
      C: { Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: 1, Next: 'F' }], Default: 'T' },
      F: { Type: 'Fail', Error: 'E' },
      T: { ...PUBLISH, End: true },
    })
    const inner = { Type: 'Parallel', Branches: [only('Y', { Type: 'Map', ItemProcessor: FAILS_OR_CALLS })] }
    const flow = play(mapping(only('P', inner)), [[0, 1], [2]])
    expect(flow.types().slice(flow.types().indexOf('MapIterationFailed'))).toEqual([
      'MapIterationFailed', // Y 1
      'TaskStateAborted', // of Y 0
      'MapIterationAborted', // Y 0
      'MapStateFailed',
      'ParallelStateFailed',
      'MapIterationFailed', // M 0
      'MapIterationAborted', // Y 0 in M 1, which had begun no state
      'MapStateAborted',
      'ParallelStateAborted',
      'MapIterationAborted', // M 1
      'MapStateFailed',
      'ExecutionFailed',
    ])
    expect(flow.commands).toContainEqual({ type: 'CancelTask', task: flow.task().task })
  })

  test('takes its siblings with it before it begins, where its own input has no value', () => {
    const ItemSelector = '{% $states.context.Map.Item.Index = 2 ? $error("no") : 0 %}'
    const state = {
      Type: 'Map',
      QueryLanguage: 'JSONata',
      Items: [1, 2, 3],
      MaxConcurrency: 2,
      ItemProcessor: CALL,
      ItemSelector,
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'C' }],
      End: true,
    }
    const flow = play(machine({ M: state, C: { Type: 'Succeed' } }))
    flow.succeed('of 0', 1)
    const types = flow.types()
    expect(types.slice(types.indexOf('EvaluationFailed'), -4)).toEqual([
      'EvaluationFailed',
      'TaskStateAborted',
      'MapIterationAborted',
      'MapStateFailed',
    ])
    expect(flow.commands.filter(({ type }) => type === 'CancelTask')).toHaveLength(1)
  })

  test('takes its siblings with it, and their calls are cancelled', () => {
    const flow = play(mapping(CALL), [1, 2, 3])
    flow.fail('Boom', 2, 'why')
    expect(flow.end()).toEqual({ status: 'FAILED', error: 'Boom', cause: 'why' })
    expect(flow.types().slice(-8)).toEqual([
      'MapIterationFailed',
      'TaskStateAborted',
      'TaskStateAborted',
      'MapIterationAborted',
      'TaskStateAborted',
      'MapIterationAborted',
      'MapStateFailed',
      'ExecutionFailed',
    ])
    const cancelled = flow.commands.flatMap((command) => (command.type === 'CancelTask' ? [command.task] : []))
    expect(new Set(cancelled)).toEqual(new Set([flow.task(1).task, flow.task(3).task]))
    // Whatever they answer now comes too late.
    const before = flow.events.length
    flow.succeed('late', 1)
    expect(flow.events.length).toBe(before)
  })

  test('is caught by the Map, with the input of the Map', () => {
    const Catch = [{ ErrorEquals: ['Boom'], ResultPath: '$.e', Next: 'C' }]
    const flow = play(
      machine({ M: { Type: 'Map', ItemsPath: '$.items', ItemProcessor: CALL, Catch, End: true }, C: { Type: 'Succeed' } }),
      { items: [1] },
    )
    flow.fail('Boom', 1)
    expect(flow.output()).toEqual({ items: [1], e: { Error: 'Boom', Cause: null } })
  })

  test('is tried again with all of its siblings by a Retry of the Map, and only itself by a Retry of its own', () => {
    const Retry = [{ ErrorEquals: ['Boom'], IntervalSeconds: 1, MaxAttempts: 1 }]
    const ofMap = play(mapping(CALL, { Retry }), [1, 2])
    ofMap.succeed('a', 1)
    ofMap.fail('Boom', 2)
    ofMap.pass(1)
    expect(running(ofMap)).toBe(4)
    const ofTask = play(mapping(only('T', { ...PUBLISH, Retry })), [1, 2])
    ofTask.succeed('a', 1)
    ofTask.fail('Boom', 2)
    ofTask.pass(1)
    expect(running(ofTask)).toBe(3)
    ofTask.succeed('b', 2)
    expect(ofTask.output()).toEqual(['a', 'b'])
  })

  test('ends an iteration alone when the iteration catches it', () => {
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'C' }]
    const flow = play(
      mapping(machine({ T: { ...PUBLISH, Catch, End: true }, C: { Type: 'Pass', Result: 'caught', End: true } })),
      [1, 2],
    )
    flow.fail('Boom', 1)
    flow.succeed('b', 2)
    expect(flow.output()).toEqual(['caught', 'b'])
  })
})

test('iterations wait side by side, and a Map within a Map joins its own first', () => {
  const flow = play(mapping(only('N', { Type: 'Map', ItemProcessor: WAIT })), [[1, 2], [3]])
  flow.pass(9)
  expect(flow.state.status).toBe('RUNNING')
  flow.pass(1)
  expect(flow.output()).toEqual([[1, 2], [3]])
  expect(flow.now()).toBe(10_000)
})

test('a stop in the midst of iterations aborts them all, and a redrive goes on with those that had not ended', () => {
  const flow = play(mapping(CALL, { MaxConcurrency: 2 }), [1, 2, 3])
  flow.succeed('a', 1)
  flow.send({ type: 'Stop', failure: {} })
  expect(flow.end()).toEqual({ status: 'ABORTED' })
  const asked = running(flow)
  flow.send({ type: 'Redrive' })
  expect(running(flow) - asked).toBe(2)
  flow.succeed('b', 2)
  flow.succeed('c', 3)
  expect(flow.output()).toEqual(['a', 'b', 'c'])
})
