/**
 * HTTP APIs of API Gateway, with what belongs to them. An API of WebSockets is not here: a placeholder stands for it and for what
 * it has, which is told.
 * Source: CloudFormation, AWS::ApiGatewayV2::Api, ::Authorizer, ::Deployment, ::Integration, ::Model, ::Route, ::Stage.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import type { Aws } from '../aws.ts'
import { locationIn, readObject } from '../s3-location.ts'
import { ask, changeGatewayTags, find, findOwned, gone, tagsWithOwner, toApi } from './gateway-call.ts'
import {
  arnOf,
  booleanAt,
  changeOf,
  claim,
  type Declared,
  type DeployContext,
  type Deployed,
  droppedFrom,
  listAt,
  objectAt,
  PropertyError,
  requiredText,
  type ResourceType,
  textAt,
  uuidOf,
  valuesAt,
  knownRef,
} from './resource.ts'
import { tagMapOf } from './tags.ts'
import { saysAll } from './typed.ts'

const PATH = '/v2/apis'
const STAYS = 'nobody knows any more of which API it was'
/** No id of an API that is there looks so. */
const STUB = /^ws-/

const MEMBERS = [
  ...['ApiKeySelectionExpression', 'CorsConfiguration', 'Description', 'DisableExecuteApiEndpoint', 'DisableSchemaValidation'],
  ...['IpAddressType', 'Name', 'RouteSelectionExpression', 'Version'],
]
const OF_BODY = ['BasePath', 'Body', 'BodyS3Location', 'FailOnWarnings']

export const httpApi: ResourceType = {
  replacedBy: ['ProtocolType'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    if (textAt(properties, 'ProtocolType') === 'WEBSOCKET') {
      context.warn(`${id}: APIs of WebSockets are not here; a placeholder stands for it.`)
      return stub(resource, context)
    }
    const members = toApi(valuesAt(properties, MEMBERS))
    const body = await bodyOf(resource, context)
    const found = await findOwned(resource, context, { path: PATH, member: 'items', pages: 'nextToken' })
    const create = () => {
      const target = toApi(valuesAt(properties, ['CredentialsArn', 'RouteKey', 'Target']))
      const name = textAt(properties, 'Name') ?? id
      return ask(aws, 'POST', PATH, { protocolType: 'HTTP', name, ...members, ...target, tags: tagsWithOwner(resource, context) })
    }
    const made = found ?? (await create())
    const apiId = requiredText(made, 'apiId')
    if (found === undefined) context.made(resource, apiId)
    const path = `${PATH}/${apiId}`
    const isPut = await putBody(resource, body, path, aws)
    const isChanged = await change(resource, path, members, aws)
    const hasOtherTags = found !== undefined && (await changeGatewayTags(resource, `/apis/${apiId}`, context))
    const attributes = {
      ApiEndpoint: requiredText(made, 'apiEndpoint'),
      ApiId: apiId,
      ExecuteApiArn: arnOf(context, 'execute-api', apiId),
    }
    return { ref: apiId, attributes, change: changeOf(found, isPut, isChanged, hasOtherTags) }
  },
  async remove(ref, aws) {
    if (!STUB.test(ref)) await gone(aws, `${PATH}/${ref}`)
    return undefined
  },
}

function stub({ id }: Declared, context: DeployContext): Deployed {
  const ref = `ws-${uuidOf(`${context.stackName}/${id}/${context.suffixOf(id)}`).slice(0, 8)}`
  const ApiEndpoint = `wss://${ref}.execute-api.${context.region}.amazonaws.com`
  return { ref, attributes: { ApiEndpoint, ApiId: ref, ExecuteApiArn: arnOf(context, 'execute-api', ref) }, change: 'recorded' }
}

/** Whether what the API says of itself is changed to what the template says. */
async function change(resource: Declared, path: string, members: JsonObject, aws: Aws): Promise<boolean> {
  const found = (await find(aws, path)) ?? {}
  const dropped = droppedFrom(resource, MEMBERS)
  const hasCors = dropped.includes('CorsConfiguration') && found['corsConfiguration'] !== undefined
  if (hasCors) await ask(aws, 'DELETE', `${path}/cors`)
  const wanted = {
    ...emptied(
      dropped.filter((name) => name !== 'CorsConfiguration'),
      resource,
      UNSET_API,
    ),
    ...members,
  }
  if (saysAll(found, wanted)) return hasCors
  await ask(aws, 'PATCH', path, wanted)
  return true
}

