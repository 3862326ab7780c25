/**
 * Deployments of a REST API, and the stages that serve them.
 * Source: CloudFormation, AWS::ApiGateway::Deployment and AWS::ApiGateway::Stage; API Gateway REST API reference, UpdateStage.
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'

import { ask, changeGatewayTags, escaped, find, gone, type Patch, patch, patchesOf, toApi } from './gateway-call.ts'
import {
  changeOf,
  claim,
  type Declared,
  droppedFrom,
  listAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  tagsOf,
  textAt,
  valuesAt,
  knownRef,
} from './resource.ts'
import { tagMapOf } from './tags.ts'

const apiPath = (properties: JsonObject): string => `/restapis/${requiredText(properties, 'RestApiId')}`
const STAYS = 'nobody knows any more of which API it was'

/** What is deployed is what the API is now. One that is there is not made again: CloudFormation deploys by making another one. */
export const apiDeployment: ResourceType = {
  replacedBy: ['DeploymentCanarySettings', 'RestApiId'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws } = context
    const path = `${apiPath(properties)}/deployments`
    const known = knownRef(resource)
    const found = known === undefined ? undefined : await find(aws, `${path}/${known}`)
    const description = textAt(properties, 'Description')
    const canary = objectAt(properties, 'DeploymentCanarySettings')
    const input = {
      ...(description !== undefined && { description }),
      ...(canary && { canarySettings: toApi(canary) }),
    }
    const id = requiredText(found ?? (await ask(aws, 'POST', path, input)), 'id')
    if (found === undefined) context.made(resource, id)
    const wanted = { description: description ?? (droppedFrom(resource, ['Description']).length > 0 ? '' : undefined) }
    const described =
      wanted.description === undefined ? [] : patchesOf({ description: '', ...found }, { description: wanted.description })
    const isChanged = [
      found !== undefined && (await patch(aws, `${path}/${id}`, described)),
      await putStageOf(resource, id, context),
    ]
    return { ref: id, attributes: { DeploymentId: id }, change: changeOf(found, ...isChanged) }
  },
  async remove(ref, aws, { properties } = {}) {
    if (properties === undefined) return STAYS
    const stage = textAt(properties, 'StageName')
    const path = apiPath(properties)
    const served = stage === undefined ? undefined : await find(aws, `${path}/stages/${stage}`)
    if (served?.['deploymentId'] === ref) await gone(aws, `${path}/stages/${stage}`)
    await gone(aws, `${path}/deployments/${ref}`)
    return undefined
  },
}

/** A deployment may name its stage, and say all of it. */
function putStageOf(resource: Declared, deploymentId: string, context: Parameters<ResourceType['deploy']>[1]): Promise<boolean> {
  const stageOf = (properties: JsonObject): JsonObject => ({
    ...objectAt(properties, 'StageDescription'),
    ...valuesAt(properties, ['RestApiId', 'StageName']),
    MethodSettings: [...listAt(objectAt(properties, 'StageDescription') ?? {}, 'MethodSettings'), ...ofAll(properties)],
    DeploymentId: deploymentId,
  })
  if (textAt(resource.properties, 'StageName') === undefined) return Promise.resolve(false)
  const { before } = resource
  const stage = { ...resource, properties: stageOf(resource.properties) }
  return putStage(before ? { ...stage, before: { ...before, properties: stageOf(before.properties) } } : stage, context)
}

const OF_METHODS = [
  ...['CacheDataEncrypted', 'CacheTtlInSeconds', 'CachingEnabled', 'DataTraceEnabled', 'LoggingLevel', 'MetricsEnabled'],
  ...['ThrottlingBurstLimit', 'ThrottlingRateLimit'],
]

/** What the description of a stage says by itself is of all methods. */
function ofAll(properties: JsonObject): readonly JsonObject[] {
  const said = valuesAt(objectAt(properties, 'StageDescription') ?? {}, OF_METHODS)
  return Object.keys(said).length === 0 ? [] : [{ ...said, HttpMethod: '*', ResourcePath: '/*' }]
}

export const apiStage: ResourceType = {
  replacedBy: ['RestApiId', 'StageName'],
  async deploy(resource, context) {
    const { properties } = resource
    const name = textAt(properties, 'StageName') ?? physicalName(context, resource.id, 128).replaceAll('-', '_')
    const named = { ...resource, properties: { ...properties, StageName: name } }
    const path = stagePath(named.properties)
    const found = claim(await find(context.aws, path), resource, name, context)
    const isChanged = await putStage(named, context)
    return { ref: name, attributes: {}, change: changeOf(found, isChanged) }
  },
  async remove(ref, aws, { properties } = {}) {
    if (properties === undefined) return STAYS
    await gone(aws, `${apiPath(properties)}/stages/${ref}`)
    return undefined
  },
}

const stagePath = (properties: JsonObject): string => `${apiPath(properties)}/stages/${requiredText(properties, 'StageName')}`

