/** Reading a task's parameters: objects by name, texts that may be given as JSON. */
import { getOwn, isObject, type Json, type JsonObject } from '../base/json.ts'

/** Parameters that are no object count as none. */
export const objectOf = (parameters: Json): JsonObject => (isObject(parameters) ? parameters : {})

/** A text as it is; anything else as its JSON; undefined where it is absent or null. */
export function asText(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export const textMember = (parameters: JsonObject, name: string): string | undefined => asText(getOwn(parameters, name))