const UNSET_API: JsonObject = {
  ApiKeySelectionExpression: '$request.header.x-api-key',
  IpAddressType: 'ipv4',
  RouteSelectionExpression: '$request.method $request.path',
}

async function bodyOf({ properties }: Declared, { aws }: DeployContext): Promise<string | undefined> {
  const given = getOwn(properties, 'Body')
  if (given !== undefined) return isObject(given) ? JSON.stringify(given) : String(given)
  const location = locationIn(getOwn(properties, 'BodyS3Location'))
  if (location === undefined) return undefined
  const object = await readObject(location, aws)
  if (object !== undefined) return object.toString('utf8')
  throw new PropertyError(`s3://${location.bucket}/${location.key} is not there.`, 'BodyS3Location')
}

/** In place of all that was. A document that is known to be the same is not put again. */
async function putBody({ properties, before }: Declared, body: string | undefined, path: string, aws: Aws): Promise<boolean> {
  const said = (one: JsonObject): string => stableJson(valuesAt(one, OF_BODY))
  if (body === undefined || (before !== undefined && said(before.properties) === said(properties))) return false
  const query = new URLSearchParams()
  const basePath = textAt(properties, 'BasePath')
  if (basePath !== undefined) query.set('basepath', basePath)
  if (booleanAt(properties, 'FailOnWarnings') === true) query.set('failOnWarnings', 'true')
  await ask(aws, 'PUT', path, { body }, query)
  return true
}

/** How members that are said no more are written. */
function emptied(names: readonly string[], { before }: Declared, unset: JsonObject): JsonObject {
  const pairs = names.map((name): [string, Json] => [
    name,
    unset[name] ?? emptyOf(getOwn(before?.properties ?? {}, name) ?? null),
  ])
  return toApi(Object.fromEntries(pairs))
}

/** Of a map, each entry is emptied by itself: maps are put over those that were. */
function emptyOf(value: Json): Json {
  if (isArray(value)) return []
  if (isObject(value)) return Object.fromEntries(Object.keys(value).map((name) => [name, '']))
  return typeof value === 'boolean' || value === 'true' || value === 'false' ? false : ''
}

// ---- parts that are made, changed and deleted alike

interface PartKind {
  readonly list: 'authorizers' | 'integrations' | 'models' | 'routes'
  readonly key: 'authorizerId' | 'integrationId' | 'modelId' | 'routeId'
  readonly attribute: string
  readonly members: readonly string[]
  readonly ignores?: readonly string[]
  /** By which it is known, where nobody knows its id; by all that it says where it has no name. */
  readonly name?: 'name' | 'routeKey'
  readonly unset?: JsonObject
  readonly shape?: (properties: JsonObject, members: JsonObject) => JsonObject
}

const partOf = (kind: PartKind): ResourceType => {
  const { list, key, attribute, members, ignores, name, unset = {}, shape = (_, one) => one } = kind
  return {
    ...(ignores && { ignores }),
    replacedBy: ['ApiId'],
    async deploy(resource, context) {
      const { properties } = resource
      const { aws } = context
      const api = requiredText(properties, 'ApiId')
      if (STUB.test(api)) return partStub(resource, attribute, context)
      const path = `${PATH}/${api}/${list}`
      const wanted = shape(properties, toApi(valuesAt(properties, members)))
      const known = await listed(aws, path)
      const id = knownRef(resource)
      const byId = id === undefined ? undefined : known.find((one) => one[key] === id)
      const isIt = (one: JsonObject): boolean => (name === undefined ? saysAll(one, wanted) : one[name] === wanted[name])
      const found = byId ?? claimNamed(known.find(isIt), resource, wanted, kind, context)
      const made = found ?? (await ask(aws, 'POST', path, wanted))
      const ref = requiredText(made, key)
      if (found === undefined) context.made(resource, ref)
      const changes = { ...emptied(droppedFrom(resource, members), resource, unset), ...withoutEntries(resource, wanted) }
      const isSame = found === undefined || saysAll(found, changes)
      if (!isSame) await ask(aws, 'PATCH', `${path}/${ref}`, changes)
      return { ref, attributes: { [attribute]: ref }, change: changeOf(found, !isSame) }
    },
    async remove(ref, aws, { properties } = {}) {
      if (properties === undefined) return STAYS
      await gone(aws, `${PATH}/${requiredText(properties, 'ApiId')}/${list}/${ref}`)
      return undefined
    },
  }
}

