/**
 * The resources of a REST API, their methods, and what these hand requests to. A resource is one record, with its methods, their
 * integrations and responses in it, as GetResources embeds them.
 * Source: API Gateway REST API reference; texts of the service.
 */
import { getOwn, isObject, type JsonObject } from '../../../base/json.ts'

import type { Management } from '../deps.ts'
import { memberObject, memberText } from '../document.ts'
import { badRequest, conflict, notFound } from '../errors.ts'
import { positioned } from '../page.ts'
import { newId } from '../records.ts'
import { patched, readMembers, withMember } from '../shape.ts'
import type { RestApis } from './apis.ts'
import { readIntegration } from './integration.ts'
import { INTEGRATION, INTEGRATION_RESPONSE, METHOD, METHOD_RESPONSE, RESOURCES_MAX } from './shapes.ts'

const PATH_PART = /^(?:[a-zA-Z0-9._:-]+|\{[a-zA-Z0-9._:-]+\+?\})$/
const VERBS: ReadonlySet<string> = new Set(['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'])

/** A method of a resource of an API. */
export type MethodPlace = readonly [api: string, resource: string, verb: string]

export class Resources {
  readonly #management: Management
  readonly #apis: RestApis

  constructor(management: Management, apis: RestApis) {
    this.#management = management
    this.#apis = apis
  }

  create(api: string, parentId: string, input: JsonObject): JsonObject {
    const { records } = this.#management
    const parent = this.#find(api, parentId)
    const pathPart = memberText(input, 'pathPart') ?? ''
    if (!PATH_PART.test(pathPart))
      throw badRequest(
        "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
      )
    if (String(parent['path']).endsWith('+}'))
      throw badRequest('Cannot create a child of a resource with a greedy path variable.')
    const siblings = records.list(api, 'resource').filter((resource) => resource['parentId'] === parentId)
    if (siblings.some((sibling) => sibling['pathPart'] === pathPart))
      throw conflict(`Another resource with the same parent already has this name: ${pathPart}`)
    const variable = pathPart.startsWith('{') ? siblings.find((one) => String(one['pathPart']).startsWith('{')) : undefined
    if (variable)
      throw badRequest(
        `A sibling (${String(variable['pathPart'])}) of this resource already has a variable path part -- only one is allowed`,
      )
    if (records.count(api, 'resource') >= RESOURCES_MAX)
      throw badRequest('Maximum number of resources for this API has been reached')
    const id = newId(6)
    const record = { id, parentId, pathPart, path: `${String(parent['path']).replace(/\/$/, '')}/${pathPart}` }
    records.put(api, 'resource', id, record)
    return record
  }

  get(api: string, id: string, query: URLSearchParams): JsonObject {
    return shown(this.#find(api, id), query)
  }

  list(api: string, query: URLSearchParams): JsonObject {
    this.#apis.find(api)
    const all = this.#management.records.list(api, 'resource').map((resource) => shown(resource, query))
    return positioned(all, query, ({ id }) => String(id))
  }

  /** A new name, or another parent: what is below goes with it. */
  update(api: string, id: string, input: JsonObject): JsonObject {
    const { records } = this.#management
    const changed = patched(this.#find(api, id), input, { pathPart: 'text', parentId: 'text' })
    return records.all(() => {
      this.#place(api, changed)
      return shown(this.#find(api, id), new URLSearchParams())
    })
  }

  delete(api: string, id: string): void {
    const { records } = this.#management
    const resource = this.#find(api, id)
    if (resource['parentId'] === undefined) throw badRequest('Unable to delete the root resource of an API')
    records.all(() => this.#deleteTree(api, id))
  }

  putMethod([api, resourceId, verb]: MethodPlace, input: JsonObject): JsonObject {
    const resource = this.#find(api, resourceId)
    if (!VERBS.has(verb))
      throw badRequest('Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY')
    if (getOwn(memberObject(resource, 'resourceMethods'), verb)) throw conflict('Method already exists for this resource')
    const given = readMembers(input, METHOD)
    if (given['authorizationType'] === undefined) throw badRequest('Invalid authorization type specified')
    const method = { httpMethod: verb, apiKeyRequired: false, ...given }
    this.#putMethod(api, resource, verb, method)
    return method
  }

  getMethod(place: MethodPlace): JsonObject {
    return this.#method(place).method
  }

  updateMethod(place: MethodPlace, input: JsonObject): JsonObject {
    return this.#change(place, (method) => patched(method, input, METHOD))
  }

  deleteMethod(place: MethodPlace): void {
    const { resource } = this.#method(place)
    const [api, , verb] = place
    this.#putMethod(api, resource, verb, undefined)
  }

  putMethodResponse(place: MethodPlace, statusCode: string, input: JsonObject): JsonObject {
    checkStatus(statusCode)
    const response = { statusCode, ...readMembers(input, METHOD_RESPONSE) }
    this.#change(place, (method) => {
      const responses = memberObject(method, 'methodResponses')
      if (getOwn(responses, statusCode)) throw conflict('Response already exists for this resource')
      return { ...method, methodResponses: withMember(responses, statusCode, response) }
    })
    return response
  }

  getMethodResponse(place: MethodPlace, statusCode: string): JsonObject {
    return responseOf(this.#method(place).method, 'methodResponses', statusCode)
  }

  updateMethodResponse(place: MethodPlace, statusCode: string, input: JsonObject): JsonObject {
    return this.#changeResponse(place, statusCode, (response) => patched(response, input, METHOD_RESPONSE))
  }

  deleteMethodResponse(place: MethodPlace, statusCode: string): void {
    this.#changeResponse(place, statusCode, () => undefined)
  }

  putIntegration(place: MethodPlace, input: JsonObject): JsonObject {
    const [, resourceId] = place
    const integration = readIntegration(input, resourceId)
    this.#change(place, (method) => ({ ...method, methodIntegration: integration }))
    return integration
  }

  getIntegration(place: MethodPlace): JsonObject {
    return this.#integration(place)
  }

  updateIntegration(place: MethodPlace, input: JsonObject): JsonObject {
    return this.#changeIntegration(place, (integration) => patched(integration, input, INTEGRATION))
  }

  deleteIntegration(place: MethodPlace): void {
    this.#integration(place)
    this.#change(place, (method) => withMember(method, 'methodIntegration', undefined))
  }

  putIntegrationResponse(place: MethodPlace, statusCode: string, input: JsonObject): JsonObject {
    checkStatus(statusCode)
    const response = { statusCode, ...readMembers(input, INTEGRATION_RESPONSE) }
    this.#changeIntegration(place, (integration) => {
      const responses = memberObject(integration, 'integrationResponses')
      return { ...integration, integrationResponses: withMember(responses, statusCode, response) }
    })
    return response
  }

  getIntegrationResponse(place: MethodPlace, statusCode: string): JsonObject {
    return responseOf(this.#integration(place), 'integrationResponses', statusCode)
  }

  updateIntegrationResponse(place: MethodPlace, statusCode: string, input: JsonObject): JsonObject {
    return this.#changeIntegrationResponse(place, statusCode, (one) => patched(one, input, INTEGRATION_RESPONSE))
  }

  deleteIntegrationResponse(place: MethodPlace, statusCode: string): void {
    this.#changeIntegrationResponse(place, statusCode, () => undefined)
  }

  #find(api: string, id: string): JsonObject {
    this.#apis.find(api)
    const record = this.#management.records.get(api, 'resource', id)
    if (!record) throw notFound('Invalid Resource identifier specified')
    return record
  }

  #place(api: string, resource: JsonObject): void {
    const { records } = this.#management
    const parent = this.#find(api, String(resource['parentId']))
    const path = `${String(parent['path']).replace(/\/$/, '')}/${String(resource['pathPart'])}`
    if (path.split('/').length > RESOURCES_MAX) throw badRequest('Invalid Resource identifier specified')
    records.put(api, 'resource', String(resource['id']), { ...resource, path })
    for (const child of records.list(api, 'resource')) if (child['parentId'] === resource['id']) this.#place(api, child)
  }

