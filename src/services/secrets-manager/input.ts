/** Reads members of a request with Secrets Manager's constraints. */
import { randomUUID } from 'node:crypto'

import { getOwn, type JsonObject, utf8Length } from '../../base/json.ts'

import { inputReaders, objectList } from '../kit/input.ts'
import type { Tags } from '../kit/tags.ts'

import { constraintError, invalidParameter, validation } from './errors.ts'

const VALUE_BYTES_MAX = 65_536
const NAME = /^[\w/+=.@!-]{1,512}$/

const { readText, readWhole, readTexts } = inputReaders({
  charsMax: 2048,
  wrongType: (member, wanted) => validation(`${member} must be ${wanted}`),
  constraint: constraintError,
})
export { readText, readTexts, readWhole }

export const readFlag = (input: JsonObject, member: string): boolean => getOwn(input, member) === true

export function readName(input: JsonObject): string {
  const name = readText(input, 'Name', 512)
  if (name === undefined) throw constraintError(undefined, 'Name', 'Member must not be null')
  if (!NAME.test(name))
    throw validation('Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!')
  return name
}

export function readSecretId(input: JsonObject): string {
  const id = readText(input, 'SecretId')
  if (id === undefined || id === '') throw constraintError(undefined, 'SecretId', 'Member must not be null')
  return id
}

/** What is kept: a text, or bytes in base64. */
export interface SecretValue {
  readonly text: string
  readonly isBinary: boolean
}

export function readValue(input: JsonObject): SecretValue | undefined {
  const text = readText(input, 'SecretString', Number.POSITIVE_INFINITY)
  const bytes = readText(input, 'SecretBinary', Number.POSITIVE_INFINITY)
  if (text !== undefined && bytes !== undefined)
    throw invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.")
  const size = text === undefined ? Buffer.byteLength(bytes ?? '', 'base64') : utf8Length(text)
  if (size > VALUE_BYTES_MAX) {
    const member = text === undefined ? 'SecretBinary' : 'SecretString'
    throw constraintError('', member, `Member must have length less than or equal to ${VALUE_BYTES_MAX}`)
  }
  if (text !== undefined) return { text, isBinary: false }
  return bytes === undefined ? undefined : { text: bytes, isBinary: true }
}

/** Becomes the id of the version that is made; a new one where none is given. */
export function readToken(input: JsonObject): string {
  const token = readText(input, 'ClientRequestToken')
  if (token !== undefined && (token.length < 32 || token.length > 64))
    throw invalidParameter('ClientRequestToken must be 32-64 characters long.')
  return token ?? randomUUID()
}

export const readTags = (input: JsonObject): Tags =>
  new Map(objectList(input, 'Tags').map((tag) => [readText(tag, 'Key') ?? '', readText(tag, 'Value') ?? '']))
