/**
 * The operations of Cloud Control API. Requests for resources are told how far they are, and may be asked for again.
 * Not as on AWS: only what a stack or Cloud Control has made is known, not what was made by the service's own calls.
 * Source: Cloud Control API reference.
 */
import { createHash } from 'node:crypto'

import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { jsonOf, objectOf } from '../../base/json-text.ts'
import { stableJson } from '../../base/stable-json.ts'

import { sameText } from '../../cloudformation/changes.ts'
import { resourceTypeNamed } from '../../cloudformation/resources/index.ts'
import type { ResourceType } from '../../cloudformation/resources/resource.ts'

import { inputReaders, textList } from '../kit/input.ts'
import { pageOf } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'

import {
  invalidInput,
  invalidRequest,
  noSuchRequest,
  noSuchResource,
  noSuchType,
  notUpdatable,
  otherRequest,
  unsupported,
} from './errors.ts'
import { PatchError, patched } from './json-patch.ts'
import type { KnownResource } from './known-resources.ts'
import type { NewRequest, Requests } from './requests.ts'
import { type CloudControlStore, modelOf, type Operation, type ResourceRequest } from './store.ts'

const { readText, readWhole } = inputReaders({
  charsMax: 262_144,
  wrongType: (member, wanted) => invalidInput(`${member} must be ${wanted}`),
  constraint: (value, member, constraint) =>
    invalidInput(
      `1 validation error detected: Value '${typeof value === 'string' ? value.slice(0, 1000) : String(value)}' at '${member}' failed to satisfy constraint: ${constraint}`,
    ),
})

const TYPE_NAME = /^[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}$/
const RESOURCES = pageTokens('cloudcontrol-resources', () => invalidInput('The NextToken is not valid.'))
const REQUESTS = pageTokens('cloudcontrol-requests', () => invalidInput('The NextToken is not valid.'))
const PAGE = 20
const PAGE_MAX = 100

export class CloudControlService {
  readonly #store: CloudControlStore
  readonly #requests: Requests

  constructor(store: CloudControlStore, requests: Requests) {
    this.#store = store
    this.#requests = requests
  }

  async createResource(input: JsonObject): Promise<JsonObject> {
    const { type } = typeIn(input)
    const properties = objectOf(requireText(input, 'DesiredState'))
    if (properties === undefined) throw invalidRequest('DesiredState must be a JSON object.')
    return this.#ask(input, 'CREATE', { type, properties })
  }

  async getResource(input: JsonObject): Promise<JsonObject> {
    const { type } = typeIn(input)
    const resource = this.#known(type, requireText(input, 'Identifier', 1024))
    return { TypeName: type, ResourceDescription: renderResource(resource) }
  }

  async updateResource(input: JsonObject): Promise<JsonObject> {
    const { type, resourceType } = typeIn(input)
    const identifier = requireText(input, 'Identifier', 1024)
    const before = this.#known(type, identifier)
    const properties = patchedBy(requireText(input, 'PatchDocument'), before.properties)
    const replacing = replacingNames(resourceType, before.properties, properties)
    if (replacing.length > 0) throw notUpdatable(replacing)
    return this.#ask(input, 'UPDATE', { type, identifier, before, properties })
  }

  async deleteResource(input: JsonObject): Promise<JsonObject> {
    const { type, resourceType } = typeIn(input)
    if (resourceType.remove === undefined) throw unsupported(type, 'DELETE')
    const identifier = requireText(input, 'Identifier', 1024)
    const before = this.#known(type, identifier)
    return this.#ask(input, 'DELETE', { type, identifier, before, properties: {} })
  }

