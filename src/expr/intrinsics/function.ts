/** What an intrinsic function is: how many arguments it takes, and what it makes of their values. */
import { isArray, isObject, type Json } from '../../base/json.ts'
import { printsWithin } from '../../base/json-size.ts'
import { numberOf } from '../../base/numeral.ts'

import type { Draws } from '../scope.ts'
import { CHARS_PER_UNIT } from '../work.ts'

export interface IntrinsicFunction {
  readonly argsMin: number
  readonly argsMax: number
  /** Throws InvalidArguments. `raw` holds string literals with their escapes, for `States.Format`. */
  call(args: readonly Json[], draws: Draws, raw: readonly (string | undefined)[]): Json
}

/** The function cannot be applied to these values; `detail` completes AWS's sentence. Caught by the evaluator. */
export class InvalidArguments extends Error {}

export const refuse = (detail: string): never => {
  throw new InvalidArguments(detail)
}

const CALL_WORK = 8

/** What taking or giving these values costs: texts by length, arrays and objects by their members. */
export function workOf(values: readonly Json[]): number {
  let work = CALL_WORK + 4 * values.length
  for (const value of values) {
    if (typeof value === 'string') work += value.length / CHARS_PER_UNIT
    else if (isArray(value)) work += value.length
    else if (isObject(value)) work += Object.keys(value).length
  }
  return work
}

/** The i-th argument; the parser has made sure that it is there. */
const at = (args: readonly Json[], i: number): Json => args[i] ?? null

export function stringArg(args: readonly Json[], i: number): string {
  const value = at(args, i)
  return typeof value === 'string' ? value : refuse(`argument ${i + 1} must be a string`)
}

export function arrayArg(args: readonly Json[], i: number): readonly Json[] {
  const value = at(args, i)
  return isArray(value) ? value : refuse(`argument ${i + 1} must be an array`)
}

/** An array whose items are all looked into: one that repeats large parts by reference could take hours. */
export function measuredArrayArg(args: readonly Json[], i: number): readonly Json[] {
  const items = arrayArg(args, i)
  return printsWithin(items, PRINTED_CHARS_MAX) ? items : refuse(`argument ${i + 1} is too large`)
}

/** A number rounded to a whole one, halves up, within 32 bits. */
export function integerArg(args: readonly Json[], i: number): number {
  const value = numberOf(at(args, i))
  if (typeof value !== 'number') return refuse(`argument ${i + 1} must be a number`)
  const rounded = Math.round(value)
  if (!isInt32(rounded)) return refuse(`argument ${i + 1} must be between -2147483648 and 2147483647`)
  return rounded === 0 ? 0 : rounded
}

export const isInt32 = (value: number): boolean => value >= -(2 ** 31) && value < 2 ** 31

/** Longest text that the encoding and hashing functions take. Source: AWS developer guide, "Intrinsic functions". */
export const ENCODED_CHARS_MAX = 10_000

/** Longest text that a function may print: far above the 256-KiB payload, and printed in a few milliseconds. */
export const PRINTED_CHARS_MAX = 2 * 1024 * 1024

export function boundedStringArg(args: readonly Json[], i: number): string {
  const text = stringArg(args, i)
  return text.length <= ENCODED_CHARS_MAX ? text : refuse(`argument ${i + 1} is longer than ${ENCODED_CHARS_MAX} characters`)
}