const claimNamed = (
  found: JsonObject | undefined,
  resource: Declared,
  wanted: JsonObject,
  { name }: PartKind,
  context: DeployContext,
) =>
  // What has no name is nobody's by its name: another one like it may be there.
  name === undefined && !hasLocal(context)
    ? undefined
    : claim(found, resource, String(name === undefined ? '' : wanted[name]), context)

/** A project's folder remembers no ids: what says the same there is the same. */
const hasLocal = ({ local }: DeployContext): boolean => local !== undefined

function partStub({ id }: Declared, attribute: string, context: DeployContext): Deployed {
  const ref = uuidOf(`${context.stackName}/${id}`).slice(0, 7)
  return { ref, attributes: { [attribute]: ref }, change: 'recorded' }
}

async function listed(aws: Aws, path: string): Promise<readonly JsonObject[]> {
  const all: JsonObject[] = []
  for (let token: string | undefined = ''; token !== undefined; ) {
    const query = token === '' ? undefined : new URLSearchParams({ nextToken: token })
    const page: JsonObject = await ask(aws, 'GET', path, undefined, query)
    all.push(...listAt(page, 'items').filter(isObject))
    token = textAt(page, 'nextToken')
  }
  return all
}

/** Entries that a map had, and has no more, are emptied. */
function withoutEntries({ before }: Declared, wanted: JsonObject): JsonObject {
  const held = toApi(before?.properties ?? {})
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]): [string, Json] => {
      const old = objectAt(held, name)
      if (!MAPS.has(name) || !isObject(value) || old === undefined) return [name, value]
      const surplus = Object.keys(old).filter((entry) => !Object.hasOwn(value, entry))
      return [name, { ...value, ...Object.fromEntries(surplus.map((entry) => [entry, ''])) }]
    }),
  )
}

const MAPS: ReadonlySet<string> = new Set(['requestParameters', 'stageVariables'])

export const httpRoute = partOf({
  list: 'routes',
  key: 'routeId',
  attribute: 'RouteId',
  members: [
    ...[
      'ApiKeyRequired',
      'AuthorizationScopes',
      'AuthorizationType',
      'AuthorizerId',
      'ModelSelectionExpression',
      'OperationName',
    ],
    ...['RequestModels', 'RequestParameters', 'RouteKey', 'RouteResponseSelectionExpression', 'Target'],
  ],
  name: 'routeKey',
  unset: { AuthorizationType: 'NONE' },
})

export const httpIntegration = partOf({
  list: 'integrations',
  key: 'integrationId',
  attribute: 'IntegrationId',
  members: [
    ...['ConnectionId', 'ConnectionType', 'ContentHandlingStrategy', 'CredentialsArn', 'Description', 'IntegrationMethod'],
    ...['IntegrationSubtype', 'IntegrationType', 'IntegrationUri', 'PassthroughBehavior', 'PayloadFormatVersion'],
    ...[
      'RequestParameters',
      'RequestTemplates',
      'ResponseParameters',
      'TemplateSelectionExpression',
      'TimeoutInMillis',
      'TlsConfig',
    ],
  ],
  unset: { ConnectionType: 'INTERNET', PayloadFormatVersion: '1.0', TimeoutInMillis: 30_000 },
  shape: (properties, members) => ({ ...members, ...responseParameters(properties) }),
})

/** A list of sources and destinations in a template, a map in the API. */
function responseParameters(properties: JsonObject): JsonObject {
  const given = objectAt(properties, 'ResponseParameters')
  if (given === undefined) return {}
  const mapped = Object.entries(given).map(([status, value]): [string, Json] => {
    const list = isObject(value) ? listAt(value, 'ResponseParameters').filter(isObject) : []
    return [status, Object.fromEntries(list.map((one) => [requiredText(one, 'Destination'), requiredText(one, 'Source')]))]
  })
  return { responseParameters: Object.fromEntries(mapped) }
}

export const httpAuthorizer = partOf({
  list: 'authorizers',
  key: 'authorizerId',
  attribute: 'AuthorizerId',
  members: [
    ...['AuthorizerCredentialsArn', 'AuthorizerPayloadFormatVersion', 'AuthorizerResultTtlInSeconds', 'AuthorizerType'],
    ...['AuthorizerUri', 'EnableSimpleResponses', 'IdentitySource', 'IdentityValidationExpression', 'JwtConfiguration', 'Name'],
  ],
  name: 'name',
  unset: { AuthorizerResultTtlInSeconds: 0 },
})

