/**
 * The rules of a Choice state, compiled to closures. JSONPath: Variable with one operator, And, Or, Not; JSONata: Condition.
 * A comparison of the wrong types is false; a missing Variable fails the state, except for IsPresent.
 * Source: developer guide, "Choice workflow state"; Amazon States Language, "Choice State".
 */
import { ErrorName } from '../base/error-names.ts'
import { isArray, isObject, type Json, type JsonObject } from '../base/json.ts'
import { numberOf } from '../base/numeral.ts'
import { err, ok, type Result } from '../base/result.ts'
import { parseTimestamp } from '../base/time.ts'

import { invalidCondition, NULL_INPUT, readsNull } from '../expr/expression.ts'
import type { JsonPath } from '../expr/jsonpath/path.ts'
import { CHARS_PER_UNIT } from '../expr/work.ts'

import type { Binding } from './fields.ts'
import type { EvaluationFailure, EvaluationScope } from './program.ts'
import { CHOICE_OPERATORS } from './schema.ts'

export type Test = (scope: EvaluationScope) => Result<boolean, EvaluationFailure>

type Compare = (value: Json, expected: Json) => boolean

const ofType =
  <T extends Json>(is: (value: Json) => value is T, compare: (a: T, b: T) => boolean): Compare =>
  (value, expected) =>
    is(value) && is(expected) && compare(value, expected)

const isString = (value: Json): value is string => typeof value === 'string'
const isNumber = (value: Json): value is number => typeof value === 'number'
const isBoolean = (value: Json): value is boolean => typeof value === 'boolean'

const timestamps =
  (compare: (a: number, b: number) => boolean): Compare =>
  (value, expected) => {
    const a = isString(value) ? parseTimestamp(value) : undefined
    const b = isString(expected) ? parseTimestamp(expected) : undefined
    return a !== undefined && b !== undefined && compare(a, b)
  }

/** Operators that compare two values; each has a form with `Path` behind its name. */
const COMPARISONS: ReadonlyMap<string, Compare> = new Map<string, Compare>([
  ['StringEquals', ofType(isString, (a, b) => a === b)],
  ['StringLessThan', ofType(isString, (a, b) => a < b)],
  ['StringGreaterThan', ofType(isString, (a, b) => a > b)],
  ['StringLessThanEquals', ofType(isString, (a, b) => a <= b)],
  ['StringGreaterThanEquals', ofType(isString, (a, b) => a >= b)],
  ['NumericEquals', ofType(isNumber, (a, b) => a === b)],
  ['NumericLessThan', ofType(isNumber, (a, b) => a < b)],
  ['NumericGreaterThan', ofType(isNumber, (a, b) => a > b)],
  ['NumericLessThanEquals', ofType(isNumber, (a, b) => a <= b)],
  ['NumericGreaterThanEquals', ofType(isNumber, (a, b) => a >= b)],
  ['BooleanEquals', ofType(isBoolean, (a, b) => a === b)],
  ['TimestampEquals', timestamps((a, b) => a === b)],
  ['TimestampLessThan', timestamps((a, b) => a < b)],
  ['TimestampGreaterThan', timestamps((a, b) => a > b)],
  ['TimestampLessThanEquals', timestamps((a, b) => a <= b)],
  ['TimestampGreaterThanEquals', timestamps((a, b) => a >= b)],
])

const IS_TYPE: ReadonlyMap<string, (value: Json) => boolean> = new Map<string, (value: Json) => boolean>([
  ['IsNull', (value) => value === null],
  ['IsNumeric', isNumber],
  ['IsString', isString],
  ['IsBoolean', isBoolean],
  ['IsTimestamp', (value) => isString(value) && parseTimestamp(value) !== undefined],
])

/** A rule or a part of one. Undefined when it cannot be compiled; the binding's problems say why. */
export function compileChoiceTest(binding: Binding, rule: JsonObject): Test | undefined {
  if (isArray(rule['And'])) return combine(binding, 'And', rule['And'])
  if (isArray(rule['Or'])) return combine(binding, 'Or', rule['Or'])
  if (isObject(rule['Not'])) {
    const test = compileChoiceTest(at(binding, 'Not'), rule['Not'])
    return test && ((scope) => negate(test(scope)))
  }
  return dataTest(binding, rule)
}

const negate = (result: Result<boolean, EvaluationFailure>) => (result.ok ? ok(!result.value) : result)

const at = (binding: Binding, part: string): Binding => ({ ...binding, location: `${binding.location}/${part}` })

function combine(binding: Binding, operator: 'And' | 'Or', rules: readonly Json[]): Test | undefined {
  const tests: Test[] = []
  for (const [i, rule] of rules.entries()) {
    const test = isObject(rule) ? compileChoiceTest(at(binding, `${operator}[${i}]`), rule) : undefined
    if (!test) return undefined
    tests.push(test)
  }
  const decides = operator === 'Or'
  return (scope) => {
    for (const test of tests) {
      const result = test(scope)
      if (!result.ok || result.value === decides) return result
    }
    return ok(!decides)
  }
}

