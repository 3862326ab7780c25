/**
 * How API Gateway is spoken to: the members of templates under the names of its API, changes as patches, tags, and whose an API is
 * that has no name of its own.
 * Source: API Gateway REST API reference, "Patch operations"; API Gateway v2 API reference.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { type Declared, type DeployContext, listAt, objectAt, textAt, knownRef } from './resource.ts'
import { changeTags, type Tags, tagMapOf } from './tags.ts'
import { typedMembers } from './typed.ts'

const GATEWAY = SERVICES.apigateway
const OWNER_TAG = 'regente:resource'

export const ask = (aws: Aws, method: string, path: string, input?: JsonObject, query?: URLSearchParams): Promise<JsonObject> =>
  aws.rest(GATEWAY, method, path, input, query)

/** Undefined where there is no such thing. */
export const find = (aws: Aws, path: string): Promise<JsonObject | undefined> =>
  orUndefined(ask(aws, 'GET', path), 'NotFoundException')

export const gone = (aws: Aws, path: string): Promise<unknown> => orUndefined(ask(aws, 'DELETE', path), 'NotFoundException')

/** The names in them are nobody's members. */
const MAPS: ReadonlySet<string> = new Set([
  ...['RequestModels', 'RequestParameters', 'RequestTemplates', 'ResponseModels', 'ResponseParameters', 'ResponseTemplates'],
  ...['RouteSettings', 'StageVariableOverrides', 'StageVariables', 'Variables'],
])
const KINDS = {
  numbers: [
    ...['AuthorizerResultTtlInSeconds', 'BurstLimit', 'Limit', 'MaxAge', 'MinimumCompressionSize', 'Offset', 'PercentTraffic'],
    ...['RateLimit', 'ThrottlingBurstLimit', 'ThrottlingRateLimit', 'TimeoutInMillis'],
  ],
  flags: [
    ...['AllowCredentials', 'ApiKeyRequired', 'AutoDeploy', 'CacheClusterEnabled', 'DataTraceEnabled', 'Enabled'],
    ...['DetailedMetricsEnabled', 'DisableExecuteApiEndpoint', 'DisableSchemaValidation', 'EnableSimpleResponses', 'Required'],
    ...['TracingEnabled', 'UseStageCache', 'ValidateRequestBody', 'ValidateRequestParameters'],
  ],
}

/** Members of a template as the API has them: `FooBar` is `fooBar` there, and numbers are numbers. */
export const toApi = (value: JsonObject): JsonObject => loweredMembers(typedMembers(value, KINDS), false)

function lowered(value: Json, isMap = false): Json {
  if (isArray(value)) return value.map((item) => lowered(item))
  return isObject(value) ? loweredMembers(value, isMap) : value
}

function loweredMembers(value: JsonObject, isMap: boolean): JsonObject {
  const object: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) {
    const own = isMap ? name : `${name.charAt(0).toLowerCase()}${name.slice(1)}`
    setOwn(object, own, lowered(member, !isMap && MAPS.has(name)))
  }
  return object
}

// ---- patches

export interface Patch {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: string
  readonly value?: string
}

/** What makes the one the other. Only members of `wanted` are looked at; null is for what is not to be there. */
export function patchesOf(found: JsonObject, wanted: JsonObject, at = ''): readonly Patch[] {
  return Object.entries(wanted).flatMap(([name, value]): readonly Patch[] => {
    const path = `${at}/${escaped(name)}`
    const known = getOwn(found, name) ?? null
    if (value === null) return known === null ? [] : [{ op: 'remove', path }]
    if (isArray(value)) return listPatches(isArray(known) ? known.map(String) : [], value.map(String), path)
    if (!isObject(value))
      return String(known) === String(value) && known !== null ? [] : [{ op: 'replace', path, value: String(value) }]
    const before = isObject(known) ? known : {}
    const surplus = Object.keys(before).filter((key) => !Object.hasOwn(value, key))
    return patchesOf(before, { ...value, ...Object.fromEntries(surplus.map((key) => [key, null])) }, path)
  })
}

function listPatches(known: readonly string[], wanted: readonly string[], path: string): readonly Patch[] {
  const missing = wanted.filter((one) => !known.includes(one))
  const surplus = known.filter((one) => !wanted.includes(one))
  return [
    ...surplus.map((one): Patch => ({ op: 'remove', path: `${path}/${escaped(one)}` })),
    ...missing.map((one): Patch => ({ op: 'add', path: `${path}/${escaped(one)}` })),
  ]
}

export const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1')

/** Whether there was something to change. */
export async function patch(aws: Aws, path: string, patches: readonly Patch[]): Promise<boolean> {
  if (patches.length > 0) await ask(aws, 'PATCH', path, { patchOperations: patches.map((one) => ({ ...one })) })
  return patches.length > 0
}

// ---- tags, and what has no name of its own

/** `path`: of what has them, `/restapis/…`. */
export function changeGatewayTags(resource: Declared, path: string, context: DeployContext): Promise<boolean> {
  const { aws, partition, region } = context
  const arn = `/tags/${encodeURIComponent(`arn:${partition}:apigateway:${region}::${path}`)}`
  return changeTags(resource, {
    async list() {
      const tags = objectAt(await ask(aws, 'GET', arn), 'tags') ?? {}
      return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)]))
    },
    put: (tags) => ask(aws, 'PUT', arn, { tags }),
    remove: (keys) => {
      const query = new URLSearchParams(keys.map((key): [string, string] => ['tagKeys', key]))
      return ask(aws, 'DELETE', arn, undefined, query)
    },
  })
}

const ownerOf = ({ id }: Declared, { stackName, suffixOf }: DeployContext): string => `${stackName}/${id}/${suffixOf(id)}`

/** What a new API is given: it says whose it is, so that it is found again. */
export const tagsWithOwner = (resource: Declared, context: DeployContext): Tags => ({
  ...tagMapOf(resource.properties),
  [OWNER_TAG]: ownerOf(resource, context),
})

/** By its id, where that is known; or else by its tag, among those that a list tells. `list`: where it stands. */
export async function findOwned(
  resource: Declared,
  context: DeployContext,
  list: { readonly path: string; readonly member: string; readonly pages: 'position' | 'nextToken' },
): Promise<JsonObject | undefined> {
  const { aws } = context
  const ref = knownRef(resource)
  const known = ref === undefined ? undefined : await find(aws, `${list.path}/${encodeURIComponent(ref)}`)
  if (known !== undefined) return known
  const owner = ownerOf(resource, context)
  for (let token: string | undefined = ''; token !== undefined; ) {
    const query = token === '' ? undefined : new URLSearchParams({ [list.pages]: token })
    const page: JsonObject = await ask(aws, 'GET', list.path, undefined, query)
    const found = listAt(page, list.member)
      .filter(isObject)
      .find((one) => textAt(objectAt(one, 'tags') ?? {}, OWNER_TAG) === owner)
    if (found !== undefined) return found
    token = textAt(page, list.pages)
  }
  return undefined
}
