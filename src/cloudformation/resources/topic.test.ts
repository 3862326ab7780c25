import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const attributesOfQueue = async (QueueUrl: string) =>
  (await stage.aws.json(SERVICES.sqs, 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] }))['Attributes']
const attributesOfTopic = async (TopicArn: string) =>
  (await stage.aws.query(SERVICES.sns, 'GetTopicAttributes', { TopicArn }))['Attributes']
const policyOn = (Resource: string, Sid = 's'): JsonObject => ({
  Version: '2012-10-17',
  Statement: [{ Sid, Effect: 'Allow', Principal: '*', Action: '*', Resource }],
})

test('a queue is made with its attributes, which go back to what they are by themselves', async () => {
  const dead = await stage.create('AWS::SQS::Queue', { QueueName: 'dead' }, 'Dead')
  const full = {
    DelaySeconds: 1,
    KmsMasterKeyId: 'alias/aws/sqs',
    MaximumMessageSize: 1024,
    MessageRetentionPeriod: '60',
    RedrivePolicy: { deadLetterTargetArn: dead.deployed.attributes['Arn'] ?? '', maxReceiveCount: 3 },
    VisibilityTimeout: 5,
    Tags: [{ Key: 'a', Value: '1' }],
  }
  const made = await stage.create('AWS::SQS::Queue', full)
  const { ref, attributes } = made.deployed
  expect(attributes).toEqual({
    Arn: 'arn:aws:sqs:us-east-1:123456789012:Stack-Thing-ABCDEFGHIJKL',
    QueueName: 'Stack-Thing-ABCDEFGHIJKL',
    QueueUrl: ref,
  })
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::SQS::Queue', full)).rejects.toThrow('Stack-Thing-ABCDEFGHIJKL already exists')

  const bare = await stage.update(made, { DelaySeconds: '2' })
  expect(bare.deployed.change).toBe('updated')
  const shown = await attributesOfQueue(ref)
  expect(shown).toMatchObject({
    DelaySeconds: '2',
    MaximumMessageSize: '1048576',
    MessageRetentionPeriod: '345600',
    VisibilityTimeout: '30',
  })
  for (const gone of ['KmsMasterKeyId', 'RedrivePolicy']) expect(shown).not.toHaveProperty(gone)
  expect(await stage.aws.json(SERVICES.sqs, 'ListQueueTags', { QueueUrl: ref })).toEqual({})
  expect((await stage.update(bare, bare.existing.properties)).deployed.change).toBe('unchanged')
  for (const gone of [bare, dead, bare, dead]) expect(await stage.remove(gone)).toBeUndefined()

  const fifo = await stage.create('AWS::SQS::Queue', { FifoQueue: true, ContentBasedDeduplication: true })
  expect(fifo.deployed.attributes['QueueName']).toBe('Stack-Thing-ABCDEFGHIJKL.fifo')
  expect((await stage.update(fifo, fifo.existing.properties)).deployed.change).toBe('unchanged')
})

