/** Texts that ought to be JSON, and may be anything. */
import { parseJson, parseJsonExactly } from '../../base/json-bounds.ts'
import { isObject, type Json, type JsonObject } from '../../base/json.ts'

/** The value of a text; undefined where it is no JSON, or nests too deeply. */
export function jsonOf(text: string): Json | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

/** The same, of an object alone. */
export function objectOf(text: string): JsonObject | undefined {
  const value = jsonOf(text)
  return isObject(value) ? value : undefined
}

/** The same with its numbers as they are spelled, for what is passed on. */
export function exactObjectOf(text: string): JsonObject | undefined {
  try {
    const value = parseJsonExactly(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
