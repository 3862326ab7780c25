import { describe, expect, it, test } from 'vitest'

import type { Json } from '../../base/json.ts'
import { parseJson } from '../../base/json-bounds.ts'
import { printInOrder } from '../../base/member-order.ts'
import { compileJsonata, type JsonataOutcome, type JsonataScope } from './expression.ts'
import { evaluateField, evaluateTypedField } from './field.ts'
import { compileJsonataTemplate } from './template.ts'

const scopeOf = (states: Json = {}, variables: Readonly<Record<string, Json>> = {}): JsonataScope => ({
  states,
  variable: (name) => (Object.hasOwn(variables, name) ? variables[name] : undefined),
  draws: { uuid: () => '3f2f4f3e-0000-4000-8000-000000000000', next: () => 0.25, now: 1_700_000_000_123 },
})

function compiled(text: string) {
  const result = compileJsonata(text)
  if (!result.ok) throw new Error(result.error[0]?.message)
  return result.value
}
const evaluate = (text: string, scope = scopeOf()): JsonataOutcome => compiled(text).evaluate(scope)
const problems = (text: string) => {
  const result = compileJsonata(text)
  return result.ok ? [] : result.error
}
const failure = (text: string, scope = scopeOf()): string => {
  const result = evaluateField(compiled(text), 'Output/r', scope)
  return result.ok ? JSON.stringify(result.value) : result.error.cause
}

test('a variable that holds null is null, and hides the function of its name', () => {
  expect(evaluate('$v', scopeOf({}, { v: null }))).toEqual({ kind: 'value', value: null })
  expect(evaluate('$sum', scopeOf({}, { sum: null }))).toEqual({ kind: 'value', value: null })
  expect(evaluate('$v')).toEqual({ kind: 'undefined' })
})

