/**
 * From a computed value to plain JSON: marks of sequences dropped, numbers that JSON cannot hold spelled as texts
 * ("Infinity", as AWS answers 1/0), functions refused. Data that the expression only passed on is not copied.
 */
import type { Json } from '../../base/json.ts'
import { JSON_DEPTH_MAX } from '../../base/json-size.ts'
import { keysOf } from '../../base/member-order.ts'

import { TupleStream } from './compile/tuple.ts'
import {
  isArray,
  isFunction,
  type MutableArray,
  type MutableObject,
  setMember,
  type Value,
  type ValueArray,
  type ValueObject,
} from './value.ts'

/** There is a function in it. */
export const UNSUPPORTED: unique symbol = Symbol('unsupported')

export function toJson(value: Value): Json | undefined | typeof UNSUPPORTED {
  if (value instanceof TupleStream) return undefined
  try {
    return plain(value, 0) as Json | undefined
  } catch (thrown) {
    if (thrown === UNSUPPORTED) return UNSUPPORTED
    throw thrown
  }
}

/** For a value that is data of the input: only the list around it can be new. */
export function dataToJson(value: Value): Json | undefined {
  return (isArray(value) && value.sequence === true ? [...value] : value) as Json | undefined
}

/** Below the depth that JSON may have nobody looks: such a value is refused before it is printed. */
function plain(value: Value, depth: number): Value {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'function':
      throw UNSUPPORTED
    case 'object':
      break
    default:
      return value
  }
  if (value === null) return null
  if (isFunction(value)) throw UNSUPPORTED
  if (depth > JSON_DEPTH_MAX) return value
  return isArray(value) ? plainArray(value, depth + 1) : plainObject(value as ValueObject, depth + 1)
}

function plainArray(array: ValueArray, depth: number): Value {
  let copy: MutableArray | undefined = array.sequence === true || array.constructed === true ? [...array] : undefined
  for (let i = 0; i < array.length; i++) {
    const item = array[i]
    const made = item === undefined ? null : plain(item, depth)
    if (made === item) continue
    copy ??= [...array]
    copy[i] = made
  }
  return copy ?? array
}

function plainObject(object: ValueObject, depth: number): Value {
  let copy: MutableObject | undefined
  for (const key of keysOf(object)) {
    const member = object[key]
    const made = member === undefined ? undefined : plain(member, depth)
    if (made === member) continue
    if (copy === undefined) {
      copy = {}
      for (const each of keysOf(object)) setMember(copy, each, object[each])
    }
    setMember(copy, key, made)
  }
  return copy ?? object
}
