/**
 * Versions and aliases of state machines. A version is published again only when the machine has changed. An alias changes over
 * at once, whatever its DeploymentPreference says of steps, which is told.
 * Source: CloudFormation, AWS::StepFunctions::StateMachineVersion and AWS::StepFunctions::StateMachineAlias.
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import {
  changeOf,
  claim,
  type Declared,
  type DeployContext,
  type Deployed,
  listAt,
  numberAt,
  objectAt,
  physicalName,
  PropertyError,
  requiredText,
  type ResourceType,
  textAt,
} from './resource.ts'

export const stateMachineVersion: ResourceType = {
  replacedBy: ['*'],
  async deploy({ properties }, context) {
    const stateMachineArn = requiredText(properties, 'StateMachineArn')
    const before = await context.aws.json(SERVICES.sfn, 'ListStateMachineVersions', { stateMachineArn, maxResults: 1 })
    const revision = textAt(properties, 'StateMachineRevisionId')
    const arn = await publishVersion(stateMachineArn, textAt(properties, 'Description'), context, revision)
    const [newest] = listAt(before, 'stateMachineVersions')
    const isKnown = isObject(newest) && textAt(newest, 'stateMachineVersionArn') === arn
    return { ref: arn, attributes: { Arn: arn }, change: isKnown ? 'unchanged' : 'created' }
  },
  async remove(ref, aws) {
    const removed = aws.json(SERVICES.sfn, 'DeleteStateMachineVersion', { stateMachineVersionArn: ref })
    await orUndefined(removed, 'ResourceNotFound', 'StateMachineDoesNotExist')
    return undefined
  },
}

export const stateMachineAlias: ResourceType = {
  replacedBy: ['Name'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const routing = routesOf(properties)
    const type = textAt(objectAt(properties, 'DeploymentPreference') ?? {}, 'Type') ?? 'ALL_AT_ONCE'
    if (type !== 'ALL_AT_ONCE') context.warn(`${id}: the alias changes over at once, not ${type}.`)
    const name = textAt(properties, 'Name') ?? physicalName(context, id, 80)
    return deployAlias(name, routing, textAt(properties, 'Description'), context, resource)
  },
  async remove(ref, aws) {
    const removed = aws.json(SERVICES.sfn, 'DeleteStateMachineAlias', { stateMachineAliasArn: ref })
    await orUndefined(removed, 'ResourceNotFound', 'StateMachineDoesNotExist')
    return undefined
  },
}

type Route = { readonly stateMachineVersionArn: string; readonly weight: number }

/** From the one property or from the other. */
function routesOf(properties: JsonObject): readonly Route[] {
  const routing = listAt(properties, 'RoutingConfiguration').filter(isObject).map(routeOf)
  const version = textAt(objectAt(properties, 'DeploymentPreference') ?? {}, 'StateMachineVersionArn')
  if (version !== undefined) return [...routing, { stateMachineVersionArn: version, weight: 100 }]
  if (routing.length === 0) throw new PropertyError('An alias needs a RoutingConfiguration.', 'RoutingConfiguration')
  return routing
}

const routeOf = (route: JsonObject): Route => ({
  stateMachineVersionArn: requiredText(route, 'StateMachineVersionArn'),
  weight: numberAt(route, 'Weight') ?? 100,
})

/** AWS answers with the newest version when nothing has changed since. */
async function publishVersion(
  arn: string,
  description: string | undefined,
  context: DeployContext,
  revisionId?: string,
): Promise<string> {
  const input = {
    stateMachineArn: arn,
    ...(description !== undefined && { description }),
    ...(revisionId !== undefined && { revisionId }),
  }
  const published = await context.aws.json(SERVICES.sfn, 'PublishStateMachineVersion', input)
  return requiredText(published, 'stateMachineVersionArn')
}

/** `resource`: where the alias is one by itself, not a part of its machine. */
async function deployAlias(
  name: string,
  routing: readonly Route[],
  description: string | undefined,
  context: DeployContext,
  resource?: Declared,
): Promise<Deployed> {
  const { aws } = context
  const machine = routing[0]?.stateMachineVersionArn.replace(/:\d+$/, '') ?? ''
  const arn = `${machine}:${name}`
  const routingConfiguration: readonly Json[] = routing
  const settings = { routingConfiguration, description: description ?? '' }
  const target = { stateMachineAliasArn: arn }
  const described = aws.json(SERVICES.sfn, 'DescribeStateMachineAlias', target)
  const found = await orUndefined(described, 'ResourceNotFound', 'StateMachineDoesNotExist')
  if (resource !== undefined) claim(found, resource, arn, context)
  if (found === undefined) await aws.json(SERVICES.sfn, 'CreateStateMachineAlias', { name, ...settings })
  const shown = { description: '', ...found }
  const isSame = stableJson({ ...shown, ...settings }) === stableJson(shown)
  if (found !== undefined && !isSame) await aws.json(SERVICES.sfn, 'UpdateStateMachineAlias', { ...target, ...settings })
  return { ref: arn, attributes: { Arn: arn }, change: changeOf(found, !isSame) }
}
