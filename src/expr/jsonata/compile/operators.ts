/** Arithmetic, comparison, Boolean, text and range operators. */
import { type AstNode, leftOf } from '../ast.ts'
import { JsonataError } from '../error.ts'
import type { Run } from '../run.ts'
import type { Frame, Scope } from '../scope.ts'
import { toText } from '../text.ts'
import { isEqual, isNumber, isTruthy } from '../truth.ts'
import { isArray, type MutableArray, type Value } from '../value.ts'
import type { Compiler, Eval } from './eval.ts'

export function compileNegation(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval {
  const operand = compiler.node(node.expression as AstNode, scope, depth + 1)
  return (input, frame) => {
    const value = operand(input, frame)
    if (value === undefined) return undefined
    if (isNumber(value)) return -value
    throw new JsonataError('D1002', { token: '-', value })
  }
}

export function compileBinary(compiler: Compiler, node: AstNode, scope: Scope, depth: number): Eval {
  const left = compiler.node(leftOf(node), scope, depth + 1)
  const right = compiler.node(node.rhs as AstNode, scope, depth + 1)
  const operator = node.value as string
  switch (operator) {
    case 'and':
      return (input, frame) => isTruthy(left(input, frame)) && isTruthy(right(input, frame))
    case 'or':
      return (input, frame) => isTruthy(left(input, frame)) || isTruthy(right(input, frame))
    case '=':
      return (input, frame) => areEqual(left(input, frame), right(input, frame), frame)
    case '!=':
      return (input, frame) => {
        const a = left(input, frame)
        const b = right(input, frame)
        return a !== undefined && b !== undefined && !areEqual(a, b, frame)
      }
    case '&':
      return compileConcatenation(left, right)
    case '..':
      return (input, frame) => range(left(input, frame), right(input, frame), frame.run)
    case 'in':
      return (input, frame) => includes(left(input, frame), right(input, frame), frame.run)
    default:
      return compileArithmetic(operator, left, right) ?? compileComparison(operator, left, right)
  }
}

function areEqual(a: Value, b: Value, frame: Frame): boolean {
  if (a === undefined || b === undefined) return false
  if (typeof a !== 'object' || typeof b !== 'object') {
    if (typeof a === 'string' && a.length > 64) frame.run.scan(a.length)
    return a === b
  }
  // The size of an object is not known without walking it; what both sides share is what the walk can cost.
  if (a !== b && isArray(a) && isArray(b)) frame.run.scan(Math.min(a.length, b.length))
  frame.run.spend(4)
  return isEqual(a, b)
}

function compileArithmetic(operator: string, left: Eval, right: Eval): Eval | undefined {
  const check = (a: Value, b: Value): boolean => areNumbers(a, b, operator)
  switch (operator) {
    case '+':
      return (input, frame) => {
        const a = left(input, frame)
        const b = right(input, frame)
        return check(a, b) ? (a as number) + (b as number) : undefined
      }
    case '-':
      return (input, frame) => {
        const a = left(input, frame)
        const b = right(input, frame)
        return check(a, b) ? (a as number) - (b as number) : undefined
      }
    case '*':
      return (input, frame) => {
        const a = left(input, frame)
        const b = right(input, frame)
        return check(a, b) ? (a as number) * (b as number) : undefined
      }
    case '/':
      return (input, frame) => {
        const a = left(input, frame)
        const b = right(input, frame)
        return check(a, b) ? (a as number) / (b as number) : undefined
      }
    case '%':
      return (input, frame) => {
        const a = left(input, frame)
        const b = right(input, frame)
        return check(a, b) ? (a as number) % (b as number) : undefined
      }
    default:
      return undefined
  }
}

/** True when both are numbers, false when one is nothing; anything else is an error. */
function areNumbers(a: Value, b: Value, token: string): boolean {
  if (a !== undefined && !isNumber(a)) throw new JsonataError('T2001', { token, value: a })
  if (b !== undefined && !isNumber(b)) throw new JsonataError('T2002', { token, value: b })
  return a !== undefined && b !== undefined
}

function compileComparison(operator: string, left: Eval, right: Eval): Eval {
  switch (operator) {
    case '<':
      return (input, frame) => {
        const a = left(input, frame)
        const b = right(input, frame)
        return areComparable(a, b, operator) ? (a as number) < (b as number) : undefined
      }
    case '<=':
      return (input, frame) => {
        const a = left(input, frame)
        const b = right(input, frame)
        return areComparable(a, b, operator) ? (a as number) <= (b as number) : undefined
      }
    case '>':
      return (input, frame) => {
        const a = left(input, frame)
        const b = right(input, frame)
        return areComparable(a, b, operator) ? (a as number) > (b as number) : undefined
      }
    default:
      return (input, frame) => {
        const a = left(input, frame)
        const b = right(input, frame)
        return areComparable(a, b, operator) ? (a as number) >= (b as number) : undefined
      }
  }
}

function areComparable(a: Value, b: Value, token: string): boolean {
  const aType = typeof a
  const bType = typeof b
  const isAScalar = aType === 'string' || aType === 'number'
  const isBScalar = bType === 'string' || bType === 'number'
  if ((!isAScalar && a !== undefined) || (!isBScalar && b !== undefined)) {
    throw new JsonataError('T2010', { token, value: isAScalar ? b : a })
  }
  if (a === undefined || b === undefined) return false
  if (aType !== bType) throw new JsonataError('T2009', { token, value: a, value2: b })
  return true
}

function includes(item: Value, list: Value, run: Run): boolean {
  if (item === undefined || list === undefined) return false
  if (!isArray(list)) return list === item
  run.scan(list.length)
  return list.includes(item)
}

function compileConcatenation(left: Eval, right: Eval): Eval {
  return (input, frame) => {
    const a = left(input, frame)
    const b = right(input, frame)
    const head = a === undefined ? '' : typeof a === 'string' ? a : toText(a, frame.run)
    const tail = b === undefined ? '' : typeof b === 'string' ? b : toText(b, frame.run)
    frame.run.joinedText(head.length + tail.length)
    return head + tail
  }
}

/** JSONata's own bound on a range, below which AWS's memory bound strikes first. */
const RANGE_ITEMS_MAX = 1e7

export function range(from: Value, to: Value, run: Run): MutableArray | undefined {
  if (from !== undefined && !Number.isInteger(from)) throw new JsonataError('T2003', { token: '..', value: from })
  if (to !== undefined && !Number.isInteger(to)) throw new JsonataError('T2004', { token: '..', value: to })
  if (from === undefined || to === undefined) return undefined
  const first = from as number
  const size = (to as number) - first + 1
  if (size <= 0) return undefined
  if (size > RANGE_ITEMS_MAX) throw new JsonataError('D2014', { token: '..', value: size })
  run.allocateItems(size)
  // Making numbers costs more than copying them.
  run.spend(size / 4)
  const items: MutableArray = new Array(size)
  for (let i = 0; i < size; i++) items[i] = first + i
  items.sequence = true
  return items
}