  listResources(input: JsonObject): JsonObject {
    const { type } = typeIn(input)
    const { items, next } = pageOf(this.#store.list(type), {
      token: readText(input, 'NextToken'),
      tokens: RESOURCES,
      size: readWhole(input, 'MaxResults', 1, PAGE_MAX) ?? PAGE,
      nameOf: ({ identifier }) => identifier,
    })
    return {
      TypeName: type,
      ResourceDescriptions: items.map(renderResource),
      ...(next !== undefined && { NextToken: next }),
    }
  }

  getResourceRequestStatus(input: JsonObject): JsonObject {
    const token = requireText(input, 'RequestToken', 128)
    const request = this.#store.request(token)
    if (request === undefined) throw noSuchRequest(token)
    return { ProgressEvent: renderRequest(request) }
  }

  /** The newest first. */
  listResourceRequests(input: JsonObject): JsonObject {
    const filter = input['ResourceRequestStatusFilter']
    const [operations, statuses] = ['Operations', 'OperationStatuses'].map((name) =>
      textList(isObject(filter) ? filter : {}, name),
    )
    const matches = (wanted: readonly string[] = [], value: string): boolean => wanted.length === 0 || wanted.includes(value)
    const size = readWhole(input, 'MaxResults', 1, PAGE_MAX) ?? PAGE
    const found: JsonObject[] = []
    let place = Number(REQUESTS.placeOf(readText(input, 'NextToken')))
    for (;;) {
      const rows = this.#store.requests(place, PAGE_MAX)
      for (const request of rows) {
        if (found.length === size) return { ResourceRequestStatusSummaries: found, NextToken: REQUESTS.print([place]) }
        place += 1
        if (matches(operations, request.operation) && matches(statuses, request.status)) found.push(renderRequest(request))
      }
      if (rows.length < PAGE_MAX) return { ResourceRequestStatusSummaries: found }
    }
  }

  async cancelResourceRequest(input: JsonObject): Promise<JsonObject> {
    return { ProgressEvent: renderRequest(await this.#requests.cancel(requireText(input, 'RequestToken', 128))) }
  }

  #known(type: string, identifier: string): KnownResource {
    const found = this.#store.find(type, identifier)
    if (found === undefined) throw noSuchResource(type, identifier)
    return found
  }

  /** The same request under the same client token is the one that was begun. */
  async #ask(
    input: JsonObject,
    operation: Operation,
    wanted: Pick<NewRequest, 'type' | 'identifier' | 'before' | 'properties'>,
  ): Promise<JsonObject> {
    const clientToken = readText(input, 'ClientToken', 128)
    const { ClientToken: _, ...rest } = input
    const asked = createHash('sha256')
      .update(stableJson({ operation, ...rest }))
      .digest('hex')
    const same = clientToken === undefined ? undefined : this.#store.requestOfClient(clientToken)
    if (same !== undefined && same.asked !== asked) throw otherRequest(clientToken ?? '')
    const request = same ?? (await this.#requests.begin({ ...wanted, operation, asked, ...(clientToken && { clientToken }) }))
    return { ProgressEvent: renderRequest(request) }
  }
}

function typeIn(input: JsonObject): { readonly type: string; readonly resourceType: ResourceType } {
  const type = requireText(input, 'TypeName', 196)
  if (!TYPE_NAME.test(type)) throw invalidInput(`TypeName ${type} is not the name of a type.`)
  const resourceType = resourceTypeNamed(type)
  if (resourceType === undefined) throw noSuchType(type)
  return { type, resourceType }
}

function requireText(input: JsonObject, member: string, charsMax?: number): string {
  const text = readText(input, member, charsMax)
  if (text === undefined || text === '') throw invalidInput(`${member} must be given.`)
  return text
}

function patchedBy(document: string, properties: JsonObject): JsonObject {
  try {
    const result = patched(properties, jsonOf(document) ?? null)
    if (!isObject(result)) throw new PatchError('A resource is an object.')
    return result
  } catch (error) {
    if (error instanceof PatchError) throw invalidRequest(`Invalid patch update: ${error.message}`)
    throw error
  }
}

function replacingNames({ replacedBy = [] }: ResourceType, before: JsonObject, after: JsonObject): readonly string[] {
  const names = replacedBy.includes('*') ? new Set([...Object.keys(before), ...Object.keys(after)]) : replacedBy
  return [...names].filter((name) => sameText(before[name]) !== sameText(after[name]))
}

const renderResource = (resource: KnownResource): JsonObject => ({
  Identifier: resource.identifier,
  Properties: JSON.stringify(modelOf(resource)),
})

function renderRequest(request: ResourceRequest): JsonObject {
  const { type, identifier, token, operation, status, updatedMs, message, errorCode } = request
  const rendered: Record<string, Json> = {
    TypeName: type,
    RequestToken: token,
    Operation: operation,
    OperationStatus: status,
    EventTime: updatedMs / 1000,
  }
  if (identifier !== undefined) rendered['Identifier'] = identifier
  if (message !== undefined) rendered['StatusMessage'] = message
  if (errorCode !== undefined) rendered['ErrorCode'] = errorCode
  return rendered
}
