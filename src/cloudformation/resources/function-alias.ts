/** Versions and aliases of functions. A version is published again only when the function has changed. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { functionPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import {
  type Change,
  changeOf,
  claim,
  type Declared,
  type DeployContext,
  droppedFrom,
  listAt,
  numberAt,
  objectAt,
  requiredText,
  type ResourceType,
  textAt,
  textsAt,
} from './resource.ts'

export const functionVersion: ResourceType = {
  ignores: ['FunctionScalingConfig', 'RuntimePolicy'],
  replacedBy: ['CodeSha256', 'Description', 'FunctionName', 'ProvisionedConcurrencyConfig', 'RuntimePolicy'],
  async deploy(resource, context) {
    const { properties } = resource
    const name = requiredText(properties, 'FunctionName')
    const known = await versionsOf(name, context)
    const settings = textsAt(properties, ['CodeSha256', 'Description'])
    const { arn, version } = await publish(name, settings, context)
    if (known.has(version)) claim(version, resource, arn, context)
    if (!known.has(version)) context.made(resource, arn)
    const isProvisioned = await provision(name, version, resource, context)
    const change = changeOf(known.has(version) ? version : undefined, isProvisioned)
    return { ref: arn, attributes: { FunctionArn: arn, Version: version }, change }
  },
  async remove(ref, aws) {
    const [, functionName = '', version = ''] = /^(.+):([^:]+)$/.exec(ref) ?? []
    const query = new URLSearchParams({ Qualifier: version })
    const removed = aws.rest(SERVICES.lambda, 'DELETE', functionPath(functionName), undefined, query)
    await orUndefined(removed, 'ResourceNotFoundException')
    return undefined
  },
}

export const functionAlias: ResourceType = {
  replacedBy: ['FunctionName', 'Name'],
  async deploy(resource, context) {
    const { properties } = resource
    const name = requiredText(properties, 'Name')
    const functionName = requiredText(properties, 'FunctionName')
    const { arn, change } = await putAlias(name, functionName, settingsOf(properties), context, resource)
    if (change === 'created') context.made(resource, arn)
    const isProvisioned = await provision(functionName, name, resource, context)
    return { ref: arn, attributes: { AliasArn: arn }, change: isProvisioned && change === 'unchanged' ? 'updated' : change }
  },
  async remove(ref, aws) {
    const [, functionName = '', alias = ''] = /^(.+):([^:]+)$/.exec(ref) ?? []
    const path = `${functionPath(functionName)}/aliases/${encodeURIComponent(alias)}`
    await orUndefined(aws.rest(SERVICES.lambda, 'DELETE', path), 'ResourceNotFoundException')
    return undefined
  },
}

/** Whether other executions are kept warm for a version or an alias. */
async function provision(name: string, qualifier: string, resource: Declared, { aws }: DeployContext): Promise<boolean> {
  const wanted = numberAt(objectAt(resource.properties, CONCURRENCY) ?? {}, 'ProvisionedConcurrentExecutions')
  const isDropped = droppedFrom(resource, [CONCURRENCY]).length > 0
  if (wanted === undefined && !isDropped) return false
  const path = `${functionPath(name, '2019-09-30')}/provisioned-concurrency`
  const query = new URLSearchParams({ Qualifier: qualifier })
  const asked = aws.rest(SERVICES.lambda, 'GET', path, undefined, query)
  const found = await orUndefined(asked, 'ProvisionedConcurrencyConfigNotFoundException')
  if (numberAt(found ?? {}, 'RequestedProvisionedConcurrentExecutions') === wanted) return false
  if (wanted === undefined) await aws.rest(SERVICES.lambda, 'DELETE', path, undefined, query)
  else await aws.rest(SERVICES.lambda, 'PUT', path, { ProvisionedConcurrentExecutions: wanted }, query)
  return true
}

const CONCURRENCY = 'ProvisionedConcurrencyConfig'

/** With what goes without saying, so that what a template no longer says is changed back. */
function settingsOf(properties: JsonObject): JsonObject {
  const weights = objectAt(properties, 'RoutingConfig')
  return {
    FunctionVersion: requiredText(properties, 'FunctionVersion'),
    Description: textAt(properties, 'Description') ?? '',
    RoutingConfig: weights ? weightsOf(weights) : { AdditionalVersionWeights: {} },
  }
}

/** CloudFormation has a list where the API has a map. */
function weightsOf(routing: JsonObject): JsonObject {
  const list = routing['AdditionalVersionWeights']
  if (!Array.isArray(list)) return routing
  const pairs = list.map((one: JsonObject) => [textAt(one, 'FunctionVersion') ?? '', Number(textAt(one, 'FunctionWeight'))])
  return { AdditionalVersionWeights: Object.fromEntries(pairs) }
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

async function publish(functionName: string, input: JsonObject, { aws }: DeployContext) {
  const path = `${functionPath(functionName)}/versions`
  const published = await aws.rest(SERVICES.lambda, 'POST', path, input)
  return { arn: requiredText(published, 'FunctionArn'), version: requiredText(published, 'Version') }
}

async function putAlias(
  name: string,
  functionName: string,
  settings: JsonObject,
  context: DeployContext,
  resource?: Declared,
): Promise<{ readonly arn: string; readonly change: Change }> {
  const { aws } = context
  const path = `${functionPath(functionName)}/aliases`
  const own = `${path}/${encodeURIComponent(name)}`
  const found = await orUndefined(aws.rest(SERVICES.lambda, 'GET', own), 'ResourceNotFoundException')
  if (resource !== undefined) claim(found, resource, name, context)
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
