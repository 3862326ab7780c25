/** SNS topics and subscriptions. Both calls answer with what exists already when nothing differs. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { type DeployContext, type Deployed, listAt, physicalName, requiredText, type ResourceType, textAt } from './resource.ts'

export const topic: ResourceType = {
  async deploy({ id, properties }, context) {
    const isFifo = textAt(properties, 'FifoTopic') === 'true'
    const name = textAt(properties, 'TopicName') ?? `${physicalName(context, id, 250)}${isFifo ? '.fifo' : ''}`
    const attributes = attributesOf(properties, ['DisplayName', 'FifoTopic', 'ContentBasedDeduplication', 'KmsMasterKeyId'])
    const created = await context.aws.query(SERVICES.sns, 'CreateTopic', { Name: name, Attributes: attributes })
    const arn = requiredText(created, 'TopicArn')
    for (const subscription of listAt(properties, 'Subscription')) {
      if (isObject(subscription)) await subscribe({ ...subscription, TopicArn: arn }, context)
    }
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name, Arn: arn }, change: 'created' }
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
  const target = { TopicArn: requiredText(properties, 'TopicArn'), Protocol: requiredText(properties, 'Protocol') }
  const answer = await aws.query(SERVICES.sns, 'Subscribe', {
    ...target,
    Endpoint: requiredText(properties, 'Endpoint'),
    ReturnSubscriptionArn: 'true',
    Attributes: attributes,
  })
  const arn = requiredText(answer, 'SubscriptionArn')
  return { ref: arn, attributes: { Arn: arn }, change: 'created' }
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
