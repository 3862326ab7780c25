/**
 * Judges filters as Jayway 2.0.0 does. A comparison with a missing value never holds, `!=` included; `@.a` alone holds for a
 * value that is not null. A path in a filter that meets something that is no array, or a number compared with a text that is
 * none, ends the whole read.
 */
import { isArray, isObject, type Json } from '../../base/json.ts'
import { isNumeral, numberOf as numberIn } from '../../base/numeral.ts'

import { javaNumber, javaNumeral } from '../java-text.ts'
import { showJson } from '../json-bounds.ts'
import { CHARS_PER_UNIT } from '../work.ts'
import type { Criterion, Filter, Operand, OperandPath, Step } from './ast.ts'
import { compare, type Comparison, HOLDS, numberOf } from './compare.ts'
import { compilePattern, type TextTest } from './pattern.ts'
import { ReadFault } from './problem.ts'
import type { Run } from './run.ts'

/** Throws ReadFault. */
export type Judge = (item: Json, run: Run) => boolean
/** The value of a path in a filter; undefined when it is missing. Throws ReadFault. */
export type ReadOperand = (start: Json, run: Run) => Json | undefined
/** Compiles the steps of such a path; handed in, because steps hold filters and filters hold steps. */
type CompileSteps = (steps: readonly Step[]) => ReadOperand

export function compileFilter(filter: Filter, compileSteps: CompileSteps): Judge {
  const alternatives = filter.map((terms) => terms.map((term) => compileCriterion(term, compileSteps)))
  const [only, ...others] = alternatives
  if (only?.length === 1 && only[0] && others.length === 0) return only[0]
  return (item, run) => alternatives.some((terms) => terms.every((judge) => judge(item, run)))
}

function compileCriterion(criterion: Criterion, compileSteps: CompileSteps): Judge {
  if (criterion.type === 'exists') return compileExists(criterion.path, criterion.isNegated, compileSteps)
  const { left, operator, right } = criterion
  return operator === '=~' ? compileMatch(left, right, compileSteps) : compileComparison(left, operator, right, compileSteps)
}

/** Looks on the item even where the path begins at the document; several names must all be there. */
function compileExists({ steps }: OperandPath, isNegated: boolean, compileSteps: CompileSteps): Judge {
  const read = compilePath('item', steps, compileSteps)
  const leaf = steps.at(-1)
  const names = leaf?.type === 'property' ? new Set(leaf.names).size : 1
  const isMerged = leaf?.type === 'property' && leaf.names.length !== 1
  return (item, run) => {
    const value = read(item, run) ?? null
    const exists = isMerged ? isObject(value) && Object.keys(value).length === names : value !== null
    return exists !== isNegated
  }
}

function compileComparison(left: Operand, operator: Comparison, right: Operand, compileSteps: CompileSteps): Judge {
  const readLeft = compileOperand(left, compileSteps)
  const readRight = compileOperand(right, compileSteps)
  const isSame = isSamePath(left, right)
  const rightNumber = right.type === 'literal' ? numberOf(right.text) : undefined
  return (item, run) => {
    run.spend(1)
    const leftValue = numberIn(readLeft(item, run))
    if (leftValue === undefined) return false
    if (isSame) return HOLDS[operator](0)
    const rightValue = numberIn(readRight(item, run))
    return rightValue !== undefined && compare(leftValue, operator, rightValue, run, rightNumber)
  }
}

/** A path from the document is read once: written twice alike, it is the very same value, of any kind. */
const isSamePath = (left: Operand, right: Operand): boolean =>
  left.type === 'path' && right.type === 'path' && left.path.root === 'document' && left.path.text === right.path.text

function compileOperand(operand: Operand, compileSteps: CompileSteps): ReadOperand {
  if (operand.type === 'path') return compilePath(operand.path.root, operand.path.steps, compileSteps)
  if (operand.type === 'literal') return () => operand.text
  compilePattern(operand.source, operand.ignoresCase)
  // A pattern is a value of its own kind, which has no order with any other: so has a list.
  return () => []
}

function compilePath(root: OperandPath['root'], steps: readonly Step[], compileSteps: CompileSteps): ReadOperand {
  const read = compileSteps(steps)
  const visits = steps.length + 1
  return (item, run) => {
    run.spend(visits)
    return read(root === 'item' ? item : run.document, run)
  }
}

/** One side is a pattern, and must match all of the other side's text; nothing matches null. */
function compileMatch(left: Operand, right: Operand, compileSteps: CompileSteps): Judge {
  const isLeftPattern = left.type === 'pattern'
  const pattern = isLeftPattern ? left : right
  const test = pattern.type === 'pattern' ? compilePattern(pattern.source, pattern.ignoresCase) : undefined
  const readLeft = compileOperand(left, compileSteps)
  const readRight: ReadOperand =
    isLeftPattern && right.type === 'pattern' ? () => right.source : compileOperand(right, compileSteps)
  return (item, run) => {
    const leftValue = readLeft(item, run)
    if (leftValue === undefined) return false
    const rightValue = readRight(item, run)
    if (rightValue === undefined) return false
    if (test === undefined) return refusePattern(rightValue, leftValue)
    const value = isLeftPattern ? rightValue : leftValue
    return value !== null && matches(test, value, run)
  }
}

function textIn(value: Json): string {
  if (typeof value === 'number') return javaNumber(value)
  if (isNumeral(value)) return javaNumeral(value)
  return isArray(value) || isObject(value) ? showJson(value) : String(value)
}

/** Charged by length, as matching takes time by length. */
function matches(test: TextTest, value: Json, run: Run): boolean {
  const text = textIn(value)
  run.spend(text.length / CHARS_PER_UNIT + test.cost(text.length))
  return test(text)
}

/** The right side of `=~` is found to be no pattern only when it is applied. */
function refusePattern(pattern: Json, value: Json): boolean {
  if (pattern === null && value === null) return false
  throw new ReadFault(`The value ${showJson(pattern)} is not a pattern`)
}
