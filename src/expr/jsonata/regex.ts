/**
 * Regular expressions, matched in linear time: by RE2, or by the machine's own engine where it cannot backtrack. What RE2
 * cannot express (look-around, back references) is refused when the expression is compiled.
 * A regular expression is a function of a text that gives `{match, start, end, groups, next}`, as any matcher may be.
 */
import { RE2JS } from 're2js'

import { readCost, SEARCH_COST } from '../regex-cost.ts'
import { JsonataError } from './error.ts'
import { nativePattern } from './native-pattern.ts'
import type { Run } from './run.ts'
import { type Callable, isArray, isFunction, isPlainObject, type Value } from './value.ts'

/** A pattern that RE2 has no counterpart for. */
export class UnsupportedPattern extends Error {}

export interface Match {
  readonly match: string
  readonly start: number
  readonly end: number
  readonly groups: readonly (string | undefined)[]
}

const patterns = new WeakMap<Callable, Pattern>()

/** White space as ECMAScript has it; RE2's own is ASCII only. */
const SPACE = '\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}'
const ANY_BUT_LINE_ENDS = '[^\\n\\r\\x{2028}\\x{2029}]'

/** Rewrites what the two dialects spell alike but mean differently. */
function translate(source: string): string {
  let isInClass = false
  let out = ''
  for (let i = 0; i < source.length; i++) {
    const char = source[i] as string
    if (char === '\\') {
      const next = source[++i] ?? ''
      if (next === 's') out += isInClass ? SPACE : `[${SPACE}]`
      else if (next === 'S' && !isInClass) out += `[^${SPACE}]`
      else out += char + next
    } else if (char === '.' && !isInClass) out += ANY_BUT_LINE_ENDS
    else {
      if (char === '[') isInClass = true
      else if (char === ']') isInClass = false
      out += char
    }
  }
  return RE2JS.translateRegExp(out)
}

interface Pattern {
  /** The first match at or after `from`. */
  exec(text: string, from: number, run: Run): Match | undefined
  /** Whether there is a match at all. */
  test(text: string, run: Run): boolean
}

/** What a search by the machine's own engine costs, in steps. */
const NATIVE_SEARCH_COST = 4
const NATIVE_CHARS_PER_STEP = 32

/** A pattern of the kind that cannot backtrack. */
class NativePattern implements Pattern {
  readonly #expression: RegExp
  /** Steps a character read. */
  readonly #readCost: number

  constructor(expression: RegExp) {
    this.#expression = expression
    this.#readCost = (1 + expression.source.length) / NATIVE_CHARS_PER_STEP
  }

