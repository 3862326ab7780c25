/** A turn is short whatever a workflow does, and what does not fit into it comes in the next one, as if nothing had been cut. */
import { describe, expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import type { Json } from '../base/json.ts'
import { AWS_LIMITS, NO_LIMITS, PRINTED_BYTES_MAX } from '../base/limits.ts'
import { Payload } from '../base/payload.ts'

import { WORK_MAX } from '../expr/work.ts'

import { fold } from './apply.ts'
import { run, shown } from './flow-in-test.ts'
import { nextDue } from './state.ts'
import { TURN_WORK_MAX } from './turn.ts'

/** Some 0.6 million units: more than a turn, less than a state may do. */
const HEAVY = '$sum($map([1..140000], function($v){$v*2}))'
const heavy = `{% ${HEAVY} %}`
const jsonata = (states: Json, startAt = 'A') => ({ QueryLanguage: 'JSONata', StartAt: startAt, States: states })
const most = (turns: readonly { readonly work: number }[]) => Math.max(...turns.map(({ work }) => work))

describe('a turn ends after its work', () => {
  test('heavy states run one a turn', () => {
    const states = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [
        `S${i}`,
        { Type: 'Pass', Output: heavy, ...(i < 19 ? { Next: `S${i + 1}` } : { End: true }) },
      ]),
    )
    const { state, turns } = run(jsonata(states, 'S0'))
    expect(state.status).toBe('SUCCEEDED')
    expect(turns).toHaveLength(20)
    expect(most(turns)).toBeLessThan(TURN_WORK_MAX + WORK_MAX)
  })

  test('cheap states run many a turn', () => {
    const states = Object.fromEntries(
      Array.from({ length: 2_500 }, (_, i) => [
        `S${i}`,
        { Type: 'Pass', ...(i < 2_499 ? { Next: `S${i + 1}` } : { End: true }) },
      ]),
    )
    expect(run({ StartAt: 'S0', States: states }).turns.length).toBeLessThanOrEqual(5)
  })

  test('large payloads fill a turn too, each once: one that is only handed on costs nothing more', () => {
    const statesOf = (pass: object) =>
      Object.fromEntries(
        Array.from({ length: 100 }, (_, i) => [
          `S${i}`,
          { Type: 'Pass', ...pass, ...(i < 99 ? { Next: `S${i + 1}` } : { End: true }) },
        ]),
      )
    const turnsOf = (pass: object) => run({ StartAt: 'S0', States: statesOf(pass) }, { text: 'x'.repeat(250_000) }).turns.length
    expect(turnsOf({ Result: 1, ResultPath: '$.n' })).toBeGreaterThan(10)
    expect(turnsOf({})).toBe(1)
  })

  test('an ItemSelector that is heavy opens one iteration a turn, in the order of one turn', () => {
    const map = (selector: string): Json =>
      jsonata({
        A: {
          Type: 'Map',
          Items: '{% [1..12] %}',
          MaxConcurrency: 10,
          End: true,
          ItemSelector: { v: `{% [${selector}, $states.context.Map.Item.Value][1] %}` },
          ItemProcessor: { StartAt: 'B', States: { B: { Type: 'Pass', End: true } } },
        },
      })
    const slow = run(map(HEAVY))
    const quick = run(map('0'))
    expect(slow.turns.length).toBeGreaterThanOrEqual(12)
    expect(most(slow.turns)).toBeLessThan(TURN_WORK_MAX + WORK_MAX)
    expect(slow.types()).toEqual(quick.types())
    expect(slow.state.output?.text).toBe(quick.state.output?.text)
  })

  test('timers that are due together fire in several turns', () => {
    const flow = run(
      jsonata({
        A: {
          Type: 'Map',
          Items: '{% [1..10] %}',
          End: true,
          ItemProcessor: { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1, Output: heavy, End: true } } },
        },
      }),
    )
    const before = flow.turns.length
    // As the driver does: whoever is due still is woken again.
    while ((nextDue(flow.state) ?? Number.POSITIVE_INFINITY) <= 1_000) flow.send({ type: 'TimerFired' }, 1_000)
    expect(flow.state.status).toBe('SUCCEEDED')
    expect(flow.turns.length - before).toBeGreaterThanOrEqual(10)
    expect(most(flow.turns)).toBeLessThan(TURN_WORK_MAX + WORK_MAX)
  })

  test('tasks that are late together are told together, and caught in several turns by the name that was missed', () => {
    const caught = (name: string) => ({ ErrorEquals: [name], Next: 'Z', Output: `{% ["${name}", ${HEAVY}][0] %}` })
    const flow = run(
      jsonata({
        A: {
          Type: 'Map',
          Items: '{% [1..6] %}',
          End: true,
          ItemProcessor: {
            StartAt: 'T',
            States: {
              T: {
                Type: 'Task',
                Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
                Arguments: {},
                End: true,
                HeartbeatSeconds: 5,
                TimeoutSeconds: 9,
                Catch: [caught('States.HeartbeatTimeout'), caught('States.Timeout')],
              },
              Z: { Type: 'Pass', End: true },
            },
          },
        },
      }),
    )
    const before = flow.turns.length
    flow.send({ type: 'TimerFired' }, 6_000)
    expect(flow.state.status).toBe('SUCCEEDED')
    expect(flow.turns.length - before).toBeGreaterThanOrEqual(6)
    expect(flow.turns[before]?.events.filter(({ type }) => type === 'TaskTimedOut')).toHaveLength(6)
    expect(JSON.parse(flow.state.output?.text ?? '')).toEqual(Array.from({ length: 6 }, () => 'States.HeartbeatTimeout'))
    expect(shown(fold(flow.empty(), flow.events))).toBe(shown(flow.state))
  })

  test('states that a redrive begins again do so in several turns', () => {
    const flow = run(
      jsonata({
        A: {
          Type: 'Map',
          Items: '{% [1..6] %}',
          End: true,
          ItemProcessor: {
            StartAt: 'T',
            States: { T: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Arguments: { n: heavy }, End: true } },
          },
        },
      }),
    )
    flow.send({ type: 'Stop', failure: {} })
    const before = flow.turns.length
    flow.send({ type: 'Redrive' })
    expect(flow.turns.length - before).toBeGreaterThanOrEqual(6)
    expect([...flow.state.frames.values()].filter(({ active }) => active?.task)).toHaveLength(6)
  })
})

