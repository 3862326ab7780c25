/** OpenAPI documents, in JSON or YAML, as texts and values; their references within themselves. */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { readEither, withoutMark } from '../../source/source.ts'
import { jsonOf } from '../../source/tree.ts'

/** Longer ones are read as JSON alone: reading YAML would hold up others. */
const YAML_CHARS_MAX = 512 * 1024

/** Undefined where it is neither. */
export function readDocument(text: string): JsonObject | undefined {
  const json = objectOf(text)
  if (json !== undefined || text.length > YAML_CHARS_MAX) return json
  const { root, problems } = readEither(withoutMark(text))
  const value = root === undefined || problems.length > 0 ? undefined : jsonOf(root)
  return isObject(value) ? value : undefined
}

/** Swagger 2 or OpenAPI 3. */
export const isDocument = (document: JsonObject): boolean =>
  typeof getOwn(document, 'swagger') === 'string' || typeof getOwn(document, 'openapi') === 'string'

const REFERENCES_MAX = 16

/** What stands at a place, or where it refers to. */
export function resolved(document: JsonObject, value: Json | undefined, depth = 0): JsonObject | undefined {
  if (!isObject(value)) return undefined
  const reference = getOwn(value, '$ref')
  if (typeof reference !== 'string') return value
  if (!reference.startsWith('#/') || depth > REFERENCES_MAX) return undefined
  const names = reference
    .slice(2)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const found = names.reduce<Json | undefined>((at, name) => (isObject(at) ? getOwn(at, name) : undefined), document)
  return resolved(document, found, depth + 1)
}

export const memberObject = (object: JsonObject, name: string): JsonObject => {
  const value = getOwn(object, name)
  return isObject(value) ? value : {}
}

export const memberList = (object: JsonObject, name: string): readonly Json[] => {
  const value = getOwn(object, name)
  return isArray(value) ? value : []
}

export const memberText = (object: JsonObject, name: string): string | undefined => {
  const value = getOwn(object, name)
  return typeof value === 'string' ? value : undefined
}
