/**
 * SNS topics and subscriptions. What is there gets the attributes that differ; what the template says no more goes back to what
 * goes without saying.
 * Source: CloudFormation, AWS::SNS::Topic and AWS::SNS::Subscription; SNS API reference, SetTopicAttributes.
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import {
  arnOf,
  booleanAt,
  changeOf,
  claim,
  type Declared,
  type DeployContext,
  type Deployed,
  droppedFrom,
  listAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  tagsOf,
  textAt,
  textsAt,
} from './resource.ts'
import { changeTags, tagList, tagMapOf } from './tags.ts'

/** Properties have the names of attributes: what is in one where nobody has said. */
const UNSET: Readonly<Record<string, string>> = {
  ArchivePolicy: '{}',
  ContentBasedDeduplication: 'false',
  DataProtectionPolicy: '',
  DisplayName: '',
  FifoThroughputScope: 'Topic',
  KmsMasterKeyId: '',
  SignatureVersion: '1',
  TracingConfig: 'PassThrough',
}

export const topic: ResourceType = {
  ignores: ['MaximumMessageSize'],
  replacedBy: ['FifoTopic', 'TopicName'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const isFifo = booleanAt(properties, 'FifoTopic') === true
    const name = textAt(properties, 'TopicName') ?? `${physicalName(context, id, 250)}${isFifo ? '.fifo' : ''}`
    const attributes = topicAttributesOf(resource)
    const arn = arnOf(context, 'sns', name)
    const asked = aws.query(SERVICES.sns, 'GetTopicAttributes', { TopicArn: arn })
    const found = claim(await orUndefined(asked, 'NotFound'), resource, name, context)
    if (found === undefined) {
      const Tags = tagList(tagMapOf(properties))
      const Attributes = { ...attributes, ...(isFifo && { FifoTopic: 'true' }) }
      await aws.query(SERVICES.sns, 'CreateTopic', { Name: name, Attributes, ...(Tags.length > 0 && { Tags }) })
      context.made(resource, arn)
    }
    const isChanged = [
      found !== undefined && (await setAttributes('Topic', arn, found, attributes, aws)),
      await putSubscriptions(resource, arn, context),
      found !== undefined && (await changeTopicTags(resource, arn, aws)),
    ]
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name, Arn: arn }, change: changeOf(found, ...isChanged) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.query(SERVICES.sns, 'DeleteTopic', { TopicArn: ref }), 'NotFound')
    return undefined
  },
}

function topicAttributesOf(resource: Declared): Record<string, string> {
  const { properties, before } = resource
  const gone = droppedFrom(resource, Object.keys(UNSET)).map((name): [string, string] => [name, UNSET[name] ?? ''])
  const feedback = feedbackOf(properties)
  const noFeedback = Object.keys(feedbackOf(before?.properties ?? {})).filter((name) => !Object.hasOwn(feedback, name))
  return {
    ...Object.fromEntries([...gone, ...noFeedback.map((name): [string, string] => [name, ''])]),
    ...attributesOf(properties, Object.keys(UNSET)),
    ...feedback,
  }
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  application: 'Application',
  firehose: 'Firehose',
  'http/s': 'HTTP',
  lambda: 'Lambda',
  sqs: 'SQS',
}

/** To whom it is told how deliveries went: a list in a template, attributes of each protocol in the API. */
function feedbackOf(properties: JsonObject): Record<string, string> {
  const pairs = listAt(properties, 'DeliveryStatusLogging')
    .filter(isObject)
    .flatMap((one) => {
      const protocol = PROTOCOLS[textAt(one, 'Protocol') ?? ''] ?? textAt(one, 'Protocol') ?? ''
      const texts = textsAt(one, ['FailureFeedbackRoleArn', 'SuccessFeedbackRoleArn', 'SuccessFeedbackSampleRate'])
      return Object.entries(texts).map(([name, value]) => [`${protocol}${name}`, value] as const)
    })
  return Object.fromEntries(pairs)
}

/** Whether there was one to add or to take away. */
async function putSubscriptions({ properties, before }: Declared, TopicArn: string, context: DeployContext): Promise<boolean> {
  const wanted = listAt(properties, 'Subscription').filter(isObject)
  let isChanged = false
  for (const one of wanted) {
    const { change } = await subscribe({ ...one, TopicArn }, context)
    isChanged ||= change !== 'unchanged'
  }
  const held = listAt(before?.properties ?? {}, 'Subscription').filter(isObject)
  for (const one of held.filter((old) => !wanted.some((other) => stableJson(other) === stableJson(old)))) {
    const target = { TopicArn, Protocol: requiredText(one, 'Protocol'), Endpoint: requiredText(one, 'Endpoint') }
    const arn = await subscriptionOf(target, context.aws)
    if (arn !== undefined) await unsubscribe(arn, context.aws)
    isChanged = true
  }
  return isChanged
}

