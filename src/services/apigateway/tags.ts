/** Tags of what has them: APIs of both kinds, their stages, keys and usage plans. They stand in its record. */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { addTags, removeTags, tagsObject, tagsOf } from '../kit/tags.ts'

import type { Management } from './deps.ts'
import { badRequest, notFound, TAG_ERRORS } from './errors.ts'
import { type Kind, NO_API } from './records.ts'
import { readMembers, TEXT_MAP } from './shape.ts'

/** Where a record stands. */
type Place = readonly [api: string, kind: Kind, id: string]

const ARN = /^arn:aws[\w-]*:apigateway:[\w-]*:\d*:\/(restapis|apis|apikeys|usageplans)\/([^/]+)(?:\/stages\/([^/]+))?$/
const KINDS: Readonly<Record<string, Kind>> = { restapis: 'api', apis: 'httpApi', apikeys: 'apiKey', usageplans: 'usagePlan' }

export const readTags = (input: JsonObject): Record<string, string> => withTags({}, input)

/** Those that were, and those of the request. */
function withTags(before: JsonObject, input: JsonObject): Record<string, string> {
  return tagsObject(addTags(tagsOf(textsIn(before)), tagsOf(textsIn(input)), TAG_ERRORS))
}

function textsIn(record: JsonObject): Record<string, string> {
  const tags = readMembers(record, { tags: TEXT_MAP })['tags']
  return isObject(tags) ? Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)])) : {}
}

export class ResourceTags {
  readonly #management: Management

  constructor(management: Management) {
    this.#management = management
  }

  list(arn: string): JsonObject {
    return { tags: getOwn(this.#find(arn).record, 'tags') ?? {} }
  }

  tag(arn: string, input: JsonObject): JsonObject {
    const { place, record } = this.#find(arn)
    this.#management.records.put(...place, { ...record, tags: withTags(record, input) })
    return {}
  }

  untag(arn: string, keys: readonly string[]): JsonObject {
    const { place, record } = this.#find(arn)
    this.#management.records.put(...place, { ...record, tags: tagsObject(removeTags(tagsOf(textsIn(record)), keys)) })
    return {}
  }

  #find(arn: string): { readonly place: Place; readonly record: JsonObject } {
    const [, collection = '', id = '', stage] = ARN.exec(arn) ?? []
    const kind = KINDS[collection]
    if (kind === undefined) throw badRequest('Invalid ARN specified in the request')
    const place: Place = stage === undefined ? [NO_API, kind, id] : [id, 'stage', stage]
    const record = this.#management.records.get(...place)
    if (!record) throw notFound('Invalid API identifier specified')
    return { place, record }
  }
}
