/** Reads members of a request with AWS's constraints and texts. */
import { getOwn, type JsonObject } from '../../base/json.ts'

import { inputReaders } from '../kit/input.ts'
import { type Tags, tagsOf } from '../kit/tags.ts'

import { constraintError, invalidParameter } from './errors.ts'

const { readText, readWhole, readTexts, readTextMap } = inputReaders({
  charsMax: 8192,
  wrongType: (member, wanted) => invalidParameter(`${member} must be ${wanted}`),
  constraint: constraintError,
})
export { readText, readTexts, readWhole }

const GROUP_NAME = /^[.\-_/#A-Za-z0-9]+$/
const STREAM_NAME = /^[^:*]*$/

export function readGroupName(input: JsonObject, member = 'logGroupName'): string {
  const value = readText(input, member, 512)
  if (value === undefined) throw constraintError(undefined, member, 'Member must not be null')
  if (value.length < 1) throw constraintError(value, member, 'Member must have length greater than or equal to 1')
  if (!GROUP_NAME.test(value)) {
    throw constraintError(value, member, 'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+')
  }
  return value
}

/** A name, or the name in an ARN given as logGroupIdentifier. */
export function readGroup(input: JsonObject): string {
  const identifier = readText(input, 'logGroupIdentifier', 2048)
  return identifier === undefined ? readGroupName(input) : groupOfArn(identifier)
}

export function groupOfArn(text: string): string {
  return /^arn:[^:]+:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(text)?.[1] ?? text
}

export function readStreamName(input: JsonObject): string {
  const value = readText(input, 'logStreamName', 512)
  if (value === undefined) throw constraintError(undefined, 'logStreamName', 'Member must not be null')
  if (value.length < 1) throw constraintError(value, 'logStreamName', 'Member must have length greater than or equal to 1')
  if (!STREAM_NAME.test(value)) {
    throw constraintError(value, 'logStreamName', 'Member must satisfy regular expression pattern: [^:*]*')
  }
  return value
}

export const readFlag = (input: JsonObject, member: string): boolean => getOwn(input, member) === true

export const readTags = (input: JsonObject): Tags => tagsOf(readTextMap(input, 'tags') ?? {})