test('a policy is on the queues and topics that are named, and on no others', async () => {
  const [a, b] = [await stage.create('AWS::SQS::Queue', {}, 'A'), await stage.create('AWS::SQS::Queue', {}, 'B')]
  const PolicyDocument = policyOn(String(a.deployed.attributes['Arn']))
  const made = await stage.create('AWS::SQS::QueuePolicy', { PolicyDocument, Queues: [a.deployed.ref] })
  expect(made.deployed).toMatchObject({ attributes: { Id: made.deployed.ref }, change: 'created' })
  expect((await stage.update(made, made.existing.properties)).deployed.change).toBe('unchanged')
  const moved = await stage.update(made, { PolicyDocument, Queues: [b.deployed.ref] })
  expect(moved.deployed.change).toBe('updated')
  expect(await attributesOfQueue(a.deployed.ref)).not.toHaveProperty('Policy')
  expect(await attributesOfQueue(b.deployed.ref)).toHaveProperty('Policy')
  expect(await stage.remove(moved)).toBeUndefined()
  expect(await stage.remove(moved)).toBeUndefined()
  expect(await attributesOfQueue(b.deployed.ref)).not.toHaveProperty('Policy')
  expect(await stage.remove(moved, {})).toBe('nobody knows any more what it was put on')

  const inline = await stage.create('AWS::SQS::QueueInlinePolicy', { PolicyDocument, Queue: a.deployed.ref }, 'Inline')
  expect((await stage.update(inline, inline.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::SQS::QueueInlinePolicy', { PolicyDocument, Queue: a.deployed.ref })).rejects.toThrow(
    'already exists',
  )
  for (const gone of [inline, a, b, inline]) expect(await stage.remove(gone)).toBeUndefined()

  const topic = await stage.create('AWS::SNS::Topic', {}, 'Topic')
  const TopicArn = topic.deployed.ref
  const onTopic = await stage.create(
    'AWS::SNS::TopicPolicy',
    { PolicyDocument: policyOn(TopicArn), Topics: [TopicArn] },
    'TopicPolicy',
  )
  expect((await stage.update(onTopic, onTopic.existing.properties)).deployed.change).toBe('unchanged')
  expect(await attributesOfTopic(TopicArn)).toMatchObject({ Policy: JSON.stringify(policyOn(TopicArn)) })
  expect(await stage.remove(onTopic)).toBeUndefined()
  expect(await attributesOfTopic(TopicArn)).toMatchObject({ Policy: expect.stringContaining('__default_policy_ID') as string })
  const alone = await stage.create('AWS::SNS::TopicInlinePolicy', { PolicyDocument: policyOn(TopicArn), TopicArn }, 'InlineTopic')
  expect((await stage.update(alone, alone.existing.properties)).deployed.change).toBe('unchanged')
  for (const gone of [alone, topic, alone, topic]) expect(await stage.remove(gone)).toBeUndefined()
})

test('a topic is made with its attributes and subscriptions, and loses what its template says no more', async () => {
  const queue = await stage.create('AWS::SQS::Queue', {}, 'Queue')
  const Endpoint = String(queue.deployed.attributes['Arn'])
  const full = {
    TopicName: 'news',
    DisplayName: 'News',
    KmsMasterKeyId: 'alias/aws/sns',
    SignatureVersion: '2',
    TracingConfig: 'Active',
    DeliveryStatusLogging: [{ Protocol: 'http/s', SuccessFeedbackSampleRate: '10' }],
    Subscription: [{ Protocol: 'sqs', Endpoint }],
    Tags: [{ Key: 'a', Value: '1' }],
  }
  const made = await stage.create('AWS::SNS::Topic', full)
  const TopicArn = 'arn:aws:sns:us-east-1:123456789012:news'
  expect(made.deployed).toMatchObject({ ref: TopicArn, attributes: { TopicArn, TopicName: 'news' } })
  expect(await attributesOfTopic(TopicArn)).toMatchObject({ HTTPSuccessFeedbackSampleRate: '10', SubscriptionsConfirmed: '1' })
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::SNS::Topic', full)).rejects.toThrow('news already exists')
  const bare = await stage.update(made, { TopicName: 'news' })
  expect(bare.deployed.change).toBe('updated')
  const shown = await attributesOfTopic(TopicArn)
  expect(shown).toMatchObject({
    DisplayName: '',
    SignatureVersion: '1',
    TracingConfig: 'PassThrough',
    SubscriptionsConfirmed: '0',
  })
  for (const gone of ['KmsMasterKeyId', 'HTTPSuccessFeedbackSampleRate']) expect(shown).not.toHaveProperty(gone)
  expect(await stage.aws.query(SERVICES.sns, 'ListTagsForResource', { ResourceArn: TopicArn })).toEqual({ Tags: [] })
  expect((await stage.update(bare, bare.existing.properties)).deployed.change).toBe('unchanged')

  const FilterPolicy = { a: ['b'] }
  const RedrivePolicy = { deadLetterTargetArn: Endpoint }
  const subscribed = {
    TopicArn,
    Protocol: 'sqs',
    Endpoint,
    RawMessageDelivery: true,
    FilterPolicy,
    FilterPolicyScope: 'MessageBody',
    RedrivePolicy,
  }
  const heard = await stage.create('AWS::SNS::Subscription', subscribed, 'Heard')
  expect(heard.deployed.attributes).toEqual({ Arn: heard.deployed.ref })
  expect((await stage.update(heard, subscribed)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::SNS::Subscription', subscribed)).rejects.toThrow('already exists')
  const byAttribute = { TopicArn, Protocol: 'sqs', Endpoint, FilterPolicy: { b: ['c'] } }
  await stage.update(heard, { ...subscribed, FilterPolicy: { deep: { a: ['b'] } } })
  expect((await stage.update(heard, byAttribute)).deployed.change).toBe('updated')
  const plain = await stage.update(heard, { TopicArn, Protocol: 'sqs', Endpoint })
  expect(plain.deployed).toMatchObject({ ref: heard.deployed.ref, change: 'updated' })
  const { Attributes } = await stage.aws.query(SERVICES.sns, 'GetSubscriptionAttributes', { SubscriptionArn: heard.deployed.ref })
  expect(Attributes).toMatchObject({ RawMessageDelivery: 'false' })
  for (const gone of ['FilterPolicy', 'RedrivePolicy']) expect(Attributes).not.toHaveProperty(gone)
  for (const gone of [plain, bare, queue, plain, bare]) expect(await stage.remove(gone)).toBeUndefined()
})
