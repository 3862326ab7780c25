/**
 * Reads members of a request with IAM's constraints. All of them are texts, as a form holds them.
 * Source: IAM API model (names, paths, tags); recorded answers.
 */
import { getOwn, type JsonObject } from '../../base/json.ts'

import { memberShown } from '../kit/constraint.ts'
import { inputReaders, objectList } from '../kit/input.ts'
import { TAGS_MAX, type Tags } from '../kit/tags.ts'

import { constraintError, invalidInput, limitExceeded, validationError } from './errors.ts'

const { readText, readTexts } = inputReaders({
  charsMax: 2048,
  wrongType: (member, wanted) => validationError(`The parameter ${member} must be ${wanted}.`),
  constraint: (_, member, constraint) => constraintError(member, constraint),
})
export { readText }

export function requireText(input: JsonObject, member: string, max?: number): string {
  const text = readText(input, member, max)
  if (text === undefined) throw constraintError(member, 'Member must not be null')
  if (text === '') throw constraintError(member, 'Member must have length greater than or equal to 1')
  return text
}

/** A list; the empty text, as which a form gives an empty one, is that. */
export const readList = (input: JsonObject, member: string): readonly string[] =>
  getOwn(input, member) === '' ? [] : (readTexts(input, member) ?? [])

const NAME = /^[\w+=,.@-]+$/

/** A name of those that IAM gives entities. */
export function requireName(input: JsonObject, member: string, max = 128): string {
  const name = requireText(input, member, max)
  if (!NAME.test(name)) throw notOf(member, 'contain only alphanumeric characters and/or the following: +=,.@_-')
  return name
}

export const readName = (input: JsonObject, member: string, max = 128): string | undefined =>
  readText(input, member, max) === undefined ? undefined : requireName(input, member, max)

const notOf = (member: string, rule: string) =>
  validationError(`The specified value for ${memberShown(member)} is invalid. It must ${rule}`)

const PATH = /^\/(?:[\x21-\x7e]+\/)?$/

/** `/` where none is given. */
export const readPath = (input: JsonObject, member = 'Path'): string => readGivenPath(input, member) ?? '/'

export function readGivenPath(input: JsonObject, member: string): string | undefined {
  const path = readText(input, member, 512)
  if (path !== undefined && !PATH.test(path))
    throw notOf(member, 'begin and end with / and contain only alphanumeric characters and/or / characters.')
  return path
}

export function readPathPrefix(input: JsonObject): string {
  const prefix = readText(input, 'PathPrefix', 512) ?? '/'
  if (!/^\/[\x21-\x7f]*$/.test(prefix))
    throw constraintError('PathPrefix', 'Member must satisfy regular expression pattern: \\u002F[\\u0021-\\u007F]*')
  return prefix
}

export function readWhole(input: JsonObject, member: string, min: number, max: number): number | undefined {
  const text = readText(input, member)
  if (text === undefined) return undefined
  if (!/^-?\d{1,9}$/.test(text)) throw validationError(`The parameter ${member} must be a whole number.`)
  const value = Number(text)
  if (value < min) throw constraintError(member, `Member must have value greater than or equal to ${min}`)
  if (value > max) throw constraintError(member, `Member must have value less than or equal to ${max}`)
  return value
}

export const readFlag = (input: JsonObject, member: string): boolean => readText(input, member)?.toLowerCase() === 'true'

export function readChoice<const T extends string>(input: JsonObject, member: string, choices: readonly T[]): T | undefined {
  const text = readText(input, member)
  const found = choices.find((choice) => choice === text)
  if (text !== undefined && found === undefined)
    throw constraintError(member, `Member must satisfy enum value set: [${choices.join(', ')}]`)
  return found
}

/** Of policies `a` and `A` are two keys; of roles and users they are one. */
export type TagKeys = 'caseSensitive' | 'caseInsensitive'

const TAG_PATTERN = '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]'
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/** The tags of a request, by `Tags`. */
export function readTags(input: JsonObject, keys: TagKeys): Tags {
  const given = objectList(input, 'Tags')
  if (given.length > TAGS_MAX) throw constraintError('Tags', `Member must have length less than or equal to ${TAGS_MAX}`)
  const tags = given.map((tag, i) => readTag(tag, `tags.${i + 1}.member`))
  const distinct = new Set(tags.map(([key]) => (keys === 'caseSensitive' ? key : key.toLowerCase())))
  if (distinct.size < tags.length)
    throw invalidInput(
      `Duplicate tag keys found.${keys === 'caseSensitive' ? '' : ' Please note that Tag keys are case insensitive.'}`,
    )
  return new Map(tags)
}

function readTag(tag: JsonObject, at: string): readonly [string, string] {
  const key = readText(tag, 'Key', Number.POSITIVE_INFINITY) ?? ''
  const value = readText(tag, 'Value', Number.POSITIVE_INFINITY) ?? ''
  checkLength(key, `${at}.key`, 1, 128)
  checkLength(value, `${at}.value`, 0, 256)
  if (!TAG_KEY.test(key)) throw constraintError(`${at}.key`, `Member must satisfy regular expression pattern: ${TAG_PATTERN}+`)
  if (!TAG_VALUE.test(value))
    throw constraintError(`${at}.value`, `Member must satisfy regular expression pattern: ${TAG_PATTERN}*`)
  if (/^aws:/i.test(key))
    throw invalidInput('Caller is not an internal service caller; cannot specify tag keys that begin with aws:')
  return [key, value]
}

function checkLength(text: string, member: string, min: number, max: number): void {
  if (text.length > max) throw constraintError(member, `Member must have length less than or equal to ${max}`)
  if (text.length < min) throw constraintError(member, `Member must have length greater than or equal to ${min}`)
}

/** What an entity has that is given more. */
export function withTags(known: Tags, more: Tags, keys: TagKeys): Tags {
  const replaced = new Set([...more.keys()].map((key) => (keys === 'caseSensitive' ? key : key.toLowerCase())))
  const kept = [...known].filter(([key]) => more.has(key) || !replaced.has(keys === 'caseSensitive' ? key : key.toLowerCase()))
  const all = new Map([...kept, ...more])
  if (all.size > TAGS_MAX) throw limitExceeded('The number of tags has reached the maximum limit.')
  return all
}

const TAG_KEYS_RULE = `Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ${TAG_PATTERN}+, Member must not be null]`

export function readTagKeys(input: JsonObject): readonly string[] {
  const keys = readList(input, 'TagKeys')
  if (keys.length > TAGS_MAX) throw constraintError('TagKeys', `Member must have length less than or equal to ${TAGS_MAX}`)
  if (!keys.every((key) => key.length <= 128 && TAG_KEY.test(key))) throw constraintError('TagKeys', TAG_KEYS_RULE)
  return keys
}
