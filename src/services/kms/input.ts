/** Reads members of a request with KMS's constraints. */
import { getOwn, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { inputReaders, objectList } from '../kit/input.ts'
import type { Tags } from '../kit/tags.ts'

import { constraintError, dryRun, enumError, malformedPolicy, validation } from './errors.ts'

const { readText, readWhole, readTexts, readTextMap } = inputReaders({
  charsMax: 8192,
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

export function readOneOf<T extends string>(input: JsonObject, member: string, values: readonly T[]): T | undefined {
  const text = readText(input, member)
  const found = values.find((value) => value === text)
  if (text !== undefined && found === undefined) throw enumError(text, member, values)
  return found
}

/** Bytes, which JSON carries in base64. */
export function readBytes(input: JsonObject, member: string, bytesMax: number): Buffer {
  const text = readText(input, member, Number.POSITIVE_INFINITY)
  if (text === undefined) throw constraintError(undefined, member, 'Member must not be null')
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length === 0) throw constraintError({}, member, 'Member must have length greater than or equal to 1')
  if (bytes.length > bytesMax) throw constraintError({}, member, `Member must have length less than or equal to ${bytesMax}`)
  return bytes
}

export type EncryptionContext = Readonly<Record<string, string>>

export const readContext = (input: JsonObject, member = 'EncryptionContext'): EncryptionContext =>
  readTextMap(input, member) ?? {}

export const readTags = (input: JsonObject): Tags =>
  new Map(objectList(input, 'Tags').map((tag) => [readText(tag, 'TagKey') ?? '', readText(tag, 'TagValue') ?? '']))

const POLICY_BYTES_MAX = 32_768

export function readPolicy(input: JsonObject): string | undefined {
  const policy = readText(input, 'Policy', POLICY_BYTES_MAX)
  if (policy === undefined) return undefined
  if (getOwn(objectOf(policy) ?? {}, 'Statement') === undefined) throw malformedPolicy()
  return policy
}

/** Call where everything else of the request is right. */
export function endDryRun(input: JsonObject): void {
  if (readFlag(input, 'DryRun')) throw dryRun()
}
