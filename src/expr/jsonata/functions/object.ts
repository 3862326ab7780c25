/** Objects, types, errors and assertions. */
import { keysOf } from '../../../base/member-order.ts'
import { JsonataError } from '../error.ts'
import { memberOf } from '../compile/step.ts'
import type { Run } from '../run.ts'
import { isNumber } from '../truth.ts'
import {
  asSequence,
  type Callable,
  isArray,
  isFunction,
  isPlainObject,
  type MutableArray,
  type MutableObject,
  setMember,
  type Value,
  type ValueArray,
  type ValueObject,
} from '../value.ts'
import { builtIn } from './builtin.ts'

/** Reading or writing a member whose name is not known beforehand costs as much as several selections. */
const KEY_STEPS = 4

function addKeys(value: Value, keys: Set<string>, run: Run): void {
  run.spend(1)
  if (isArray(value)) for (const item of value) addKeys(item, keys, run)
  else if (isPlainObject(value)) {
    const own = keysOf(value)
    run.spend(own.length * KEY_STEPS)
    for (const key of own) keys.add(key)
  }
}

function listKeys(value: Value, run: Run): Value {
  const keys = new Set<string>()
  addKeys(value, keys, run)
  run.allocateItems(keys.size)
  return asSequence([...keys])
}

/** The members of that name, of an object or of every object in an array. */
function lookup(value: Value, key: string, run: Run): Value {
  run.spend(1)
  if (isArray(value)) {
    const found: MutableArray = []
    for (const item of value) {
      const member = lookup(item, key, run)
      if (isArray(member)) for (const each of member) found.push(each)
      else if (member !== undefined) found.push(member)
    }
    return asSequence(found)
  }
  return isPlainObject(value) ? memberOf(value as ValueObject, key) : undefined
}

function spread(value: Value, run: Run): Value {
  run.spend(1)
  if (isArray(value)) {
    const all: MutableArray = []
    for (const item of value) {
      const spreadItem = spread(item, run)
      if (isArray(spreadItem)) for (const each of spreadItem) all.push(each)
      else if (spreadItem !== undefined) all.push(spreadItem)
    }
    // Joined arrays are arrays, no longer sequences: one item stays in its array.
    return value.length === 0 ? asSequence(all) : all
  }
  if (!isPlainObject(value)) return value
  const singles: MutableArray = []
  run.spend(keysOf(value).length * KEY_STEPS)
  for (const key of keysOf(value)) {
    const single: MutableObject = {}
    setMember(single, key, value[key])
    singles.push(single)
  }
  run.allocateItems(singles.length)
  return asSequence(singles)
}

function merge(objects: ValueArray, run: Run): Value {
  const merged: MutableObject = {}
  for (const object of objects) {
    if (!isPlainObject(object)) continue
    const keys = keysOf(object)
    run.allocateItems(keys.length * 2)
    run.spend(keys.length * KEY_STEPS * 4)
    for (const key of keys) setMember(merged, key, object[key])
  }
  return merged
}

function typeOf(value: Value): Value {
  if (value === undefined) return undefined
  if (value === null) return 'null'
  if (isNumber(value)) return 'number'
  if (isArray(value)) return 'array'
  if (isFunction(value)) return 'function'
  return typeof value === 'number' ? 'object' : typeof value
}

/** A deep copy, made as the language makes it: through text, so numbers keep 15 digits and functions become ''. */
function clone(value: Value, run: Run): Value {
  run.allocateItems(1)
  if (typeof value === 'number') return Number.isFinite(value) ? Number(value.toPrecision(15)) : clonedInfinity(value)
  if (isFunction(value)) return ''
  if (isArray(value)) return value.map((item) => (item === undefined ? null : clone(item, run)))
  if (!isPlainObject(value)) return value
  const copy: MutableObject = {}
  for (const key of keysOf(value)) setMember(copy, key, clone(value[key], run))
  return copy
}

function clonedInfinity(value: number): Value {
  isNumber(value)
  return null
}

function raise(code: string, message: Value, otherwise: string): never {
  throw new JsonataError(code, { message: (message as string | undefined) || otherwise })
}

export const objectFunctions: Readonly<Record<string, Callable>> = {
  keys: builtIn('<x-:a<s>>', 1, ([value], run) => listKeys(value, run)),
  lookup: builtIn('<x-s:x>', 2, ([value, key], run) => lookup(value, key as string, run)),
  spread: builtIn('<x-:a<o>>', 1, ([value], run) => spread(value, run)),
  merge: builtIn('<a<o>:o>', 1, ([objects], run) => (objects === undefined ? undefined : merge(objects as ValueArray, run))),
  type: builtIn('<x:s>', 1, ([value]) => typeOf(value)),
  clone: builtIn('<(oa)-:o>', 1, ([value], run) => (value === undefined ? undefined : clone(value, run))),
  error: builtIn('<s?:x>', 1, ([message]) => raise('D3137', message, '$error() function evaluated')),
  assert: builtIn('<bs?:x>', 2, ([condition, message]) =>
    condition ? undefined : raise('D3141', message, '$assert() statement failed'),
  ),
}
