/**
 * The actions of the Resource Groups Tagging API. Nothing is kept: each answer is what the services say at that moment.
 * Source: Resource Groups Tagging API reference.
 */
import type { JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

import { inputReaders, objectList, textList } from '../kit/input.ts'
import { pageOf } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'
import { type Tags, tagList } from '../kit/tags.ts'

import { type Asking, textOf } from './asking.ts'
import { TAGGED_TYPES, type TaggedType } from './tagged-types.ts'

const invalidParameter = (message: string): WireError => new WireError(400, 'InvalidParameterException', message)

const { readText, readWhole, readTexts, readTextMap } = inputReaders({
  charsMax: 2048,
  wrongType: (member, wanted) => invalidParameter(`${member} must be ${wanted}`),
  constraint: (_, member, constraint) => invalidParameter(`${member}: ${constraint}`),
})

const PAGE = 50
const PAGE_MAX = 100
const ARNS_MAX = 20
const TOKENS = pageTokens('tagging', () => invalidParameter('The PaginationToken is not valid.'))

interface Tagged {
  readonly arn: string
  readonly tags: Tags
}

export class TaggingService {
  readonly #ask: Asking

  constructor(ask: Asking) {
    this.#ask = ask
  }

  async getResources(input: JsonObject): Promise<JsonObject> {
    const arns = readTexts(input, 'ResourceARNList', PAGE_MAX)
    const filters = readTexts(input, 'ResourceTypeFilters') ?? []
    if (arns !== undefined && (filters.length > 0 || objectList(input, 'TagFilters').length > 0))
      throw invalidParameter('ResourceARNList cannot be used with ResourceTypeFilters or TagFilters.')
    const matches = readTagFilters(input)
    const types = TAGGED_TYPES.filter(({ name }) => isOfType(name, filters))
    const found = arns === undefined ? await this.#tagged(types) : await this.#taggedAt(arns)
    const wanted = found.filter(({ tags }) => matches(tags)).toSorted((a, b) => (a.arn < b.arn ? -1 : 1))
    const { items, next } = pageOf(wanted, {
      token: readText(input, 'PaginationToken'),
      tokens: TOKENS,
      size: readWhole(input, 'ResourcesPerPage', 1, PAGE_MAX) ?? PAGE,
      nameOf: ({ arn }) => arn,
    })
    const shown = items.map(({ arn, tags }) => ({ ResourceARN: arn, Tags: tagList(tags) }))
    return { PaginationToken: next ?? '', ResourceTagMappingList: shown }
  }

  async getTagKeys(input: JsonObject): Promise<JsonObject> {
    const keys = (await this.#tagged(TAGGED_TYPES)).flatMap(({ tags }) => [...tags.keys()])
    return renderNames(input, keys, 'TagKeys')
  }

  async getTagValues(input: JsonObject): Promise<JsonObject> {
    const key = readText(input, 'Key', 128)
    if (key === undefined || key === '') throw invalidParameter('Key must be given.')
    const values = (await this.#tagged(TAGGED_TYPES)).flatMap(({ tags }) => tags.get(key) ?? [])
    return renderNames(input, values, 'TagValues')
  }

  async tagResources(input: JsonObject): Promise<JsonObject> {
    const tags = new Map(Object.entries(readTextMap(input, 'Tags') ?? {}))
    if (tags.size === 0) throw invalidParameter('Tags must be given.')
    if ([...tags.keys()].some((key) => /^aws:/i.test(key)))
      throw invalidParameter('Tag keys that begin with aws: are reserved for system use.')
    return this.#changeAll(input, (type, arn) => type.tag(this.#ask, arn, tags))
  }

  async untagResources(input: JsonObject): Promise<JsonObject> {
    const keys = readTexts(input, 'TagKeys', 50) ?? []
    if (keys.length === 0) throw invalidParameter('TagKeys must be given.')
    return this.#changeAll(input, (type, arn) => type.untag(this.#ask, arn, keys))
  }

  /** Those that have tags. */
  async #tagged(types: readonly TaggedType[]): Promise<readonly Tagged[]> {
    const found = await Promise.all(types.map((type) => this.#allOf(type)))
    return found.flat().filter(({ tags }) => tags.size > 0)
  }

  async #allOf(type: TaggedType): Promise<readonly Tagged[]> {
    const read = (await type.list(this.#ask)).map((arn) => this.#read(type, arn))
    return (await Promise.all(read)).filter((one) => one !== undefined)
  }

  async #taggedAt(arns: readonly string[]): Promise<readonly Tagged[]> {
    const read = arns.map((arn) => {
      const type = typeOf(arn)
      if (!type) throw invalidParameter(`ResourceARN ${arn} is not supported.`)
      return this.#read(type, arn)
    })
    return (await Promise.all(read)).filter((one) => one !== undefined).filter(({ tags }) => tags.size > 0)
  }

  /** Undefined where it went since it was listed. */
  async #read(type: TaggedType, arn: string): Promise<Tagged | undefined> {
    try {
      return { arn, tags: await type.read(this.#ask, arn) }
    } catch (error) {
      if (error instanceof WireError && error.fault === 'client') return undefined
      throw error
    }
  }

  /** What one resource refuses is told of that one; the others are changed all the same. */
  async #changeAll(input: JsonObject, change: (type: TaggedType, arn: string) => Promise<unknown>): Promise<JsonObject> {
    const arns = readTexts(input, 'ResourceARNList', ARNS_MAX) ?? []
    if (arns.length === 0) throw invalidParameter('ResourceARNList must be given.')
    const results = await Promise.all(arns.map(async (arn) => [arn, await this.#change(arn, change)] as const))
    const failed = results.flatMap(([arn, failure]) => (failure === undefined ? [] : [[arn, failure] as const]))
    return { FailedResourcesMap: Object.fromEntries(failed) }
  }

  async #change(
    arn: string,
    change: (type: TaggedType, arn: string) => Promise<unknown>,
  ): Promise<{ StatusCode: number; ErrorCode: string; ErrorMessage: string } | undefined> {
    const type = typeOf(arn)
    try {
      if (!type) throw invalidParameter(`ResourceARN ${arn} is not supported.`)
      await change(type, arn)
      return undefined
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      return { StatusCode: error.status, ErrorCode: error.code, ErrorMessage: error.message }
    }
  }
}

const typeOf = (arn: string): TaggedType | undefined => TAGGED_TYPES.find((type) => type.arn.test(arn))

/** `states` is all types of that service. */
const isOfType = (name: string, filters: readonly string[]): boolean =>
  filters.length === 0 ||
  filters.some((filter) => filter === name || name.startsWith(`${filter}:`) || filter.startsWith(`${name}:`))

/** All filters must match, any value of each; a key without values matches whatever its value. */
function readTagFilters(input: JsonObject): (tags: Tags) => boolean {
  const filters = objectList(input, 'TagFilters').map((filter) => ({
    key: textOf(filter, 'Key'),
    values: textList(filter, 'Values'),
  }))
  return (tags) =>
    filters.every(({ key, values }) => {
      const value = tags.get(key)
      return value !== undefined && (values.length === 0 || values.includes(value))
    })
}

function renderNames(input: JsonObject, names: readonly string[], member: string): JsonObject {
  const sorted = [...new Set(names)].toSorted()
  const token = readText(input, 'PaginationToken')
  const { items, next } = pageOf(sorted, { token, tokens: TOKENS, size: PAGE_MAX, nameOf: (name) => name })
  return { PaginationToken: next ?? '', [member]: [...items] }
}
