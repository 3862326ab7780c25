/**
 * Compares as Jayway 2.0.0 does: the right side says how. A text there, which every literal is, is read as a number against
 * a number and as a boolean against a boolean; null and the text `null` are one; what cannot be compared, objects and arrays
 * above all, satisfies no operator, `!=` included.
 */
import type { Json } from '../../base/json.ts'

import { CHARS_PER_UNIT } from '../work.ts'
import type { Operator } from './ast.ts'
import { ReadFault } from './problem.ts'
import type { Run } from './run.ts'

export type Comparison = Exclude<Operator, '=~'>

/**
 * `rightNumber`: what `right` is as a number, where that is known beforehand. Throws ReadFault when a number is compared with
 * a text that is none.
 */
export function compare(left: Json, operator: Comparison, right: Json, run: Run, rightNumber?: number): boolean {
  const isOrder = operator !== '==' && operator !== '!='
  if (isOrder && (left === null) !== (right === null)) return false
  const order = typeof left === 'number' && rightNumber !== undefined ? left - rightNumber : orderOf(left, right, run)
  return order !== undefined && HOLDS[operator](order)
}

/** The operators that hold for what is the very same. */
export const HOLDS: Record<Comparison, (order: number) => boolean> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

const isNullish = (value: Json): boolean => value === null || value === 'null'

/** Characters compared for one visit. */
const COMPARED_CHARS = 64

/** Below zero when `left` comes first; undefined when the two have no order. */
function orderOf(left: Json, right: Json, run: Run): number | undefined {
  if (left === null || right === null || isNullish(left) || isNullish(right))
    return Number(isNullish(right)) - Number(isNullish(left))
  if (typeof right === 'string') return orderByText(left, right, run)
  if (typeof left !== typeof right || typeof left === 'object') return undefined
  return left === right ? 0 : left < right ? -1 : 1
}

function orderByText(left: Json, right: string, run: Run): number | undefined {
  if (typeof left === 'number') return left - readNumber(right, run)
  if (typeof left === 'boolean') return Number(left) - Number(right.toLowerCase() === 'true')
  if (typeof left !== 'string') return undefined
  run.spend(Math.min(left.length, right.length) / COMPARED_CHARS)
  const text = right.includes("\\'") ? right.replaceAll("\\'", "'") : right
  return left === text ? 0 : left < text ? -1 : 1
}

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,10})?$/

/** As Java's BigDecimal reads it; undefined when it does not. */
export const numberOf = (text: string): number | undefined => (DECIMAL.test(text) ? Number(text) : undefined)

function readNumber(text: string, run: Run): number {
  run.spend(text.length / CHARS_PER_UNIT)
  const number = numberOf(text)
  if (number !== undefined) return number
  const stranger = /[^0-9.eE]/.exec(text.replace(/^[+-]/, ''))?.[0]
  throw new ReadFault(
    stranger === undefined
      ? 'null'
      : `Character ${stranger} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`,
  )
}
