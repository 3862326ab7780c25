/**
 * Policies of queues and topics: one document, put on each of those that are named. One that is named no more, or whose policy
 * goes, has the policy that it had by itself.
 * Source: CloudFormation, AWS::SQS::QueuePolicy, AWS::SQS::QueueInlinePolicy, AWS::SNS::TopicPolicy, AWS::SNS::TopicInlinePolicy.
 */
import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { documentIn, isSameDocument } from './policy-document.ts'
import { changeOf, claim, listAt, objectAt, physicalName, requiredText, type ResourceType, textAt } from './resource.ts'

/** What has a policy: the policy of one, undefined where there is no such thing, and how it is put; empty for none. */
interface Holder {
  read(name: string, aws: Aws): Promise<string | undefined>
  put(name: string, policy: string, aws: Aws): Promise<unknown>
}

const queues: Holder = {
  async read(QueueUrl, aws) {
    const asked = aws.json(SERVICES.sqs, 'GetQueueAttributes', { QueueUrl, AttributeNames: ['Policy'] })
    const told = await orUndefined(asked, 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue')
    return told && (textAt(objectAt(told, 'Attributes') ?? {}, 'Policy') ?? '')
  },
  put: (QueueUrl, Policy, aws) => aws.json(SERVICES.sqs, 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } }),
}

const topics: Holder = {
  async read(TopicArn, aws) {
    const told = await orUndefined(aws.query(SERVICES.sns, 'GetTopicAttributes', { TopicArn }), 'NotFound')
    return told && (textAt(objectAt(told, 'Attributes') ?? {}, 'Policy') ?? '')
  },
  put: (TopicArn, AttributeValue, aws) =>
    aws.query(SERVICES.sns, 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue }),
}

/** Of several, named by a list. Where nobody knows the list any more, nothing is taken away. */
const shared = (holder: Holder, property: string): ResourceType => ({
  async deploy(resource, context) {
    const { id, properties, before } = resource
    const { aws } = context
    const ref = physicalName(context, id, 128)
    if (before === undefined) context.made(resource, ref)
    const policy = documentIn(properties, 'PolicyDocument')
    const wanted = listAt(properties, property).map(String)
    const held = listAt(before?.properties ?? {}, property).map(String)
    let isChanged = false
    for (const name of wanted) {
      if (isSameDocument(await holder.read(name, aws), policy)) continue
      await holder.put(name, policy, aws)
      isChanged = true
    }
    for (const name of held.filter((one) => !wanted.includes(one))) {
      await clear(holder, name, aws)
      isChanged = true
    }
    return { ref, attributes: { Id: ref }, change: changeOf(before ?? (isChanged ? undefined : ref), isChanged) }
  },
  async remove(_, aws, { properties } = {}) {
    if (properties === undefined) return 'nobody knows any more what it was put on'
    for (const name of listAt(properties, property).map(String)) await clear(holder, name, aws)
    return undefined
  },
})

/** Of one, which it is called by. */
const inline = (holder: Holder, property: string): ResourceType => ({
  replacedBy: [property],
  async deploy(resource, context) {
    const { properties, before } = resource
    const name = requiredText(properties, property)
    const policy = documentIn(properties, 'PolicyDocument')
    const found = await holder.read(name, context.aws)
    const isSame = isSameDocument(found, policy)
    const hasOther = found !== undefined && found !== '' && !found.includes('__default_policy_ID')
    claim(hasOther ? found : undefined, resource, name, context)
    if (!isSame) await holder.put(name, policy, context.aws)
    return { ref: name, attributes: {}, change: changeOf(before ?? (isSame ? name : undefined), !isSame) }
  },
  async remove(ref, aws) {
    await clear(holder, ref, aws)
    return undefined
  },
})

async function clear(holder: Holder, name: string, aws: Aws): Promise<void> {
  const policy = await holder.read(name, aws)
  if (policy !== undefined && policy !== '') await holder.put(name, '', aws)
}

export const queuePolicy = shared(queues, 'Queues')
export const queueInlinePolicy = inline(queues, 'Queue')
export const topicPolicy = shared(topics, 'Topics')
export const topicInlinePolicy = inline(topics, 'TopicArn')
