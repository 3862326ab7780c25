import { isArray, isObject, type Json } from './json.ts'

/** Canonical text of a JSON value: members sorted by key, no white space. Equal values give equal texts. */
export function stableJson(value: Json): string {
  if (isArray(value)) return `[${value.map(stableJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${stableJson(value[key] as Json)}`)
  return `{${members.join(',')}}`
}
