/**
 * Reads what stands in brackets, as Jayway 2.0.0 does: the first of `?`, `'`, a digit, `:`, `-` and `@` decides whether it is
 * a filter, names, or places of an array; what stands before it, and behind what was wanted, does not count.
 */
import type { Step } from './ast.ts'
import { SyntaxFault } from './cursor.ts'
import { type ReadSteps, readFilter } from './filter-parser.ts'

/** Where the bracket at `at` ends: behind its own `]`, or at the text's end. Quotes do not count. */
export function bracketEnd(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; i++) {
    const char = text[i]
    if (char === '[') depth++
    else if (char === ']' && --depth === 0) return i + 1
  }
  return text.length
}

const UNSET_FILTERS = /^\[[ \t\n\v\f\r]*\?[ \t\n\v\f\r,*?]*\]$/
const TELLING = /[?'0-9:@-]/

/**
 * `bracket` with its own `[`; `offset` is its place in the path. Without `readOperand` a filter is refused. Throws SyntaxFault.
 */
export function readBracket(bracket: string, offset: number, readOperand: ReadSteps | undefined): Step {
  if (bracket === '[*]') return { type: 'wildcard' }
  const at = bracket.search(TELLING)
  const fail = (message: string): never => {
    throw new SyntaxFault(message, offset)
  }
  switch (bracket[at]) {
    case undefined:
      return fail("expected a filter, a name in single quotes, an index or * in '[…]'")
    case '?':
      if (readOperand === undefined) return fail('a path in a filter must be definite')
      if (UNSET_FILTERS.test(bracket)) return { type: 'unset', count: bracket.split('?').length - 1 }
      return { type: 'filter', filter: readFilter(bracket, at, offset, readOperand) }
    case "'":
      return { type: 'property', names: readNames(bracket, at) ?? fail("the bracket is not closed by ']'") }
    case '@':
      return { type: 'fromEnd', offset: readFromEnd(bracket, at) ?? fail('expected (@.length-n)') }
    default:
      return readPlaces(bracket, at) ?? fail('expected an index, a list of them or a slice')
  }
}

/** All that stands between two single quotes, up to the first `]`. Undefined when there is none. */
function readNames(bracket: string, at: number): string[] | undefined {
  const end = bracket.indexOf(']', at)
  if (end < 0) return undefined
  const pieces = bracket.slice(at, end).split("'")
  return pieces.filter((_, i) => i % 2 === 1 && i < pieces.length - 1)
}

const FROM_END = /^@.([^-]*)(-[^)]*)\)/s

/** `@.length-1)`, `@.size() - 1)`: negative numbers only. */
function readFromEnd(bracket: string, at: number): number | undefined {
  const [, name = '', offset = ''] = FROM_END.exec(bracket.slice(at)) ?? []
  const isKnown = /^(?:size|length)$/.test(name.replace(/[ ()]/g, ''))
  return isKnown ? readInteger(offset.replaceAll(' ', '')) : undefined
}

/** Digits as Java's `parseInt` takes them. */
function readInteger(digits: string): number | undefined {
  if (!/^-?[0-9]+$/.test(digits)) return undefined
  const integer = Number(digits)
  return integer >= -(2 ** 31) && integer < 2 ** 31 ? integer + 0 : undefined
}

const RUN = /[0-9 -]*/y
/** More than anybody lists; keeps the reading of a definition short. */
const PLACES_MAX = 10_000

/** Indexes and slices: runs of digits apart by `,` and `:`. What ends a slice is skipped; what no list knows ends it. */
function readPlaces(bracket: string, start: number): Step | undefined {
  const numbers: number[] = []
  const kinds = new Set<'list' | 'from' | 'to' | 'between'>()
  let at = start
  const readRun = (): string => {
    RUN.lastIndex = at
    const run = RUN.exec(bracket)?.[0] ?? ''
    at += run.length
    return run.replaceAll(' ', '')
  }
  const add = (run: string): boolean => {
    const integer = readInteger(run)
    if (integer === undefined || numbers.length >= PLACES_MAX) return false
    numbers.push(integer)
    return true
  }
  for (;;) {
    const run = readRun()
    const separator = bracket[at]
    if (separator === undefined) return undefined
    if (separator !== ',' && separator !== ':') {
      if (run !== '' && !add(run)) return undefined
      break
    }
    at++
    if (separator === ',') {
      if (!add(run)) return undefined
      kinds.add('list')
      continue
    }
    const end = readRun()
    if (run !== '' && !add(run)) return undefined
    if (run !== '' && end === '') kinds.add('from')
    else if (add(end)) kinds.add(run === '' ? 'to' : 'between')
    else return undefined
    if (bracket[at] === undefined) return undefined
    if (bracket[at] === ']') break
    at++
  }
  return placesOf(numbers, kinds)
}

function placesOf(numbers: readonly number[], kinds: ReadonlySet<'list' | 'from' | 'to' | 'between'>): Step | undefined {
  const [first, second] = numbers
  if (first === undefined) return undefined
  if (numbers.length === 1 && !kinds.has('to') && !kinds.has('from')) return { type: 'index', index: first }
  if (kinds.has('list')) return { type: 'indexes', indexes: numbers }
  if (kinds.has('from')) return { type: 'slice', from: first }
  if (kinds.has('to')) return { type: 'slice', to: first }
  return second === undefined ? undefined : { type: 'slice', from: first, to: second }
}