function dataTest(binding: Binding, rule: JsonObject): Test | undefined {
  const operator = Object.keys(rule).find((key) => CHOICE_OPERATORS.includes(key))
  const variable = rule['Variable']
  if (operator === undefined || typeof variable !== 'string') {
    binding.problems.push({
      location: binding.location,
      message: 'A choice rule needs Variable and one operator, or And, Or, Not',
    })
    return undefined
  }
  const path = bindPath(binding, 'Variable', variable)
  if (!path) return undefined
  const expected = numberOf(rule[operator] as Json)
  if (operator === 'IsPresent') return (scope) => ok(path.selectPresent(scope).ok === expected)
  const isType = IS_TYPE.get(operator)
  if (isType) return onValue(path, (value) => ok(isType(value) === expected))
  if (operator === 'StringMatches') return onValue(path, (value, scope) => matchWithin(scope, value, expected))
  const compare = COMPARISONS.get(operator)
  if (compare) return onValue(path, (value) => ok(compare(value, expected)))
  return pathComparison(binding, path, operator, expected)
}

function pathComparison(binding: Binding, path: JsonPath, operator: string, expected: Json): Test | undefined {
  const compare = COMPARISONS.get(operator.slice(0, -'Path'.length))
  const other = typeof expected === 'string' ? bindPath(binding, operator, expected) : undefined
  if (!compare || !other) return undefined
  return onValue(path, (value, scope) => {
    const found = read(other, scope)
    return found.ok ? ok(compare(value, found.value)) : found
  })
}

function onValue(path: JsonPath, test: (value: Json, scope: EvaluationScope) => Result<boolean, EvaluationFailure>): Test {
  return (scope) => {
    const found = read(path, scope)
    return found.ok ? test(found.value, scope) : found
  }
}

function read(path: JsonPath, scope: EvaluationScope): Result<Json, EvaluationFailure> {
  if (readsNull(path, scope)) return err(NULL_INPUT)
  const found = path.select(scope)
  return found.ok ? ok(numberOf(found.value)) : err(invalidCondition(path))
}

/** A text that is looked through for each of many rules: the state may only do so much. */
function matchWithin({ work }: EvaluationScope, value: Json, pattern: Json): Result<boolean, EvaluationFailure> {
  if (!isString(value) || !isString(pattern)) return ok(false)
  const units = (value.length + pattern.length) / CHARS_PER_UNIT
  if (work && work.left < units) return err({ error: ErrorName.Runtime, cause: 'The rules of the state do too much work' })
  work?.spend(units)
  return ok(matchesWildcards(value, pattern))
}

function bindPath(binding: Binding, field: string, text: string): JsonPath | undefined {
  const compiled = binding.expressions.path(text)
  if (!compiled.ok) {
    binding.problems.push({ location: `${binding.location}/${field}`, message: 'Value must be a valid JSONPath.' })
    return undefined
  }
  binding.mention(compiled.value.variables())
  return compiled.value
}

/** `*` matches any run of characters, `\\*` a star, `\\\\` a backslash. Linear in both texts, whatever they are. */
function matchesWildcards(text: string, pattern: string): boolean {
  const pieces = literalsOf(pattern)
  const first = pieces[0] ?? ''
  const last = pieces.at(-1) ?? ''
  if (pieces.length === 1) return text === first
  const end = text.length - last.length
  if (first.length > end || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = indexOf(text, piece, at, end)
    if (found < 0) return false
    at = found + piece.length
  }
  return true
}

/** What stands between the stars of a pattern, its own escapes taken off. */
function literalsOf(pattern: string): string[] {
  const pieces = ['']
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i)
    if (char === '*') pieces.push('')
    else pieces[pieces.length - 1] += char === '\\' && i + 1 < pattern.length ? pattern.charAt(++i) : char
  }
  return pieces
}

/** The first place of `piece` within `[from, end)` of a text, or -1. Knuth, Morris and Pratt's: no text makes it slow. */
function indexOf(text: string, piece: string, from: number, end: number): number {
  if (piece === '') return from
  const fallback = new Uint32Array(piece.length)
  for (let i = 1, k = 0; i < piece.length; i++) {
    while (k > 0 && piece[i] !== piece[k]) k = fallback[k - 1] ?? 0
    if (piece[i] === piece[k]) k++
    fallback[i] = k
  }
  for (let i = from, k = 0; i < end; i++) {
    while (k > 0 && text[i] !== piece[k]) k = fallback[k - 1] ?? 0
    if (text[i] === piece[k]) k++
    if (k === piece.length) return i - k + 1
  }
  return -1
}
