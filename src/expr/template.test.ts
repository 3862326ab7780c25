import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Json } from '../base/json.ts'

import { compileTemplate } from './template.ts'
import { must, mustFail, testScope } from './test-scope.ts'

const evaluate = (template: Json, input: Json = {}, context: Json = {}, variables: Record<string, Json> = {}) =>
  must(compileTemplate(template)).evaluate(testScope(input, context, variables))

describe('payload templates', () => {
  test('paths and intrinsic calls are replaced at any depth, arrays included', () => {
    const template = {
      constant: { a: [1, '$.x'] },
      'x.$': '$.x',
      deep: [{ 'id.$': '$$.Execution.Id' }, { 'n.$': 'States.MathAdd($n, 1)' }],
    }
    expect(evaluate(template, { x: [1] }, { Execution: { Id: 'arn' } }, { n: 1 })).toEqual({
      ok: true,
      value: { constant: { a: [1, '$.x'] }, x: [1], deep: [{ id: 'arn' }, { n: 2 }] },
    })
  })

  test('constant sub-trees are shared, not copied', () => {
    const constant = { big: [1, 2, 3] }
    const result = must(evaluate({ constant, 'x.$': '$' })) as { constant: Json }
    expect(result.constant).toBe(constant)
    expect(must(evaluate(constant))).toBe(constant)
    expect(must(compileTemplate(constant)).isDynamic).toBe(false)
  })

  test('the members keep their order', () => {
    expect(Object.keys(must(evaluate({ 'b.$': '$', a: 1, 'c.$': '$' })) as object)).toEqual(['b', 'a', 'c'])
  })

  test('a path that finds nothing fails with the recorded text', () => {
    expect(mustFail(evaluate({ 'value.$': '$.no_such_jsonpath' }, { 'int-literal': 0 }))).toEqual({
      error: 'States.Runtime',
      cause: `The JSONPath '$.no_such_jsonpath' specified for the field 'value.$' could not be found in the input '{"int-literal":0}'`,
    })
    expect(mustFail(evaluate({ a: { 'value.$': '$$.Execution.no' } }, 1, { Execution: {} })).cause).toBe(
      `The JSONPath '$$.Execution.no' specified for the field 'value.$' could not be found in the input '{"Execution":{}}'`,
    )
  })

  test('an index past the end is null', () => {
    expect(evaluate({ 'v.$': '$.items[5]' }, { items: [1, 2] })).toEqual({ ok: true, value: { v: null } })
  })

  test('problems are told as AWS tells them, with the object that holds the member', () => {
    const problems = mustFail(compileTemplate({ a: [{ 'b.$': 'text' }], 'c.$': 1, 'd/e': { 'f.$': '$.a[' } }))
    expect(problems).toEqual([
      expect.objectContaining({
        pointer: '/a/0',
        field: 'b.$',
        message: "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call",
      }),
      expect.objectContaining({ pointer: '', field: 'c.$' }),
      expect.objectContaining({ pointer: '/d~1e', field: 'f.$' }),
    ])
  })

  test('a member given in both forms is a problem', () => {
    expect(mustFail(compileTemplate({ 'a.$': '$', a: 1 }))).toHaveLength(1)
  })

  test('variables and expressions are listed', () => {
    const template = must(compileTemplate({ 'a.$': '$x', b: [{ 'c.$': 'States.Array($y, $x)' }] }))
    expect(template.variables()).toEqual(['x', 'y'])
    expect(template.expressions().map(({ pointer }) => pointer)).toEqual(['/a.$', '/b/0/c.$'])
  })

  test('a member named __proto__ stays a member', () => {
    const result = must(evaluate(JSON.parse('{"__proto__.$": "$", "x.$": "$"}') as Json, { polluted: true })) as object
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    expect(Object.hasOwn(result, '__proto__')).toBe(true)
  })

  test('a template that multiplies its input is stopped', () => {
    const template = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}.$`, '$']))
    expect(mustFail(evaluate(template, 'x'.repeat(200_000))).error).toBe('States.DataLimitExceeded')
  })

  test('the expressions of a template share one budget of work', () => {
    const items = Array.from({ length: 5000 }, (_, i) => ({ i }))
    const scan = Array.from({ length: 1000 }, () => ({ 'found.$': '$..[?(@.i == 1)]' }))
    expect(evaluate(scan.slice(0, 2), items).ok).toBe(true)
    expect(mustFail(evaluate(scan, items)).error).toBe('States.Runtime')
    const format = Array.from({ length: 1000 }, () => ({ 'text.$': "States.Format('{}{}', $, $)" }))
    expect(evaluate(format.slice(0, 2), 'x'.repeat(100_000)).ok).toBe(true)
    expect(mustFail(evaluate(format, 'x'.repeat(100_000))).error).toBe('States.IntrinsicFailure')
  })

  test.each([
    [String.raw`$['Test\""Name"']`, String.raw`Value"\ `.trim()],
    [String.raw`$.Test\""Name"`, String.raw`Value"\ `.trim()],
    [String.raw`States.Format('{}', $['Test\""Name"'])`, String.raw`Value"\ `.trim()],
    [String.raw`States.Format('a\\b "c" \'d\' \{\}')`, String.raw`a\b "c" 'd' {}`],
    [String.raw`States.JsonToString($['Test\""Name"'])`, String.raw`"Value\"\\"`],
    [String.raw`$.l[?(@.k=='a"b\c')].v`, [1]],
    [String.raw`$.l[?(@.k=='it\'s')].v`, [2]],
  ])('quotes and backslashes are what stands there: %s', (expression, expected) => {
    const input = {
      [String.raw`Test\""Name"`]: String.raw`Value"\ `.trim(),
      l: [
        { k: String.raw`a"b\c`, v: 1 },
        { k: "it's", v: 2 },
      ],
    }
    expect(evaluate({ 'x.$': expression }, input)).toEqual({ ok: true, value: { x: expected } })
  })

  test('a template nested beyond measure is a problem, not a crash', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as Json
    expect(mustFail(compileTemplate(deep))).toHaveLength(1)
  })

  test('a template without expressions is any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (raw) => {
        const value = JSON.parse(JSON.stringify(raw).replaceAll('.$', '')) as Json
        expect(must(evaluate(value))).toBe(value)
      }),
    )
  })
})
