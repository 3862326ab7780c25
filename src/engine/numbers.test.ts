import { describe, expect, test } from 'vitest'

import type { Json } from '../base/json.ts'
import { Payload } from '../base/payload.ts'
import { toInstant } from '../base/time.ts'

import { compileDefinition } from '../asl/compile.ts'

import { AWS_LIMITS } from '../base/limits.ts'
import { IDENTITY } from './flow-in-test.ts'
import { newExecutionState } from './state.ts'
import { step } from './step.ts'

const SEED = '0'.repeat(32)

/** What a machine of these states puts out, as text. States follow each other in their order. */
function outputOf(states: Record<string, object>, input: string, more: object = {}): string {
  const names = Object.keys(states)
  const linked = names.map((name, i) => [name, { ...states[name], ...(names[i + 1] ? { Next: names[i + 1] } : { End: true }) }])
  return textOf(JSON.stringify({ StartAt: names[0], States: Object.fromEntries(linked), ...more }), input)
}

function textOf(definition: string, input: string): string {
  const program = compileDefinition(definition)
  if (!program.ok) throw new Error(JSON.stringify(program.error))
  const state = newExecutionState(program.value, IDENTITY, Payload.ofText(input), toInstant(0))
  let turn = step(state, { type: 'Start', at: toInstant(0), seed: SEED }, AWS_LIMITS)
  while (turn.isUnfinished) turn = step(state, { type: 'Continue', at: toInstant(0), seed: SEED }, AWS_LIMITS)
  return state.output?.text ?? `${state.error}: ${state.cause}`
}

const pass = (fields: object) => ({ A: { Type: 'Pass', ...fields } })
const BIG = '9007199254740993'

describe('a number that a state only moves keeps its spelling', () => {
  test.each<[string, Record<string, object>, string, string]>([
    ['beside ResultPath', pass({ Result: { x: 1 }, ResultPath: '$.y' }), `{"id":${BIG}}`, `{"id":${BIG},"y":{"x":1}}`],
    ['through a template', pass({ Parameters: { 'x.$': '$.f', c: [1] } }), '{"f":1.0}', '{"x":1.0,"c":[1]}'],
    ['within what a path finds', pass({ Parameters: { 'x.$': '$.a[*].n' } }), '{"a":[{"n":0.0},{"n":1e3}]}', '{"x":[0.0,1e3]}'],
    ['as a whole', pass({ InputPath: '$.f', OutputPath: '$' }), '{"f":-0.0}', '-0.0'],
    [
      'in a variable',
      { ...pass({ Assign: { 'v.$': '$.id' } }), B: { Type: 'Pass', Parameters: { 'v.$': '$v' } } },
      `{"id":${BIG}}`,
      `{"v":${BIG}}`,
    ],
    ['from the context object', pass({ Parameters: { 'x.$': '$$.Execution.Input.f' } }), '{"f":2.50}', '{"x":2.50}'],
    [
      'as an item of a Map',
      {
        M: {
          Type: 'Map',
          ItemsPath: '$.l',
          ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', Parameters: { 'i.$': '$' }, End: true } } },
        },
      },
      '{"l":[1.0,2]}',
      '[{"i":1.0},{"i":2}]',
    ],
    ['in an array of an intrinsic', pass({ Parameters: { 'x.$': 'States.Array($.f, 1)' } }), '{"f":1.0}', '{"x":[1.0,1]}'],
    [
      'in a text of JSON',
      pass({ Parameters: { 'x.$': 'States.JsonToString($)', 'y.$': "States.StringToJson('[1.0]')" } }),
      '{"f":1.0}',
      '{"x":"{\\"f\\":1.0}","y":[1.0]}',
    ],
    [
      'in a formatted text',
      pass({ Parameters: { 'x.$': "States.Format('{} {} {}', $.id, $.f, $.l)" } }),
      `{"id":${BIG},"f":1.0,"l":[1.50]}`,
      `{"x":"${BIG} 1.0 [1.5]"}`,
    ],
  ])('%s', (_how, states, input, output) => expect(outputOf(states, input)).toBe(output))

  test.each(['$states.input', '$v', '$states.context.Execution.Input'])('found by JSONata: %s', (place) => {
    const states = {
      ...pass({ Assign: { v: '{% $states.input %}' } }),
      B: { Type: 'Pass', Output: { whole: `{% ${place} %}`, id: `{% ${place}.l.id %}` } },
    }
    const input = `{"l":[{"id":${BIG}},{"id":1.0}]}`
    expect(outputOf(states, input, { QueryLanguage: 'JSONata' })).toBe(`{"whole":${input},"id":[${BIG},1.0]}`)
  })

  test('of the definition too', () => {
    const definition = '{"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"f":1.0,"n":1},"End":true}}}'
    expect(textOf(definition, '{}')).toBe('{"f":1.0,"n":1}')
  })
})

