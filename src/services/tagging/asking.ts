/** Calls to the services, whose refusals are thrown, and their lists from the first page to the last. */
import type { JsonObject } from '../../base/json.ts'
import { getOwn } from '../../base/json.ts'

import { parseXml, type XmlElement } from '../../wire/xml.ts'
import { call, callJson, callQuery, callRestJson } from '../../aws/call.ts'
import { type Endpoints, endpointsAt } from '../../aws/endpoints.ts'
import { orThrow } from '../../aws/failure.ts'
import type { JsonService, QueryService, RestService } from '../../aws/services.ts'

import { objectList } from '../kit/input.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import type { Tags } from '../kit/tags.ts'

export class Asking {
  readonly #endpoints: Endpoints

  constructor({ endpoint, region, credentials }: Pick<ServiceDeps, 'endpoint' | 'region' | 'credentials'>) {
    this.#endpoints = endpointsAt(() => ({ endpoint: endpoint(), region, credentials: credentials?.() }))
  }

  async json(service: JsonService, action: string, input: JsonObject): Promise<JsonObject> {
    return orThrow(await callJson(this.#endpoints, service, action, input)).body
  }

  async query(service: QueryService, action: string, input: JsonObject): Promise<JsonObject> {
    return orThrow(await callQuery(this.#endpoints, service, action, input)).body
  }

  async rest(service: RestService, method: string, path: string, request: RestRequest = {}): Promise<JsonObject> {
    const { query, input } = request
    return orThrow(await callRestJson(this.#endpoints, service, method, path, input, { query })).body
  }

  async xml(service: RestService, request: Parameters<typeof call>[2]): Promise<XmlElement | undefined> {
    const { body } = orThrow(await call(this.#endpoints, service, request))
    return body.length === 0 ? undefined : parseXml(body.toString('utf8'))
  }
}

interface RestRequest {
  readonly query?: URLSearchParams
  readonly input?: JsonObject
}

/** Everything that `fetch` gives, asked again with the token of each answer's end. */
export async function everyPage(
  fetch: (token: string | undefined) => Promise<JsonObject>,
  { token: name, next = name }: { readonly token: string; readonly next?: string },
): Promise<readonly JsonObject[]> {
  const pages: JsonObject[] = []
  for (let token: string | undefined, isFirst = true; isFirst || token !== undefined; isFirst = false) {
    const page: JsonObject = await fetch(token)
    pages.push(page)
    token = textOf(page, next) || undefined
  }
  return pages
}

export function textOf(object: JsonObject, member: string): string {
  const value = getOwn(object, member)
  return typeof value === 'string' ? value : ''
}

/** `[{ Key, Value }]`, in the spelling of the service. */
export const tagsIn = (answer: JsonObject, member = 'Tags', key = 'Key', value = 'Value'): Tags =>
  new Map(objectList(answer, member).map((tag) => [textOf(tag, key), textOf(tag, value)]))

/** `{ key: value }`. */
export function tagMapIn(answer: JsonObject, member: string): Tags {
  const tags = getOwn(answer, member)
  return new Map(
    Object.entries(typeof tags === 'object' && tags !== null ? tags : {}).map(([key, value]) => [key, String(value)]),
  )
}
