/** Reads members of a request with AWS's constraints and texts. */
import { getOwn, isArray, isObject, type JsonObject } from '../../base/json.ts'

import { constraintError, invalidParameter } from './errors.ts'

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

export function readText(input: JsonObject, member: string, charsMax = 8192): string | undefined {
  const value = getOwn(input, member) ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw invalidParameter(`${member} must be a string`)
  if (value.length > charsMax) {
    throw constraintError(value, member, `Member must have length less than or equal to ${charsMax}`)
  }
  return value
}

export function readWhole(input: JsonObject, member: string, min: number, max: number): number | undefined {
  const value = getOwn(input, member) ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min) {
    throw constraintError(value, member, `Member must have value greater than or equal to ${min}`)
  }
  if (value > max) throw constraintError(value, member, `Member must have value less than or equal to ${max}`)
  return value
}

export const readFlag = (input: JsonObject, member: string): boolean => getOwn(input, member) === true

export function readTexts(input: JsonObject, member: string, itemsMax: number): string[] | undefined {
  const value = getOwn(input, member) ?? undefined
  if (value === undefined) return undefined
  if (!isArray(value) || !value.every((item) => typeof item === 'string'))
    throw invalidParameter(`${member} must be a list of strings`)
  if (value.length > itemsMax) throw constraintError(value, member, `Member must have length less than or equal to ${itemsMax}`)
  return [...value] as string[]
}

export function readTags(input: JsonObject): Record<string, string> | undefined {
  const value = getOwn(input, 'tags') ?? undefined
  if (value === undefined) return undefined
  if (!isObject(value) || !Object.values(value).every((item) => typeof item === 'string')) {
    throw invalidParameter('tags must be a map of strings')
  }
  return Object.fromEntries(Object.entries(value)) as Record<string, string>
}
