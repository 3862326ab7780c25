/**
 * Values while an expression is evaluated: JSON, nothing (undefined), and functions. Functions are JavaScript functions,
 * so `typeof v === 'object'` is true of JSON data only and a path can never look inside a function.
 * A sequence is an array that JSONata made while selecting: one item stands for itself, none for nothing (see `settle`).
 */
import { noteName } from '../../base/member-order.ts'
import type { Run } from './run.ts'

export type Value = undefined | null | boolean | number | string | Callable | ValueArray | ValueObject
export type ValueObject = { readonly [key: string]: Value }

export interface ValueArray extends ReadonlyArray<Value> {
  /** Made by selecting, so subject to `settle`. */
  sequence?: true
  /** `[]` was written: one item stays an array. */
  keepSingleton?: boolean
  /** Written with `[...]` as a step of a path: not flattened into the sequence around it. */
  constructed?: true
  /** The whole input document is an array: the context is its one item. */
  wrapsInput?: true
}

/** A sequence or array under construction. */
export interface MutableArray extends Array<Value> {
  sequence?: true
  keepSingleton?: boolean
  constructed?: true
  wrapsInput?: true
}
export type MutableObject = Record<string, Value>

/** Any function: built in, written in the expression, partially applied, or a regular expression. */
export interface Callable {
  (args: Value[], context: Value, run: Run): Value
  arity: number
  /** The same call with a tail call at its end left for the caller to go on with; only functions written in the text. */
  step?: (args: Value[], context: Value, run: Run) => Value | TailCall
  /** Values for the first parameters, the rest to be supplied. Undefined where the language has no partial form. */
  partial?: (bound: readonly (Value | typeof HOLE)[]) => Callable
}

/** A `?` in a partial application. */
export const HOLE: unique symbol = Symbol('?')

/** What a function body that ends in a call hands back instead of calling: keeps tail recursion off the stack. */
export class TailCall {
  readonly proceed: (run: Run) => { fn: Value; args: Value[]; name: string | undefined }
  constructor(proceed: (run: Run) => { fn: Value; args: Value[]; name: string | undefined }) {
    this.proceed = proceed
  }
}

export const isFunction = (value: Value): value is Callable => typeof value === 'function'
export const isArray = (value: unknown): value is ValueArray => Array.isArray(value)
export const isPlainObject = (value: Value): value is ValueObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A new sequence over `items`, which it takes over. */
export function asSequence(items: MutableArray): MutableArray {
  items.sequence = true
  return items
}

/** Turns freshly selected items into a value: none is nothing, one is itself (unless kept), more are a sequence. */
export function settleItems(items: MutableArray, keepSingleton = false): Value {
  if (items.length === 0) return undefined
  if (items.length === 1 && !keepSingleton) return items[0]
  items.sequence = true
  if (keepSingleton) items.keepSingleton = true
  return items
}

/** The same rule for a value that may be a sequence already. */
export function settle(value: Value): Value {
  if (typeof value !== 'object' || value === null || !Array.isArray(value)) return value
  const array: ValueArray = value
  if (array.sequence !== true) return value
  if (array.length === 0) return undefined
  if (array.length === 1 && array.keepSingleton !== true) return array[0]
  return value
}

/** Concatenation as `[a, b]` and `$append` do it: nothing adds nothing, a single value is an array of one. */
export function append(left: Value, right: Value): Value {
  if (left === undefined) return right
  if (right === undefined) return left
  if (isArray(left)) return isArray(right) ? left.concat(right) : left.concat([right])
  return isArray(right) ? ([left] as Value[]).concat(right) : [left, right]
}

/** Sets an own member even when the key is `__proto__`. */
export function setMember(target: MutableObject, key: string, value: Value): void {
  noteName(target, key)
  if (key === '__proto__') Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  else target[key] = value
}
