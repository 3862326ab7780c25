/** Reads the members of a request; the Query protocol sends numbers and booleans as text, the JSON protocol as such. */
import { getOwn, isArray, isObject, type JsonObject } from '../../base/json.ts'

import { invalidParameter, missingParameter } from './errors.ts'

export function optionalText(input: JsonObject, name: string): string | undefined {
  const value = getOwn(input, name)
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw invalidParameter(`Value for parameter ${name} is invalid. Reason: Must be a string.`)
  return value
}

export function requiredText(input: JsonObject, name: string): string {
  const value = optionalText(input, name)
  if (value === undefined || value === '') throw missingParameter(name)
  return value
}

/** A whole number within the bounds, or undefined where it is absent. */
export function optionalInteger(input: JsonObject, name: string, min: number, max: number): number | undefined {
  const value = getOwn(input, name)
  if (value === undefined || value === null) return undefined
  const number = typeof value === 'string' && /^-?\d{1,12}$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) {
    throw invalidParameter(
      `Value ${String(value)} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}, if provided.`,
    )
  }
  return number
}

export function textList(input: JsonObject, name: string): readonly string[] {
  const value = getOwn(input, name)
  const list = typeof value === 'string' ? [value] : isArray(value) ? value : []
  return list.filter((item) => typeof item === 'string')
}

/** A map of texts, or undefined where it is absent. */
export function textMap(input: JsonObject, name: string): ReadonlyMap<string, string> | undefined {
  const value = getOwn(input, name)
  if (!isObject(value)) return undefined
  return new Map(Object.entries(value).map(([key, item]) => [key, typeof item === 'string' ? item : JSON.stringify(item)]))
}

export function objectList(input: JsonObject, name: string): readonly JsonObject[] {
  const value = getOwn(input, name)
  return isArray(value) ? value.filter(isObject) : []
}
