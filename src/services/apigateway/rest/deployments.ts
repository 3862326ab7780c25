/**
 * Deployments of a REST API, and the stages at which they are found. A deployment keeps all that requests are answered by as it was
 * when it was made: what is changed later is not served until it is deployed again.
 * Source: API Gateway REST API reference; texts of the service.
 */
import { isObject, type Json, type JsonObject } from '../../../base/json.ts'

import type { Management } from '../deps.ts'
import { memberObject, memberText } from '../document.ts'
import { badRequest, conflict, notFound } from '../errors.ts'
import { positioned } from '../page.ts'
import { newId } from '../records.ts'
import { operationsOf, patched, readMembers, TEXT_MAP, withMember } from '../shape.ts'
import { readTags } from '../tags.ts'
import type { RestApis } from './apis.ts'
import { METHOD_SETTING_NAMES, STAGE, STAGE_WITH_METHODS } from './shapes.ts'

export class Deployments {
  readonly #management: Management
  readonly #apis: RestApis

  constructor(management: Management, apis: RestApis) {
    this.#management = management
    this.#apis = apis
  }

  create(api: string, input: JsonObject): JsonObject {
    const { records, now } = this.#management
    const snapshot = this.#snapshot(api)
    const description = memberText(input, 'description')
    const deployment = { id: newId(6), ...(description !== undefined && { description }), createdDate: seconds(now()) }
    records.all(() => {
      records.put(api, 'deployment', deployment.id, deployment)
      records.put(api, 'snapshot', deployment.id, snapshot)
      const stageName = memberText(input, 'stageName')
      if (stageName !== undefined && stageName !== '') this.#deployTo(api, stageName, deployment.id, input)
    })
    return deployment
  }

