/** SNS topics and subscriptions. What is there gets the attributes that differ. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import {
  arnOf,
  type DeployContext,
  type Deployed,
  listAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
} from './resource.ts'

export const topic: ResourceType = {
  async deploy({ id, properties }, context) {
    const isFifo = textAt(properties, 'FifoTopic') === 'true'
    const name = textAt(properties, 'TopicName') ?? `${physicalName(context, id, 250)}${isFifo ? '.fifo' : ''}`
    const attributes = attributesOf(properties, ['DisplayName', 'FifoTopic', 'ContentBasedDeduplication', 'KmsMasterKeyId'])
    const arn = arnOf(context, 'sns', name)
    const found = await orUndefined(context.aws.query(SERVICES.sns, 'GetTopicAttributes', { TopicArn: arn }), 'NotFound')
    if (found === undefined) await context.aws.query(SERVICES.sns, 'CreateTopic', { Name: name, Attributes: attributes })
    const { FifoTopic: _, ...settable } = attributes
    const isChanged = found !== undefined && (await setAttributes('Topic', arn, found, settable, context.aws))
    for (const subscription of listAt(properties, 'Subscription')) {
      if (isObject(subscription)) await subscribe({ ...subscription, TopicArn: arn }, context)
    }
    const change = found === undefined ? 'created' : isChanged ? 'updated' : 'unchanged'
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name, Arn: arn }, change }
  },
  async remove(ref, aws) {
    await orUndefined(aws.query(SERVICES.sns, 'DeleteTopic', { TopicArn: ref }), 'NotFound')
    return undefined
  },
}

export const subscription: ResourceType = {
  ignores: ['SubscriptionRoleArn', 'ReplayPolicy'],
  deploy: (resource, context) => subscribe(resource.properties, context),
  async remove(ref, aws) {
    await orUndefined(aws.query(SERVICES.sns, 'Unsubscribe', { SubscriptionArn: ref }), 'NotFound', 'InvalidParameter')
    return undefined
  },
}

async function subscribe(properties: JsonObject, { aws }: DeployContext): Promise<Deployed> {
  const attributes = attributesOf(properties, [
    'FilterPolicy',
    'FilterPolicyScope',
    'RawMessageDelivery',
    'RedrivePolicy',
    'DeliveryPolicy',
  ])
  const target = {
    TopicArn: requiredText(properties, 'TopicArn'),
    Protocol: requiredText(properties, 'Protocol'),
    Endpoint: requiredText(properties, 'Endpoint'),
  }
  const known = await subscriptionOf(target, aws)
  const found = known === undefined ? undefined : await attributesFor(known, aws)
  if (known === undefined || found === undefined) {
    const input = { ...target, ReturnSubscriptionArn: 'true', Attributes: attributes }
    const arn = requiredText(await aws.query(SERVICES.sns, 'Subscribe', input), 'SubscriptionArn')
    return { ref: arn, attributes: { Arn: arn }, change: 'created' }
  }
  const isChanged = await setAttributes('Subscription', known, found, { ...cleared(found), ...attributes }, aws)
  return { ref: known, attributes: { Arn: known }, change: isChanged ? 'updated' : 'unchanged' }
}

const attributesFor = (SubscriptionArn: string, aws: Aws): Promise<JsonObject | undefined> =>
  orUndefined(aws.query(SERVICES.sns, 'GetSubscriptionAttributes', { SubscriptionArn }), 'NotFound')

interface Target {
  readonly TopicArn: string
  readonly Protocol: string
  readonly Endpoint: string
}

/** One that is not confirmed yet has no ARN in the list. */
async function subscriptionOf({ TopicArn, Protocol, Endpoint }: Target, aws: Aws): Promise<string | undefined> {
  for (let NextToken: string | undefined = ''; NextToken !== undefined; ) {
    const input = { TopicArn, ...(NextToken !== '' && { NextToken }) }
    const page: JsonObject = await aws.query(SERVICES.sns, 'ListSubscriptionsByTopic', input)
    const found = listAt(page, 'Subscriptions')
      .filter(isObject)
      .find((one) => textAt(one, 'Protocol') === Protocol && textAt(one, 'Endpoint') === Endpoint)
    const arn = found && textAt(found, 'SubscriptionArn')
    if (arn?.startsWith('arn:') === true) return arn
    NextToken = textAt(page, 'NextToken')
  }
  return undefined
}

/** What goes without saying, where it is set. */
const cleared = (found: JsonObject): Record<string, string> => {
  const attributes = objectAt(found, 'Attributes') ?? {}
  return {
    ...(Object.hasOwn(attributes, 'FilterPolicy') && { FilterPolicy: '{}' }),
    ...(Object.hasOwn(attributes, 'RawMessageDelivery') && { RawMessageDelivery: 'false' }),
  }
}

/** Whether there was one to set. */
async function setAttributes(
  kind: 'Topic' | 'Subscription',
  arn: string,
  found: JsonObject,
  wanted: Readonly<Record<string, string>>,
  aws: Aws,
): Promise<boolean> {
  const current = objectAt(found, 'Attributes') ?? {}
  const differing = Object.entries(wanted).filter(([name, value]) => textAt(current, name) !== value)
  for (const [AttributeName, AttributeValue] of differing) {
    await aws.query(SERVICES.sns, `Set${kind}Attributes`, { [`${kind}Arn`]: arn, AttributeName, AttributeValue })
  }
  return differing.length > 0
}

function attributesOf(properties: JsonObject, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name): [string, string][] => {
      const value: Json | undefined = properties[name]
      if (value === undefined) return []
      return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]]
    }),
  )
}
