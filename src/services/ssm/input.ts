/** Reads members of a request with Parameter Store's constraints. */
import { getOwn, type JsonObject } from '../../base/json.ts'

import { inputReaders, objectList } from '../kit/input.ts'
import type { Tags } from '../kit/tags.ts'

import { constraintError, validation } from './errors.ts'

const { readText, readWhole, readTexts } = inputReaders({
  charsMax: 2048,
  wrongType: (member, wanted) => validation(`${member} must be ${wanted}`),
  constraint: constraintError,
})
export { readText, readTexts, readWhole }

export const readFlag = (input: JsonObject, member: string): boolean => getOwn(input, member) === true

export function requireText(input: JsonObject, member: string): string {
  const text = readText(input, member)
  if (text === undefined) throw constraintError(undefined, member, 'Member must not be null')
  if (text === '') throw constraintError('', member, 'Member must have length greater than or equal to 1')
  return text
}

export function requireTexts(input: JsonObject, member: string, itemsMax: number): readonly string[] {
  const texts = readTexts(input, member)
  if (texts === undefined) throw constraintError(undefined, member, 'Member must not be null')
  if (texts.length > itemsMax)
    throw constraintError(`[${texts.join(', ')}]`, member, `Member must have length less than or equal to ${itemsMax}`)
  if (texts.length === 0) throw constraintError('[]', member, 'Member must have length greater than or equal to 1')
  return texts
}

export function readOneOf<T extends string>(input: JsonObject, member: string, values: readonly T[]): T | undefined {
  const text = readText(input, member)
  const found = values.find((value) => value === text)
  if (text !== undefined && found === undefined)
    throw constraintError(text, member, `Member must satisfy enum value set: [${values.join(', ')}]`)
  return found
}

export const readTags = (input: JsonObject): Tags =>
  new Map(objectList(input, 'Tags').map((tag) => [readText(tag, 'Key') ?? '', readText(tag, 'Value') ?? '']))