const changeTopicTags = (resource: Declared, ResourceArn: string, aws: Aws): Promise<boolean> =>
  changeTags(resource, {
    list: async () => Object.fromEntries(tagsIn(await aws.query(SERVICES.sns, 'ListTagsForResource', { ResourceArn }))),
    put: (tags) => aws.query(SERVICES.sns, 'TagResource', { ResourceArn, Tags: tagList(tags) }),
    remove: (TagKeys) => aws.query(SERVICES.sns, 'UntagResource', { ResourceArn, TagKeys }),
  })

const tagsIn = (told: JsonObject): [string, string][] => tagsOf(told).map(({ key, value }) => [key, value])

export const subscription: ResourceType = {
  ignores: ['Region'],
  replacedBy: ['Endpoint', 'Protocol', 'TopicArn'],
  async deploy(resource, context) {
    const { properties } = resource
    const found = resource.before === undefined ? await subscriptionOf(targetOf(properties), context.aws) : undefined
    claim(found, resource, found ?? '', context)
    return subscribe(properties, context)
  },
  async remove(ref, aws) {
    await unsubscribe(ref, aws)
    return undefined
  },
}

const unsubscribe = (SubscriptionArn: string, aws: Aws): Promise<unknown> =>
  orUndefined(aws.query(SERVICES.sns, 'Unsubscribe', { SubscriptionArn }), 'NotFound', 'InvalidParameter')

async function subscribe(properties: JsonObject, { aws }: DeployContext): Promise<Deployed> {
  const attributes = attributesOf(properties, SUBSCRIPTION_ATTRIBUTES)
  const target = targetOf(properties)
  const known = await subscriptionOf(target, aws)
  const found = known === undefined ? undefined : await attributesFor(known, aws)
  if (known === undefined || found === undefined) {
    const input = { ...target, ReturnSubscriptionArn: 'true', Attributes: attributes }
    const arn = requiredText(await aws.query(SERVICES.sns, 'Subscribe', input), 'SubscriptionArn')
    return { ref: arn, attributes: { Arn: arn }, change: 'created' }
  }
  const wanted = { ...cleared(found), ...attributes }
  const scope = textAt(objectAt(found, 'Attributes') ?? {}, SCOPE) ?? 'MessageAttributes'
  // What a policy may say depends on its scope: the old one goes before the scope changes.
  if ((wanted[SCOPE] ?? scope) !== scope) await setAttributes('Subscription', known, found, { FilterPolicy: '{}' }, aws)
  const isChanged = await setAttributes('Subscription', known, found, wanted, aws)
  return { ref: known, attributes: { Arn: known }, change: isChanged ? 'updated' : 'unchanged' }
}

const attributesFor = (SubscriptionArn: string, aws: Aws): Promise<JsonObject | undefined> =>
  orUndefined(aws.query(SERVICES.sns, 'GetSubscriptionAttributes', { SubscriptionArn }), 'NotFound')

const SCOPE = 'FilterPolicyScope'
const SUBSCRIPTION_ATTRIBUTES = [
  ...[SCOPE, 'FilterPolicy', 'RawMessageDelivery', 'RedrivePolicy', 'DeliveryPolicy', 'ReplayPolicy'],
  'SubscriptionRoleArn',
]

const targetOf = (properties: JsonObject): Target => ({
  TopicArn: requiredText(properties, 'TopicArn'),
  Protocol: requiredText(properties, 'Protocol'),
  Endpoint: requiredText(properties, 'Endpoint'),
})

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
  const isSet = (name: string): boolean => Object.hasOwn(attributes, name)
  const texts = ['RedrivePolicy', 'DeliveryPolicy', 'ReplayPolicy', 'SubscriptionRoleArn'].filter(isSet)
  return {
    ...(isSet(SCOPE) && { [SCOPE]: 'MessageAttributes' }),
    ...(isSet('FilterPolicy') && { FilterPolicy: '{}' }),
    ...(isSet('RawMessageDelivery') && { RawMessageDelivery: 'false' }),
    ...Object.fromEntries(texts.map((name) => [name, ''])),
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