const MEMBERS = [
  ...['CacheClusterEnabled', 'CacheClusterSize', 'ClientCertificateId', 'DeploymentId', 'Description', 'DocumentationVersion'],
  ...['TracingEnabled', 'Variables'],
]
/** Members that the API calls otherwise. */
const RENAMED: Readonly<Record<string, string>> = { AccessLogSetting: 'accessLogSettings', CanarySetting: 'canarySettings' }

/** Whether there was something to make or to change. */
async function putStage(resource: Declared, context: Parameters<ResourceType['deploy']>[1]): Promise<boolean> {
  const { properties } = resource
  const { aws } = context
  const path = stagePath(properties)
  const stageName = requiredText(properties, 'StageName')
  const wanted = membersOf(properties)
  const found = await find(aws, path)
  const tags = tagMapOf(properties)
  if (found === undefined) await ask(aws, 'POST', `${apiPath(properties)}/stages`, { stageName, ...wanted, tags })
  const told = found ?? (await ask(aws, 'GET', path))
  const patches = [...patchesOf(told, { ...goneFrom(resource), ...wanted }), ...methodPatches(resource, told)]
  const isChanged = await patch(aws, path, patches)
  const hasOtherTags = found !== undefined && tagsOf(properties).length + tagsOf(resource.before?.properties ?? {}).length > 0
  const isTagged = hasOtherTags && (await changeGatewayTags(resource, path, context))
  return found === undefined || isChanged || isTagged
}

function membersOf(properties: JsonObject): Record<string, Json> {
  const renamed = Object.entries(RENAMED).flatMap(([from, to]): [string, Json][] => {
    const value = objectAt(properties, from)
    return value === undefined ? [] : [[to, toApi(value)]]
  })
  return { ...toApi(valuesAt(properties, MEMBERS)), ...Object.fromEntries(renamed) }
}

const UNSET: JsonObject = { cacheClusterEnabled: false, tracingEnabled: false, variables: {} }

function goneFrom(resource: Declared): JsonObject {
  const dropped = droppedFrom(resource, [...MEMBERS, ...Object.keys(RENAMED)])
  const names = dropped.map((name) => RENAMED[name] ?? `${name.charAt(0).toLowerCase()}${name.slice(1)}`)
  return Object.fromEntries(names.map((name): [string, Json] => [name, UNSET[name] ?? null]))
}

/** As patches call the settings of methods, and as a stage tells them. */
const METHOD_SETTINGS: Readonly<Record<string, readonly [path: string, member: string]>> = {
  CacheDataEncrypted: ['caching/dataEncrypted', 'cacheDataEncrypted'],
  CacheTtlInSeconds: ['caching/ttlInSeconds', 'cacheTtlInSeconds'],
  CachingEnabled: ['caching/enabled', 'cachingEnabled'],
  DataTraceEnabled: ['logging/dataTrace', 'dataTraceEnabled'],
  LoggingLevel: ['logging/loglevel', 'loggingLevel'],
  MetricsEnabled: ['metrics/enabled', 'metricsEnabled'],
  ThrottlingBurstLimit: ['throttling/burstLimit', 'throttlingBurstLimit'],
  ThrottlingRateLimit: ['throttling/rateLimit', 'throttlingRateLimit'],
}

function methodPatches({ properties, before }: Declared, told: JsonObject): readonly Patch[] {
  const wanted = settingsByMethod(properties)
  const held = settingsByMethod(before?.properties ?? {})
  const known = objectAt(told, 'methodSettings') ?? {}
  const surplus = [...held.keys()].filter((key) => !wanted.has(key) && known[key] !== undefined)
  return [
    ...surplus.map((key): Patch => ({ op: 'remove', path: `/${key}` })),
    ...[...wanted].flatMap(([key, settings]) => {
      const current = objectAt(known, key) ?? {}
      return Object.entries(settings).flatMap(([name, value]): readonly Patch[] => {
        const [path, member] = METHOD_SETTINGS[name] ?? ['', '']
        if (path === '' || String(current[member]) === value) return []
        return [{ op: 'replace', path: `/${key}/${path}`, value }]
      })
    }),
  ]
}

/** By `~1pets/GET`; all paths are a star. */
function settingsByMethod(properties: JsonObject): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const found = new Map<string, Record<string, string>>()
  for (const setting of listAt(properties, 'MethodSettings').filter(isObject)) {
    const path = textAt(setting, 'ResourcePath') ?? '/*'
    const key = `${path === '/*' || path === '*' ? '*' : escaped(path)}/${textAt(setting, 'HttpMethod') ?? '*'}`
    const texts = Object.entries(valuesAt(setting, OF_METHODS)).map(([name, value]) => [name, String(value)])
    found.set(key, { ...found.get(key), ...Object.fromEntries(texts) })
  }
  return found
}