describe('a state that computes with a number reads its value', () => {
  const to = (rule: object) => ({
    StartAt: 'C',
    States: {
      C: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
      Yes: { Type: 'Pass', Result: 'Yes', End: true },
      No: { Type: 'Pass', Result: 'No', End: true },
    },
  })
  test.each<[object, string]>([
    [{ Variable: '$.f', NumericEquals: 1 }, 'Yes'],
    [{ Variable: '$.f', NumericGreaterThanPath: '$.g' }, 'Yes'],
    [{ Variable: '$.f', IsNumeric: true }, 'Yes'],
    [{ Variable: '$.f', IsString: true }, 'No'],
    [{ Variable: '$.f.rawJSON', IsPresent: true }, 'No'],
  ])('Choice: %j', (rule, went) => expect(textOf(JSON.stringify(to(rule)), '{"f":1.0,"g":-0.0}')).toBe(`"${went}"`))

  test.each<[object, string]>([
    [{ 'x.$': 'States.MathAdd($.f, 1)' }, '{"x":2}'],
    [{ 'x.$': 'States.ArrayGetItem($.l, $.f)' }, '{"x":20}'],
    [{ 'x.$': '$.m[?(@.n > 1)].n' }, '{"x":[1.50]}'],
    [{ 'x.$': '$.m[?(@.n == 1)].n' }, '{"x":[1.0]}'],
    [{ 'x.$': 'States.ArrayContains($.l, 20)' }, '{"x":true}'],
    [{ 'x.$': 'States.ArrayUnique($.u)' }, '{"x":[1.0,2]}'],
    [{ 'x.$': '$..n.*' }, '{"x":[]}'],
  ])('%j', (Parameters, output) => {
    const input = '{"f":1.0,"l":[10,20],"u":[1.0,1.0,2,2],"m":[{"n":1.0},{"n":1.50}]}'
    expect(outputOf(pass({ Parameters }), input)).toBe(output)
  })

  test('an expression of JSONata computes with numbers alone', () => {
    const states = pass({
      Output: { n: '{% $states.input.f + $states.context.Execution.Input.f %}', o: '{% {"f": $states.input.f} %}' },
    })
    expect(outputOf(states, '{"f":1.0}', { QueryLanguage: 'JSONata' })).toBe('{"n":2,"o":{"f":1}}')
  })

  test('a field of JSONata that takes a number has one', () => {
    const W = { Type: 'Wait', Seconds: '{% $states.input.s %}', Output: '{% $states.input.s %}' }
    expect(outputOf({ W }, '{"s":0.0}', { QueryLanguage: 'JSONata' })).toBe('0.0')
  })

  test('JSONata has them in variables of a JSONPath state too', () => {
    const states = {
      ...pass({ Assign: { 'v.$': '$' } }),
      B: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $v.l[0] + 1 %}' },
    }
    expect(outputOf(states, '{"l":[1.0]}')).toBe('2')
  })

  test('durations and bounds', () => {
    const states = {
      W: { Type: 'Wait', SecondsPath: '$.zero' },
      M: {
        Type: 'Map',
        ItemsPath: '$.l',
        MaxConcurrencyPath: '$.one',
        ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Succeed' } } },
      },
    }
    expect(outputOf(states, '{"zero":0.0,"one":1.0,"l":[7]}')).toBe('[7]')
    const task = { ...pass({}), T: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', TimeoutSecondsPath: '$.t' } }
    expect(outputOf(task, '{"t":1.5}')).toContain('does not reference a positive integer: $.t == 1.5')
  })
})

test('a retrier of the definition may be spelled with fractions', () => {
  const Retry = '[{"ErrorEquals":["States.ALL"],"BackoffRate":3.0,"IntervalSeconds":2}]'
  const text = `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::sns:publish","Retry":${Retry},"End":true}}}`
  const program = compileDefinition(text)
  const task = program.ok ? program.value.states.get('T') : undefined
  const retriers: Json = JSON.parse(JSON.stringify(task && 'retry' in task ? task.retry : []))
  expect(retriers).toMatchObject([{ backoffRate: 3, intervalSeconds: 2 }])
})
