/** Versions and aliases of state machines. A version is published again only when the machine has changed. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import {
  type DeployContext,
  type Deployed,
  listAt,
  numberAt,
  objectAt,
  PropertyError,
  requiredText,
  type ResourceType,
  textAt,
} from './resource.ts'

export const stateMachineVersion: ResourceType = {
  async deploy({ properties }, context) {
    const stateMachineArn = requiredText(properties, 'StateMachineArn')
    const before = await context.aws.json(SERVICES.sfn, 'ListStateMachineVersions', { stateMachineArn, maxResults: 1 })
    const arn = await publishVersion(stateMachineArn, textAt(properties, 'Description'), context)
    const [newest] = listAt(before, 'stateMachineVersions')
    const isKnown = isObject(newest) && textAt(newest, 'stateMachineVersionArn') === arn
    return { ref: arn, attributes: { Arn: arn }, change: isKnown ? 'unchanged' : 'created' }
  },
}

export const stateMachineAlias: ResourceType = {
  async deploy({ id, properties }, context) {
    const routing = listAt(properties, 'RoutingConfiguration').filter(isObject).map(routeOf)
    const preference = objectAt(properties, 'DeploymentPreference')
    const version = preference === undefined ? undefined : textAt(preference, 'StateMachineVersionArn')
    if (version !== undefined) routing.push({ stateMachineVersionArn: version, weight: 100 })
    if (routing.length === 0) throw new PropertyError('An alias needs a RoutingConfiguration.', 'RoutingConfiguration')
    return deployAlias(textAt(properties, 'Name') ?? id, routing, textAt(properties, 'Description'), context)
  },
}

type Route = { readonly stateMachineVersionArn: string; readonly weight: number }

const routeOf = (route: JsonObject): Route => ({
  stateMachineVersionArn: requiredText(route, 'StateMachineVersionArn'),
  weight: numberAt(route, 'Weight') ?? 100,
})

/** AWS answers with the newest version when nothing has changed since. */
export async function publishVersion(arn: string, description: string | undefined, context: DeployContext): Promise<string> {
  const input = { stateMachineArn: arn, ...(description !== undefined && { description }) }
  const published = await context.aws.json(SERVICES.sfn, 'PublishStateMachineVersion', input)
  return requiredText(published, 'stateMachineVersionArn')
}

export async function deployAlias(
  name: string,
  routing: readonly Route[],
  description: string | undefined,
  { aws }: DeployContext,
): Promise<Deployed> {
  const machine = routing[0]?.stateMachineVersionArn.replace(/:\d+$/, '') ?? ''
  const arn = `${machine}:${name}`
  const routingConfiguration: readonly Json[] = routing
  const settings = { routingConfiguration, ...(description !== undefined && { description }) }
  const target = { stateMachineAliasArn: arn }
  const found = await orUndefined(
    aws.json(SERVICES.sfn, 'DescribeStateMachineAlias', target),
    'ResourceNotFound',
    'StateMachineDoesNotExist',
  )
  if (found === undefined) await aws.json(SERVICES.sfn, 'CreateStateMachineAlias', { name, ...settings })
  const isSame =
    found !== undefined && Object.entries(settings).every(([key, value]) => stableJson(found[key] ?? null) === stableJson(value))
  if (found !== undefined && !isSame) await aws.json(SERVICES.sfn, 'UpdateStateMachineAlias', { ...target, ...settings })
  return { ref: arn, attributes: { Arn: arn }, change: found === undefined ? 'created' : isSame ? 'unchanged' : 'updated' }
}
