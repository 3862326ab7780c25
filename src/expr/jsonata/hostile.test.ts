import { describe, expect, it } from 'vitest'

import type { Json } from '../../base/json.ts'
import { must, mustFail } from '../test-scope.ts'
import { compileJsonata, type JsonataOutcome } from './expression.ts'
import { compileJsonataTemplate } from './template.ts'

const draws = { uuid: () => '00000000-0000-4000-8000-000000000000', next: () => 0.5, now: 0 }

function evaluate(text: string, states: Json = {}): JsonataOutcome {
  const compiled = compileJsonata(text)
  if (!compiled.ok) return { kind: 'error', code: 'syntax', message: compiled.error[0]?.message ?? '' }
  const start = performance.now()
  const outcome = compiled.value.evaluate({ states, variable: () => undefined, draws })
  const took = performance.now() - start
  if (process.env['SHOW_TIMES']) console.log(`${took.toFixed(0).padStart(6)} ms  ${text.slice(0, 70)}`)
  // Ten times the budget: the machine that runs the tests may be busy with others.
  expect(took).toBeLessThan(2000)
  return outcome
}

const message = (outcome: JsonataOutcome): string =>
  outcome.kind === 'error' ? outcome.message : JSON.stringify(outcome).slice(0, 200)

const STACK = 'Stack overflow error'
const TIME = 'Expression evaluation timeout'
const MEMORY = 'Expression evaluation memory limit exceeded: Check for excessive memory usage'

const long = 'a'.repeat(200_000)
const states: Json = { input: { long, deep: nested(2000), list: Array.from({ length: 2000 }, (_, i) => ({ i, list: [i] })) } }