describe('one state does no more than its share', () => {
  const causeOf = (definition: Json) => {
    const { state } = run(definition)
    return `${state.error}: ${state.cause}`
  }

  test('in all of its fields together', () => {
    expect(causeOf(jsonata({ A: { Type: 'Pass', Assign: { a: heavy }, Output: heavy, End: true } }))).toMatch(
      /^States.QueryEvaluationError: .*'Output'.*timeout/,
    )
  })

  test('in all rules of a Choice together', () => {
    const rule = { Condition: `{% ${HEAVY} = 0 %}`, Next: 'Z' }
    const states = { A: { Type: 'Choice', Choices: [rule, rule, rule], Default: 'Z' }, Z: { Type: 'Succeed' } }
    expect(causeOf(jsonata(states))).toMatch(/^States.QueryEvaluationError: .*Choices\[1\]\/Condition/)
  })

  test('but its catcher may still look at the failure', () => {
    const { state } = run(
      jsonata({
        A: {
          Type: 'Map',
          Items: `{% [${HEAVY}, ${HEAVY}] %}`,
          End: true,
          ItemProcessor: { StartAt: 'B', States: { B: { Type: 'Pass', End: true } } },
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Z', Output: '{% $sum([1..1000]) %}' }],
        },
        Z: { Type: 'Pass', End: true },
      }),
    )
    expect([state.status, state.output?.text]).toEqual(['SUCCEEDED', '500500'])
  })
})

