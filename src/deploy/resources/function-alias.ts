/** Versions and aliases of functions. A version is published again only when the function has changed. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { functionPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { type Change, type DeployContext, listAt, objectAt, requiredText, type ResourceType, textAt } from './resource.ts'

export const functionVersion: ResourceType = {
  ignores: ['ProvisionedConcurrencyConfig', 'CodeSha256', 'RuntimePolicy'],
  async deploy({ properties }, context) {
    const name = requiredText(properties, 'FunctionName')
    const before = await versionsOf(name, context)
    const { arn, version } = await publish(name, textAt(properties, 'Description'), context)
    const change = before.has(version) ? 'unchanged' : 'created'
    return { ref: arn, attributes: { FunctionArn: arn, Version: version }, change }
  },
}

export const functionAlias: ResourceType = {
  ignores: ['ProvisionedConcurrencyConfig'],
  async deploy({ properties }, context) {
    const name = requiredText(properties, 'Name')
    const functionName = requiredText(properties, 'FunctionName')
    const { arn, change } = await putAlias(name, functionName, settingsOf(properties), context)
    return { ref: arn, attributes: { AliasArn: arn }, change }
  },
  async remove(ref, aws) {
    const [, functionName = '', alias = ''] = /^(.+):([^:]+)$/.exec(ref) ?? []
    const path = `${functionPath(functionName)}/aliases/${encodeURIComponent(alias)}`
    await orUndefined(aws.rest(SERVICES.lambda, 'DELETE', path), 'ResourceNotFoundException')
    return undefined
  },
}

function settingsOf(properties: JsonObject): JsonObject {
  const description = textAt(properties, 'Description')
  const weights = objectAt(properties, 'RoutingConfig')
  return {
    FunctionVersion: requiredText(properties, 'FunctionVersion'),
    ...(description !== undefined && { Description: description }),
    ...(weights && { RoutingConfig: weightsOf(weights) }),
  }
}

/** CloudFormation has a list where the API has a map. */
function weightsOf(routing: JsonObject): JsonObject {
  const list = routing['AdditionalVersionWeights']
  if (!Array.isArray(list)) return routing
  const pairs = list.map((one: JsonObject) => [textAt(one, 'FunctionVersion') ?? '', Number(textAt(one, 'FunctionWeight'))])
  return { AdditionalVersionWeights: Object.fromEntries(pairs) }
}

/** What `AutoPublishAlias` of SAM does. */
export async function publishAs(alias: string, functionName: string, context: DeployContext) {
  const { arn, version } = await publish(functionName, undefined, context)
  const put = await putAlias(alias, functionName, { FunctionVersion: version }, context)
  return { Version: arn, Alias: put.arn }
}

async function versionsOf(functionName: string, { aws }: DeployContext): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (let query = new URLSearchParams(), marker: string | undefined = ''; marker !== undefined; ) {
    const page = await aws.rest(SERVICES.lambda, 'GET', `${functionPath(functionName)}/versions`, undefined, query)
    for (const version of listAt(page, 'Versions').filter(isObject)) found.add(textAt(version, 'Version') ?? '')
    marker = textAt(page, 'NextMarker')
    query = new URLSearchParams({ Marker: marker ?? '' })
  }
  return found
}

async function publish(functionName: string, description: string | undefined, { aws }: DeployContext) {
  const path = `${functionPath(functionName)}/versions`
  const input = description === undefined ? {} : { Description: description }
  const published = await aws.rest(SERVICES.lambda, 'POST', path, input)
  return { arn: requiredText(published, 'FunctionArn'), version: requiredText(published, 'Version') }
}

async function putAlias(
  name: string,
  functionName: string,
  settings: JsonObject,
  { aws }: DeployContext,
): Promise<{ readonly arn: string; readonly change: Change }> {
  const path = `${functionPath(functionName)}/aliases`
  const own = `${path}/${encodeURIComponent(name)}`
  const found = await orUndefined(aws.rest(SERVICES.lambda, 'GET', own), 'ResourceNotFoundException')
  if (found === undefined) {
    const made = await aws.rest(SERVICES.lambda, 'POST', path, { Name: name, ...settings })
    return { arn: requiredText(made, 'AliasArn'), change: 'created' }
  }
  const isSame = ['FunctionVersion', 'Description', 'RoutingConfig'].every(
    (member) => shown(found[member]) === shown(settings[member]),
  )
  if (isSame) return { arn: requiredText(found, 'AliasArn'), change: 'unchanged' }
  return { arn: requiredText(await aws.rest(SERVICES.lambda, 'PUT', own, settings), 'AliasArn'), change: 'updated' }
}

/** What is not there is shown empty, or not at all. */
function shown(value: Json | undefined): string {
  const weights = isObject(value) ? (objectAt(value, 'AdditionalVersionWeights') ?? {}) : {}
  return isObject(value) ? (Object.keys(weights).length > 0 ? stableJson(weights) : '') : String(value ?? '')
}
