/**
 * Reads a JSONPath in Jayway's dialect, the one that AWS speaks: `.name`, `['name']`, `["a","b"]`, `[0]`, `[-1]`, `[0,2]`,
 * `[1:3]`, `[:2]`, `[-2:]`, `*`, `..`, `[?(…)]`. Roots: `$` input, `$$` context object, `$name` variable. Path functions
 * such as `length()` are not supported by Step Functions and are refused. No recursion but in filters, whose depth is bounded.
 */
import type { OperandPath, PathAst, PathRoot, Step } from './ast.ts'
import { Cursor } from './cursor.ts'
import { type FilterReader, readFilter } from './filter-parser.ts'
import { readQuoted } from './quoted.ts'

/** More steps than any document has levels worth naming; keeps the compiled chain within the call stack. */
export const STEPS_MAX = 1000

const VARIABLE_NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy
const DOT_NAME = /[^.[\]\s()]+/y
/** Inside a filter a name also ends where an operator begins. */
const FILTER_DOT_NAME = /[^.[\]\s(),<>=~!&|]+/y
const INTEGER = /-?[0-9]{1,9}/y

/** Reads the whole text as a path. Throws SyntaxFault. */
export function parsePath(text: string): PathAst {
  const cursor = new Cursor(text)
  cursor.skipBlanks()
  const root = readRoot(cursor)
  const steps = readSteps(cursor, 0)
  cursor.skipBlanks()
  if (!cursor.isAtEnd) cursor.fail(`unexpected character '${cursor.char}'`)
  return { root, steps }
}

function readRoot(cursor: Cursor): PathRoot {
  if (!cursor.take('$')) cursor.fail("a JSONPath starts with '$'")
  if (cursor.take('$')) return { kind: 'context' }
  const name = cursor.match(VARIABLE_NAME)
  return name === undefined ? { kind: 'input' } : { kind: 'variable', name }
}

/** Steps up to the first character that cannot begin one. */
function readSteps(cursor: Cursor, filterDepth: number): Step[] {
  const steps: Step[] = []
  for (;;) {
    const before = cursor.at
    if (cursor.take('..')) {
      steps.push({ type: 'scan' })
      steps.push(cursor.char === '[' ? readBracket(cursor, filterDepth) : readName(cursor, filterDepth))
    } else if (cursor.take('.')) steps.push(readAfterDot(cursor, filterDepth))
    else if (cursor.char === '[') steps.push(readBracket(cursor, filterDepth))
    else return steps
    if (steps.length > STEPS_MAX) cursor.fail(`a path has at most ${STEPS_MAX} steps`, before)
  }
}

/** Jayway takes `.['name']` for `['name']`. */
const readAfterDot = (cursor: Cursor, filterDepth: number): Step =>
  cursor.char === '[' ? readBracket(cursor, filterDepth) : readName(cursor, filterDepth)

function readName(cursor: Cursor, filterDepth: number): Step {
  if (cursor.take('*')) return { type: 'wildcard' }
  if (cursor.isAtEnd) cursor.fail("a path must not end with '.' or '..'")
  const start = cursor.at
  const name =
    cursor.match(filterDepth > 0 ? FILTER_DOT_NAME : DOT_NAME) ?? cursor.fail(`unexpected character '${cursor.char}' after '.'`)
  if (cursor.char === '(') cursor.fail('path functions are not supported', start)
  return { type: 'property', names: [name] }
}

function readBracket(cursor: Cursor, filterDepth: number): Step {
  const start = cursor.at
  cursor.need('[')
  cursor.skipBlanks()
  const char = cursor.char
  let step: Step
  if (char === "'" || char === '"') step = readNames(cursor)
  else if (char === '*') {
    cursor.at++
    step = { type: 'wildcard' }
  } else if (char === '?') step = { type: 'filter', filter: readFilter(cursor, filterDepth + 1, readOperandPath) }
  else if (char === ':' || char === '-' || (char >= '0' && char <= '9')) step = readIndexes(cursor)
  else cursor.fail("expected ?, a quote, an index or * after '['")
  cursor.skipBlanks()
  if (!cursor.take(']')) cursor.fail("the bracket is not closed by ']'", cursor.isAtEnd ? start : cursor.at)
  return step
}

function readNames(cursor: Cursor): Step {
  const names: [string, ...string[]] = [readQuoted(cursor)]
  for (;;) {
    cursor.skipBlanks()
    if (!cursor.take(',')) return { type: 'property', names }
    cursor.skipBlanks()
    if (cursor.char !== "'" && cursor.char !== '"') cursor.fail("expected a quoted name after ','")
    names.push(readQuoted(cursor))
  }
}

function readIndexes(cursor: Cursor): Step {
  const start = cursor.at
  const first = readInteger(cursor)
  cursor.skipBlanks()
  if (cursor.take(':')) return readSlice(cursor, first, start)
  if (first === undefined) cursor.fail('expected an index')
  const indexes: [number, ...number[]] = [first]
  while (cursor.take(',')) {
    cursor.skipBlanks()
    indexes.push(readInteger(cursor) ?? cursor.fail("expected an index after ','"))
    cursor.skipBlanks()
  }
  return { type: 'index', indexes }
}

/** `[from:to]`. Jayway reads a step (`[0:9:2]`) and ignores it; one of `from` and `to` must be there. */
function readSlice(cursor: Cursor, from: number | undefined, start: number): Step {
  cursor.skipBlanks()
  const to = readInteger(cursor)
  cursor.skipBlanks()
  if (cursor.take(':')) readInteger(cursor)
  if (from === undefined && to === undefined) cursor.fail('a slice needs a start or an end', start)
  return { type: 'slice', from, to }
}

function readInteger(cursor: Cursor): number | undefined {
  const digits = cursor.match(INTEGER)
  if (digits !== undefined && cursor.char >= '0' && cursor.char <= '9') cursor.fail('the index is too large')
  return digits === undefined ? undefined : Number(digits)
}

/** The path of a filter's operand; the cursor stands at `@` or `$`. */
const readOperandPath: FilterReader = (cursor, filterDepth): OperandPath => {
  const root = cursor.char === '@' ? 'item' : 'document'
  cursor.at++
  return { root, steps: readSteps(cursor, filterDepth) }
}