describe('AWS functions', () => {
  it.each<[string, Json | undefined]>([
    [
      '$partition([1,2,3,4], 2)',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['$partition([1,2,3], 2.9)', [[1, 2], [3]]],
    ['$partition([1], 0)', undefined],
    ['$range(0, 6, 2)', [0, 2, 4, 6]],
    ['$range(-1.7, 2, 1)', [-1, 0, 1, 2]],
    ['$range(5, 1, -2)', [5, 3, 1]],
    ['$range(1, 2, 0)', undefined],
    ['$range(1, 1, 1)', 1],
    ['$range(1, 1, 1)[]', [1]],
    ['[$range(1, 1, 1)]', [1]],
    ['{ "a": [$range(3, 3, 1)] }', { a: [3] }],
    ['$count($range(1, 1, 1))', 1],
    ['$map($range(1, 1, 1), function($n) { $n * 2 })', 2],
    ['$partition([1, 2], 2)', [1, 2]],
    ['$partition([1, 2], 2)[]', [[1, 2]]],
    ['$hash("input", "SHA-1")', '140f86aae51ab9e1cda9b4254fe98a74eb54c1a1'],
    ['$random(42)', 0.7275636800328681],
    ['$random()', 0.25],
    ['$uuid()', '3f2f4f3e-0000-4000-8000-000000000000'],
    ['$parse("{\\"a\\":1}").a', 1],
    ['$millis()', 1_700_000_000_123],
    ['$now()', '2023-11-14T22:13:20.123Z'],
    ['$string(1e20)', '100000000000000000000'],
  ])('%s', (text, value) => {
    expect(evaluate(text)).toEqual(value === undefined ? { kind: 'undefined' } : { kind: 'value', value })
  })
})

describe('numbers that JSON cannot hold', () => {
  it.each<[string, Json]>([
    ['1/0', 'Infinity'],
    ['[1/0]', ['Infinity']],
    ["{'k': -1/0}", { k: '-Infinity' }],
  ])('%s is answered as a text', (text, value) => {
    expect(evaluate(text)).toEqual({ kind: 'value', value })
  })
})

describe('texts of failures', () => {
  const prefix = (text: string) => `The JSONata expression '${text}' specified for the field 'Output/r'`
  it.each([
    ['$sum("a")', `threw an error during evaluation. T0412: Argument 1 of function "sum" must be an array of "numbers"`],
    ['$eval("1+1")', 'threw an error during evaluation. T1006: Attempted to invoke a non-function'],
    [
      '$formatNumber(1, "x")',
      'threw an error during evaluation. D3086: The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character',
    ],
    [
      '[1..900000] ~> $count()',
      'threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage',
    ],
    ['$doesNotExist', 'returned nothing (undefined).'],
    ['$fn := function($x){$x}', 'returned an unsupported result type.'],
    ['$error("stop")', 'threw an error during evaluation. D3137: stop'],
  ])('%s', (text, trouble) => {
    expect(failure(text)).toBe(`${prefix(text)} ${trouble}`)
  })

  it('names the type that was expected and the value that was found', () => {
    const result = evaluateTypedField(compiled(" {'foo': 'bar'} "), 'Items', 'array', scopeOf())
    expect(result).toEqual({
      ok: false,
      error: {
        error: 'States.QueryEvaluationError',
        cause:
          "The JSONata expression '{'foo': 'bar'}' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was 'object' for value: {\"foo\":\"bar\"}",
        location: 'Items',
      },
    })
  })
})

describe('checks when a state machine is created', () => {
  it('gives the parser’s text without its code', () => {
    expect(problems('a[1,2)')).toEqual([{ code: 'INVALID_JSONATA_EXPRESSION', message: 'Expected "]", got ","', offset: 4 }])
  })

  it.each([
    ['phone', ['phone']],
    ['phone & fax', ['phone', 'fax']],
    ['foo($states.input)', ['foo']],
    ['$map([1], function($v) { $v + x })', ['x']],
    ['$$.a', ['$$']],
  ])('refuses names at the top level: %s', (text, names) => {
    expect(problems(text)).toEqual(
      names.map((name) => ({
        code: 'UNSUPPORTED_JSONATA_EXPRESSION',
        message: `Reference to '${name}' at the top level is not supported.`,
      })),
    )
  })

  it.each([
    '$states.input.phone',
    '$states.input[phone = 1].fax',
    '$states.input.items^(price).name',
    '$states.input.items{kind: $sum(price)}',
    '$states.input ~> | items | {"n": price} |',
    '($x := $states.input; $x.a)',
  ])('accepts names that have a context: %s', (text) => {
    expect(problems(text)).toEqual([])
  })

  it.each(['$a ?? 1', '$a ?: 1'])('refuses operators of later releases: %s', (text) => {
    expect(problems(text)[0]?.code).toBe('INVALID_JSONATA_EXPRESSION')
  })

  it('refuses regular expressions that cannot be matched in linear time', () => {
    expect(problems('$contains("a", /(?=a)a/)')[0]?.code).toBe('UNSUPPORTED_JSONATA_EXPRESSION')
  })

  it('tells which variables and members of $states are mentioned', () => {
    const { variables, statesFields } = compiled(
      '($x := $order.id; $map($states.input.a, function($v) { $v & $x & $other & $states.context.b }))',
    )
    expect(variables).toEqual(['order', 'other'])
    expect(statesFields).toEqual(['input', 'context'])
  })
})

describe('templates', () => {
  const template = (value: Json) => {
    const result = compileJsonataTemplate(value)
    if (!result.ok) throw new Error(JSON.stringify(result.error))
    return result.value
  }

  it('replaces expressions anywhere and leaves the rest as it is', () => {
    const value = { a: '{% $states.input.n + 1 %}', b: ['x', '{%$v%}'], c: { d: ' {% no %} ' }, e: null }
    const result = template(value).evaluate(scopeOf({ input: { n: 1 } }, { v: [2] }), 'Output')
    expect(result).toEqual({ ok: true, value: { a: 2, b: ['x', [2]], c: { d: ' {% no %} ' }, e: null } })
  })

  it('hands back a constant itself', () => {
    const value = { a: [1, 'b'] }
    const result = template(value).evaluate(scopeOf(), 'Output')
    expect(result.ok && result.value).toBe(value)
  })

  it('says where an expression failed', () => {
    const result = template({ a: [1, { b: '{% $nothing %}' }] }).evaluate(scopeOf(), 'Arguments')
    expect(result.ok ? '' : result.error.location).toBe('Arguments/a[1]/b')
    expect(result.ok ? '' : result.error.cause).toBe(
      "The JSONata expression '$nothing' specified for the field 'Arguments/a[1]/b' returned nothing (undefined).",
    )
  })

  it.each(['{% 1', '1 %}', ' {% 1 %}', '{% 1 %} ', '{% 1 %}\n', 'is {% 1 %}', '{% 1 %}.', '{%}'])(
    'refuses %j: it opens or closes badly',
    (text) => {
      const result = compileJsonataTemplate([text])
      expect(result.ok ? [] : result.error).toMatchObject([{ pointer: '/0', problem: { code: 'INVALID_JSONATA_EXPRESSION' } }])
    },
  )

  it('points at every expression that does not compile', () => {
    const result = compileJsonataTemplate({ 'a/b': ['{% 1 + %}'], c: '{% name %}', d: '{% open' })
    expect(result.ok ? [] : result.error.map(({ pointer, problem }) => [pointer, problem.code])).toEqual([
      ['/a~1b/0', 'INVALID_JSONATA_EXPRESSION'],
      ['/c', 'UNSUPPORTED_JSONATA_EXPRESSION'],
      ['/d', 'INVALID_JSONATA_EXPRESSION'],
    ])
  })
})

describe('a result', () => {
  it('is the data itself when the expression only passes it on', () => {
    const input = { big: [{ a: 1 }] }
    const outcome = evaluate('$states.input', scopeOf({ input }))
    expect(outcome.kind === 'value' && outcome.value).toBe(input)
  })

  it('is plain JSON without the marks of sequences', () => {
    const outcome = evaluate('{"l": $states.input.l.a}', scopeOf({ input: { l: [{ a: 1 }, { a: 2 }] } }))
    expect(outcome).toEqual({ kind: 'value', value: { l: [1, 2] } })
    expect(outcome.kind === 'value' && Object.keys((outcome.value as { l: Json[] }).l)).toEqual(['0', '1'])
  })
})

test('members keep their order, names like numbers too', () => {
  const scope = scopeOf(parseJson('{"input":{"b":1,"10":{"x":2},"2":{"x":3}}}'))
  const print = (text: string): string => {
    const result = evaluate(text, scope)
    return result.kind === 'value' ? printInOrder(result.value) : result.kind
  }
  expect(print('$keys($states.input)')).toBe('["b","10","2"]')
  expect(print('$states.input.*.x')).toBe('[2,3]')
  expect(print('$states.input')).toBe('{"b":1,"10":{"x":2},"2":{"x":3}}')
  expect(print('$string($states.input)')).toBe('"{\\"b\\":1,\\"10\\":{\\"x\\":2},\\"2\\":{\\"x\\":3}}"')
  expect(print('$merge([{"z": 0}, $states.input, {"1": 4}])')).toBe('{"z":0,"b":1,"10":{"x":2},"2":{"x":3},"1":4}')
  expect(print('{"z": 1, "3": 2, "1": 3}')).toBe('{"z":1,"3":2,"1":3}')
  expect(print('$sift($states.input, function($v) { $type($v) = "object" })')).toBe('{"10":{"x":2},"2":{"x":3}}')
})
