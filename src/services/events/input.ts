/** Reads members of a request with AWS's constraints and texts. */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { constraintError, invalidParameter } from './errors.ts'

export function readText(input: JsonObject, member: string, charsMax = 4096): string | undefined {
  const value = getOwn(input, member) ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw invalidParameter(`${member} must be a string`)
  if (value.length > charsMax) throw constraintError(value, member, `Member must have length less than or equal to ${charsMax}`)
  return value
}

export function readName(input: JsonObject, member = 'Name', charsMax = 64): string {
  const value = readText(input, member, charsMax)
  const shown = member.charAt(0).toLowerCase() + member.slice(1)
  if (value === undefined) throw constraintError(undefined, shown, 'Member must not be null')
  if (!/^[.\-_A-Za-z0-9]+$/.test(value))
    throw constraintError(value, shown, 'Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+')
  return value
}

/** Objects of a list; a missing list is empty. */
export function readObjects(input: JsonObject, member: string, itemsMax: number): readonly JsonObject[] {
  const value = getOwn(input, member) ?? []
  if (!isArray(value) || !value.every((item): item is JsonObject => isObject(item)))
    throw invalidParameter(`${member} must be a list of structures`)
  if (value.length > itemsMax) throw constraintError('[...]', member, `Member must have length less than or equal to ${itemsMax}`)
  return value
}

export function readTexts(input: JsonObject, member: string): readonly string[] {
  const value = getOwn(input, member) ?? []
  if (!isArray(value) || !value.every((item): item is string => typeof item === 'string'))
    throw invalidParameter(`${member} must be a list of strings`)
  return value
}

/** AWS's `[{ Key, Value }]`. */
export function readTags(input: JsonObject): readonly (readonly [string, string])[] {
  return readObjects(input, 'Tags', 200).map((tag) => [readText(tag, 'Key', 128) ?? '', readText(tag, 'Value', 256) ?? ''])
}

/** One page of a sorted list: the token is the name after which the next page begins. */
export function pageOf<T>(
  input: JsonObject,
  items: readonly T[],
  nameOf: (item: T) => string,
  limitMember = 'Limit',
): { readonly items: readonly T[]; readonly NextToken?: string } {
  const limit = getOwn(input, limitMember)
  const size = typeof limit === 'number' && limit >= 1 && limit <= 100 ? Math.trunc(limit) : 100
  const after = Buffer.from(readText(input, 'NextToken', 2048) ?? '', 'base64url').toString('utf8')
  const rest = after === '' ? items : items.filter((item) => nameOf(item) > after)
  const page = rest.slice(0, size)
  const last = page.at(-1)
  const hasMore = rest.length > size && last !== undefined
  return { items: page, ...(hasMore && { NextToken: Buffer.from(nameOf(last)).toString('base64url') }) }
}

/** Only the members of `names` that are there. */
export function picked(input: JsonObject, names: readonly string[]): JsonObject {
  const members: Record<string, Json> = {}
  for (const name of names) {
    const value = getOwn(input, name)
    if (value !== undefined && value !== null) members[name] = value
  }
  return members
}
