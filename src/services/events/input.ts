/** Reads members of a request with AWS's constraints and texts. */
import { getOwn, isArray, isObject, type JsonObject } from '../../base/json.ts'

import { memberShown } from '../kit/constraint.ts'
import { inputReaders } from '../kit/input.ts'
import { pageOf as pageAfter } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'
import type { Tags } from '../kit/tags.ts'

import { constraintError, invalidParameter } from './errors.ts'

export const { readText, readTexts } = inputReaders({
  charsMax: 4096,
  wrongType: (member, wanted) => invalidParameter(`${member} must be ${wanted}`),
  constraint: constraintError,
})

export function readName(input: JsonObject, member = 'Name', charsMax = 64): string {
  const value = readText(input, member, charsMax)
  const shown = memberShown(member)
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

/** AWS's `[{ Key, Value }]`. */
export const readTags = (input: JsonObject): Tags =>
  new Map(readObjects(input, 'Tags', 200).map((tag) => [readText(tag, 'Key', 128) ?? '', readText(tag, 'Value', 256) ?? '']))

const tokens = pageTokens('events', () => invalidParameter('NextToken is not valid.'))

/** One page of a sorted list, in the members of the answer. */
export function pageOf<T>(
  input: JsonObject,
  items: readonly T[],
  nameOf: (item: T) => string,
  limitMember = 'Limit',
): { readonly items: readonly T[]; readonly NextToken?: string } {
  const limit = getOwn(input, limitMember)
  const size = typeof limit === 'number' && limit >= 1 && limit <= 100 ? Math.trunc(limit) : 100
  const page = pageAfter(items, { token: readText(input, 'NextToken', 2048), tokens, size, nameOf })
  return { items: page.items, ...(page.next !== undefined && { NextToken: page.next }) }
}
