/**
 * What a REST API is made of: resources, methods, authorizers, models, validators, answers of the gateway itself. It goes with its
 * API; where nobody knows any more whose it was, it stays until then.
 * Source: CloudFormation, AWS::ApiGateway::Resource, ::Method, ::Authorizer, ::Model, ::RequestValidator, ::GatewayResponse.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import type { Aws } from '../aws.ts'
import { ask, find, gone, patch, patchesOf, toApi } from './gateway-call.ts'
import {
  changeOf,
  claim,
  droppedFrom,
  listAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
  valuesAt,
} from './resource.ts'
import { saysAll } from './typed.ts'

const apiPath = (properties: JsonObject): string => `/restapis/${requiredText(properties, 'RestApiId')}`
const STAYS = 'nobody knows any more of which API it was'

/** All of a list, a page after the other. */
async function listed(aws: Aws, path: string): Promise<readonly JsonObject[]> {
  const all: JsonObject[] = []
  for (let position: string | undefined = ''; position !== undefined; ) {
    const query = new URLSearchParams({ limit: '500', ...(position !== '' && { position }) })
    const page: JsonObject = await ask(aws, 'GET', path, undefined, query)
    all.push(...listAt(page, 'item').filter(isObject))
    position = textAt(page, 'position')
  }
  return all
}

export const apiResource: ResourceType = {
  replacedBy: ['ParentId', 'PathPart', 'RestApiId'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws } = context
    const path = `${apiPath(properties)}/resources`
    const [parentId, pathPart] = [requiredText(properties, 'ParentId'), requiredText(properties, 'PathPart')]
    const known = (await listed(aws, path)).find((one) => one['parentId'] === parentId && one['pathPart'] === pathPart)
    const found = claim(known, resource, pathPart, context)
    const made = found ?? (await ask(aws, 'POST', `${path}/${parentId}`, { pathPart }))
    const id = requiredText(made, 'id')
    return { ref: id, attributes: { ResourceId: id }, change: changeOf(found) }
  },
  async remove(ref, aws, { properties } = {}) {
    if (properties === undefined) return STAYS
    await gone(aws, `${apiPath(properties)}/resources/${ref}`)
    return undefined
  },
}

// ---- methods

