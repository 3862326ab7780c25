/**
 * REST APIs of API Gateway, member by member or of an OpenAPI document, and the account's settings.
 * Source: CloudFormation, AWS::ApiGateway::RestApi and AWS::ApiGateway::Account; API Gateway REST API reference.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { locationIn, readObject } from '../s3-location.ts'
import { ask, changeGatewayTags, find, findOwned, gone, patch, patchesOf, tagsWithOwner, toApi } from './gateway-call.ts'
import {
  booleanAt,
  changeOf,
  type Declared,
  type DeployContext,
  droppedFrom,
  objectAt,
  physicalName,
  PropertyError,
  requiredText,
  type ResourceType,
  textAt,
  textsAt,
  valuesAt,
} from './resource.ts'

const PATH = '/restapis'
const MEMBERS = [
  ...['BinaryMediaTypes', 'Description', 'DisableExecuteApiEndpoint', 'EndpointAccessMode', 'EndpointConfiguration'],
  ...['MinimumCompressionSize', 'Name', 'SecurityPolicy', 'Version'],
]
/** What is told otherwise than nothing where a template says nothing of it. */
const UNSET: JsonObject = { apiKeySource: 'HEADER', binaryMediaTypes: [], disableExecuteApiEndpoint: false }

export const restApi: ResourceType = {
  async deploy(resource, context) {
    const { properties } = resource
    const { aws } = context
    const members = membersOf(properties)
    const body = await bodyOf(resource, context)
    if (body === undefined && members['name'] === undefined) throw new PropertyError('The property Name is required.', 'Name')
    const found = await findOwned(resource, context, { path: PATH, member: 'item', pages: 'position' })
    const create = () => {
      const cloneFrom = textAt(properties, 'CloneFrom')
      const name = members['name'] ?? titleIn(body) ?? resource.id
      const tags = tagsWithOwner(resource, context)
      return ask(aws, 'POST', PATH, { ...members, name, tags, ...(cloneFrom !== undefined && { cloneFrom }) })
    }
    const made = found ?? (await create())
    const id = requiredText(made, 'id')
    if (found === undefined) context.made(resource, id)
    const path = `${PATH}/${id}`
    const isPut = await putBody(resource, body, path, context)
    // What a document says of the API itself comes before what the template says beside it.
    const wanted = { ...goneFrom(resource), ...members }
    const isChanged = (found !== undefined || isPut) && (await patch(aws, path, patchesOf((await find(aws, path)) ?? {}, wanted)))
    const hasOtherTags = found !== undefined && (await changeGatewayTags(resource, path, context))
    const root = textAt((await find(aws, path)) ?? made, 'rootResourceId') ?? ''
    return {
      ref: id,
      attributes: { RestApiId: id, RootResourceId: root },
      change: changeOf(found, isPut, isChanged, hasOtherTags),
    }
  },
  async remove(ref, aws) {
    await gone(aws, `${PATH}/${ref}`)
    return undefined
  },
}

function membersOf(properties: JsonObject): JsonObject {
  const { Policy } = properties
  const source = textAt(properties, 'ApiKeySourceType')
  return {
    ...toApi(valuesAt(properties, MEMBERS)),
    ...(source !== undefined && { apiKeySource: source }),
    ...(Policy !== undefined && { policy: isObject(Policy) ? JSON.stringify(Policy) : String(Policy) }),
  }
}

function goneFrom(resource: Declared): JsonObject {
  const names = droppedFrom(resource, [...MEMBERS, 'ApiKeySourceType', 'Policy'])
  const members = names.map((name) =>
    name === 'ApiKeySourceType' ? 'apiKeySource' : `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
  )
  // An API has endpoints and a name, whatever its template says.
  const taken = members.filter((name) => name !== 'endpointConfiguration' && name !== 'name')
  return Object.fromEntries(taken.map((name): [string, Json] => [name, UNSET[name] ?? null]))
}

/** The OpenAPI document, as a text. Undefined where there is none. */
async function bodyOf({ properties }: Declared, { aws }: DeployContext): Promise<string | undefined> {
  const given = getOwn(properties, 'Body')
  if (given !== undefined) return isObject(given) ? JSON.stringify(given) : String(given)
  const location = locationIn(getOwn(properties, 'BodyS3Location'))
  if (location === undefined) return undefined
  const object = await readObject(location, aws)
  if (object !== undefined) return object.toString('utf8')
  throw new PropertyError(`s3://${location.bucket}/${location.key} is not there.`, 'BodyS3Location')
}

function titleIn(body: string | undefined): string | undefined {
  try {
    const document: unknown = JSON.parse(body ?? '')
    return isObject(document) ? textAt(objectAt(document, 'info') ?? {}, 'title') : undefined
  } catch {
    return undefined
  }
}

const OF_BODY = ['Body', 'BodyS3Location', 'Mode', 'Parameters']

/** In place of all that was. A document that is known to be the same is not put again. */
async function putBody(resource: Declared, body: string | undefined, path: string, context: DeployContext): Promise<boolean> {
  const { properties, before } = resource
  const said = (one: JsonObject): string => stableJson(valuesAt(one, OF_BODY))
  const isSame = before !== undefined && said(before.properties) === said(properties)
  if (body === undefined || isSame) return false
  const query = new URLSearchParams({ mode: textAt(properties, 'Mode') ?? 'overwrite' })
  if (booleanAt(properties, 'FailOnWarnings') === true) query.set('failonwarnings', 'true')
  for (const [name, value] of Object.entries(objectAt(properties, 'Parameters') ?? {})) query.set(name, String(value))
  await context.aws.restXml(SERVICES.apigateway, 'PUT', path, query, body, 'application/json')
  return true
}

/** There is one of each account and region: it is never taken away. */
export const gatewayAccount: ResourceType = {
  async deploy(resource, context) {
    const { id, properties, before } = resource
    const [role] = Object.values(textsAt(properties, ['CloudWatchRoleArn']))
    const found = await ask(context.aws, 'GET', '/account')
    const isDropped = droppedFrom(resource, ['CloudWatchRoleArn']).length > 0
    const wanted = role ?? (isDropped ? '' : undefined)
    const patches = wanted === undefined ? [] : patchesOf({ cloudwatchRoleArn: '', ...found }, { cloudwatchRoleArn: wanted })
    const isChanged = await patch(context.aws, '/account', patches)
    const ref = physicalName(context, id, 64)
    return { ref, attributes: { Id: ref }, change: changeOf(before, isChanged) }
  },
  remove: () => Promise.resolve(undefined),
}
