/** Reads the members of a request; the Query protocol sends numbers and booleans as text, the JSON protocol as such. */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { inputReaders, textList as textsOf } from '../kit/input.ts'

import { invalidParameter, missingParameter } from './errors.ts'

/** Undefined where it is absent. */
export const { readText: optionalText } = inputReaders({
  charsMax: Number.POSITIVE_INFINITY,
  wrongType: (member, wanted) => invalidParameter(`Value for parameter ${member} is invalid. Reason: Must be ${wanted}.`),
  constraint: (_, member, constraint) => invalidParameter(`Value for parameter ${member} is invalid. Reason: ${constraint}.`),
})

export function requiredText(input: JsonObject, name: string): string {
  const value = optionalText(input, name)
  if (value === undefined || value === '') throw missingParameter(name)
  return value
}

/** A whole number within the bounds, or undefined where it is absent. */
export function optionalInteger(
  input: JsonObject,
  name: string,
  min: number,
  max: number,
  reason = `Must be between ${min} and ${max}, if provided`,
): number | undefined {
  const value = getOwn(input, name)
  if (value === undefined || value === null) return undefined
  const number = typeof value === 'string' && /^-?\d{1,12}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) {
    throw invalidParameter(`Value ${String(value)} for parameter ${name} is invalid. Reason: ${reason}.`)
  }
  return number
}

/** A list of one may be given as a text. */
export function textList(input: JsonObject, name: string): readonly string[] {
  const value = getOwn(input, name)
  return typeof value === 'string' ? [value] : textsOf(input, name)
}

/** A map of texts, or undefined where it is absent. */
export function textMap(input: JsonObject, name: string): ReadonlyMap<string, string> | undefined {
  const value = getOwn(input, name)
  if (!isObject(value)) return undefined
  return new Map(Object.entries(value).map(([key, item]) => [key, typeof item === 'string' ? item : JSON.stringify(item)]))
}
