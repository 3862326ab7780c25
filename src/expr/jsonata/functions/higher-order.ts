/** Functions that take functions. The function gets as many of (value, index or key, whole) as it has parameters. */
import { keysOf } from '../../../base/member-order.ts'
import { JsonataError } from '../error.ts'
import type { Run } from '../run.ts'
import { isTruthy } from '../truth.ts'
import {
  asSequence,
  type Callable,
  type MutableArray,
  type MutableObject,
  setMember,
  type Value,
  type ValueArray,
  type ValueObject,
} from '../value.ts'
import { builtIn } from './builtin.ts'

function call(fn: Callable, value: Value, place: Value, whole: Value, run: Run): Value {
  run.spend(1)
  const { arity } = fn
  return fn(arity >= 3 ? [value, place, whole] : arity === 2 ? [value, place] : [value], null, run)
}

function map(items: ValueArray, fn: Callable, run: Run): Value {
  const results: MutableArray = []
  run.allocateItems(items.length)
  for (let i = 0; i < items.length; i++) {
    const result = call(fn, items[i], i, items, run)
    if (result !== undefined) results.push(result)
  }
  return asSequence(results)
}

function filter(items: ValueArray, fn: Callable, run: Run): Value {
  const results: MutableArray = []
  run.allocateItems(items.length)
  for (let i = 0; i < items.length; i++) if (isTruthy(call(fn, items[i], i, items, run))) results.push(items[i])
  return asSequence(results)
}

function single(items: ValueArray, fn: Callable | undefined, run: Run): Value {
  let found = -1
  for (let i = 0; i < items.length; i++) {
    if (fn !== undefined && !isTruthy(call(fn, items[i], i, items, run))) continue
    if (found !== -1) throw new JsonataError('D3138', { index: i })
    found = i
  }
  if (found === -1) throw new JsonataError('D3139')
  return items[found]
}

function reduce(items: ValueArray, fn: Callable, initial: Value, run: Run): Value {
  if (fn.arity < 2) throw new JsonataError('D3050', { index: 1 })
  const startsWithFirst = initial === undefined && items.length > 0
  let result = startsWithFirst ? items[0] : initial
  for (let i = startsWithFirst ? 1 : 0; i < items.length; i++) {
    run.spend(1)
    const args = [result, items[i]]
    if (fn.arity >= 3) args.push(i)
    if (fn.arity >= 4) args.push(items)
    result = fn(args, null, run)
  }
  return result
}

function each(object: ValueObject, fn: Callable, run: Run): Value {
  const results: MutableArray = []
  for (const key of keysOf(object)) {
    const result = call(fn, object[key], key, object, run)
    if (result !== undefined) results.push(result)
  }
  return asSequence(results)
}

function sift(object: ValueObject, fn: Callable, run: Run): Value {
  const kept: MutableObject = {}
  let isEmpty = true
  for (const key of keysOf(object)) {
    const value = object[key]
    if (!isTruthy(call(fn, value, key, object, run))) continue
    setMember(kept, key, value)
    isEmpty = false
  }
  return isEmpty ? undefined : kept
}

export const higherOrderFunctions: Readonly<Record<string, Callable>> = {
  map: builtIn('<af>', 2, ([items, fn], run) =>
    items === undefined ? undefined : map(items as ValueArray, fn as Callable, run),
  ),
  filter: builtIn('<af>', 2, ([items, fn], run) =>
    items === undefined ? undefined : filter(items as ValueArray, fn as Callable, run),
  ),
  single: builtIn('<af?>', 2, ([items, fn], run) =>
    items === undefined ? undefined : single(items as ValueArray, fn as Callable | undefined, run),
  ),
  reduce: builtIn('<afj?:j>', 3, ([items, fn, initial], run) =>
    items === undefined ? undefined : reduce(items as ValueArray, fn as Callable, initial, run),
  ),
  each: builtIn('<o-f:a>', 2, ([object, fn], run) => each((object ?? {}) as ValueObject, fn as Callable, run)),
  sift: builtIn('<o-f?:o>', 2, ([object, fn], run) => sift((object ?? {}) as ValueObject, fn as Callable, run)),
}
