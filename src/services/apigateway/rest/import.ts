/**
 * A REST API out of an OpenAPI document (Swagger 2 or OpenAPI 3) with API Gateway's extensions. What is not understood is told as a
 * warning, and left out.
 * Source: API Gateway developer guide, "OpenAPI extensions for API Gateway", "Import a REST API".
 */
import { isArray, isObject, type Json, type JsonObject, setOwn } from '../../../base/json.ts'

import type { Management } from '../deps.ts'
import { memberList, memberObject, memberText, resolved } from '../document.ts'
import { badRequest } from '../errors.ts'
import { newId } from '../records.ts'
import { readMembers, withMember } from '../shape.ts'
import { DEFAULT_MODELS, GATEWAY_RESPONSES } from './defaults.ts'
import { readIntegration } from './integration.ts'
import { AUTHORIZER, GATEWAY_RESPONSE, INTEGRATION_RESPONSE, RESOURCES_MAX } from './shapes.ts'

export interface Imported {
  /** What the document says of the API itself. */
  readonly members: JsonObject
  readonly warnings: readonly string[]
}

/** The extensions that are verbs, and the verbs themselves. */
const VERBS: ReadonlyMap<string, string> = new Map([
  ...['delete', 'get', 'head', 'options', 'patch', 'post', 'put'].map((verb) => [verb, verb.toUpperCase()] as const),
  ['x-amazon-apigateway-any-method', 'ANY'],
])

/** Within a transaction of the caller. Throws BadRequestException. */
export function importInto(management: Management, api: JsonObject, document: JsonObject, mode: 'overwrite' | 'merge'): Imported {
  const importer = new Importer(management, api, document)
  if (mode === 'overwrite') importer.clear()
  return importer.import(mode)
}

/** How an operation that asks for a scheme of the document is authorized. */
interface Scheme {
  readonly authorizationType?: string
  readonly authorizerId?: string
  readonly apiKeyRequired?: boolean
}

class Importer {
  readonly #management: Management
  readonly #api: string
  readonly #root: string
  readonly #document: JsonObject
  readonly #warnings: string[] = []
  /** Ids stay with their paths, whatever else is new. */
  readonly #ids = new Map<string, string>()
  readonly #schemes = new Map<string, Scheme>()
  readonly #validators = new Map<string, string>()

