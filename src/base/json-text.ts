/** Texts that ought to be JSON, and may be anything. */
import { parseJson, parseJsonExactly } from './json-bounds.ts'
import { isObject, type Json, type JsonObject } from './json.ts'

/** The value of a text; undefined where it is no JSON, or nests too deeply. */
export const jsonOf = (text: string): Json | undefined => parsed(text, parseJson)

/** The same with its numbers as they are spelled (`numeral.ts`). */
export const exactJsonOf = (text: string): Json | undefined => parsed(text, parseJsonExactly)

/** The same as `jsonOf`, of an object alone. */
export function objectOf(text: string): JsonObject | undefined {
  const value = jsonOf(text)
  return isObject(value) ? value : undefined
}

/** The same as `exactJsonOf`, of an object alone. */
export function exactObjectOf(text: string): JsonObject | undefined {
  const value = exactJsonOf(text)
  return isObject(value) ? value : undefined
}

function parsed(text: string, parse: (text: string) => Json): Json | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
