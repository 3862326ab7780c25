import { describe, expect, test } from 'vitest'

import { machine, only, play, PUBLISH } from '../testing/play.ts'

const call = (name: string) => only(name, { ...PUBLISH, Parameters: { 'm.$': '$' } })
const wait = (name: string, Seconds: number) => only(name, { Type: 'Wait', Seconds })
const parallel = (Branches: readonly unknown[], more: object = {}) => only('P', { Type: 'Parallel', Branches, ...more })
const running = (flow: ReturnType<typeof play>) => flow.commands.filter(({ type }) => type === 'RunTask').length

describe('a Parallel', () => {
  test('runs its branches on one input, and puts their outputs in the order of the branches', () => {
    const flow = play(parallel([call('A'), call('B')]), { x: 1 })
    expect([flow.task(1), flow.task(2)].map(({ parameters }) => parameters.value)).toEqual([{ m: { x: 1 } }, { m: { x: 1 } }])
    flow.succeed('b', 2)
    expect(flow.state.status).toBe('RUNNING')
    flow.succeed('a', 1)
    expect(flow.output()).toEqual(['a', 'b'])
  })

  test('shapes the input of its branches and the array of their outputs', () => {
    const fields = { Parameters: { 'y.$': '$.x' }, ResultSelector: { 'first.$': '$[0]' }, ResultPath: '$.r' }
    const flow = play(parallel([only('A', { Type: 'Pass' }), only('B', { Type: 'Pass' })], fields), { x: 7 })
    expect(flow.output()).toEqual({ x: 7, r: { first: { y: 7 } } })
  })

  test('by JSONata likewise', () => {
    const fields = { QueryLanguage: 'JSONata', Arguments: { y: '{% $states.input.x %}' }, Output: '{% $sum($states.result.y) %}' }
    expect(play(parallel([only('A', { Type: 'Pass' }), only('B', { Type: 'Pass' })], fields), { x: 7 }).output()).toBe(14)
  })

  test('waits for the longest of its branches', () => {
    const flow = play(parallel([wait('A', 3), wait('B', 9), wait('C', 1)]))
    flow.pass(8.999)
    expect(flow.state.status).toBe('RUNNING')
    flow.pass(0.001)
    expect(flow.state.status).toBe('SUCCEEDED')
  })

  test('has a branch for each that is written, also of the same shape', () => {
    expect(play(parallel(Array.from({ length: 30 }, (_, i) => only(`S${i}`, { Type: 'Pass', Result: i })))).output()).toEqual(
      Array.from({ length: 30 }, (_, i) => i),
    )
  })
})

describe('a branch that fails', () => {
  test('takes the others with it, the innermost first, and what they wait for is cancelled', () => {
    const inner = only('Q', { Type: 'Parallel', Branches: [wait('X', 9), call('Y')] })
    const flow = play(parallel([inner, call('A')]))
    flow.fail('Boom', 2, 'why')
    expect(flow.types().slice(-7)).toEqual([
      'TaskFailed',
      'TaskStateAborted',
      'WaitStateAborted',
      'TaskStateAborted',
      'ParallelStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ])
    expect(flow.end()).toEqual({ status: 'FAILED', error: 'Boom', cause: 'why' })
    const cancelled = flow.commands.flatMap((command) => (command.type === 'CancelTask' ? [command.task] : []))
    const inY = flow.commands.find((command) => command.type === 'RunTask' && command.frame > 2)
    expect(new Set(cancelled)).toEqual(new Set([inY?.type === 'RunTask' ? inY.task : undefined]))
    flow.pass(100)
    expect(flow.types().at(-1), 'no timer of theirs rings').toBe('ExecutionFailed')
  })

  test('is caught by the nearest state around it that takes its error', () => {
    const Catch = (error: string, Next: string) => [{ ErrorEquals: [error], ResultPath: null, Next }]
    const around = (inner: string, outer: string) =>
      play(
        machine({
          P: {
            Type: 'Parallel',
            Branches: [
              machine({
                Q: { Type: 'Parallel', Branches: [call('A')], Catch: Catch(inner, 'I'), End: true },
                I: { Type: 'Pass', Result: 'inner', End: true },
              }),
            ],
            Catch: Catch(outer, 'O'),
            End: true,
          },
          O: { Type: 'Pass', Result: 'outer', End: true },
        }),
      )
    const outputOf = (inner: string, outer: string) => {
      const flow = around(inner, outer)
      flow.fail('Boom')
      return flow.output() ?? flow.end()
    }
    expect(outputOf('Boom', 'Boom')).toEqual(['inner'])
    expect(outputOf('Other', 'Boom')).toBe('outer')
    expect(outputOf('Other', 'Other')).toEqual({ status: 'FAILED', error: 'Boom' })
  })

  test('begins all branches anew where the Parallel is tried again, with the same input', () => {
    const Retry = [{ ErrorEquals: ['Boom'], IntervalSeconds: 5, MaxAttempts: 1 }]
    const flow = play(parallel([call('A'), call('B')], { Retry }), { x: 1 })
    flow.succeed('a', 1)
    flow.fail('Boom', 2)
    flow.pass(4.999)
    expect(running(flow)).toBe(2)
    flow.pass(0.001)
    expect(running(flow)).toBe(4)
    flow.succeed('a2', 3)
    flow.succeed('b2', 4)
    expect(flow.output()).toEqual(['a2', 'b2'])
  })

  test('of States.Runtime ends the execution, whatever would catch it', () => {
    const bad = only('A', { Type: 'Pass', InputPath: '$.none' })
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'C' }]
    const flow = play(machine({ P: { Type: 'Parallel', Branches: [bad], Catch, End: true }, C: { Type: 'Succeed' } }))
    expect(flow.end()).toMatchObject({ status: 'FAILED', error: 'States.Runtime' })
    expect(flow.types().at(-1)).toBe('ExecutionFailed')
  })
})
