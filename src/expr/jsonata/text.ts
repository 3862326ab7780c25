/** `$string`: any value as text. Numbers keep 15 significant digits; functions are empty texts. */
import { keysOf, printInOrder } from '../../base/member-order.ts'
import { JsonataError } from './error.ts'
import type { Run } from './run.ts'
import { isNumber } from './truth.ts'
import { isArray, isFunction, type MutableObject, setMember, type Value, type ValueArray, type ValueObject } from './value.ts'

export function toText(value: Value, run: Run, isPretty = false): string {
  if (typeof value === 'string') return value
  if (isFunction(value)) return ''
  if (typeof value === 'number') return numberText(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const data = isArray(value) && (value as ValueArray).wrapsInput === true ? (value[0] as Value) : value
  const text = print(isPrintable(data, run) ? data : printable(data), isPretty)
  run.allocateText(text.length)
  return text
}

/** Without a second argument the platform takes its fast way. */
const print = (value: Value, isPretty: boolean): string => (isPretty ? JSON.stringify(value, undefined, 2) : printInOrder(value))

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new JsonataError('D3001', { value })
  return JSON.stringify(Number.isInteger(value) && Math.abs(value) < 1e15 ? value : Number(value.toPrecision(15)))
}

const isExact = (value: number): boolean =>
  (Number.isInteger(value) && Math.abs(value) < 1e15) || (isNumber(value) && Number(value.toPrecision(15)) === value)

/** Whether JSON's own printing is the language's: no functions, and no number with more than 15 digits. */
function isPrintable(value: Value, run: Run): boolean {
  if (typeof value === 'number') return isExact(value)
  if (typeof value === 'string') {
    run.scan(value.length)
    return true
  }
  if (typeof value !== 'object' || value === null) return typeof value !== 'function'
  if (isArray(value)) {
    run.spend(1 + value.length / 2)
    for (let i = 0; i < value.length; i++) if (!isPrintable(value[i], run)) return false
    return true
  }
  run.spend(2)
  for (const key in value as ValueObject) {
    run.spend(1)
    if (!isPrintable((value as ValueObject)[key], run)) return false
  }
  return true
}

function printable(value: Value): Value {
  if (typeof value === 'number') return isNumber(value) ? Number(value.toPrecision(15)) : value
  if (isFunction(value)) return ''
  if (typeof value !== 'object' || value === null) return value
  if (isArray(value)) return value.map((item) => (item === undefined ? null : printable(item)))
  const copy: MutableObject = {}
  for (const key of keysOf(value)) setMember(copy, key, printable((value as ValueObject)[key]))
  return copy
}
