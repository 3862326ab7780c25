/**
 * EventBridge's buses, and statements of their policies.
 * Source: CloudFormation, AWS::Events::EventBus and AWS::Events::EventBusPolicy; EventBridge API reference, PutPermission.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { changeEventTags } from './event-tags.ts'
import { documentIn, isSameDocument } from './policy-document.ts'
import {
  changeOf,
  claim,
  type Declared,
  droppedFrom,
  objectAt,
  requiredText,
  type ResourceType,
  textAt,
  textsAt,
  valuesAt,
} from './resource.ts'
import { tagList, tagMapOf } from './tags.ts'
import { saysAll } from './typed.ts'

const EVENTS = SERVICES.eventbridge
const DEFAULT_BUS = 'default'

export const eventBus: ResourceType = {
  ignores: ['EventSourceName'],
  replacedBy: ['EventSourceName', 'Name'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws } = context
    const Name = requiredText(properties, 'Name')
    const describe = () => aws.json(EVENTS, 'DescribeEventBus', { Name })
    const found = claim(await orUndefined(describe(), 'ResourceNotFoundException'), resource, Name, context)
    const settings = {
      ...textsAt(properties, ['Description', 'KmsKeyIdentifier']),
      ...valuesAt(properties, ['DeadLetterConfig', 'LogConfig']),
    }
    const Tags = tagList(tagMapOf(properties))
    if (found === undefined) await aws.json(EVENTS, 'CreateEventBus', { Name, ...settings, ...(Tags.length > 0 && { Tags }) })
    if (found === undefined) context.made(resource, Name)
    const gone = droppedFrom(resource, ['Description', 'KmsKeyIdentifier', 'DeadLetterConfig', 'LogConfig'])
    const isSame = found === undefined || (saysAll(found, settings) && gone.every((name) => found[name] === undefined))
    if (!isSame) await aws.json(EVENTS, 'UpdateEventBus', { Name, ...settings })
    const shown = await describe()
    const arn = requiredText(shown, 'Arn')
    const hasOtherPolicy = await putPolicy(resource, Name, shown, aws)
    const hasOtherTags = found !== undefined && (await changeEventTags(resource, arn, aws))
    const attributes = { Arn: arn, Name, Policy: textAt(hasOtherPolicy ? await describe() : shown, 'Policy') ?? '' }
    return { ref: Name, attributes, change: changeOf(found, !isSame, hasOtherPolicy, hasOtherTags) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(EVENTS, 'DeleteEventBus', { Name: ref }), 'ResourceNotFoundException')
    return undefined
  },
}

/** Whether the bus has another policy than the template says. */
async function putPolicy(resource: Declared, name: string, shown: JsonObject, aws: Aws): Promise<boolean> {
  const told = textAt(shown, 'Policy')
  if (!Object.hasOwn(resource.properties, 'Policy')) {
    if (told === undefined || droppedFrom(resource, ['Policy']).length === 0) return false
    await aws.json(EVENTS, 'RemovePermission', { EventBusName: name, RemoveAllPermissions: true })
    return true
  }
  const Policy = documentIn(resource.properties, 'Policy')
  if (isSameDocument(told, Policy)) return false
  await aws.json(EVENTS, 'PutPermission', { EventBusName: name, Policy })
  return true
}

export const eventBusPolicy: ResourceType = {
  replacedBy: ['EventBusName', 'StatementId'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws } = context
    const EventBusName = textAt(properties, 'EventBusName') ?? DEFAULT_BUS
    const StatementId = requiredText(properties, 'StatementId')
    const ref = `${EventBusName}|${StatementId}`
    return inTurn(EventBusName, async () => {
      const known = await statementsOf(EventBusName, aws)
      const found = claim(known.find(isNamed(StatementId)), resource, ref, context)
      const statement = objectAt(properties, 'Statement')
      if (statement === undefined) {
        const condition = objectAt(properties, 'Condition')
        const input = { EventBusName, StatementId, ...textsAt(properties, ['Action', 'Principal']) }
        await aws.json(EVENTS, 'PutPermission', { ...input, ...(condition && { Condition: condition }) })
      } else {
        const all = [...known.filter((one) => one !== found), { ...statement, Sid: StatementId }]
        await aws.json(EVENTS, 'PutPermission', {
          EventBusName,
          Policy: JSON.stringify({ Version: '2012-10-17', Statement: all }),
        })
      }
      const put = (await statementsOf(EventBusName, aws)).find(isNamed(StatementId))
      return { ref, attributes: {}, change: changeOf(found, stableJson(put ?? null) !== stableJson(found ?? null)) }
    })
  },
  async remove(ref, aws) {
    const [EventBusName = '', StatementId = ''] = ref.split('|')
    const removed = aws.json(EVENTS, 'RemovePermission', { EventBusName, StatementId })
    await orUndefined(removed, 'ResourceNotFoundException')
    return undefined
  },
}

async function statementsOf(Name: string, aws: Aws): Promise<readonly Json[]> {
  const policy = objectOf(textAt(await aws.json(EVENTS, 'DescribeEventBus', { Name }), 'Policy') ?? '{}') ?? {}
  const statements = getOwn(policy, 'Statement') ?? []
  return isArray(statements) ? statements : [statements]
}

const isNamed =
  (sid: string) =>
  (statement: Json): boolean =>
    isObject(statement) && getOwn(statement, 'Sid') === sid

/** A policy is put as a whole: two that change the one of a bus at once would each undo the other. */
const turns = new Map<string, Promise<unknown>>()

async function inTurn<T>(bus: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(bus) ?? Promise.resolve()
  const mine = before.then(work, work)
  turns.set(bus, mine)
  try {
    return await mine
  } finally {
    if (turns.get(bus) === mine) turns.delete(bus)
  }
}