function nested(depth: number): Json {
  let value: Json = 1
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

describe('an evaluation is cut off', () => {
  it.each([
    ['endless recursion', '($f := function($x) { 1 + $f($x) }; $f(1))', STACK],
    ['recursion through a higher-order function', '($f := function($x) { $map([1, 2], $f) & "" }; $f(1))', STACK],
    ['a sum of 200 terms, as on AWS', `1${'+1'.repeat(199)}`, STACK],
    ['a text nested deeper than any stack', `${'('.repeat(30_000)}1${')'.repeat(30_000)}`, STACK],
    ['endless tail recursion', '($f := function($x) { $f($x + 1) }; $f(1))', TIME],
    [
      'two functions that call each other for ever',
      '($a := function($x) { $b($x) }; $b := function($x) { $a($x) }; $a(1))',
      TIME,
    ],
    ['nested loops', '$map([1..2000], function($a) { $map([1..2000], function($b) { $a * $b }) })', TIME],
    ['every item compared with every other', '$states.input.list[$count($states.input.list[i > 0]) > 0]', TIME],
    ['a range that is too long', '[1..1000000000]', 'must not exceed'],
    ['a range of more than AWS holds', '$count([1..873783])', MEMORY],
    ['a doubling text', '($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $length($f("x", 40)))', MEMORY],
    ['a doubling list', '($f := function($s, $n) { $n = 0 ? $s : $f($append($s, $s), $n - 1) }; $count($f([1], 40)))', MEMORY],
    ['a huge padding', '$pad("x", 1000000000)', MEMORY],
    ['a huge padding by a text', '$pad("x", -1000000000, "ab")', MEMORY],
    ['a long list of long lists', '$map([1..1000], function($i) { [1..800000] })', ''],
    ['a product of lists', '$states.input.list.($states.input.list.i)', ''],
    ['a cross join', '$states.input.list@$a.$states.input.list@$b.$states.input.list@$c.{"x": $a.i}', ''],
    ['a huge join', '$join($map([1..5000], function($i) { $states.input.long }))', MEMORY],
    ['repeated long comparisons', '$count([1..1000][$states.input.long & "x" = $states.input.long & "y"])', ''],
    ['a large range of AWS', '$range(1, 100000000, 1)', MEMORY],
    ['many distinct objects', '$distinct($map([1..200000], function($i) { {"i": $i} }))', TIME],
    ['a sort whose comparator is slow', '$sort([1..20000], function($a, $b) { $count([1..1000]) > 0 })', TIME],
  ])('%s', (_name, text, expected) => {
    const outcome = evaluate(text, states)
    expect(outcome.kind).toBe('error')
    expect(message(outcome)).toContain(expected)
  })

  it('in a regular expression that would backtrack for ever elsewhere', () => {
    expect(evaluate('$contains($states.input.long & "!", /^(a+)+$/)', states)).toEqual({ kind: 'value', value: false })
    expect(evaluate('$contains($states.input.long & "!", /(a|aa)+$/)', states)).toEqual({ kind: 'value', value: false })
    expect(evaluate('$count($match($states.input.long, /a|a.*z/))', states).kind).toBe('error')
  })

  it('in dense patterns, which take RE2 far more than a glance', () => {
    const words = 'ab '.repeat(60_000)
    for (const text of [
      '$count($match($states.input, /(a|b| )/))',
      '$replace($states.input, /(a|b)(b|c)?/, "$1$2")',
      '$count($split($states.input, /b|a.*z/))',
    ])
      expect(message(evaluate(text, { input: words }))).toContain(TIME)
  })

  it('in objects of many members', () => {
    const wide = '$merge($map([1..5000], function($i){ {"k" & $i: $i} }))'
    expect(message(evaluate(`($m := ${wide}; $map([1..3000], function($i){ $keys($m) }))`))).toContain(TIME)
    expect(message(evaluate('[1..800000]{$string($): $}'))).toContain(TIME)
  })

  it('after as much work in all the expressions of one field as one may do', () => {
    const [work, trifle] = ['{% $count($map([1..20000], function($i) { $i * 2 })) %}', '{% 1 %}']
    const evaluateAll = (value: Json) =>
      must(compileJsonataTemplate(value)).evaluate({ states, variable: () => undefined, draws }, 'Output')
    expect(mustFail(evaluateAll(Array.from({ length: 5000 }, () => work))).cause).toContain(TIME)
    expect(evaluateAll([work, work])).toEqual({ ok: true, value: [20_000, 20_000] })
    expect(evaluateAll(Array.from({ length: 20_000 }, () => trifle)).ok).toBe(true)
  })

  it('but not when AWS accepts it', () => {
    expect(evaluate('$count([1..873782])')).toEqual({ kind: 'value', value: 873_782 })
    expect(evaluate('$count($range(1, 200000, 1))')).toEqual({ kind: 'value', value: 200_000 })
    expect(evaluate('($p := function($s, $n) { $n = 0 ? $s : $p($s & $s, $n - 1) }; $length($p("x", 22)))')).toEqual({
      kind: 'value',
      value: 4_194_304,
    })
    expect(evaluate(`1${'+1'.repeat(98)}`)).toEqual({ kind: 'value', value: 99 })
    expect(evaluate('($f := function($n) { $n = 0 ? 0 : $f($n - 1) }; $f(10000))')).toEqual({ kind: 'value', value: 0 })
  })

  it('on data nested deeper than the stack, or answered', () => {
    expect(['value', 'error', 'undefined']).toContain(evaluate('$string($states.input.deep)', states).kind)
    expect(['value', 'error', 'undefined']).toContain(evaluate('$states.input.**', { input: nested(200_000) }).kind)
  })
})

describe('reading an expression', () => {
  it.each([
    ['more than 65,536 characters', `1${'+1'.repeat(40_000)}`],
    ['a long chain of parents', `$states${'.a.%'.repeat(5000)}`],
    ['a long chain of joins', `$states${'@$a.b'.repeat(5000)}`],
  ])('refuses %s', (_name, text) => {
    const start = performance.now()
    expect(mustFail(compileJsonata(text))[0]?.code).toBe('INVALID_JSONATA_EXPRESSION')
    expect(performance.now() - start).toBeLessThan(5000)
  })

  it('does not count what stands inside texts', () => {
    expect(evaluate(`$length("${'%@#'.repeat(1000)}")`)).toEqual({ kind: 'value', value: 3000 })
  })

  it.each(['/a(?=b)/', '/(?<!a)b/', '/(a)\\1/'])('tells why it refuses the pattern %s', (pattern) => {
    const [problem] = mustFail(compileJsonata(`$match("ab", ${pattern})`))
    expect(problem?.message).toContain('look-around and back references')
  })
})

describe('an expression cannot reach outside its scope', () => {
  it.each([
    '$states.constructor',
    '$states.__proto__',
    '$states.input.toString',
    '$states.input.list.constructor',
    '$lookup($states, "constructor")',
    '$lookup($states, "__proto__")',
    '$sum.constructor',
    '$sum.call',
    '(function($x) { $x }).arity',
    '$string.prototype',
    '("text").length',
    '[1, 2].length',
    '$constructor',
    '$__proto__',
    '$toString',
    '$hasOwnProperty',
    '($r := /a/; $r.source)',
  ])('%s is nothing', (text) => {
    expect(evaluate(text, { input: { list: [{}] } })).toEqual({ kind: 'undefined' })
  })

  it('keeps __proto__ as an ordinary member', () => {
    const input = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as Json
    expect(evaluate('$states.input.__proto__.polluted', { input })).toEqual({ kind: 'value', value: true })
    expect(evaluate('$states.input.constructor', { input })).toEqual({ kind: 'value', value: 1 })
    for (const text of [
      '$merge([$states.input, {"b": 2}])',
      '$states.input ~> | $ | {"__proto__": {"polluted": true}} |',
      '{"__proto__": {"polluted": true}}',
      '$sift($states.input, function($v, $k) { $k = "__proto__" })',
      '$spread($states.input)',
      '$each($states.input, function($v, $k) { {$k: $v} })',
    ]) {
      const outcome = evaluate(text, { input })
      expect(outcome.kind).toBe('value')
      expect(JSON.stringify(outcome)).toContain('"__proto__"')
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('never changes its input', () => {
    const input = { list: [3, 1, 2], object: { a: 1 } }
    const before = JSON.stringify(input)
    for (const text of [
      '$sort($states.input.list)',
      '$reverse($states.input.list)',
      '$states.input.list[]',
      '$states.input ~> | object | {"b": 2}, "a" |',
      '$append($states.input.list, 4)',
      '$states.input.object.a[]',
      '$states.input.list{"k": $sum($)}',
    ])
      evaluate(text, { input })
    expect(JSON.stringify(input)).toBe(before)
    expect(Object.keys(input.list)).toEqual(['0', '1', '2'])
  })
})