  exec(text: string, from: number, run: Run): Match | undefined {
    this.#expression.lastIndex = from
    const found = this.#expression.exec(text)
    const end = found === null ? text.length : found.index + found[0].length
    run.spend(NATIVE_SEARCH_COST + (end - from) * this.#readCost)
    return found === null ? undefined : { match: found[0], start: found.index, end, groups: [] }
  }

  test(text: string, run: Run): boolean {
    run.spend(NATIVE_SEARCH_COST + text.length * this.#readCost)
    this.#expression.lastIndex = 0
    return this.#expression.test(text)
  }
}

class Re2Pattern implements Pattern {
  readonly #engine: RE2JS
  /** Steps a character read. */
  readonly #readCost: number
  readonly #mayScanFar: boolean

  constructor(expression: RegExp) {
    let flags = 0
    if (expression.flags.includes('i')) flags |= RE2JS.CASE_INSENSITIVE
    if (expression.flags.includes('m')) flags |= RE2JS.MULTILINE
    try {
      this.#engine = RE2JS.compile(translate(expression.source), flags)
    } catch {
      throw new UnsupportedPattern(
        `The regular expression /${expression.source}/ is not supported: look-around and back references cannot be bounded in time`,
      )
    }
    this.#readCost = readCost(this.#engine.programSize())
    this.#mayScanFar = mayScanFar(expression.source)
  }

  test(text: string, run: Run): boolean {
    run.spend(SEARCH_COST + text.length * this.#readCost)
    return this.#engine.test(text)
  }

  exec(text: string, from: number, run: Run): Match | undefined {
    const rest = text.length - from
    if (this.#mayScanFar) run.spend(SEARCH_COST + rest * this.#readCost)
    const matcher = this.#engine.matcher(text)
    const isFound = matcher.find(from)
    if (!this.#mayScanFar) run.spend(SEARCH_COST + (isFound ? matcher.end(0) - from : rest) * this.#readCost)
    if (!isFound) return undefined
    const groups: (string | undefined)[] = []
    const count = this.#engine.groupCount()
    for (let i = 1; i <= count; i++) groups.push(matcher.group(i) ?? undefined)
    const match = matcher.group(0) ?? ''
    const start = matcher.start(0)
    return { match, start, end: start + match.length, groups }
  }
}

/**
 * Whether a search may read far beyond the match it returns: only when something unbounded is followed by more. Such
 * searches are charged for the whole rest of the text, since repeated ones could read it over and over.
 */
function mayScanFar(source: string): boolean {
  return /(?:[*+]|\{\d+,\})\??./.test(source)
}

function patternOf(expression: RegExp): Pattern {
  const native = nativePattern(expression)
  return native === undefined ? new Re2Pattern(expression) : new NativePattern(native)
}

export function matcherOf(expression: RegExp): Callable {
  const pattern = patternOf(expression)
  const fn = (([text], _context, run) => {
    if (typeof text !== 'string') return undefined
    const match = pattern.exec(text, 0, run)
    return match && matchObject(pattern, match, text)
  }) as Callable
  fn.arity = 2
  patterns.set(fn, pattern)
  return fn
}

function matchObject(pattern: Pattern, match: Match, text: string): Value {
  const next = ((_args, _context, run) => {
    const following = execNext(pattern, match, text, run)
    return following && matchObject(pattern, following, text)
  }) as Callable
  next.arity = 0
  return { match: match.match, start: match.start, end: match.end, groups: match.groups as readonly Value[], next }
}

function execNext(pattern: Pattern, match: Match, text: string, run: Run): Match | undefined {
  if (match.end >= text.length) return undefined
  const following = pattern.exec(text, match.end, run)
  // A match of nothing would be found again and again.
  if (following?.match === '') throw new JsonataError('D1004')
  return following
}

/** A match and, for a replacing function, the object that stands for it. */
export interface Found extends Match {
  readonly value: () => Value
}

/** All matches of any matcher in order, found as they are asked for. */
export function* findAll(matcher: Callable, text: string, run: Run): Generator<Found> {
  const pattern = patterns.get(matcher)
  if (pattern !== undefined) {
    for (let match = pattern.exec(text, 0, run); match !== undefined; match = execNext(pattern, match, text, run)) {
      const found = match
      const { match: matched, start, end, groups } = found
      yield { match: matched, start, end, groups, value: () => matchObject(pattern, found, text) }
    }
    return
  }
  for (let found = checked(matcher([text], null, run)); found !== undefined; ) {
    run.spend(1)
    const value = found
    yield { ...readMatch(value), value: () => value }
    const next: Value = isPlainObject(found) ? found['next'] : undefined
    if (!isFunction(next)) return
    found = checked(next([], null, run))
  }
}

/** The first match only. */
export function findFirst(matcher: Callable, text: string, run: Run): boolean {
  const pattern = patterns.get(matcher)
  return pattern === undefined ? checked(matcher([text], null, run)) !== undefined : pattern.test(text, run)
}

/** A matcher written in the expression must answer with something that looks like a match. */
function checked(value: Value): Value {
  if (value === undefined || value === null || value === false || value === '' || value === 0) return value ?? undefined
  if (
    isPlainObject(value) &&
    (typeof value['start'] === 'number' ||
      typeof value['end'] === 'number' ||
      isArray(value['groups']) ||
      isFunction(value['next']))
  ) {
    return value
  }
  throw new JsonataError('T1010')
}

function readMatch(value: Value): Match {
  const object = isPlainObject(value) ? value : {}
  const start = Number(object['start'] ?? 0)
  const match = typeof object['match'] === 'string' ? object['match'] : ''
  const groups = isArray(object['groups']) ? object['groups'].map((group) => (typeof group === 'string' ? group : undefined)) : []
  return { match, start, end: typeof object['end'] === 'number' ? object['end'] : start + match.length, groups }
}
