/**
 * Judges filters. The comparisons are Jayway's: numbers and numeric texts are equal (`1 == '1'`), order exists only among
 * numbers and among texts, a missing value equals nothing (so `!=` holds for it), patterns match whole texts, and `@.a`
 * alone asks whether the member exists, null included.
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { javaNumber } from '../java-text.ts'
import type { Filter, FilterOperator, Operand, OperandPath, Step } from './ast.ts'
import { compilePattern, type TextTest } from './pattern.ts'
import type { Run } from './run.ts'

export type Judge = (item: Json, run: Run) => boolean
type Select = (start: Json, run: Run) => Json | undefined
/** Compiles the steps of an operand; handed in, because steps hold filters and filters hold steps. */
type CompileSteps = (steps: readonly Step[]) => Select

export function compileFilter(filter: Filter, compileSteps: CompileSteps): Judge {
  switch (filter.type) {
    case 'and': {
      const judges = filter.terms.map((term) => compileFilter(term, compileSteps))
      return (item, run) => judges.every((judge) => judge(item, run))
    }
    case 'or': {
      const judges = filter.terms.map((term) => compileFilter(term, compileSteps))
      return (item, run) => judges.some((judge) => judge(item, run))
    }
    case 'not': {
      const judge = compileFilter(filter.term, compileSteps)
      return (item, run) => !judge(item, run)
    }
    case 'exists': {
      const read = compilePathOperand(filter.path, compileSteps)
      return (item, run) => read(item, run) !== undefined
    }
    case 'compare':
      return compileComparison(filter.left, filter.operator, filter.right, compileSteps)
  }
}

function compilePathOperand(path: OperandPath, compileSteps: CompileSteps): Select {
  const select = compileSteps(path.steps)
  const visits = path.steps.length + 1
  return (item, run) => {
    run.spend(visits)
    return select(path.root === 'item' ? item : run.document, run)
  }
}

function compileComparison(left: Operand, operator: FilterOperator, right: Operand, compileSteps: CompileSteps): Judge {
  if (operator === '=~') return compileMatch(left, right, compileSteps)
  const holds = COMPARISONS[operator]
  const readLeft = compileOperand(left, compileSteps)
  const readRight = compileOperand(right, compileSteps)
  return (item, run) => {
    run.spend(1)
    return holds(readLeft(item, run), readRight(item, run), run)
  }
}

function compileOperand(operand: Operand, compileSteps: CompileSteps): Select {
  if (operand.type === 'path') return compilePathOperand(operand.path, compileSteps)
  const value = operand.type === 'literal' ? operand.value : undefined
  return () => value
}

/** Exactly one side is a pattern; a list matches when one of its items does. */
function compileMatch(left: Operand, right: Operand, compileSteps: CompileSteps): Judge {
  const pattern = left.type === 'pattern' ? left : right
  const other = left.type === 'pattern' ? right : left
  if (pattern.type !== 'pattern' || other.type === 'pattern') return () => false
  const test = compilePattern(pattern.source, pattern.flags)
  const read = compileOperand(other, compileSteps)
  return (item, run) => {
    const value = read(item, run)
    return isArray(value) ? value.some((member) => matches(test, member, run)) : matches(test, value, run)
  }
}

/** Charged by length, as matching takes time by length. */
function matches(test: TextTest, value: Json | undefined, run: Run): boolean {
  const text = typeof value === 'number' ? javaNumber(value) : value === undefined || value === null ? '' : value
  const input = typeof text === 'object' ? '' : String(text)
  run.spend(test.cost(input.length))
  return test(input)
}

type Compare = (left: Json | undefined, right: Json | undefined, run: Run) => boolean

const order = (left: Json | undefined, right: Json | undefined): number =>
  (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string')
    ? left < right
      ? -1
      : left > right
        ? 1
        : 0
    : Number.NaN

const NUMERIC_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

const equals: Compare = (left, right, run) => {
  if (left === undefined || right === undefined) return false
  if (typeof left === 'number' && typeof right === 'string') return NUMERIC_TEXT.test(right) && Number(right) === left
  if (typeof left === 'string' && typeof right === 'number') return left === javaNumber(right)
  return sameJson(left, right, run)
}

/** Characters compared for one visit; texts found in others take far more. */
const COMPARED_CHARS = 64
const SEARCHED_CHARS = 4

/** Deep equality that pays for every node, since a filter may compare the same large values once per item. */
function sameJson(left: Json, right: Json, run: Run): boolean {
  if (typeof left === 'string' && typeof right === 'string') run.spend(Math.min(left.length, right.length) / COMPARED_CHARS)
  if (left === right) return true
  if (isArray(left)) {
    if (!isArray(right) || left.length !== right.length) return false
    run.spend(left.length)
    return left.every((item, i) => sameJson(item, right[i] as Json, run))
  }
  if (!isObject(left) || !isObject(right)) return false
  const keys = Object.keys(left)
  run.spend(keys.length)
  if (keys.length !== Object.keys(right).length) return false
  return keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key] as Json, right[key] as Json, run))
}

const sameKind = (left: Json | undefined, right: Json | undefined): boolean =>
  typeof left === typeof right && (left === null) === (right === null)

const includes = (list: readonly Json[], value: Json | undefined, run: Run): boolean => {
  run.spend(list.length)
  return list.some((member) => equals(value, member, run))
}

const isIn: Compare = (left, right, run) => isArray(right) && includes(right, left, run)

function isEmpty(object: JsonObject): boolean {
  for (const _key in object) return false
  return true
}

const COMPARISONS: Record<Exclude<FilterOperator, '=~'>, Compare> = {
  '==': equals,
  '!=': (left, right, run) => !equals(left, right, run),
  '===': (left, right, run) => sameKind(left, right) && equals(left, right, run),
  '!==': (left, right, run) => !(sameKind(left, right) && equals(left, right, run)),
  '<': (left, right) => order(left, right) < 0,
  '<=': (left, right) => order(left, right) <= 0,
  '>': (left, right) => order(left, right) > 0,
  '>=': (left, right) => order(left, right) >= 0,
  IN: isIn,
  NIN: (left, right, run) => !isIn(left, right, run),
  CONTAINS: (left, right, run) => {
    if (isArray(left)) return includes(left, right, run)
    if (typeof left !== 'string' || typeof right !== 'string') return false
    run.spend(left.length / SEARCHED_CHARS)
    return left.includes(right)
  },
  ALL: (left, right, run) => isArray(left) && isArray(right) && right.every((member) => includes(left, member, run)),
  SIZE: (left, right) => (typeof left === 'string' || isArray(left)) && left.length === right,
  EMPTY: (left, right) => {
    if (isObject(left)) return isEmpty(left) === right
    return (typeof left === 'string' || isArray(left)) && (left.length === 0) === right
  },
  SUBSETOF: (left, right, run) => isArray(left) && isArray(right) && left.every((member) => includes(right, member, run)),
  ANYOF: (left, right, run) => isArray(left) && isArray(right) && left.some((member) => includes(right, member, run)),
  NONEOF: (left, right, run) => isArray(left) && isArray(right) && !left.some((member) => includes(right, member, run)),
}