/** A method that changes is made anew: what is served is a deployment, which does not change with it. */
export const apiMethod: ResourceType = {
  replacedBy: ['HttpMethod', 'ResourceId', 'RestApiId'],
  async deploy(resource, context) {
    const { properties, before } = resource
    const { aws } = context
    const [api, id] = [requiredText(properties, 'RestApiId'), requiredText(properties, 'ResourceId')]
    const verb = requiredText(properties, 'HttpMethod')
    const path = methodPath(api, id, verb)
    const ref = `${api}|${id}|${verb}`
    const found = claim(await find(aws, path), resource, ref, context)
    const method = methodOf(properties)
    const isKnown = before === undefined || stableJson(before.properties) === stableJson(properties)
    const isSame = found !== undefined && isKnown && saysAll(found, wholeOf(method))
    if (!isSame) {
      if (found !== undefined) await gone(aws, path)
      else context.made(resource, ref)
      await putMethod(aws, path, method)
    }
    return { ref, attributes: {}, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws) {
    const [api = '', id = '', verb = ''] = ref.split('|')
    await gone(aws, methodPath(api, id, verb))
    return undefined
  },
}

const methodPath = (api: string, id: string, verb: string): string => `/restapis/${api}/resources/${id}/methods/${verb}`

interface Method {
  readonly settings: JsonObject
  readonly responses: readonly JsonObject[]
  readonly integration: JsonObject | undefined
  readonly integrationResponses: readonly JsonObject[]
}

const SETTINGS = [
  ...['ApiKeyRequired', 'AuthorizationScopes', 'AuthorizationType', 'AuthorizerId', 'OperationName', 'RequestModels'],
  'RequestValidatorId',
]

function methodOf(properties: JsonObject): Method {
  const integration = objectAt(properties, 'Integration')
  const { httpMethod: _, integrationResponses: __, integrationHttpMethod, ...rest } = integration ? toApi(integration) : {}
  return {
    settings: {
      authorizationType: 'NONE',
      ...toApi(valuesAt(properties, SETTINGS)),
      ...flagMap(properties, 'RequestParameters', 'requestParameters'),
    },
    responses: listAt(properties, 'MethodResponses')
      .filter(isObject)
      .map((one) => ({
        ...toApi(valuesAt(one, ['ResponseModels', 'StatusCode'])),
        statusCode: requiredText(one, 'StatusCode'),
        ...flagMap(one, 'ResponseParameters', 'responseParameters'),
      })),
    integration: integration && { ...rest, ...(integrationHttpMethod !== undefined && { httpMethod: integrationHttpMethod }) },
    integrationResponses: listAt(integration ?? {}, 'IntegrationResponses')
      .filter(isObject)
      .map((one) => ({ ...toApi(one), statusCode: requiredText(one, 'StatusCode') })),
  }
}

/** Whether each is required: parameters of a template are texts. */
function flagMap(object: JsonObject, from: string, to: string): JsonObject {
  const map = objectAt(object, from)
  return map === undefined
    ? {}
    : { [to]: Object.fromEntries(Object.entries(map).map(([name, value]) => [name, String(value) === 'true'])) }
}

/** As GetMethod tells it. */
function wholeOf({ settings, responses, integration, integrationResponses }: Method): JsonObject {
  const byStatus = (list: readonly JsonObject[]): JsonObject =>
    Object.fromEntries(list.map((one) => [String(one['statusCode']), one]))
  return {
    ...settings,
    methodResponses: byStatus(responses),
    ...(integration && { methodIntegration: { ...integration, integrationResponses: byStatus(integrationResponses) } }),
  }
}

async function putMethod(
  aws: Aws,
  path: string,
  { settings, responses, integration, integrationResponses }: Method,
): Promise<void> {
  await ask(aws, 'PUT', path, settings)
  for (const { statusCode = '', ...response } of responses)
    await ask(aws, 'PUT', `${path}/responses/${String(statusCode)}`, response)
  if (integration === undefined) return
  await ask(aws, 'PUT', `${path}/integration`, integration)
  for (const { statusCode = '', ...response } of integrationResponses)
    await ask(aws, 'PUT', `${path}/integration/responses/${String(statusCode)}`, response)
}

// ---- parts that are made, patched and deleted alike

interface PartKind {
  readonly list: 'authorizers' | 'models' | 'requestvalidators'
  readonly members: readonly string[]
  readonly replacedBy: readonly string[]
  readonly key: 'id' | 'name'
  readonly attribute?: string
  readonly charsMax: number
  /** Where it says no name, it is not named at all, or as CloudFormation would. */
  readonly shape?: (members: JsonObject) => JsonObject
}

const partOf = ({ list, members, replacedBy, key, attribute, charsMax, shape = (one) => one }: PartKind): ResourceType => ({
  replacedBy,
  async deploy(resource, context) {
    const { id, properties, before } = resource
    const { aws } = context
    const path = `${apiPath(properties)}/${list}`
    const name = textAt(properties, 'Name') ?? nameFor(physicalName(context, id, charsMax), list)
    const wanted = shape({ ...toApi(valuesAt(properties, members)), name })
    const all = await listed(aws, path)
    const known = all.find((one) => (before === undefined ? one['name'] === name : one[key] === before.ref))
    const found = claim(known, resource, name, context)
    const made = found ?? (await ask(aws, 'POST', path, wanted))
    const ref = requiredText(made, key)
    const { name: _, ...changeable } = wanted
    const dropped = droppedFrom(resource, members).map((one): [string, Json] => [
      `${one.charAt(0).toLowerCase()}${one.slice(1)}`,
      null,
    ])
    const changes = { ...Object.fromEntries(dropped), ...(key === 'name' ? changeable : wanted) }
    const isChanged = found !== undefined && (await patch(aws, `${path}/${encodeURIComponent(ref)}`, patchesOf(found, changes)))
    return { ref, attributes: attribute === undefined ? {} : { [attribute]: ref }, change: changeOf(found, isChanged) }
  },
  async remove(ref, aws, { properties } = {}) {
    if (properties === undefined) return STAYS
    await gone(aws, `${apiPath(properties)}/${list}/${encodeURIComponent(ref)}`)
    return undefined
  },
})

/** Names of models have letters and digits alone. */
const nameFor = (name: string, list: PartKind['list']): string =>
  list === 'models' ? name.replaceAll(/[^A-Za-z0-9]/g, '') : name

export const apiAuthorizer = partOf({
  list: 'authorizers',
  members: [
    ...['AuthType', 'AuthorizerCredentials', 'AuthorizerResultTtlInSeconds', 'AuthorizerUri', 'IdentitySource'],
    ...['IdentityValidationExpression', 'Name', 'ProviderARNs', 'Type'],
  ],
  replacedBy: ['RestApiId'],
  key: 'id',
  attribute: 'AuthorizerId',
  charsMax: 128,
})

export const apiModel = partOf({
  list: 'models',
  members: ['ContentType', 'Description', 'Schema'],
  replacedBy: ['ContentType', 'Name', 'RestApiId'],
  key: 'name',
  charsMax: 128,
  shape: ({ schema, ...rest }) => ({
    contentType: 'application/json',
    ...rest,
    schema: schema === undefined ? '{}' : isObject(schema) ? JSON.stringify(schema) : schema,
  }),
})

export const apiRequestValidator = partOf({
  list: 'requestvalidators',
  members: ['ValidateRequestBody', 'ValidateRequestParameters'],
  replacedBy: ['Name', 'RestApiId'],
  key: 'id',
  attribute: 'RequestValidatorId',
  charsMax: 128,
})

/** What the gateway answers by itself. It is always there; a template says how it looks. */
export const apiGatewayResponse: ResourceType = {
  replacedBy: ['ResponseType', 'RestApiId'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws } = context
    const type = requiredText(properties, 'ResponseType')
    const ref = `${requiredText(properties, 'RestApiId')}:${type}`
    const path = responsePath(ref)
    const told = await ask(aws, 'GET', path)
    const found = claim(getOwn(told, 'defaultResponse') === true ? undefined : told, resource, ref, context)
    const wanted = toApi(valuesAt(properties, ['ResponseParameters', 'ResponseTemplates', 'StatusCode']))
    const dropped = droppedFrom(resource, ['ResponseParameters', 'ResponseTemplates', 'StatusCode'])
    const isSame = found !== undefined && dropped.length === 0 && patchesOf(found, wanted).length === 0
    if (!isSame) await ask(aws, 'PUT', path, wanted)
    return { ref, attributes: { Id: ref }, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws) {
    await gone(aws, responsePath(ref))
    return undefined
  },
}

function responsePath(ref: string): string {
  const [api = '', type = ''] = ref.split(':')
  return `/restapis/${api}/gatewayresponses/${type}`
}
