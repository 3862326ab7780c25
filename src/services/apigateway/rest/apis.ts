/**
 * REST APIs themselves, and making them of an OpenAPI document.
 * Source: API Gateway REST API reference, CreateRestApi, ImportRestApi, PutRestApi and others; texts of the service.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../../base/json.ts'

import { isDocument, readDocument } from '../document.ts'
import type { Management } from '../deps.ts'
import { badRequest, notFound } from '../errors.ts'
import { positioned } from '../page.ts'
import { NO_API, newId } from '../records.ts'
import { patched, readMembers } from '../shape.ts'
import { readTags } from '../tags.ts'
import { importInto } from './import.ts'
import { DEFAULT_MODELS } from './defaults.ts'
import { REST_API } from './shapes.ts'

export class RestApis {
  readonly #management: Management

  constructor(management: Management) {
    this.#management = management
  }

  create(input: JsonObject): JsonObject {
    const { records } = this.#management
    const given = readMembers(input, REST_API)
    if (typeof given['name'] !== 'string' || given['name'] === '') throw badRequest('Invalid API name specified')
    const cloned = getOwn(input, 'cloneFrom')
    return records.all(() => {
      const record = this.#make({ ...given, tags: readTags(input) })
      const id = String(record['id'])
      if (typeof cloned === 'string') this.#clone(cloned, id)
      return this.#render(record)
    })
  }

  /** `text`: an OpenAPI document, in JSON or YAML. */
  import(text: string, query: URLSearchParams): JsonObject {
    const document = readOpenApi(text)
    return this.#management.records.all(() => {
      const record = this.#make({ name: titleOf(document) })
      return this.#import(record, document, 'overwrite', query)
    })
  }

  /** Puts what the document says in place of all that was, or over it. */
  put(id: string, text: string, query: URLSearchParams): JsonObject {
    const document = readOpenApi(text)
    return this.#management.records.all(() => {
      const mode = query.get('mode') === 'overwrite' ? 'overwrite' : 'merge'
      return this.#import(this.find(id), document, mode, query)
    })
  }

  get(id: string): JsonObject {
    return this.#render(this.find(id))
  }

  list(query: URLSearchParams): JsonObject {
    const all = this.#management.records.list(NO_API, 'api').map((record) => this.#render(record))
    return positioned(all, query, (record) => String(record['id']))
  }

  update(id: string, input: JsonObject): JsonObject {
    const record = patched(this.find(id), input, REST_API)
    this.#management.records.put(NO_API, 'api', id, record)
    return this.#render(record)
  }

  delete(id: string): void {
    this.find(id)
    this.#management.records.removeApi(id, 'api')
  }

  /** Throws NotFoundException. */
  find(id: string): JsonObject {
    const record = this.#management.records.get(NO_API, 'api', id)
    if (!record) throw notFound('Invalid API identifier specified')
    return record
  }

  #make(members: JsonObject): JsonObject {
    const { records, now } = this.#management
    const id = newId(10)
    const rootResourceId = newId(10)
    const record = {
      apiKeySource: 'HEADER',
      disableExecuteApiEndpoint: false,
      ...members,
      endpointConfiguration: endpointOf(getOwn(members, 'endpointConfiguration')),
      id,
      createdDate: Math.floor(now() / 1000),
      rootResourceId,
    }
    records.put(NO_API, 'api', id, record)
    records.put(id, 'resource', rootResourceId, { id: rootResourceId, path: '/' })
    for (const model of DEFAULT_MODELS) records.put(id, 'model', model.name, { id: newId(6), ...model })
    return record
  }

  #clone(from: string, to: string): void {
    const { records } = this.#management
    this.find(from)
    records.clear(to, 'resource')
    records.clear(to, 'model')
    for (const kind of ['authorizer', 'gatewayResponse', 'model', 'requestValidator', 'resource'] as const)
      for (const record of records.list(from, kind)) records.put(to, kind, String(record['id'] ?? record['responseType']), record)
    const root = records.list(to, 'resource').find(({ path }) => path === '/')
    if (root) records.put(NO_API, 'api', to, { ...this.find(to), rootResourceId: root['id'] ?? null })
  }

  #import(record: JsonObject, document: JsonObject, mode: 'overwrite' | 'merge', query: URLSearchParams): JsonObject {
    const { records } = this.#management
    const id = String(record['id'])
    const { members, warnings } = importInto(this.#management, record, document, mode)
    if (warnings.length > 0 && query.get('failonwarnings') === 'true')
      throw badRequest(`Warnings found during import:\n\t${warnings.join('\n\t')}`)
    const endpoints = query.get('endpointConfigurationTypes')
    const endpoint = endpoints === null ? {} : { endpointConfiguration: endpointOf({ types: endpoints.split(',') }) }
    const changed = { ...record, ...members, ...endpoint }
    records.put(NO_API, 'api', id, changed)
    return { ...this.#render(changed), ...(warnings.length > 0 && { warnings }) }
  }

  #render(record: JsonObject): JsonObject {
    const policy = getOwn(record, 'policy')
    // AWS gives policies with their quotes escaped once more, and its clients undo that.
    return { ...record, ...(typeof policy === 'string' && { policy: JSON.stringify(policy).slice(1, -1) }) }
  }
}

function endpointOf(given: Json | undefined): JsonObject {
  const configuration = isObject(given) ? given : {}
  const types = getOwn(configuration, 'types')
  return { ipAddressType: 'ipv4', ...configuration, types: isArray(types) && types.length > 0 ? types : ['EDGE'] }
}

function readOpenApi(text: string): JsonObject {
  const document = readDocument(text)
  if (document === undefined || !isDocument(document)) throw badRequest('Unable to parse API definition: Invalid OpenAPI input.')
  return document
}

function titleOf(document: JsonObject): string {
  const info = getOwn(document, 'info')
  const title = isObject(info) ? getOwn(info, 'title') : undefined
  if (typeof title !== 'string') throw badRequest('Missing required parameter: info.title')
  return title
}
