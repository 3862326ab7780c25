/**
 * Topics with their subscriptions that are confirmed.
 * Source: SNS API reference, GetTopicAttributes, GetSubscriptionAttributes; CloudFormation, AWS::SNS::Topic, AWS::SNS::Subscription.
 */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { SERVICES } from '../../aws/services.ts'
import { objectAt, requiredText, textAt, textsAt } from '../../cloudformation/resources/resource.ts'

import type { Inventory } from '../inventory.ts'
import { pagesOf, type Source } from '../source.ts'
import { tagsIn } from '../tags.ts'

export async function readTopics(source: Source, inventory: Inventory): Promise<void> {
  const ask = (token: object) => source.query(SERVICES.sns, 'ListTopics', { ...token })
  for (const listed of await pagesOf(ask, 'Topics', ['NextToken', 'NextToken'])) {
    const arn = requiredText(listed, 'TopicArn')
    const name = arn.split(':').at(-1) ?? arn
    await inventory.attempt('topics', name, () => readTopic(name, arn, source, inventory))
  }
}

async function readTopic(name: string, arn: string, source: Source, inventory: Inventory): Promise<void> {
  const told = await source.query(SERVICES.sns, 'GetTopicAttributes', { TopicArn: arn })
  const attributes = objectAt(told, 'Attributes') ?? {}
  if (textAt(attributes, 'KmsMasterKeyId'))
    inventory.leave('topics', `${name}: its key`, 'keys are not copied; it is there without one')
  const isFlag = (flag: string): JsonObject => (textAt(attributes, flag) === 'true' ? { [flag]: true } : {})
  const { DisplayName = '' } = textsAt(attributes, ['DisplayName'])
  inventory.add({
    kind: 'topics',
    type: 'AWS::SNS::Topic',
    name,
    properties: {
      TopicName: name,
      ...(DisplayName !== '' && { DisplayName }),
      ...isFlag('FifoTopic'),
      ...isFlag('ContentBasedDeduplication'),
      ...textsAt(attributes, ['FifoThroughputScope', 'SignatureVersion', 'TracingConfig']),
      ...tagsIn(await source.query(SERVICES.sns, 'ListTagsForResource', { ResourceArn: arn })),
    },
    known: { [arn]: 'Ref' },
  })
  const policy = jsonOf(textAt(attributes, 'Policy') ?? '')
  if (isObject(policy) && getOwn(policy, 'Id') !== '__default_policy_ID')
    inventory.add({
      kind: 'topics',
      type: 'AWS::SNS::TopicPolicy',
      name: `${name}: its policy`,
      properties: { Topics: [arn], PolicyDocument: policy },
    })
  const ask = (token: object) => source.query(SERVICES.sns, 'ListSubscriptionsByTopic', { TopicArn: arn, ...token })
  for (const listed of await pagesOf(ask, 'Subscriptions', ['NextToken', 'NextToken']))
    await readSubscription(name, listed, source, inventory)
}

async function readSubscription(topic: string, listed: JsonObject, source: Source, inventory: Inventory): Promise<void> {
  const target = textsAt(listed, ['TopicArn', 'Protocol', 'Endpoint'])
  const name = `${topic} → ${target['Endpoint']}`
  const arn = requiredText(listed, 'SubscriptionArn')
  if (!arn.startsWith('arn:')) return inventory.leave('topics', name, 'it is not confirmed')
  const told = await source.query(SERVICES.sns, 'GetSubscriptionAttributes', { SubscriptionArn: arn })
  const attributes = objectAt(told, 'Attributes') ?? {}
  const documents = ['FilterPolicy', 'RedrivePolicy', 'DeliveryPolicy'].flatMap((member) => {
    const document = jsonOf(textAt(attributes, member) ?? '')
    return document === undefined ? [] : [[member, document] as const]
  })
  inventory.add({
    kind: 'topics',
    type: 'AWS::SNS::Subscription',
    name,
    properties: {
      ...target,
      ...Object.fromEntries(documents),
      ...(textAt(attributes, 'FilterPolicyScope') === 'MessageBody' && { FilterPolicyScope: 'MessageBody' }),
      ...(textAt(attributes, 'RawMessageDelivery') === 'true' && { RawMessageDelivery: true }),
      ...textsAt(attributes, ['SubscriptionRoleArn']),
    },
  })
}