  get(api: string, id: string, query: URLSearchParams): JsonObject {
    const deployment = this.#find(api, id)
    if (!query.getAll('embed').some((one) => one.toLowerCase() === 'apisummary')) return deployment
    return { ...deployment, apiSummary: summaryOf(this.#management.records.get(api, 'snapshot', id) ?? {}) }
  }

  list(api: string, query: URLSearchParams): JsonObject {
    this.#apis.find(api)
    return positioned(this.#management.records.list(api, 'deployment'), query, ({ id }) => String(id))
  }

  update(api: string, id: string, input: JsonObject): JsonObject {
    const changed = patched(this.#find(api, id), input, { description: 'text' })
    this.#management.records.put(api, 'deployment', id, changed)
    return changed
  }

  delete(api: string, id: string): void {
    const { records } = this.#management
    this.#find(api, id)
    if (records.list(api, 'stage').some(({ deploymentId }) => deploymentId === id))
      throw badRequest('Active stages pointing to this deployment must be moved or deleted')
    records.all(() => {
      records.remove(api, 'deployment', id)
      records.remove(api, 'snapshot', id)
    })
  }

  createStage(api: string, input: JsonObject): JsonObject {
    this.#apis.find(api)
    const { stageName, deploymentId } = readMembers(input, STAGE)
    if (typeof stageName !== 'string' || !/^[\w-]{1,128}$/.test(stageName))
      throw badRequest('Stage name only allows a-zA-Z0-9_- and a length of 1 to 128 characters')
    if (this.#management.records.get(api, 'stage', stageName)) throw conflict('Stage already exists')
    this.#checkDeployment(api, deploymentId)
    return this.#makeStage(api, { ...readMembers(input, STAGE), tags: readTags(input) })
  }

  getStage(api: string, name: string): JsonObject {
    this.#apis.find(api)
    const stage = this.#management.records.get(api, 'stage', name)
    if (!stage) throw notFound('Invalid stage identifier specified')
    return stage
  }

  listStages(api: string, query: URLSearchParams): JsonObject {
    this.#apis.find(api)
    const asked = query.get('deploymentId')
    const all = this.#management.records.list(api, 'stage')
    return { item: asked === null ? all : all.filter(({ deploymentId }) => deploymentId === asked) }
  }

  updateStage(api: string, name: string, input: JsonObject): JsonObject {
    const { records, now } = this.#management
    const { stage, rest } = this.#withMethodSettings(this.getStage(api, name), input)
    const changed = patched(stage, { patchOperations: rest }, STAGE_WITH_METHODS)
    this.#checkDeployment(api, changed['deploymentId'])
    const isCached = changed['cacheClusterEnabled'] === true
    const dated = { ...changed, cacheClusterStatus: isCached ? 'AVAILABLE' : 'NOT_AVAILABLE', lastUpdatedDate: seconds(now()) }
    records.put(api, 'stage', name, dated)
    return dated
  }

  deleteStage(api: string, name: string): void {
    this.getStage(api, name)
    this.#management.records.remove(api, 'stage', name)
  }

  #find(api: string, id: string): JsonObject {
    this.#apis.find(api)
    const deployment = this.#management.records.get(api, 'deployment', id)
    if (!deployment) throw notFound('Invalid Deployment identifier specified')
    return deployment
  }

  #checkDeployment(api: string, id: Json | undefined): void {
    if (typeof id !== 'string' || !this.#management.records.get(api, 'deployment', id))
      throw badRequest('Deployment id does not exist')
  }

  #deployTo(api: string, stageName: string, deploymentId: string, input: JsonObject): void {
    const { records, now } = this.#management
    const given = readMembers(input, { ...STAGE, variables: TEXT_MAP })
    const { variables, cacheClusterEnabled, cacheClusterSize, canarySettings, tracingEnabled } = given
    const description = memberText(input, 'stageDescription')
    const before = records.get(api, 'stage', stageName)
    const members = {
      deploymentId,
      ...(description !== undefined && { description }),
      ...Object.fromEntries(
        Object.entries({ variables, cacheClusterEnabled, cacheClusterSize, canarySettings, tracingEnabled }).flatMap(
          ([name, value]) => (value === undefined ? [] : [[name, value]]),
        ),
      ),
    }
    if (before) records.put(api, 'stage', stageName, { ...before, ...members, lastUpdatedDate: seconds(now()) })
    else this.#makeStage(api, { ...members, stageName })
  }

  #makeStage(api: string, members: JsonObject): JsonObject {
    const { records, now } = this.#management
    const isCached = members['cacheClusterEnabled'] === true
    const stage = {
      cacheClusterEnabled: false,
      cacheClusterStatus: isCached ? 'AVAILABLE' : 'NOT_AVAILABLE',
      methodSettings: {},
      tracingEnabled: false,
      ...members,
      createdDate: seconds(now()),
      lastUpdatedDate: seconds(now()),
    }
    records.put(api, 'stage', memberText(stage, 'stageName') ?? '', stage)
    return stage
  }

  /** `/~1pets/GET/throttling/rateLimit`, or with stars for all: of a method, where the patch names none of the stage's members. */
  #withMethodSettings(
    before: JsonObject,
    input: JsonObject,
  ): { readonly stage: JsonObject; readonly rest: readonly JsonObject[] } {
    const rest: JsonObject[] = []
    let stage = before
    for (const { op, path, value, pathText } of operationsOf(input)) {
      const [resource = '', verb = '', ...setting] = path
      const name = METHOD_SETTING_NAMES.get(setting.join('/'))
      const isWhole = op === 'remove' && path.length === 2 && !Object.hasOwn(STAGE_WITH_METHODS, resource)
      if (name === undefined && !isWhole) {
        rest.push({ op, path: pathText, ...(value !== undefined && { value }) })
        continue
      }
      // Without its first slash, as AWS writes it.
      const key = `${resource.replace(/^\//, '~1').replaceAll('/', '~1')}/${verb}`
      const settings = memberObject(stage, 'methodSettings')
      const operation = { op, path: `/${name ?? ''}`, ...(value !== undefined && { value }) }
      const changed = isWhole
        ? undefined
        : patched(memberObject(settings, key), { patchOperations: [operation] }, METHOD_SETTINGS)
      stage = { ...stage, methodSettings: withMember(settings, key, changed) }
    }
    return { stage, rest }
  }

  /** Throws where there is nothing to deploy. */
  #snapshot(api: string): JsonObject {
    const { records } = this.#management
    const { binaryMediaTypes = [], minimumCompressionSize = null } = this.#apis.find(api)
    const resources = records.list(api, 'resource')
    const methods = resources.flatMap((resource) => Object.values(memberObject(resource, 'resourceMethods')))
    if (methods.length === 0) throw badRequest("The REST API doesn't contain any methods")
    if (methods.some((method) => isObject(method) && !isObject(method['methodIntegration'])))
      throw badRequest('No integration defined for method')
    return {
      binaryMediaTypes,
      minimumCompressionSize,
      resources,
      authorizers: records.list(api, 'authorizer'),
      gatewayResponses: records.list(api, 'gatewayResponse'),
      models: records.list(api, 'model'),
      requestValidators: records.list(api, 'requestValidator'),
    }
  }
}

const METHOD_SETTINGS = Object.fromEntries([...METHOD_SETTING_NAMES.values()].map((name) => [name, kindOf(name)] as const))

function kindOf(name: string): 'boolean' | 'number' | 'text' {
  if (/Limit$|Seconds$/.test(name)) return 'number'
  return /Level$|Strategy$/.test(name) ? 'text' : 'boolean'
}

const seconds = (ms: number): number => Math.floor(ms / 1000)

/** Which methods are where. */
function summaryOf(snapshot: JsonObject): JsonObject {
  const resources = Array.isArray(snapshot['resources']) ? snapshot['resources'].filter(isObject) : []
  return Object.fromEntries(
    resources
      .filter((resource) => Object.keys(memberObject(resource, 'resourceMethods')).length > 0)
      .map((resource) => [
        String(resource['path']),
        Object.fromEntries(
          Object.entries(memberObject(resource, 'resourceMethods')).map(([verb, method]) => [verb, brief(method)]),
        ),
      ]),
  )
}

const brief = (method: Json): JsonObject =>
  isObject(method)
    ? { authorizationType: method['authorizationType'] ?? 'NONE', apiKeyRequired: method['apiKeyRequired'] ?? false }
    : {}
