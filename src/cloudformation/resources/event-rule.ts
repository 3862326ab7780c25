/**
 * EventBridge's rules with their targets. Targets that the template no longer has are removed; those that cannot be called here
 * are told, and the rule goes without them.
 * Source: CloudFormation, AWS::Events::Rule.
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { WireError } from '../../wire/errors.ts'
import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { changeEventTags } from './event-tags.ts'
import {
  type Change,
  claim,
  type Declared,
  type DeployContext,
  listAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
} from './resource.ts'
import { tagList, tagMapOf } from './tags.ts'
import { typedMembers } from './typed.ts'

interface RuleName {
  readonly Name: string
  readonly EventBusName: string
}

const DEFAULT_BUS = 'default'
const KINDS = { numbers: ['MaximumEventAgeInSeconds', 'MaximumRetryAttempts'] }

export const eventRule: ResourceType = {
  replacedBy: ['EventBusName', 'Name'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const bus = textAt(properties, 'EventBusName') ?? DEFAULT_BUS
    const EventBusName = bus.split('event-bus/').at(-1) ?? bus
    const rule = { Name: textAt(properties, 'Name') ?? physicalName(context, id, 64), EventBusName }
    const put = await putRule(rule, resource, context)
    const ref = EventBusName === DEFAULT_BUS ? rule.Name : `${EventBusName}|${rule.Name}`
    if (put === 'created') context.made(resource, ref)
    const hasOtherTargets = await putTargets(rule, listAt(properties, 'Targets').filter(isObject), id, context)
    const found = await context.aws.json(SERVICES.eventbridge, 'DescribeRule', rule)
    const arn = requiredText(found, 'Arn')
    const hasOtherTags = put !== 'created' && (await changeEventTags(resource, arn, context.aws))
    const change = put === 'unchanged' && (hasOtherTargets || hasOtherTags) ? 'updated' : put
    return { ref, attributes: { Arn: arn, RuleName: rule.Name }, change }
  },
  async remove(ref, aws) {
    const [bus = '', name] = ref.split('|')
    const rule = name === undefined ? { Name: bus, EventBusName: DEFAULT_BUS } : { Name: name, EventBusName: bus }
    const ids = await targetIds(rule, aws)
    if (ids.length > 0) await removeTargets(rule, ids, aws)
    await orUndefined(aws.json(SERVICES.eventbridge, 'DeleteRule', { ...rule }), 'ResourceNotFoundException')
    return undefined
  },
}

const MEMBERS = ['Description', 'EventPattern', 'RoleArn', 'ScheduleExpression', 'State'] as const

async function putRule(rule: RuleName, resource: Declared, context: DeployContext): Promise<Change> {
  const { properties } = resource
  const { aws } = context
  const pattern = objectAt(properties, 'EventPattern')
  const given = { State: 'ENABLED', ...properties, ...(pattern && { EventPattern: JSON.stringify(pattern) }) }
  const wanted = Object.fromEntries(MEMBERS.flatMap((name) => (Object.hasOwn(given, name) ? [[name, textOf(given, name)]] : [])))
  const asked = aws.json(SERVICES.eventbridge, 'DescribeRule', { ...rule })
  const found = claim(await orUndefined(asked, 'ResourceNotFoundException'), resource, rule.Name, context)
  if (found && MEMBERS.every((name) => (textAt(found, name) ?? '') === (wanted[name] ?? ''))) return 'unchanged'
  const Tags = tagList(tagMapOf(properties))
  await aws.json(SERVICES.eventbridge, 'PutRule', { ...rule, ...wanted, ...(!found && Tags.length > 0 && { Tags }) })
  return found ? 'updated' : 'created'
}

const textOf = (given: JsonObject, name: string): string => textAt(given, name) ?? ''

/** Whether there was one to put or to remove. */
async function putTargets(rule: RuleName, given: readonly JsonObject[], id: string, context: DeployContext): Promise<boolean> {
  const wanted = given.map((target) => typedMembers(target, KINDS))
  const found = await targetsOf(rule, context.aws)
  const gone = found.map((target) => textAt(target, 'Id') ?? '').filter((known) => !wanted.some(({ Id }) => Id === known))
  if (gone.length > 0) await removeTargets(rule, gone, context.aws)
  let isChanged = gone.length > 0
  for (const target of wanted) {
    if (found.some((known) => stableJson(known) === stableJson(target))) continue
    try {
      await context.aws.json(SERVICES.eventbridge, 'PutTargets', {
        Rule: rule.Name,
        EventBusName: rule.EventBusName,
        Targets: [target],
      })
      isChanged = true
    } catch (error) {
      if (!(error instanceof WireError) || error.status >= 500) throw error
      context.warn(`${id}: the target ${textAt(target, 'Id') ?? ''} is left out: ${error.message}`)
    }
  }
  return isChanged
}

async function targetsOf({ Name, EventBusName }: RuleName, aws: Aws): Promise<readonly JsonObject[]> {
  const asked = aws.json(SERVICES.eventbridge, 'ListTargetsByRule', { Rule: Name, EventBusName })
  const found = await orUndefined(asked, 'ResourceNotFoundException')
  return found === undefined ? [] : listAt(found, 'Targets').filter(isObject)
}

const targetIds = async (rule: RuleName, aws: Aws): Promise<readonly string[]> =>
  (await targetsOf(rule, aws)).map((target) => textAt(target, 'Id') ?? '')

async function removeTargets({ Name, EventBusName }: RuleName, ids: readonly string[], aws: Aws): Promise<void> {
  const Ids: readonly Json[] = ids
  await aws.json(SERVICES.eventbridge, 'RemoveTargets', { Rule: Name, EventBusName, Ids })
}
