/**
 * Reads members of a request. All of them are texts, as a form holds them; an empty list comes as an empty text.
 * Source: CloudFormation API model.
 */
import { getOwn, isArray, isObject, type JsonObject } from '../../base/json.ts'

import { constraintError, validationError } from './errors.ts'
import type { Tag } from './records.ts'

export function readText(input: JsonObject, member: string): string | undefined {
  const value = getOwn(input, member)
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string') throw validationError(`The parameter ${member} must be a text.`)
  return value
}

export function requireText(input: JsonObject, member: string): string {
  const text = readText(input, member)
  if (text === undefined)
    throw validationError(
      `1 validation error detected: Value null at '${lowerFirst(member)}' failed to satisfy constraint: Member must not be null`,
    )
  return text
}

const lowerFirst = (member: string): string => member.charAt(0).toLowerCase() + member.slice(1)

export const readFlag = (input: JsonObject, member: string): boolean => readText(input, member)?.toLowerCase() === 'true'

export function readTexts(input: JsonObject, member: string): readonly string[] {
  const value = getOwn(input, member)
  return isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

export function readObjects(input: JsonObject, member: string): readonly JsonObject[] {
  const value = getOwn(input, member)
  return isArray(value) ? value.filter(isObject) : []
}

export function readChoice<const T extends string>(input: JsonObject, member: string, choices: readonly T[]): T | undefined {
  const text = readText(input, member)
  const found = choices.find((choice) => choice === text)
  if (text !== undefined && found === undefined)
    throw constraintError(text, lowerFirst(member), `Member must satisfy enum value set: [${choices.join(', ')}]`)
  return found
}

const NAME = '[a-zA-Z][-a-zA-Z0-9]*'
const NAME_MAX = 128

/** Of a stack or a change set that is to be made. */
export function requireName(name: string, member: string): void {
  if (!new RegExp(`^${NAME}$`).test(name))
    throw constraintError(name, member, `Member must satisfy regular expression pattern: ${NAME}`)
  if (name.length > NAME_MAX) throw constraintError(name, member, `Member must have length less than or equal to ${NAME_MAX}`)
}

export function requireStackName(input: JsonObject): string {
  const name = requireText(input, 'StackName')
  requireName(name, 'stackName')
  return name
}

const TAGS_MAX = 50

export function readTags(input: JsonObject): readonly Tag[] {
  const tags = readObjects(input, 'Tags').map((tag) => ({
    key: readText(tag, 'Key') ?? '',
    value: readText(tag, 'Value') ?? '',
  }))
  if (tags.length > TAGS_MAX) throw constraintError('Tags', 'tags', `Member must have length less than or equal to ${TAGS_MAX}`)
  if (new Set(tags.map(({ key }) => key)).size < tags.length) throw validationError('Tag keys must be unique')
  return tags
}
