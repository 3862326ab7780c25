/** What counts as true, as a number, and as equal. */
import { JsonataError } from './error.ts'
import { isArray, isFunction, type Value, type ValueObject } from './value.ts'

/** JSONata's `$boolean`: empty texts, zero, null, functions, empty objects and arrays without a true item are false. */
export function isTruthy(value: Value): boolean {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value.length > 0
    case 'number':
      return isNumber(value) && value !== 0
    case 'object':
      break
    default:
      return false
  }
  if (value === null) return false
  if (isArray(value)) return value.some(isTruthy)
  for (const _key in value as ValueObject) return true
  return false
}

/** True for a number that JSON can hold; NaN is none, and an infinite one is an error wherever it is used. */
export function isNumber(value: Value): value is number {
  if (typeof value !== 'number' || Number.isNaN(value)) return false
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) throw new JsonataError('D1001', { value })
  return true
}

/** Deep equality; functions are equal to themselves only. */
export function isEqual(a: Value, b: Value): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (isFunction(a) || isFunction(b)) return false
  if (isArray(a) !== isArray(b)) return false
  if (isArray(a)) {
    const other = b as readonly Value[]
    if (a.length !== other.length) return false
    for (let i = 0; i < a.length; i++) if (!isEqual(a[i], other[i])) return false
    return true
  }
  const left = a as ValueObject
  const right = b as ValueObject
  const keys = Object.keys(left)
  if (keys.length !== Object.keys(right).length) return false
  for (const key of keys) if (!Object.hasOwn(right, key) || !isEqual(left[key], right[key])) return false
  return true
}
