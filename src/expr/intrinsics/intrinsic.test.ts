import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { deepEqual, type Json } from '../../base/json.ts'
import { parseJson } from '../../base/json-bounds.ts'
import { printInOrder } from '../../base/member-order.ts'

import { must, mustFail, testScope } from '../test-scope.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { compileIntrinsic } from './intrinsic.ts'
import { INTRINSIC_FUNCTIONS } from './table.ts'

const evaluate = (text: string, input: Json = {}, context: Json = {}, variables: Record<string, Json> = {}) =>
  must(compileIntrinsic(text)).evaluate(testScope(input, context, variables))
const value = (text: string, input: Json = {}): Json => must(evaluate(text, input))
const cause = (text: string, input: Json = {}): string => {
  const failure = mustFail(evaluate(text, input))
  expect(failure.error).toBe('States.IntrinsicFailure')
  return failure.cause
}

describe('recorded answers', () => {
  test.each<[string, Json, Json]>([
    ['States.ArrayContains($.a, $.b)', { a: [], b: null }, false],
    ['States.ArrayContains($.a, $.b)', { a: [[1, 2, 3], 2], b: [1, 2, 3] }, true],
    ['States.ArrayContains($.a, $.b)', { a: [{ '1': 2, '2': [] }], b: { '2': [], '1': 2 } }, true],
    ['States.ArrayGetItem($.a, 5)', { a: [1, 2, 3, 4, 5, 6, 7] }, 6],
    ['States.ArrayRange(0, 9, 3)', {}, [0, 3, 6, 9]],
    ['States.ArrayRange(0, 10, 3)', {}, [0, 3, 6, 9]],
    ['States.ArrayRange(1, 9, 9)', {}, [1]],
    ['States.ArrayRange(9, 1, -4)', {}, [9, 5, 1]],
    ['States.ArrayPartition($.a, 4)', { a: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, [[1, 2, 3, 4], [5, 6, 7, 8], [9]]],
    ['States.ArrayPartition($.a, 4)', { a: [] }, []],
    [
      'States.ArrayUnique($)',
      [1, 2, '1', 1, null, null, [null], [null], { a: 1 }, { a: 1 }],
      [1, 2, '1', null, [null], { a: 1 }],
    ],
    ['States.ArrayLength($)', [1, 2], 2],
    ['States.Base64Encode($)', 'Data to encode', 'RGF0YSB0byBlbmNvZGU='],
    ['States.Base64Decode($)', 'RGF0YSB0byBlbmNvZGU=', 'Data to encode'],
    ['States.Base64Decode($)', '', ''],
    ["States.StringSplit('Hello\nWorld', '\n')", {}, ['Hello', 'World']],
    ["States.StringSplit($, ',')", 'a,b\n,,,\ntrue,', ['a', 'b\n', '\ntrue']],
    ["States.StringSplit(', , ,', ',')", {}, [' ', ' ']],
    ["States.StringSplit('1+2-3', '+-')", {}, ['1', '2', '3']],
    ["States.Format('fst={} and snd={}.', $.a, $.b)", { a: null, b: 1.1 }, 'fst=null and snd=1.1.'],
    ["States.Format('{}', $)", { Arg1: 1, Arg2: [] }, '{Arg1=1, Arg2=[]}'],
    ["States.Format('{}{}', $[0], $[1])", [[1, 'a', { b: null }], true], '[1, a, {b=null}]true'],
    ["States.Format('a\\{\\}b\\'c\\\\{}', 1)", {}, "a{}b'c\\1"],
    ['States.Format($.t, 1)', { t: 'n={}' }, 'n=1'],
    ['States.JsonMerge(States.StringToJson(\'{"a": "false"}\'), $.b, false)', { b: { c: 1 } }, { a: 'false', c: 1 }],
    ['States.JsonMerge($.a, $.b, false)', { a: { x: { p: 1 }, d: 3 }, b: { x: { q: 1 } } }, { x: { q: 1 }, d: 3 }],
    ['States.JsonToString($)', { Arg1: 1, Arg2: [] }, '{"Arg1":1,"Arg2":[]}'],
    ['States.StringToJson($)', '', null],
    ['States.StringToJson($)', ' ', null],
    ['States.StringToJson($)', '[1, 2, "HelloWorld"]', [1, 2, 'HelloWorld']],
    ['States.MathAdd(1.49, 1.5)', {}, 3],
    ['States.MathAdd(1.5, 1.51)', {}, 4],
    ['States.MathAdd(-1.49, -1.5)', {}, -2],
    ['States.MathAdd(-1.5, -1.51)', {}, -3],
    ['States.MathAdd(-0.5, 0)', {}, 0],
    ['States.MathAdd(-3.5, 0)', {}, -3],
    ["States.Array(1, null, true, 'x', $.a, States.Array())", { a: [2] }, [1, null, true, 'x', [2], []]],
  ])('%s', (text, input, expected) => {
    expect(value(text, input)).toEqual(expected)
  })

  test('hashes', () => {
    expect(value("States.Hash('input data', 'SHA-1')")).toBe('aaff4a450a104cd177d28d18d74485e8cae074b7')
    expect(value("States.Hash('input data', 'MD5')")).toBe('812f45842bc6d66ee14572ce20db8e86')
    for (const [name, node] of [
      ['SHA-256', 'sha256'],
      ['SHA-384', 'sha384'],
      ['SHA-512', 'sha512'],
    ] as const)
      expect(value(`States.Hash($, '${name}')`, 'ä'.repeat(200))).toBe(createHash(node).update('ä'.repeat(200)).digest('hex'))
  })

  test('nested calls over the context object and variables', () => {
    const text =
      "States.ArrayGetItem(States.StringSplit($$.StateMachine.Name, '-'), States.MathAdd(States.ArrayLength(States.StringSplit($$.StateMachine.Name, '-')), -1))"
    expect(evaluate(text, null, { StateMachine: { Name: 'a-b-c' } })).toEqual({ ok: true, value: 'c' })
    expect(evaluate('States.MathAdd($n, 1)', null, {}, { n: 2 })).toEqual({ ok: true, value: 3 })
  })
})

describe('chance', () => {
  test('a seed decides the number, in range', () => {
    const draw = () => value('States.MathRandom(0, 999, 3)')
    expect(draw()).toBe(draw())
    // By the class's documentation: nextInt() of seed 42 is -1170105035, whose upper 31 bits are 1562431130; modulo the bound.
    expect(value('States.MathRandom(0, 10, 42)')).toBe(0)
    expect(value('States.MathRandom(5, 105, 42)')).toBe(35)
    for (const text of ['States.MathRandom(12.5, 44.51)', 'States.MathRandom(-99999, -9999)']) {
      const [low, high] = text.includes('12.5') ? [13, 45] : [-99999, -9999]
      const number = Number(value(text))
      expect(number).toBeGreaterThanOrEqual(low)
      expect(number).toBeLessThan(high)
    }
    expect(Number.isInteger(value('States.MathRandom(-2147483648, 2147483647, 7)'))).toBe(true)
  })

  test('a UUID comes from the draws', () => {
    expect(value('States.UUID()')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('failures', () => {
  test('a path that finds nothing fails with the text of AWS and names the whole expression', () => {
    const text = "States.Format('{}', States.Format('{}',$.nope))"
    expect(mustFail(evaluate(text, { other: 1 }))).toEqual({
      error: 'States.Runtime',
      cause: `The function '${text}' had the following error: The JsonPath argument for the field '$.nope' could not be found in the input '{"other":1}'`,
    })
    expect(mustFail(evaluate("States.Format('{}', $$.Nope.Deep)", { other: 1 })).cause).toContain(
      `for the field '$.Nope.Deep' could not be found in the input '{"other":1}'`,
    )
    expect(mustFail(evaluate("States.Format('{}', $.items[5])", { items: [1] })).cause).toContain("'$.items[5]'")
    expect(mustFail(evaluate("States.Format('{}', $.other[0])", { other: 1 })).cause).toContain(
      'Filter: [0] can only be applied to arrays. Current context is: 1',
    )
    expect(value('States.ArrayLength($.items[*].nope)', { items: [1, 2] })).toBe(0)
  })

  test.each<[string, Json]>([
    ["States.Format('{} {}', 1)", {}],
    ["States.Format('{', 1)", {}],
    ['States.MathAdd(2147483647, 1)', {}],
    ['States.MathAdd(2147483648, 0)', {}],
    ["States.MathAdd('1', 1)", {}],
    ['States.MathRandom(2, 2)', {}],
    ['States.ArrayRange(1, 1001, 0)', {}],
    ['States.ArrayRange(1, 1001, 1)', {}],
    ['States.ArrayPartition($, 0)', [1]],
    ['States.ArrayGetItem($, 1)', [1]],
    ['States.ArrayGetItem($, -1)', [1]],
    ['States.ArrayLength($)', 'text'],
    ['States.Base64Encode($)', 'x'.repeat(10_001)],
    ['States.Base64Decode($)', 'A'],
    ["States.Hash($, 'MD5')", 'x'.repeat(10_001)],
    ["States.Hash('x', 'md5')", {}],
    ['States.JsonMerge($, $, true)', {}],
    ['States.JsonMerge($, 1, false)', {}],
    ['States.StringToJson($)', '{'],
    ['States.StringToJson($)', 1],
    ['States.StringToJson($)', '['.repeat(2000) + ']'.repeat(2000)],
  ])('%s is States.IntrinsicFailure', (text, input) => {
    expect(cause(text, input)).toContain(`The function '${text}' had the following error: Invalid `)
  })

  test('AWS names the mismatch of placeholders', () => {
    expect(cause("States.Format('{}')")).toContain(
      'Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.',
    )
    expect(cause("States.Format('{')")).toContain("Invalid template in States.Format: matching '}' not found for '{'.")
  })
})

describe('syntax', () => {
  test.each<[string, number]>([
    ['States.Nope()', 0],
    ['States.Format', 13],
    ["States.Format('a", 14],
    ["States.Format('a') x", 19],
    ['States.UUID(1)', 0],
    ['States.ArrayLength()', 0],
    ['States.Array(1,)', 15],
    ['States.Array(a)', 13],
    ['States.Array($.a[)', 16],
    ['States.StringToJson(\'{"text":"An \\"escaped\\" one"}\')', 33],
    [`${'States.Array('.repeat(11)}1${')'.repeat(11)}`, 130],
    ['', 0],
  ])('%s is refused at %i', (text, offset) => {
    expect(mustFail(compileIntrinsic(text)).offset).toBe(offset)
  })

  test('ten levels nest, blanks do not count', () => {
    expect(value(`${'States.Array( '.repeat(10)}1${' )'.repeat(10)}`)).toEqual([[[[[[[[[[1]]]]]]]]]])
  })

  test('a path argument may hold commas, parentheses and quotes of its own', () => {
    expect(value("States.Array($['a,b'], $.c[?(@.d == ')')], $.e[0,1])", { 'a,b': 1, c: [{ d: ')' }], e: [7, 8] })).toEqual([
      1,
      [{ d: ')' }],
      [7, 8],
    ])
  })

  test('the variables are listed once each', () => {
    const text = 'States.MathAdd(States.MathAdd($y, $x.a), States.MathAdd($y, $$.z))'
    expect(must(compileIntrinsic(text)).variables()).toEqual(['y', 'x'])
  })

  test('there are eighteen functions', () => expect(INTRINSIC_FUNCTIONS.size).toBe(18))
})

describe('bounds', () => {
  test('a text that would be huge is refused before it is made', () => {
    const many = Array.from({ length: 2000 }, () => '$').join(', ')
    const input = 'x'.repeat(200_000)
    expect(cause(`States.Format('${'{}'.repeat(2000)}', ${many})`, input)).toContain('too much work')
    expect(cause(`States.JsonToString(States.Array(${many}))`, input)).toContain('too much work')
    expect(cause(`States.ArrayUnique(States.Array(${many}))`, input)).toContain('too much work')
    expect(cause(`States.ArrayContains(States.Array(${many}), 'y')`, input)).toContain('too much work')
    const some = Array.from({ length: 30 }, () => '$').join(', ')
    expect(cause(`States.JsonToString(States.Array(${some}))`, input)).toContain('too long')
    expect(cause(`States.ArrayUnique(States.Array(${some}))`, input)).toContain('too large')
  })

  test('deep data is refused, not fatal', () => {
    const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as Json
    expect(evaluate("States.Format('{}', $)", deep).ok).toBe(false)
    expect(evaluate('States.ArrayUnique($)', deep).ok).toBe(false)
    expect(evaluate('States.ArrayUnique($.x)', deep).ok).toBe(false)
  })
})

describe('properties', () => {
  test('base64 of any bytes agrees with the platform, but for line ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = encodeBase64(bytes)
        expect(text.replaceAll('\r\n', '')).toBe(Buffer.from(bytes).toString('base64'))
        expect(text.split('\r\n').every((line) => line.length <= 76)).toBe(true)
        expect(decodeBase64(text)).toEqual(bytes)
      }),
    )
  })

  test('splitting agrees with a naive version', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ',', ';', ' ') })
    fc.assert(
      fc.property(text, text, (whole, delimiters) => {
        let parts = [whole]
        for (const delimiter of delimiters) parts = parts.flatMap((part) => part.split(delimiter))
        expect(value('States.StringSplit($.a, $.b)', { a: whole, b: delimiters })).toEqual(parts.filter((part) => part !== ''))
      }),
    )
  })

  test('unique items agree with a naive version', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 2 })), (raw) => {
        const items = JSON.parse(JSON.stringify(raw)) as Json[]
        const expected = items.filter((item, i) => items.findIndex((other) => deepEqual(item, other)) === i)
        expect(value('States.ArrayUnique($)', items)).toEqual(expected)
      }),
    )
  })
})

test('members keep their order, names like numbers too', () => {
  const input = parseJson('{"t":"{\\"b\\":1,\\"2\\":0}","o":{"z":1,"10":2,"2":{"y":1,"0":2}}}')
  expect(printInOrder(value('States.JsonMerge($.o, States.StringToJson($.t), false)', input))).toBe('{"z":1,"10":2,"2":0,"b":1}')
  expect(value('States.JsonToString($.o)', input)).toBe('{"z":1,"10":2,"2":{"y":1,"0":2}}')
  expect(value("States.Format('{}', $.o)", input)).toBe('{z=1, 10=2, 2={y=1, 0=2}}')
})
