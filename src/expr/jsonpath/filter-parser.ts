/**
 * Reads a filter `?(…)`: `||` of `&&` of `!`, groups, comparisons and existence checks, as Jayway's FilterCompiler does.
 * Word operators are read in any case (`in`, `NIN`, `subsetof`). Nesting is bounded because reading and judging recurse.
 */
import type { Json, JsonObject } from '../../base/json.ts'
import { setOwn } from '../../base/json.ts'

import type { Filter, FilterOperator, Operand, OperandPath } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { readQuoted } from './quoted.ts'

/** Reads `@…` or `$…`; handed in by the path parser, which alone knows steps. */
export type FilterReader = (cursor: Cursor, depth: number) => OperandPath

const DEPTH_MAX = 50
const SYMBOL_OPERATOR = /===|==|!==|!=|=~|<=|>=|<|>/y
const WORD_OPERATOR = /(?:in|nin|contains|all|size|empty|subsetof|anyof|noneof)(?![\p{ID_Continue}])/iuy
const NUMBER = /-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const WORD = /true|false|null/y
const BARE_KEY = /[\p{ID_Start}_][\p{ID_Continue}]*/uy

/** Reads `?(…)` with the cursor at the question mark. */
export function readFilter(cursor: Cursor, depth: number, readPath: FilterReader): Filter {
  cursor.need('?')
  cursor.skipBlanks()
  cursor.need('(')
  const filter = readOr(cursor, depth, readPath)
  cursor.skipBlanks()
  cursor.need(')')
  return filter
}

const readOr = (cursor: Cursor, depth: number, readPath: FilterReader): Filter =>
  readTerms(cursor, 'or', '||', () => readTerms(cursor, 'and', '&&', () => readTerm(cursor, depth, readPath)))

function readTerms(cursor: Cursor, type: 'and' | 'or', operator: string, readOne: () => Filter): Filter {
  const terms = [readOne()]
  for (;;) {
    cursor.skipBlanks()
    if (!cursor.take(operator)) break
    terms.push(readOne())
  }
  return terms.length === 1 && terms[0] ? terms[0] : { type, terms }
}

function readTerm(cursor: Cursor, depth: number, readPath: FilterReader): Filter {
  if (depth > DEPTH_MAX) cursor.fail(`filters nest at most ${DEPTH_MAX} deep`)
  cursor.skipBlanks()
  if (cursor.char === '!') {
    cursor.at++
    return { type: 'not', term: readTerm(cursor, depth + 1, readPath) }
  }
  if (cursor.take('(')) {
    const group = readOr(cursor, depth + 1, readPath)
    cursor.skipBlanks()
    cursor.need(')')
    return group
  }
  return readComparison(cursor, depth, readPath)
}

function readComparison(cursor: Cursor, depth: number, readPath: FilterReader): Filter {
  const start = cursor.at
  const left = readOperand(cursor, depth, readPath)
  cursor.skipBlanks()
  const operator = cursor.match(SYMBOL_OPERATOR) ?? cursor.match(WORD_OPERATOR)?.toUpperCase()
  if (operator === undefined) {
    if (left.type !== 'path') cursor.fail('expected a path or a comparison', start)
    return { type: 'exists', path: left.path }
  }
  cursor.skipBlanks()
  const right = readOperand(cursor, depth, readPath)
  return { type: 'compare', left, operator: operator as FilterOperator, right }
}

function readOperand(cursor: Cursor, depth: number, readPath: FilterReader): Operand {
  if (cursor.char === '@' || cursor.char === '$') return { type: 'path', path: readPath(cursor, depth) }
  if (cursor.char === '/') return readPattern(cursor)
  return { type: 'literal', value: readLiteral(cursor, depth) }
}

function readPattern(cursor: Cursor): Operand {
  const start = cursor.at++
  const from = cursor.at
  while (cursor.char !== '/') {
    if (cursor.char === '') cursor.fail('the pattern is not closed', start)
    cursor.at += cursor.char === '\\' ? 2 : 1
  }
  const source = cursor.text.slice(from, cursor.at)
  cursor.at++
  return { type: 'pattern', source, flags: cursor.match(/[a-zA-Z]*/y) ?? '' }
}

function readLiteral(cursor: Cursor, depth: number): Json {
  if (depth > DEPTH_MAX) cursor.fail(`literals nest at most ${DEPTH_MAX} deep`)
  cursor.skipBlanks()
  if (cursor.char === "'" || cursor.char === '"') return readQuoted(cursor)
  if (cursor.take('[')) return readList(cursor, depth)
  if (cursor.take('{')) return readObject(cursor, depth)
  const number = cursor.match(NUMBER)
  if (number !== undefined) return Number(number)
  const word = cursor.match(WORD) ?? cursor.fail('expected a value')
  return word === 'null' ? null : word === 'true'
}

function readList(cursor: Cursor, depth: number): readonly Json[] {
  const items: Json[] = []
  for (;;) {
    cursor.skipBlanks()
    if (cursor.take(']')) return items
    if (items.length > 0) cursor.need(',')
    items.push(readLiteral(cursor, depth + 1))
  }
}

function readObject(cursor: Cursor, depth: number): JsonObject {
  const members: Record<string, Json> = {}
  for (let count = 0; ; count++) {
    cursor.skipBlanks()
    if (cursor.take('}')) return members
    if (count > 0) cursor.need(',')
    cursor.skipBlanks()
    const isQuoted = cursor.char === "'" || cursor.char === '"'
    const key = isQuoted ? readQuoted(cursor) : (cursor.match(BARE_KEY) ?? cursor.fail('expected a member name'))
    cursor.skipBlanks()
    cursor.need(':')
    setOwn(members, key, readLiteral(cursor, depth + 1))
  }
}
