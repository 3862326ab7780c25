/**
 * HTTP APIs, with what belongs to them, and what is deployed of them. A stage that deploys by itself has a deployment of every change;
 * others serve what they were given.
 * Source: API Gateway v2 API reference; developer guide, "Working with HTTP APIs"; texts of the service.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../../base/json.ts'

import { apiEndpointAt } from '../address.ts'
import type { Management } from '../deps.ts'
import { isDocument, memberObject, memberText, readDocument } from '../document.ts'
import { badRequest, conflict, notFound } from '../errors.ts'
import { paged } from '../page.ts'
import { type Kind, NO_API, newId } from '../records.ts'
import { readMembers, type Shape, withMember } from '../shape.ts'
import { readTags } from '../tags.ts'
import { importHttpApi } from './import.ts'
import { AUTHORIZER, HTTP_API, INTEGRATION, MODEL, ROUTE, STAGE } from './shapes.ts'

interface Part {
  readonly kind: Extract<Kind, 'authorizer' | 'integration' | 'model' | 'route'>
  readonly id: 'authorizerId' | 'integrationId' | 'modelId' | 'routeId'
  readonly shape: Shape
  readonly called: string
  /** What is not said. */
  readonly defaults: (members: JsonObject) => JsonObject
  readonly check: (members: JsonObject) => void
}

const INTEGRATION_TYPES: ReadonlySet<unknown> = new Set(['AWS', 'AWS_PROXY', 'HTTP', 'HTTP_PROXY', 'MOCK'])
const ROUTE_KEY = /^(?:\$default|(?:ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) \/.*)$/

const PARTS = {
  routes: {
    kind: 'route',
    id: 'routeId',
    shape: ROUTE,
    called: 'Route',
    defaults: () => ({ apiKeyRequired: false, authorizationType: 'NONE' }),
    check({ routeKey }) {
      if (typeof routeKey !== 'string' || !ROUTE_KEY.test(routeKey))
        throw badRequest(
          `The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"`,
        )
    },
  },
  integrations: {
    kind: 'integration',
    id: 'integrationId',
    shape: INTEGRATION,
    called: 'Integration',
    defaults: ({ integrationType }) => ({
      connectionType: 'INTERNET',
      payloadFormatVersion: '1.0',
      timeoutInMillis: 30_000,
      ...(integrationType === 'AWS_PROXY' && { integrationMethod: 'POST' }),
    }),
    check({ integrationType, integrationUri, integrationSubtype, payloadFormatVersion }) {
      if (!INTEGRATION_TYPES.has(integrationType)) throw badRequest('Invalid integration type specified')
      if (integrationType === 'AWS_PROXY' && integrationSubtype === undefined && payloadFormatVersion === undefined)
        throw badRequest('PayloadFormatVersion is a required parameter for integration')
      if (integrationUri === undefined && integrationSubtype === undefined && integrationType !== 'MOCK')
        throw badRequest('IntegrationUri is required')
    },
  },
  authorizers: {
    kind: 'authorizer',
    id: 'authorizerId',
    shape: AUTHORIZER,
    called: 'Authorizer',
    defaults: () => ({}),
    check({ name, authorizerType }) {
      if (typeof name !== 'string' || name === '') throw badRequest('Authorizer name is required')
      if (authorizerType !== 'JWT' && authorizerType !== 'REQUEST') throw badRequest('Invalid authorizer type specified')
    },
  },
  models: { kind: 'model', id: 'modelId', shape: MODEL, called: 'Model', defaults: () => ({}), check: () => {} },
} satisfies Record<string, Part>

export type HttpPartName = keyof typeof PARTS

export class HttpApis {
  readonly #management: Management

  constructor(management: Management) {
    this.#management = management
  }