  #deleteTree(api: string, id: string): void {
    const { records } = this.#management
    for (const child of records.list(api, 'resource')) if (child['parentId'] === id) this.#deleteTree(api, String(child['id']))
    records.remove(api, 'resource', id)
  }

  #putMethod(api: string, resource: JsonObject, verb: string, method: JsonObject | undefined): void {
    const resourceMethods = withMember(memberObject(resource, 'resourceMethods'), verb, method)
    this.#management.records.put(api, 'resource', String(resource['id']), { ...resource, resourceMethods })
  }

  #method([api, resourceId, verb]: MethodPlace): { readonly resource: JsonObject; readonly method: JsonObject } {
    const resource = this.#find(api, resourceId)
    const method = getOwn(memberObject(resource, 'resourceMethods'), verb)
    if (!isObject(method)) throw notFound('Invalid Method identifier specified')
    return { resource, method }
  }

  #integration(place: MethodPlace): JsonObject {
    const integration = getOwn(this.#method(place).method, 'methodIntegration')
    if (!isObject(integration)) throw notFound('Invalid Integration identifier specified')
    return integration
  }

  #change(place: MethodPlace, change: (method: JsonObject) => JsonObject): JsonObject {
    const [api, , verb] = place
    const { resource, method } = this.#method(place)
    const changed = change(method)
    this.#putMethod(api, resource, verb, changed)
    return changed
  }

  #changeIntegration(place: MethodPlace, change: (integration: JsonObject) => JsonObject): JsonObject {
    const changed = change(this.#integration(place))
    this.#change(place, (method) => ({ ...method, methodIntegration: changed }))
    return changed
  }

  #changeResponse(place: MethodPlace, statusCode: string, change: (response: JsonObject) => JsonObject | undefined): JsonObject {
    const changed = change(this.getMethodResponse(place, statusCode))
    this.#change(place, (method) => ({
      ...method,
      methodResponses: withMember(memberObject(method, 'methodResponses'), statusCode, changed),
    }))
    return changed ?? {}
  }

  #changeIntegrationResponse(
    place: MethodPlace,
    statusCode: string,
    change: (response: JsonObject) => JsonObject | undefined,
  ): JsonObject {
    const changed = change(this.getIntegrationResponse(place, statusCode))
    this.#changeIntegration(place, (integration) => ({
      ...integration,
      integrationResponses: withMember(memberObject(integration, 'integrationResponses'), statusCode, changed),
    }))
    return changed ?? {}
  }
}

/** Methods are named alone unless they are asked for. */
function shown(resource: JsonObject, query: URLSearchParams): JsonObject {
  const methods = memberObject(resource, 'resourceMethods')
  if (Object.keys(methods).length === 0) return withMember(resource, 'resourceMethods', undefined)
  if (query.getAll('embed').includes('methods')) return resource
  return { ...resource, resourceMethods: Object.fromEntries(Object.keys(methods).map((verb) => [verb, {}])) }
}

function responseOf(holder: JsonObject, member: string, statusCode: string): JsonObject {
  const response = getOwn(memberObject(holder, member), statusCode)
  if (!isObject(response)) throw notFound('Invalid Response status code specified')
  return response
}

function checkStatus(statusCode: string): void {
  if (!/^[1-5]\d\d$/.test(statusCode)) throw badRequest('Invalid status code specified')
}
