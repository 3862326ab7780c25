/** Arrays and sequences. */
import { JsonataError } from '../error.ts'
import { mergeSort } from '../merge-sort.ts'
import { isNumber, isTruthy } from '../truth.ts'
import {
  append,
  asSequence,
  type Callable,
  isArray,
  isFunction,
  type MutableArray,
  type Value,
  type ValueArray,
  type ValueObject,
} from '../value.ts'
import type { Run } from '../run.ts'
import { builtIn } from './builtin.ts'

function sort(items: ValueArray, comparator: Callable | undefined, run: Run): Value {
  if (items.length <= 1) return items
  if (comparator !== undefined) return mergeSort(items, (a, b) => Boolean(comparator([a, b], null, run)), run)
  const isSortable = items.every((item) => isNumber(item)) || items.every((item) => typeof item === 'string')
  if (!isSortable) throw new JsonataError('D3070', { index: 1 })
  const scalars: readonly (string | number)[] = items as unknown as readonly number[]
  return mergeSort(scalars, (a, b) => a > b, run)
}

/** Each item is known by itself, or for objects and arrays by their canonical text, so the work is linear. */
function distinct(items: ValueArray, run: Run): Value {
  if (items.length <= 1) return items
  const seen = new Set<Value>()
  const result: MutableArray = []
  for (const item of items) {
    run.spend(2)
    const key = typeof item === 'object' && item !== null ? identity(item, run) : typeof item === 'string' ? `"${item}` : item
    if (seen.has(key)) continue
    seen.add(key)
    result.push(item)
  }
  return items.sequence === true ? asSequence(result) : result
}

/** Equal for equal values only: members in the order of their names. A function is equal to itself alone. */
function identity(value: Value, run: Run): string {
  run.spend(2)
  if (isFunction(value)) return `f${functionNumber(value)}`
  if (typeof value === 'string') run.scan(value.length)
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? JSON.stringify(value) : String(value)
  if (isArray(value)) return `[${value.map((item) => identity(item, run)).join()}]`
  const members = Object.keys(value as ValueObject).sort()
  return `{${members.map((key) => `${JSON.stringify(key)}:${identity((value as ValueObject)[key], run)}`).join()}}`
}

const functionNumbers = new WeakMap<Callable, number>()
let functionCount = 0

function functionNumber(fn: Callable): number {
  const number = functionNumbers.get(fn) ?? ++functionCount
  functionNumbers.set(fn, number)
  return number
}

function shuffle(items: ValueArray, run: Run): Value {
  if (items.length <= 1) return items
  run.allocateItems(items.length)
  const result: MutableArray = []
  items.forEach((item, i) => {
    const j = Math.floor(run.draws.next() * (i + 1))
    if (i !== j) result[i] = result[j]
    result[j] = item
  })
  return result
}

function zip(lists: readonly Value[], run: Run): Value {
  let length = Number.POSITIVE_INFINITY
  for (const list of lists) length = Math.min(length, isArray(list) ? list.length : 0)
  if (length === Number.POSITIVE_INFINITY) length = 0
  run.allocateItems(length * lists.length)
  const result: Value[] = []
  for (let i = 0; i < length; i++) result.push(lists.map((list) => (list as ValueArray)[i]))
  return result
}

export const arrayFunctions: Readonly<Record<string, Callable>> = {
  count: builtIn('<a:n>', 1, ([items]) => (items === undefined ? 0 : (items as ValueArray).length)),
  append: builtIn('<xx:a>', 2, ([left, right], run) => {
    run.allocateItems((isArray(left) ? left.length : 1) + (isArray(right) ? right.length : 1))
    const joined = append(left, right)
    return joined
  }),
  sort: builtIn('<af?:a>', 2, ([items, comparator], run) =>
    items === undefined ? undefined : sort(items as ValueArray, comparator as Callable | undefined, run),
  ),
  reverse: builtIn('<a:a>', 1, ([items], run) => {
    if (items === undefined) return undefined
    const list = items as ValueArray
    if (list.length <= 1) return list
    run.allocateItems(list.length)
    return [...list].reverse()
  }),
  shuffle: builtIn('<a:a>', 1, ([items], run) => (items === undefined ? undefined : shuffle(items as ValueArray, run))),
  distinct: builtIn('<x:x>', 1, ([items], run) => (isArray(items) ? distinct(items, run) : items)),
  zip: builtIn('<a+>', 0, (lists, run) => zip(lists, run)),
  exists: builtIn('<x:b>', 1, ([value]) => value !== undefined),
  boolean: builtIn('<x-:b>', 1, ([value]) => (value === undefined ? undefined : isTruthy(value))),
  not: builtIn('<x-:b>', 1, ([value]) => (value === undefined ? undefined : !isTruthy(value))),
}