export const httpModel = partOf({
  list: 'models',
  key: 'modelId',
  attribute: 'ModelId',
  members: ['ContentType', 'Description', 'Name'],
  name: 'name',
  shape: (properties, members) => {
    const schema = getOwn(properties, 'Schema') ?? {}
    return { ...members, schema: isObject(schema) ? JSON.stringify(schema) : String(schema) }
  },
})

// ---- what is served

export const httpDeployment: ResourceType = {
  replacedBy: ['ApiId'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws } = context
    const api = requiredText(properties, 'ApiId')
    if (STUB.test(api)) return partStub(resource, 'DeploymentId', context)
    const path = `${PATH}/${api}/deployments`
    const known = knownRef(resource)
    const found = known === undefined ? undefined : await find(aws, `${path}/${known}`)
    const input = toApi(valuesAt(properties, ['Description', 'StageName']))
    const id = requiredText(found ?? (await ask(aws, 'POST', path, input)), 'deploymentId')
    const description = textAt(properties, 'Description') ?? ''
    const isSame = found === undefined || (textAt(found, 'description') ?? '') === description
    if (!isSame) await ask(aws, 'PATCH', `${path}/${id}`, { description })
    return { ref: id, attributes: { DeploymentId: id }, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws, { properties } = {}) {
    if (properties === undefined) return STAYS
    await gone(aws, `${PATH}/${requiredText(properties, 'ApiId')}/deployments/${ref}`)
    return undefined
  },
}

const STAGE_MEMBERS = [
  ...['AccessLogSettings', 'AutoDeploy', 'ClientCertificateId', 'DefaultRouteSettings', 'DeploymentId', 'Description'],
  ...['RouteSettings', 'StageVariables'],
]

export const httpStage: ResourceType = {
  ignores: ['AccessPolicyId'],
  replacedBy: ['ApiId', 'StageName'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws } = context
    const [api, name] = [requiredText(properties, 'ApiId'), requiredText(properties, 'StageName')]
    if (STUB.test(api)) return { ref: name, attributes: {}, change: 'recorded' }
    const path = stagePath(api, name)
    const found = claim(await find(aws, path), resource, name, context)
    const wanted = toApi(valuesAt(properties, STAGE_MEMBERS))
    const tags = tagMapOf(properties)
    if (found === undefined) {
      await ask(aws, 'POST', `${PATH}/${api}/stages`, { stageName: name, ...wanted, tags })
      return { ref: name, attributes: {}, change: 'created' }
    }
    const isChanged = await changeStage(resource, path, wanted, found, aws)
    const hasOtherTags = await changeGatewayTags(resource, `/apis/${api}/stages/${name}`, context)
    return { ref: name, attributes: {}, change: changeOf(found, isChanged, hasOtherTags) }
  },
  async remove(ref, aws, { properties } = {}) {
    if (properties === undefined) return STAYS
    await gone(aws, stagePath(requiredText(properties, 'ApiId'), ref))
    return undefined
  },
}

const stagePath = (api: string, name: string): string => `${PATH}/${api}/stages/${encodeURIComponent(name)}`

async function changeStage(resource: Declared, path: string, wanted: JsonObject, found: JsonObject, aws: Aws): Promise<boolean> {
  const dropped = droppedFrom(resource, STAGE_MEMBERS)
  const hasLog = dropped.includes('AccessLogSettings') && found['accessLogSettings'] !== undefined
  if (hasLog) await ask(aws, 'DELETE', `${path}/accesslogsettings`)
  const routes = (properties: JsonObject): readonly string[] => Object.keys(objectAt(properties, 'RouteSettings') ?? {})
  const surplus = routes(resource.before?.properties ?? {}).filter((key) => !routes(resource.properties).includes(key))
  for (const key of surplus) await gone(aws, `${path}/routesettings/${encodeURIComponent(key)}`)
  // A stage that is no longer said to serve one deployment serves it on.
  const others = dropped.filter((name) => !['AccessLogSettings', 'DeploymentId', 'RouteSettings'].includes(name))
  const changes = { ...emptied(others, resource, { DefaultRouteSettings: {} }), ...withoutEntries(resource, wanted) }
  const isSame = saysAll(found, changes)
  if (!isSame) await ask(aws, 'PATCH', path, changes)
  return hasLog || surplus.length > 0 || !isSame
}
