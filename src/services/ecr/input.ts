/** Reads members of a request with ECR's constraints. */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { inputReaders, objectList, picked } from '../kit/input.ts'
import type { Tags } from '../kit/tags.ts'

import { invalidMember, invalidParameter } from './errors.ts'

const { readText, readWhole, readTexts } = inputReaders({
  charsMax: 2048,
  wrongType: (member, wanted) => invalidMember(member, `must be ${wanted}`),
  constraint: (_, member, constraint) => invalidMember(member, constraint),
})
export { readText, readTexts, readWhole }

const NAME = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/
const NAME_SHOWN = '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'

export function readName(input: JsonObject): string {
  const name = readText(input, 'repositoryName', 256)
  if (name === undefined) throw invalidMember('repositoryName', 'must not be null')
  if (name.length < 2 || !NAME.test(name.replaceAll(/__|-{2,}/g, '-')))
    throw invalidMember('repositoryName', `must satisfy regular expression '${NAME_SHOWN}'`)
  return name
}

const MUTABILITIES: ReadonlySet<unknown> = new Set(['MUTABLE', 'IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION', 'MUTABLE_WITH_EXCLUSION'])

/** The members that say whether tags may move. */
export function readMutability(input: JsonObject): JsonObject {
  const mutability = readText(input, 'imageTagMutability') ?? 'MUTABLE'
  if (!MUTABILITIES.has(mutability))
    throw invalidMember('imageTagMutability', `Member must satisfy enum value set: [${[...MUTABILITIES].join(', ')}]`)
  const isPartial = mutability.endsWith('_WITH_EXCLUSION')
  const filters = objectList(input, 'imageTagMutabilityExclusionFilters')
  if (isPartial !== filters.length > 0)
    throw invalidMember(
      'imageTagMutabilityExclusionFilters',
      `ImageTagMutabilityExclusionFilters ${isPartial ? "can't" : 'must'} be null when imageTagMutability is set as ${mutability}`,
    )
  return { imageTagMutability: mutability, ...(isPartial && { imageTagMutabilityExclusionFilters: filters }) }
}

/** `scanOnPush` alone. */
export function readScanning(input: JsonObject): JsonObject {
  const scanning = getOwn(input, 'imageScanningConfiguration')
  return { scanOnPush: isObject(scanning) && getOwn(scanning, 'scanOnPush') === true }
}

export function readEncryption(input: JsonObject, managedKey: string): JsonObject {
  const encryption = getOwn(input, 'encryptionConfiguration')
  const asked = isObject(encryption) ? picked(encryption, ['encryptionType', 'kmsKey']) : {}
  const encryptionType = getOwn(asked, 'encryptionType') ?? 'AES256'
  return { encryptionType, ...(encryptionType !== 'AES256' && { kmsKey: getOwn(asked, 'kmsKey') ?? managedKey }) }
}

/** A JSON document, as text. */
export function readDocument(input: JsonObject, member: string, charsMax: number): string {
  const text = readText(input, member, charsMax)
  if (text === undefined || !objectOf(text))
    throw invalidParameter(`Invalid parameter at '${member}': it must be a JSON document.`)
  return text
}

export const readTags = (input: JsonObject): Tags =>
  new Map(objectList(input, 'tags').map((tag) => [readText(tag, 'Key') ?? '', readText(tag, 'Value') ?? '']))