  constructor(management: Management, api: JsonObject, document: JsonObject) {
    this.#management = management
    this.#api = String(api['id'])
    this.#root = String(api['rootResourceId'])
    this.#document = document
    for (const { id, path } of management.records.list(this.#api, 'resource')) this.#ids.set(String(path), String(id))
  }

  clear(): void {
    const { records } = this.#management
    for (const kind of ['resource', 'authorizer', 'model', 'requestValidator', 'gatewayResponse'] as const)
      records.clear(this.#api, kind)
    records.put(this.#api, 'resource', this.#root, { id: this.#root, path: '/' })
    for (const model of DEFAULT_MODELS) records.put(this.#api, 'model', model.name, { id: newId(6), ...model })
  }

  import(mode: 'overwrite' | 'merge'): Imported {
    this.#importModels()
    this.#importSchemes()
    this.#importValidators()
    this.#importGatewayResponses()
    for (const [path, item] of Object.entries(memberObject(this.#document, 'paths'))) {
      const operations = resolved(this.#document, item)
      if (operations && path.startsWith('/')) this.#importPath(path, operations)
      else this.#warnings.push(`Ignoring path ${path}`)
    }
    return { members: this.#members(mode), warnings: this.#warnings }
  }

  #members(mode: 'overwrite' | 'merge'): JsonObject {
    const info = memberObject(this.#document, 'info')
    const [name, description] = [memberText(info, 'title'), memberText(info, 'description')]
    const version = info['version']
    const media = memberList(this.#document, 'x-amazon-apigateway-binary-media-types')
    const size = this.#document['x-amazon-apigateway-minimum-compression-size']
    const keySource = memberText(this.#document, 'x-amazon-apigateway-api-key-source')
    const policy = this.#document['x-amazon-apigateway-policy']
    const endpoint = memberObject(this.#document, 'x-amazon-apigateway-endpoint-configuration')
    const isDisabled = endpoint['disableExecuteApiEndpoint']
    return {
      ...(name !== undefined && mode === 'overwrite' && { name }),
      ...(description !== undefined && { description }),
      ...(version !== undefined && mode === 'overwrite' && { version: String(version) }),
      ...(media.length > 0 && { binaryMediaTypes: media.map(String) }),
      ...(typeof size === 'number' && { minimumCompressionSize: size }),
      ...(keySource !== undefined && { apiKeySource: keySource }),
      ...(isObject(policy) && { policy: JSON.stringify(policy) }),
      ...(typeof isDisabled === 'boolean' && { disableExecuteApiEndpoint: isDisabled }),
    }
  }

  #importModels(): void {
    const schemas = { ...memberObject(this.#document, 'definitions'), ...memberObject(this.#components(), 'schemas') }
    for (const [name, schema] of Object.entries(schemas)) {
      const record = { id: newId(6), name, contentType: 'application/json', schema: JSON.stringify(schema) }
      this.#management.records.put(this.#api, 'model', name, record)
    }
  }

  #components(): JsonObject {
    return memberObject(this.#document, 'components')
  }

  #importSchemes(): void {
    const schemes = {
      ...memberObject(this.#document, 'securityDefinitions'),
      ...memberObject(this.#components(), 'securitySchemes'),
    }
    for (const [name, scheme] of Object.entries(schemes))
      if (isObject(scheme)) this.#schemes.set(name, this.#scheme(name, scheme))
  }

  #scheme(name: string, scheme: JsonObject): Scheme {
    const kind = memberText(scheme, 'x-amazon-apigateway-authtype')
    if (kind?.toLowerCase() === 'awssigv4') return { authorizationType: 'AWS_IAM' }
    const given = memberObject(scheme, 'x-amazon-apigateway-authorizer')
    if (Object.keys(given).length === 0) return memberText(scheme, 'type') === 'apiKey' ? { apiKeyRequired: true } : {}
    const isCognito = memberText(given, 'type') === 'cognito_user_pools'
    const header = memberText(scheme, 'name')
    const id = newId(6)
    const type = memberText(given, 'type')?.toUpperCase() ?? 'TOKEN'
    // A token is found where the scheme says.
    const source =
      memberText(given, 'identitySource') ??
      (type === 'REQUEST' ? undefined : `method.request.header.${header ?? 'Authorization'}`)
    const record = {
      ...readMembers({ ...given, type }, AUTHORIZER),
      id,
      name,
      type,
      ...(source !== undefined && { identitySource: source }),
      ...(isCognito && { providerARNs: memberList(given, 'providerARNs') }),
      ...(kind !== undefined && { authType: kind }),
    }
    const { records } = this.#management
    const before = records.list(this.#api, 'authorizer').find((one) => one['name'] === name)
    const authorizerId = before === undefined ? id : String(before['id'])
    records.put(this.#api, 'authorizer', authorizerId, { ...record, id: authorizerId })
    return { authorizationType: isCognito ? 'COGNITO_USER_POOLS' : 'CUSTOM', authorizerId }
  }

  #importValidators(): void {
    for (const [name, given] of Object.entries(memberObject(this.#document, 'x-amazon-apigateway-request-validators'))) {
      const id = newId(6)
      const members = readMembers(isObject(given) ? given : {}, {
        validateRequestBody: 'boolean',
        validateRequestParameters: 'boolean',
      })
      const defaults = { validateRequestBody: false, validateRequestParameters: false }
      this.#management.records.put(this.#api, 'requestValidator', id, { ...defaults, ...members, id, name })
      this.#validators.set(name, id)
    }
  }

  #importGatewayResponses(): void {
    for (const [type, given] of Object.entries(memberObject(this.#document, 'x-amazon-apigateway-gateway-responses'))) {
      if (!isObject(given) || !GATEWAY_RESPONSES.has(type)) {
        this.#warnings.push(`Ignoring gateway response ${type}`)
        continue
      }
      const status = given['statusCode']
      const text = status === undefined || status === null ? {} : { statusCode: String(status) }
      const members = readMembers({ ...given, ...text }, GATEWAY_RESPONSE)
      const empty = { responseParameters: {}, responseTemplates: {} }
      const record = { ...empty, ...members, responseType: type, defaultResponse: false }
      this.#management.records.put(this.#api, 'gatewayResponse', type, record)
    }
  }

  #importPath(path: string, operations: JsonObject): void {
    const { records } = this.#management
    const id = this.#resource(path)
    const shared = memberList(operations, 'parameters')
    for (const [name, operation] of Object.entries(operations)) {
      const verb = VERBS.get(name.toLowerCase())
      if (verb === undefined || !isObject(operation)) continue
      const resource = records.get(this.#api, 'resource', id) ?? {}
      const resourceMethods = withMember(
        memberObject(resource, 'resourceMethods'),
        verb,
        this.#method(verb, id, operation, shared),
      )
      records.put(this.#api, 'resource', id, { ...resource, resourceMethods })
    }
  }

  /** The id of the resource of a path, which is made with those above it. */
  #resource(given: string): string {
    const { records } = this.#management
    let [id, path] = [this.#root, '']
    for (const pathPart of given.split('/').filter((part) => part !== '')) {
      const parentId = id
      path += `/${pathPart}`
      id = this.#ids.get(path) ?? newId(6)
      this.#ids.set(path, id)
      if (records.get(this.#api, 'resource', id)) continue
      if (this.#ids.size > RESOURCES_MAX) throw badRequest('Maximum number of resources for this API has been reached')
      records.put(this.#api, 'resource', id, { id, parentId, pathPart, path })
    }
    return id
  }

  #method(verb: string, resourceId: string, operation: JsonObject, shared: readonly Json[]): JsonObject {
    const parameters = [...shared, ...memberList(operation, 'parameters')].flatMap((one) => resolvedList(this.#document, one))
    const operationName = memberText(operation, 'operationId')
    const validator = memberText(operation, 'x-amazon-apigateway-request-validator')
    const used = validator ?? memberText(this.#document, 'x-amazon-apigateway-request-validator')
    const requestValidatorId = used === undefined ? undefined : this.#validators.get(used)
    const requestModels = this.#requestModels(operation, parameters)
    const given = memberObject(operation, 'x-amazon-apigateway-integration')
    return {
      httpMethod: verb,
      apiKeyRequired: false,
      ...this.#authorization(operation),
      ...(operationName !== undefined && { operationName }),
      ...(requestValidatorId !== undefined && { requestValidatorId }),
      requestParameters: requestParameters(parameters),
      ...(Object.keys(requestModels).length > 0 && { requestModels }),
      methodResponses: this.#methodResponses(operation),
      ...(Object.keys(given).length > 0 && { methodIntegration: integrationOf(given, resourceId) }),
    }
  }

  #authorization(operation: JsonObject): JsonObject {
    const own = memberText(memberObject(operation, 'x-amazon-apigateway-auth'), 'type')
    const security = isArray(operation['security']) ? operation['security'] : memberList(this.#document, 'security')
    const asked = security.filter(isObject).flatMap((one) => Object.entries(one))
    const scopes = asked.flatMap(([, given]) => (isArray(given) ? given : []))
    const schemes: Scheme[] = asked.flatMap(([name]) => this.#schemes.get(name) ?? [])
    const authorized = schemes.find(({ authorizationType }) => authorizationType !== undefined)
    return {
      authorizationType: own?.toUpperCase() ?? authorized?.authorizationType ?? 'NONE',
      ...(authorized?.authorizerId !== undefined && own === undefined && { authorizerId: authorized.authorizerId }),
      ...(scopes.length > 0 && { authorizationScopes: scopes }),
      ...(schemes.some(({ apiKeyRequired }) => apiKeyRequired === true) && { apiKeyRequired: true }),
    }
  }

  #requestModels(operation: JsonObject, parameters: readonly JsonObject[]): JsonObject {
    const body = parameters.find((parameter) => parameter['in'] === 'body')
    const content = memberObject(resolved(this.#document, operation['requestBody']) ?? {}, 'content')
    const schemas = body ? { 'application/json': body } : content
    return modelsOf(schemas)
  }

  #methodResponses(operation: JsonObject): JsonObject {
    const responses: Record<string, Json> = {}
    for (const [status, given] of Object.entries(memberObject(operation, 'responses'))) {
      const response = resolved(this.#document, given) ?? {}
      const statusCode = status === 'default' ? '200' : status
      const names = Object.keys(memberObject(response, 'headers'))
      const models = modelsOf(isObject(response['schema']) ? { 'application/json': response } : memberObject(response, 'content'))
      responses[statusCode] = {
        statusCode,
        ...(names.length > 0 && {
          responseParameters: Object.fromEntries(names.map((name) => [`method.response.header.${name}`, false])),
        }),
        ...(Object.keys(models).length > 0 && { responseModels: models }),
      }
    }
    return responses
  }
}

/** What is found of it: one or none. */
function resolvedList(document: JsonObject, value: Json): readonly JsonObject[] {
  const found = resolved(document, value)
  return found === undefined ? [] : [found]
}

/** By content type, the names of the schemas that are referred to. */
function modelsOf(content: JsonObject): JsonObject {
  const models: Record<string, Json> = {}
  for (const [type, media] of Object.entries(content)) {
    const reference = isObject(media) ? memberText(memberObject(media, 'schema'), '$ref') : undefined
    const name = reference?.split('/').at(-1)
    if (name !== undefined) setOwn(models, type, name)
  }
  return models
}

const PLACES: ReadonlyMap<string, string> = new Map([
  ['path', 'path'],
  ['query', 'querystring'],
  ['header', 'header'],
])

function requestParameters(parameters: readonly JsonObject[]): JsonObject {
  const found: Record<string, Json> = {}
  for (const parameter of parameters) {
    const place = PLACES.get(String(parameter['in']))
    const name = memberText(parameter, 'name')
    if (place !== undefined && name !== undefined)
      setOwn(found, `method.request.${place}.${name}`, parameter['required'] === true)
  }
  return found
}

/** What the extension says in small letters is what the API says in capitals. */
function integrationOf(given: JsonObject, resourceId: string): JsonObject {
  const capitals = Object.fromEntries(
    ['type', 'passthroughBehavior', 'contentHandling', 'connectionType', 'httpMethod'].flatMap((name) => {
      const text = memberText(given, name)
      return text === undefined ? [] : [[name, text.toUpperCase().replace('HTTP-PROXY', 'HTTP_PROXY')]]
    }),
  )
  const type = capitals['type']
  const method = type === 'MOCK' || capitals['httpMethod'] !== undefined ? {} : { httpMethod: 'POST' }
  const responses: Record<string, Json> = {}
  for (const [pattern, one] of Object.entries(memberObject(given, 'responses'))) {
    if (!isObject(one)) continue
    const statusCode = String(one['statusCode'] ?? '200')
    const selection = pattern === 'default' ? {} : { selectionPattern: pattern }
    responses[statusCode] = { statusCode, ...selection, ...readMembers(one, INTEGRATION_RESPONSE) }
  }
  return {
    ...readIntegration({ ...given, ...method, ...capitals }, resourceId),
    ...(Object.keys(responses).length > 0 && { integrationResponses: responses }),
  }
}