describe('nothing is printed that memory cannot hold', () => {
  const doubling = {
    StartAt: 'A',
    States: { A: { Type: 'Pass', Parameters: { 'a.$': '$', 'b.$': '$' }, Next: 'B' }, B: { Type: 'Pass', Next: 'A' } },
  }

  test('a payload that doubles ends at the limit, or at the guard where there is no limit', () => {
    const limited = run(doubling, 'x'.repeat(1_000))
    expect([limited.state.error, limited.state.cause]).toEqual([
      'States.DataLimitExceeded',
      "The state/task 'A' returned a result with a size exceeding the maximum number of bytes service limit.",
    ])
    const { state } = run(doubling, 'x'.repeat(1_000), { limits: NO_LIMITS })
    expect(state.error).toBe('States.DataLimitExceeded')
    expect(state.cause).toContain(`at most ${PRINTED_BYTES_MAX} bytes a payload`)
  })

  test('a value that repeats its parts by reference is measured before it is printed', () => {
    const bomb = '{% $map([1..50000], function(){$states.input}) %}'
    const task = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', End: true }
    const processor = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }
    for (const state of [
      { Type: 'Pass', Output: bomb, End: true },
      { Type: 'Pass', Assign: { v: bomb }, End: true },
      { ...task, Arguments: { v: bomb } },
      { Type: 'Map', Items: bomb, ItemProcessor: processor, End: true },
      { Type: 'Map', Items: [1], ItemSelector: { v: bomb }, ItemProcessor: processor, End: true },
      { Type: 'Parallel', Arguments: { v: bomb }, Branches: [processor], End: true },
      {
        Type: 'Map',
        Items: bomb,
        ItemProcessor: { ...processor, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' } },
        End: true,
      },
    ])
      expect(run(jsonata({ A: state }), { x: 'y'.repeat(200_000) }).state.error, JSON.stringify(state)).toBe(
        'States.DataLimitExceeded',
      )
    for (const state of [
      { Type: 'Wait', Seconds: bomb, End: true },
      { Type: 'Pass', Output: `{% $number(${bomb.slice(2, -2)}) %}`, End: true },
      { Type: 'Pass', Output: `{% $string(${bomb.slice(2, -2)}) %}`, End: true },
    ])
      expect(run(jsonata({ A: state }), { x: 'y'.repeat(200_000) }).state.error, JSON.stringify(state)).toBe(
        'States.QueryEvaluationError',
      )
  })

  test('a payload that wraps itself ends where JSON could no longer be read', () => {
    const states = { A: { Type: 'Pass', Parameters: { 'a.$': '$' }, Next: 'B' }, B: { Type: 'Pass', Next: 'A' } }
    const { state } = run({ StartAt: 'A', States: states })
    expect([state.error, state.cause]).toEqual([
      'States.DataLimitExceeded',
      "The state/task 'A' made JSON that nests more than 1000 levels deep.",
    ])
  })

  test('a deep value that an expression makes fails its state, wherever it stands', () => {
    const deep = '{% ($f := function($n, $x){ $n = 0 ? $x : $f($n - 1, {"a": $x}) }; $f(5000, 1)) %}'
    const pass = { Type: 'Pass', End: true }
    const iterate = { StartAt: 'I', States: { I: pass } }
    const publish = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Next: 'Caught' }
    for (const state of [
      { ...pass, Output: deep },
      { ...pass, Output: { b: [deep] } },
      { ...pass, Assign: { v: deep } },
      { Type: 'Succeed', Output: deep },
      { Type: 'Choice', Choices: [{ Condition: deep, Next: 'Caught' }], Default: 'Caught' },
      { Type: 'Choice', Choices: [{ Condition: '{% true %}', Assign: { v: deep }, Next: 'Caught' }] },
      { Type: 'Wait', Seconds: deep, Next: 'Caught' },
      { Type: 'Fail', Error: deep },
      { Type: 'Fail', Cause: deep },
      { ...publish, Arguments: deep },
      { ...publish, Arguments: {}, TimeoutSeconds: deep },
      { Type: 'Parallel', Branches: [iterate], Arguments: deep, Next: 'Caught' },
      { Type: 'Map', Items: deep, ItemProcessor: iterate, Next: 'Caught' },
      { Type: 'Map', Items: [1], ItemSelector: deep, ItemProcessor: iterate, Next: 'Caught' },
    ])
      expect(run(jsonata({ A: state, Caught: pass })).state.error, JSON.stringify(state)).toMatch(/^States\.(Data|Query|Runtime)/)
  })

  test('the outputs of branches are counted before they are joined', () => {
    const branch = (i: number) => ({ StartAt: `P${i}`, States: { [`P${i}`]: { Type: 'Pass', End: true } } })
    const parallel = { Type: 'Parallel', Branches: Array.from({ length: 80 }, (_, i) => branch(i)), ResultPath: null, End: true }
    expect(run({ StartAt: 'A', States: { A: parallel } }, 'x'.repeat(250_000)).state.error).toBe('States.DataLimitExceeded')
  })
})

test('error names and causes are as long as the profile lets them be', () => {
  const task = {
    StartAt: 'T',
    States: { T: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: {}, End: true } },
  }
  const told = (limits: typeof AWS_LIMITS) => {
    const flow = run(task, {}, { limits })
    const active = flow.state.frames.get(asId(0))?.active?.task
    flow.send({
      type: 'TaskFailed',
      frame: asId(0),
      task: asId(active?.id ?? 0),
      phase: 'run',
      failure: { error: 'e'.repeat(300), cause: 'c'.repeat(40_000) },
    })
    return [flow.state.error?.length, flow.state.cause?.length]
  }
  expect(told(AWS_LIMITS)).toEqual([256, 32_768])
  expect(told(NO_LIMITS)).toEqual([300, 40_000])
})

test('a payload is measured as it will be printed', () => {
  expect(Payload.ofValue({ a: [1, 'b', null], c: {} }).fit(JSON.stringify({ a: [1, 'b', null], c: {} }).length)).toBe('fits')
  expect(Payload.ofValue(['ab', 'ab']).fit(10)).toBe('large')
  expect(Payload.ofText('"äö"').fit(5)).toBe('large')
})
