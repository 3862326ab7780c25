/**
 * What else a REST API has: authorizers, models, request validators, and what the gateway itself answers.
 * Source: API Gateway REST API reference; developer guide, "Gateway response types"; texts of the service.
 */
import type { JsonObject } from '../../../base/json.ts'

import type { Management } from '../deps.ts'
import { badRequest, conflict, notFound } from '../errors.ts'
import { positioned } from '../page.ts'
import { newId } from '../records.ts'
import { patched, readMembers, type Shape } from '../shape.ts'
import type { RestApis } from './apis.ts'
import { GATEWAY_RESPONSES } from './defaults.ts'
import { AUTHORIZER, GATEWAY_RESPONSE, MODEL, REQUEST_VALIDATOR } from './shapes.ts'

interface Part {
  readonly kind: 'authorizer' | 'model' | 'requestValidator'
  readonly shape: Shape
  /** What names it in paths, drawn unless it is a name. */
  readonly key: 'id' | 'name'
  readonly called: string
  readonly check?: (members: JsonObject) => void
}

const PARTS = {
  authorizers: { kind: 'authorizer', shape: AUTHORIZER, key: 'id', called: 'Authorizer', check: checkAuthorizer },
  models: { kind: 'model', shape: MODEL, key: 'name', called: 'model name', check: checkModel },
  requestvalidators: { kind: 'requestValidator', shape: REQUEST_VALIDATOR, key: 'id', called: 'Request Validator' },
} as const satisfies Record<string, Part>

export type PartName = keyof typeof PARTS

export class ApiParts {
  readonly #management: Management
  readonly #apis: RestApis

  constructor(management: Management, apis: RestApis) {
    this.#management = management
    this.#apis = apis
  }

  create(api: string, name: PartName, input: JsonObject): JsonObject {
    const { kind, shape, key, check }: Part = PARTS[name]
    const { records } = this.#management
    this.#apis.find(api)
    const members = readMembers(input, shape)
    check?.(members)
    const record: JsonObject = { ...DEFAULTS[name], ...members, id: newId(6) }
    const id = String(record[key])
    if (records.get(api, kind, id)) throw conflict(`Model name already exists for this REST API`)
    records.put(api, kind, id, record)
    return record
  }

  get(api: string, name: PartName, id: string): JsonObject {
    const { kind, called }: Part = PARTS[name]
    this.#apis.find(api)
    const record = this.#management.records.get(api, kind, id)
    if (!record) throw notFound(`Invalid ${called} ${name === 'models' ? `specified: ${id}` : 'identifier specified'}`)
    return record
  }

  list(api: string, name: PartName, query: URLSearchParams): JsonObject {
    const { kind, key }: Part = PARTS[name]
    this.#apis.find(api)
    return positioned(this.#management.records.list(api, kind), query, (record) => String(record[key]))
  }

  update(api: string, name: PartName, id: string, input: JsonObject): JsonObject {
    const { kind, shape }: Part = PARTS[name]
    const record = patched(this.get(api, name, id), input, shape)
    this.#management.records.put(api, kind, id, record)
    return record
  }

  delete(api: string, name: PartName, id: string): void {
    this.get(api, name, id)
    this.#management.records.remove(api, PARTS[name].kind, id)
  }

  putGatewayResponse(api: string, responseType: string, input: JsonObject): JsonObject {
    this.#apis.find(api)
    const record = { ...defaultResponse(responseType), ...readMembers(input, GATEWAY_RESPONSE), defaultResponse: false }
    this.#management.records.put(api, 'gatewayResponse', responseType, record)
    return record
  }

  getGatewayResponse(api: string, responseType: string): JsonObject {
    this.#apis.find(api)
    return this.#management.records.get(api, 'gatewayResponse', responseType) ?? defaultResponse(responseType)
  }

  listGatewayResponses(api: string, query: URLSearchParams): JsonObject {
    const all = [...GATEWAY_RESPONSES.keys()].sort().map((type) => this.getGatewayResponse(api, type))
    return positioned(all, query, ({ responseType }) => String(responseType))
  }

  updateGatewayResponse(api: string, responseType: string, input: JsonObject): JsonObject {
    const changed = { ...patched(this.getGatewayResponse(api, responseType), input, GATEWAY_RESPONSE), defaultResponse: false }
    this.#management.records.put(api, 'gatewayResponse', responseType, changed)
    return changed
  }

  deleteGatewayResponse(api: string, responseType: string): void {
    this.#apis.find(api)
    if (!this.#management.records.get(api, 'gatewayResponse', responseType))
      throw notFound('Gateway response type not defined on api')
    this.#management.records.remove(api, 'gatewayResponse', responseType)
  }
}

const DEFAULTS: Readonly<Record<PartName, JsonObject>> = {
  authorizers: {},
  models: {},
  requestvalidators: { validateRequestBody: false, validateRequestParameters: false },
}

function checkAuthorizer({ name, type }: JsonObject): void {
  if (typeof name !== 'string' || name === '') throw badRequest('Invalid authorizer name specified')
  if (type !== 'TOKEN' && type !== 'REQUEST' && type !== 'COGNITO_USER_POOLS')
    throw badRequest('Invalid authorizer type specified')
}

function checkModel({ name }: JsonObject): void {
  if (typeof name !== 'string' || !/^[a-zA-Z0-9]+$/.test(name)) throw badRequest('Model name must be alphanumeric: null')
}

function defaultResponse(responseType: string): JsonObject {
  if (!GATEWAY_RESPONSES.has(responseType)) throw badRequest('Invalid response type specified')
  const status = GATEWAY_RESPONSES.get(responseType)
  return {
    responseType,
    ...(status !== undefined && { statusCode: String(status) }),
    responseParameters: {},
    responseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
    defaultResponse: true,
  }
}