  create(input: JsonObject): JsonObject {
    const { records } = this.#management
    const members = readMembers(input, HTTP_API)
    if (members['protocolType'] !== 'HTTP')
      throw badRequest('Regente serves the protocol HTTP alone; WebSocket APIs are not here.')
    if (typeof members['name'] !== 'string' || members['name'] === '') throw badRequest('Invalid API name specified')
    return records.all(() => {
      const api = this.#make({ ...members, tags: readTags(input) })
      this.#makeTarget(String(api['apiId']), input)
      return this.#render(api)
    })
  }

  /** An OpenAPI 3 document in the member `body`, or as the body itself. */
  import(input: JsonObject, query: URLSearchParams): JsonObject {
    const document = readOpenApi(input)
    return this.#management.records.all(() => {
      const api = this.#make({ name: memberText(memberObject(document, 'info'), 'title') ?? 'API', protocolType: 'HTTP' })
      return this.#import(api, document, query)
    })
  }

  /** In place of all that was. */
  reimport(id: string, input: JsonObject, query: URLSearchParams): JsonObject {
    const document = readOpenApi(input)
    return this.#management.records.all(() => this.#import(this.find(id), document, query))
  }

  get(id: string): JsonObject {
    return this.#render(this.find(id))
  }

  list(query: URLSearchParams): JsonObject {
    const all = this.#management.records.list(NO_API, 'httpApi').map((api) => this.#render(api))
    return paged(all, query, ({ apiId }) => String(apiId))
  }

  update(id: string, input: JsonObject): JsonObject {
    const api = { ...this.find(id), ...readMembers(input, withoutMember(HTTP_API, 'protocolType')) }
    this.#management.records.put(NO_API, 'httpApi', id, api)
    this.#changed(id)
    return this.#render(api)
  }

  delete(id: string): void {
    this.find(id)
    this.#management.records.removeApi(id, 'httpApi')
  }

  deleteCors(id: string): void {
    this.#management.records.put(NO_API, 'httpApi', id, withMember(this.find(id), 'corsConfiguration', undefined))
    this.#changed(id)
  }

  /** Throws NotFoundException. */
  find(id: string): JsonObject {
    const api = this.#management.records.get(NO_API, 'httpApi', id)
    if (!api) throw notFound(`Invalid API identifier specified ${this.#management.account}:${id}`)
    return api
  }

  createPart(api: string, name: HttpPartName, input: JsonObject): JsonObject {
    const { kind, id: key, shape, defaults, check }: Part = PARTS[name]
    this.find(api)
    const given = readMembers(input, shape)
    check(given)
    this.#checkRouteKey(api, name, given)
    const id = newId(7)
    const record = { ...defaults(given), ...given, [key]: id }
    this.#management.records.put(api, kind, id, record)
    this.#changed(api)
    return record
  }

  getPart(api: string, name: HttpPartName, id: string): JsonObject {
    const { kind, called }: Part = PARTS[name]
    this.find(api)
    const record = this.#management.records.get(api, kind, id)
    if (!record) throw notFound(`Invalid ${called} identifier specified ${id}`)
    return record
  }

  listParts(api: string, name: HttpPartName, query: URLSearchParams): JsonObject {
    const { kind, id }: Part = PARTS[name]
    this.find(api)
    return paged(this.#management.records.list(api, kind), query, (record) => String(record[id]))
  }

  /** What is empty is taken away. */
  updatePart(api: string, name: HttpPartName, id: string, input: JsonObject): JsonObject {
    const { kind, shape, check }: Part = PARTS[name]
    const before = this.getPart(api, name, id)
    const given = readMembers(input, shape)
    const record = Object.entries(given).reduce<JsonObject>(
      (all, [member, value]) => withMember(all, member, value === '' ? undefined : mergedMap(before, member, value)),
      before,
    )
    check(record)
    if (given['routeKey'] !== before['routeKey']) this.#checkRouteKey(api, name, given)
    this.#management.records.put(api, kind, id, record)
    this.#changed(api)
    return record
  }

  deletePart(api: string, name: HttpPartName, id: string): void {
    this.getPart(api, name, id)
    if (name === 'integrations') {
      const user = this.#management.records.list(api, 'route').find(({ target }) => target === `integrations/${id}`)
      if (user)
        throw conflict(
          `Cannot delete Integration '${id}' because it is referenced by ${`Route: ${String(user['routeKey'])} (${String(user['routeId'])})`}`,
        )
    }
    this.#management.records.remove(api, PARTS[name].kind, id)
    this.#changed(api)
  }

  createStage(api: string, input: JsonObject): JsonObject {
    const { records, now } = this.#management
    this.find(api)
    const given = readMembers(input, STAGE)
    const stageName = memberText(given, 'stageName') ?? ''
    if (!/^(?:\$default|[\w-]{1,128})$/.test(stageName)) throw badRequest('Invalid stage name specified')
    if (records.get(api, 'stage', stageName)) throw conflict(`Stage already exists`)
    this.#checkDeployment(api, given['deploymentId'])
    const at = iso(now())
    const stage = {
      defaultRouteSettings: { detailedMetricsEnabled: false },
      routeSettings: {},
      stageVariables: {},
      ...given,
      tags: readTags(input),
      createdDate: at,
      lastUpdatedDate: at,
    }
    return records.all(() => {
      records.put(api, 'stage', stageName, stage)
      this.#changed(api)
      return this.getStage(api, stageName)
    })
  }

  getStage(api: string, name: string): JsonObject {
    this.find(api)
    const stage = this.#management.records.get(api, 'stage', name)
    if (!stage) throw notFound(`Invalid stage identifier specified`)
    return stage
  }

  listStages(api: string, query: URLSearchParams): JsonObject {
    this.find(api)
    return paged(this.#management.records.list(api, 'stage'), query, ({ stageName }) => String(stageName))
  }

  updateStage(api: string, name: string, input: JsonObject): JsonObject {
    const { records, now } = this.#management
    const before = this.getStage(api, name)
    const given = readMembers(input, withoutMember(STAGE, 'stageName'))
    this.#checkDeployment(api, given['deploymentId'])
    if (given['deploymentId'] !== undefined && (given['autoDeploy'] ?? before['autoDeploy']) === true)
      throw badRequest('Deployment ID cannot be set on a Stage with AutoDeploy enabled')
    const merged = Object.entries(given).reduce<JsonObject>(
      (all, [member, value]) => withMember(all, member, mergedMap(before, member, value)),
      before,
    )
    records.all(() => {
      records.put(api, 'stage', name, { ...merged, lastUpdatedDate: iso(now()) })
      if (given['autoDeploy'] === true) this.#changed(api)
    })
    return this.getStage(api, name)
  }

  deleteStage(api: string, name: string): void {
    this.getStage(api, name)
    this.#management.records.remove(api, 'stage', name)
  }

  deleteAccessLogSettings(api: string, name: string): void {
    this.#management.records.put(api, 'stage', name, withMember(this.getStage(api, name), 'accessLogSettings', undefined))
  }

  deleteRouteSettings(api: string, name: string, routeKey: string): void {
    const stage = this.getStage(api, name)
    const routeSettings = withMember(memberObject(stage, 'routeSettings'), routeKey, undefined)
    this.#management.records.put(api, 'stage', name, { ...stage, routeSettings })
  }

  createDeployment(api: string, input: JsonObject): JsonObject {
    const { records, now } = this.#management
    this.find(api)
    const stageName = memberText(input, 'stageName')
    if (records.count(api, 'route') === 0) throw badRequest('At least one route is required before deploying the Api.')
    const stage = stageName === undefined ? undefined : this.getStage(api, stageName)
    if (stage?.['autoDeploy'] === true) throw badRequest('Deployment cannot be created on a Stage with AutoDeploy enabled')
    return records.all(() => {
      const deployment = this.#deploy(api, { autoDeployed: false, ...readMembers(input, { description: 'text' }) })
      const { deploymentId = null } = deployment
      if (stage) records.put(api, 'stage', String(stage['stageName']), { ...stage, deploymentId, lastUpdatedDate: iso(now()) })
      return deployment
    })
  }

  getDeployment(api: string, id: string): JsonObject {
    this.find(api)
    const deployment = this.#management.records.get(api, 'deployment', id)
    if (!deployment) throw notFound(`Invalid Deployment identifier specified`)
    return deployment
  }

  listDeployments(api: string, query: URLSearchParams): JsonObject {
    this.find(api)
    return paged(this.#management.records.list(api, 'deployment'), query, ({ deploymentId }) => String(deploymentId))
  }

  updateDeployment(api: string, id: string, input: JsonObject): JsonObject {
    const deployment = { ...this.getDeployment(api, id), ...readMembers(input, { description: 'text' }) }
    this.#management.records.put(api, 'deployment', id, deployment)
    return deployment
  }

  deleteDeployment(api: string, id: string): void {
    const { records } = this.#management
    this.getDeployment(api, id)
    if (records.list(api, 'stage').some(({ deploymentId }) => deploymentId === id))
      throw badRequest('Active stages pointing to this deployment must be moved or deleted')
    records.all(() => {
      records.remove(api, 'deployment', id)
      records.remove(api, 'snapshot', id)
    })
  }

  #make(members: JsonObject): JsonObject {
    const { records, now } = this.#management
    const apiId = newId(10)
    const api = {
      apiKeySelectionExpression: '$request.header.x-api-key',
      disableExecuteApiEndpoint: false,
      ipAddressType: 'ipv4',
      routeSelectionExpression: '$request.method $request.path',
      tags: {},
      ...members,
      apiId,
      createdDate: iso(now()),
    }
    records.put(NO_API, 'httpApi', apiId, api)
    return api
  }

  /** Of an API that is made with a target: one integration, one route, and a stage that deploys by itself. */
  #makeTarget(api: string, input: JsonObject): void {
    const target = memberText(input, 'target')
    if (target === undefined) return
    const isFunction = target.startsWith('arn:')
    const credentialsArn = memberText(input, 'credentialsArn')
    const { integrationId } = this.createPart(api, 'integrations', {
      integrationType: isFunction ? 'AWS_PROXY' : 'HTTP_PROXY',
      integrationUri: target,
      payloadFormatVersion: isFunction ? '2.0' : '1.0',
      ...(!isFunction && { integrationMethod: 'ANY' }),
      ...(credentialsArn !== undefined && { credentialsArn }),
    })
    const routeKey = memberText(input, 'routeKey') ?? '$default'
    this.createPart(api, 'routes', { routeKey, target: `integrations/${String(integrationId)}` })
    this.createStage(api, { stageName: '$default', autoDeploy: true })
  }

  #import(api: JsonObject, document: JsonObject, query: URLSearchParams): JsonObject {
    const { records } = this.#management
    const id = String(api['apiId'])
    const { members, integrations, routes, authorizers, warnings } = importHttpApi(document, query.get('basepath') ?? undefined)
    if (warnings.length > 0 && query.get('failOnWarnings') === 'true')
      throw badRequest(`Warnings found during import:\n\t${warnings.join('\n\t')}`)
    for (const kind of ['route', 'integration', 'authorizer'] as const) records.clear(id, kind)
    for (const { authorizerId, ...given } of authorizers)
      records.put(id, 'authorizer', authorizerId, { ...readMembers(given, AUTHORIZER), authorizerId })
    for (const { integrationId, ...given } of integrations) {
      const read = readMembers(given, INTEGRATION)
      PARTS.integrations.check(read)
      records.put(id, 'integration', integrationId, { ...PARTS.integrations.defaults(read), ...read, integrationId })
    }
    for (const given of routes) {
      const routeId = newId(7)
      records.put(id, 'route', routeId, { ...PARTS.routes.defaults(), ...readMembers(given, ROUTE), routeId })
    }
    const tags = { ...memberObject(api, 'tags'), ...readTags(members) }
    const changed = { ...withMember(api, 'corsConfiguration', undefined), ...readMembers(members, HTTP_API), tags }
    records.put(NO_API, 'httpApi', id, changed)
    this.#changed(id)
    return { ...this.#render(changed), ...(warnings.length > 0 && { warnings }) }
  }

  #render(api: JsonObject): JsonObject {
    return { apiEndpoint: apiEndpointAt(this.#management.publicUrl(), String(api['apiId'])), ...api }
  }

  #checkRouteKey(api: string, name: HttpPartName, { routeKey }: JsonObject): void {
    if (name !== 'routes' || routeKey === undefined) return
    if (this.#management.records.list(api, 'route').some((route) => route['routeKey'] === routeKey))
      throw conflict(`Route with key ${String(routeKey)} already exists for this API`)
  }

  #checkDeployment(api: string, id: Json | undefined): void {
    if (id !== undefined && !this.#management.records.get(api, 'deployment', String(id)))
      throw notFound(`Deployment with id ${String(id)} does not exist`)
  }

  /** Stages that deploy by themselves do: what they had deployed before is deleted, unless somebody else serves it. */
  #changed(api: string): void {
    const { records, now } = this.#management
    const stages = records.list(api, 'stage').filter(({ autoDeploy }) => autoDeploy === true)
    if (stages.length === 0) return
    records.all(() => {
      const description = 'Automatic deployment triggered by changes to the Api configuration'
      const { deploymentId = null } = this.#deploy(api, { autoDeployed: true, description })
      for (const stage of stages) {
        const lastDeploymentStatusMessage = `Successfully deployed stage with deployment ID '${String(deploymentId)}'`
        const at = { lastDeploymentStatusMessage, lastUpdatedDate: iso(now()) }
        records.put(api, 'stage', String(stage['stageName']), { ...stage, deploymentId, ...at })
      }
      const inUse = new Set(records.list(api, 'stage').map((stage) => stage['deploymentId']))
      for (const { autoDeployed, deploymentId: id } of records.list(api, 'deployment')) {
        if (autoDeployed !== true || id === undefined || inUse.has(id)) continue
        records.remove(api, 'deployment', String(id))
        records.remove(api, 'snapshot', String(id))
      }
    })
  }

  #deploy(api: string, members: JsonObject): JsonObject {
    const { records, now } = this.#management
    const deployment = { ...members, createdDate: iso(now()), deploymentId: newId(6), deploymentStatus: 'DEPLOYED' }
    const { corsConfiguration = null } = this.find(api)
    records.put(api, 'deployment', deployment.deploymentId, deployment)
    records.put(api, 'snapshot', deployment.deploymentId, {
      corsConfiguration,
      routes: records.list(api, 'route'),
      integrations: records.list(api, 'integration'),
      authorizers: records.list(api, 'authorizer'),
    })
    return deployment
  }
}

/** Maps of an update are put over those that were; what is empty, a text or a map, takes its entry away. */
function mergedMap(before: JsonObject, member: string, value: Json): Json {
  const kept = getOwn(before, member)
  if (!MERGED.has(member) || !isObject(value) || !isObject(kept)) return value
  return Object.entries(value).reduce<JsonObject>(
    (all, [name, item]) => withMember(all, name, isEmpty(item) ? undefined : item),
    kept,
  )
}

const isEmpty = (value: Json): boolean => value === '' || (isObject(value) && Object.keys(value).length === 0)

const MERGED: ReadonlySet<string> = new Set(['requestParameters', 'responseParameters', 'routeSettings', 'stageVariables'])

const withoutMember = (shape: Shape, name: string): Shape =>
  Object.fromEntries(Object.entries(shape).filter(([member]) => member !== name))

const iso = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z')

function readOpenApi(input: JsonObject): JsonObject {
  const body = memberText(input, 'body')
  const document = body === undefined ? input : readDocument(body)
  if (document === undefined || !isDocument(document)) throw badRequest('Unable to import API because of an invalid definition.')
  return document
}
