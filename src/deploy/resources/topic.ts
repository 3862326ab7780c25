/** SNS topics and subscriptions. Both calls answer with what exists already when nothing differs. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'

import { type XmlElement, childText, childrenNamed } from '../../wire/xml.ts'

import {
  type DeployContext,
  type Deployed,
  listAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
  warnIgnored,
} from './resource.ts'

export const topic: ResourceType = {
  async deploy({ id, properties }, context) {
    const isFifo = textAt(properties, 'FifoTopic') === 'true'
    const name = textAt(properties, 'TopicName') ?? `${physicalName(context, id, 250)}${isFifo ? '.fifo' : ''}`
    const attributes = attributesOf(properties, ['DisplayName', 'FifoTopic', 'ContentBasedDeduplication', 'KmsMasterKeyId'])
    const created = await context.aws.query('sns', 'CreateTopic', { Name: name, ...entries('Attributes', attributes) })
    const arn = textIn(created, 'TopicArn')
    for (const subscription of listAt(properties, 'Subscription')) {
      if (isObject(subscription)) await subscribe({ ...subscription, TopicArn: arn }, context)
    }
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name, Arn: arn }, change: 'created' }
  },
}

export const subscription: ResourceType = {
  async deploy(resource, context) {
    warnIgnored(resource, context, ['SubscriptionRoleArn', 'ReplayPolicy'])
    return subscribe(resource.properties, context)
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
  const target = { TopicArn: requiredText(properties, 'TopicArn'), Protocol: requiredText(properties, 'Protocol') }
  const answer = await aws.query('sns', 'Subscribe', {
    ...target,
    Endpoint: requiredText(properties, 'Endpoint'),
    ReturnSubscriptionArn: 'true',
    ...entries('Attributes', attributes),
  })
  const arn = textIn(answer, 'SubscriptionArn')
  return { ref: arn, attributes: { Arn: arn }, change: 'created' }
}

function attributesOf(properties: JsonObject, names: readonly string[]): [string, string][] {
  return names.flatMap((name): [string, string][] => {
    const value: Json | undefined = properties[name]
    if (value === undefined) return []
    return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]]
  })
}

function entries(list: string, pairs: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(
    pairs.flatMap(([key, value], index) => [
      [`${list}.entry.${index + 1}.key`, key],
      [`${list}.entry.${index + 1}.value`, value],
    ]),
  )
}

/** The first text of that name, at any depth. */
function textIn(element: XmlElement, name: string): string {
  const own = childText(element, name)
  if (own !== undefined) return own
  for (const inner of element.children) {
    const found = textIn(inner, name)
    if (found !== '') return found
  }
  return childrenNamed(element, name)[0]?.text ?? ''
}
