import { createVerify, X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SNS } from '@aws-sdk/client-sns'
import { SQS } from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'

import { readBody } from '../../wire/http.ts'
import { scopeOf } from '../../wire/sigv4.ts'

import { type ServicesDatabase, openServicesDatabase } from '../kit/database.ts'
import { openSeal } from '../seal.ts'
import { createSqs, type Sqs } from '../sqs/handler.ts'

import { createSns, type Sns } from './handler.ts'

interface Seen {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let server: Server
let sqs: Sqs
let sns: Sns
let database: ServicesDatabase
let endpoint: string
let directory: string
let topics: SNS
let queues: SQS
/** Requests for anything but SNS and SQS: functions and HTTP subscribers. */
let seen: Seen[]
/** Statuses that those answer first; 200 when used up. */
let answers: number[]

const deps = () => ({
  database,
  directory,
  region: 'us-east-1',
  account: '000000000000',
  endpoint: () => endpoint,
  log: silentLog,
  seal: openSeal(directory),
  clock: systemClock,
})

beforeEach(async () => {
  database = openServicesDatabase()
  directory = await mkdtemp(join(tmpdir(), 'regente-sns-'))
  seen = []
  answers = []
  sqs = createSqs(deps())
  sns = createSns(deps())
  server = createServer(async (req, res) => {
    const service = scopeOf(req)?.service
    if (service === 'sqs') return sqs.handler(req, res)
    if (service === 'sns' || req.url?.includes('Action=') || req.url?.endsWith('.pem')) return sns.handler(req, res)
    seen.push({ path: req.url ?? '', headers: req.headers, body: (await readBody(req, 1e6)).toString() })
    res.writeHead(answers.shift() ?? 200).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const options = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 }
  topics = new SNS(options)
  queues = new SQS(options)
})

afterEach(async () => {
  topics.destroy()
  queues.destroy()
  sns.close()
  sqs.close()
  server.closeAllConnections()
  server.close()
  await rm(directory, { recursive: true })
})

async function newTopic(Name: string, Attributes: Record<string, string> = {}): Promise<string> {
  return (await topics.createTopic({ Name, Attributes })).TopicArn ?? ''
}

async function newQueue(QueueName: string, Attributes: Record<string, string> = {}) {
  const { QueueUrl: url = '' } = await queues.createQueue({ QueueName, Attributes })
  return { url, arn: `arn:aws:sqs:us-east-1:000000000000:${QueueName}` }
}

async function subscribed(TopicArn: string, name: string, Attributes: Record<string, string> = {}): Promise<string> {
  const queue = await newQueue(name, name.endsWith('.fifo') ? { FifoQueue: 'true' } : {})
  await topics.subscribe({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn, Attributes })
  return queue.url
}

async function receive(QueueUrl: string, WaitTimeSeconds = 3) {
  const { Messages = [] } = await queues.receiveMessage({
    QueueUrl,
    WaitTimeSeconds,
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  })
  return Messages
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await isTrue()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('it never came true')
}

describe('a message to queues', () => {
  it('arrives in an envelope whose signature holds', async () => {
    const TopicArn = await newTopic('news')
    const url = await subscribed(TopicArn, 'readers')
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'x' } }
    const { MessageId } = await topics.publish({ TopicArn, Message: 'hello', Subject: 'hi', MessageAttributes })
    const [received] = await receive(url)
    expect(received?.Body).toContain('{\n  "Type" : "Notification",\n  "MessageId" : ')
    const envelope = JSON.parse(received?.Body ?? '{}') as Record<string, string>
    expect(envelope).toMatchObject({
      MessageId,
      TopicArn,
      Subject: 'hi',
      Message: 'hello',
      MessageAttributes: { kind: { Type: 'String', Value: 'x' } },
    })
    const text = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      .map((name) => `${name}\n${envelope[name]}\n`)
      .join('')
    const pem = await (await fetch(envelope['SigningCertURL'] ?? '')).text()
    expect(
      createVerify('RSA-SHA1')
        .update(text)
        .verify(pem, envelope['Signature'] ?? '', 'base64'),
    ).toBe(true)
    const certificate = new X509Certificate(pem)
    expect([certificate.subject, certificate.verify(certificate.publicKey)]).toEqual(['CN=sns.amazonaws.com', true])
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.parse('2049-01-01'))
  })

  it('arrives bare with its attributes where raw delivery is asked for', async () => {
    const TopicArn = await newTopic('news')
    const url = await subscribed(TopicArn, 'raw', { RawMessageDelivery: 'true' })
    await topics.publish({ TopicArn, Message: 'plain', MessageAttributes: { n: { DataType: 'Number', StringValue: '7' } } })
    const [received] = await receive(url)
    expect(received?.Body).toBe('plain')
    expect(received?.MessageAttributes?.['n']).toMatchObject({ DataType: 'Number', StringValue: '7' })
  })

  it('keeps the order of a group and drops duplicates in a FIFO topic', async () => {
    const TopicArn = await newTopic('line.fifo', { FifoTopic: 'true', ContentBasedDeduplication: 'true' })
    const url = await subscribed(TopicArn, 'line.fifo', { RawMessageDelivery: 'true' })
    for (const Message of ['1', '2', '2', '3', '4', '5']) await topics.publish({ TopicArn, Message, MessageGroupId: 'g' })
    let bodies: (string | undefined)[] = []
    await until(async () => {
      for (const { Body, ReceiptHandle } of await receive(url, 0)) {
        bodies = [...bodies, Body]
        await queues.deleteMessage({ QueueUrl: url, ReceiptHandle })
      }
      return bodies.length === 5
    })
    expect(bodies).toEqual(['1', '2', '3', '4', '5'])
  })

  it('is new to a FIFO topic that was deleted and made again', async () => {
    const first = await newTopic('again.fifo', { FifoTopic: 'true', ContentBasedDeduplication: 'true' })
    const { MessageId } = await topics.publish({ TopicArn: first, Message: 'x', MessageGroupId: 'g' })
    await topics.deleteTopic({ TopicArn: first })
    const TopicArn = await newTopic('again.fifo', { FifoTopic: 'true', ContentBasedDeduplication: 'true' })
    expect((await topics.publish({ TopicArn, Message: 'x', MessageGroupId: 'g' })).MessageId).not.toBe(MessageId)
  })

  it('of a FIFO topic is not signed, and tells its group to FIFO queues alone', async () => {
    const TopicArn = await newTopic('both.fifo', { FifoTopic: 'True', ContentBasedDeduplication: 'true' })
    const urls = [await subscribed(TopicArn, 'ordered.fifo'), await subscribed(TopicArn, 'unordered')]
    await topics.publish({ TopicArn, Message: 'x', MessageGroupId: 'g' })
    const [ordered, unordered] = await Promise.all(urls.map(async (url) => (await receive(url))[0]))
    const members = ['Message', 'MessageId', 'SequenceNumber', 'Timestamp', 'TopicArn', 'Type', 'UnsubscribeURL']
    for (const message of [ordered, unordered])
      expect(Object.keys(JSON.parse(message?.Body ?? '{}') as object).sort()).toEqual(members)
    expect(ordered?.Attributes).toMatchObject({ MessageGroupId: 'g' })
    expect(unordered?.Attributes).not.toHaveProperty('MessageGroupId')
  })

  it('of a standard topic tells its group to standard queues, and the trace of its publisher to all', async () => {
    const TopicArn = await newTopic('fair')
    const url = await subscribed(TopicArn, 'fair', { RawMessageDelivery: 'TrUe' })
    const traced = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1'
    const form = { Action: 'Publish', Version: '2010-03-31', TopicArn, Message: 'x', MessageGroupId: 'g' }
    await fetch(`${endpoint}/?Action=Publish`, {
      method: 'POST',
      headers: { 'x-amzn-trace-id': traced },
      body: new URLSearchParams(form),
    })
    expect((await receive(url))[0]).toMatchObject({ Body: 'x', Attributes: { MessageGroupId: 'g', AWSTraceHeader: traced } })
    const { Subscriptions } = await topics.listSubscriptionsByTopic({ TopicArn })
    const { Attributes } = await topics.getSubscriptionAttributes({ SubscriptionArn: Subscriptions?.[0]?.SubscriptionArn })
    expect(Attributes?.['RawMessageDelivery']).toBe('true')
  })

  it('goes only to subscriptions whose filter policy wants it', async () => {
    const TopicArn = await newTopic('filtered')
    const byAttribute = await subscribed(TopicArn, 'a', {
      RawMessageDelivery: 'true',
      FilterPolicy: '{"size":[{"numeric":[">",5]}]}',
    })
    const byBody = await subscribed(TopicArn, 'b', {
      RawMessageDelivery: 'true',
      FilterPolicy: '{"who":{"name":[{"prefix":"Lu"}]}}',
      FilterPolicyScope: 'MessageBody',
    })
    const { Successful } = await topics.publishBatch({
      TopicArn,
      PublishBatchRequestEntries: [
        { Id: 'x', Message: '{"who":{"name":"Luisa"}}', MessageAttributes: { size: { DataType: 'Number', StringValue: '5' } } },
        { Id: 'y', Message: '{"who":{"name":"Ana"}}', MessageAttributes: { size: { DataType: 'Number', StringValue: '6' } } },
      ],
    })
    expect(Successful?.map(({ Id }) => Id)).toEqual(['x', 'y'])
    expect((await receive(byAttribute)).map(({ Body }) => Body)).toEqual(['{"who":{"name":"Ana"}}'])
    expect((await receive(byBody)).map(({ Body }) => Body)).toEqual(['{"who":{"name":"Luisa"}}'])
  })

  it('goes to the dead-letter queue when the endpoint is gone for good', async () => {
    const TopicArn = await newTopic('lost')
    const dead = await newQueue('dead')
    const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:nowhere'
    const Attributes = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }), RawMessageDelivery: 'true' }
    await topics.subscribe({ TopicArn, Protocol: 'sqs', Endpoint, Attributes })
    await topics.publish({ TopicArn, Message: 'astray' })
    expect((await receive(dead.url)).map(({ Body }) => Body)).toEqual(['astray'])
  })
})

describe('a message to other endpoints', () => {
  it('is tried again after a server error, also by the next process', async () => {
    const TopicArn = await newTopic('calls')
    await topics.subscribe({ TopicArn, Protocol: 'lambda', Endpoint: 'arn:aws:lambda:us-east-1:000000000000:function:f' })
    answers = [500]
    await topics.publish({ TopicArn, Message: 'work' })
    await until(() => seen.length === 1)
    sns.close()
    sns = createSns(deps())
    sns.service.resume()
    await until(() => seen.length === 2)
    expect(seen[1]?.path).toBe('/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af/invocations')
    expect(seen[1]?.headers['x-amz-invocation-type']).toBe('Event')
    expect(JSON.parse(seen[1]?.body ?? '')).toMatchObject({
      Records: [{ EventSource: 'aws:sns', Sns: { Message: 'work', Subject: null } }],
    })
  })

  it('reaches an HTTP endpoint only after it has confirmed', async () => {
    const TopicArn = await newTopic('web')
    const { SubscriptionArn } = await topics.subscribe({ TopicArn, Protocol: 'http', Endpoint: `${endpoint}/hook?x=1` })
    expect(SubscriptionArn).toBe('pending confirmation')
    await until(() => seen.length === 1)
    expect(seen[0]?.headers['x-amz-sns-message-type']).toBe('SubscriptionConfirmation')
    await topics.publish({ TopicArn, Message: 'too early' })
    await fetch((JSON.parse(seen[0]?.body ?? '{}') as { SubscribeURL: string }).SubscribeURL)
    await topics.publish({ TopicArn, Message: 'on time' })
    await until(() => seen.length === 2)
    expect(seen[1]).toMatchObject({ path: '/hook?x=1' })
    expect(JSON.parse(seen[1]?.body ?? '')).toMatchObject({ Type: 'Notification', Message: 'on time' })
  })

  it('becomes a file in the mailbox where no SMTP server is set', async () => {
    const TopicArn = await newTopic('mail')
    await topics.subscribe({ TopicArn, Protocol: 'email', Endpoint: 'ana@example.org' })
    await topics.publish({
      TopicArn,
      Message: JSON.stringify({ default: 'd', email: 'Dear Ana' }),
      MessageStructure: 'json',
      Subject: 'A letter',
    })
    const files = () => readdir(join(directory, 'mailbox')).catch(() => [])
    await until(async () => (await files()).some((name) => name.endsWith('.eml')))
    const mail = await readFile(join(directory, 'mailbox', (await files())[0] ?? ''), 'utf8')
    expect(mail).toMatch(/^To: ana@example.org$/m)
    expect(mail).toMatch(/^Subject: A letter$/m)
    expect(mail).toContain('Dear Ana')
  })
})

describe('topics and subscriptions', () => {
  it('are made once, shown, tagged and removed', async () => {
    const TopicArn = await newTopic('one', { DisplayName: 'One' })
    expect(await newTopic('one', { DisplayName: 'One' })).toBe(TopicArn)
    const queue = await newQueue('q')
    const { SubscriptionArn } = await topics.subscribe({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn })
    await topics.setSubscriptionAttributes({ SubscriptionArn, AttributeName: 'RawMessageDelivery', AttributeValue: 'true' })
    expect((await topics.getSubscriptionAttributes({ SubscriptionArn })).Attributes).toMatchObject({
      RawMessageDelivery: 'true',
      Protocol: 'sqs',
    })
    expect((await topics.getTopicAttributes({ TopicArn })).Attributes).toMatchObject({
      DisplayName: 'One',
      SubscriptionsConfirmed: '1',
    })
    expect((await topics.listSubscriptionsByTopic({ TopicArn })).Subscriptions?.[0]).toMatchObject({
      SubscriptionArn,
      Endpoint: queue.arn,
    })
    await topics.tagResource({ ResourceArn: TopicArn, Tags: [{ Key: 'k', Value: 'v' }] })
    expect((await topics.listTagsForResource({ ResourceArn: TopicArn })).Tags).toEqual([{ Key: 'k', Value: 'v' }])
    await topics.unsubscribe({ SubscriptionArn })
    expect((await topics.listSubscriptions({})).Subscriptions).toEqual([])
    await topics.deleteTopic({ TopicArn })
    expect((await topics.listTopics({})).Topics).toEqual([])
  })

  it('refuse what a subscription cannot have, in the words of AWS', async () => {
    const TopicArn = await newTopic('strict.fifo', { FifoTopic: 'true' })
    const queue = await newQueue('strict.fifo', { FifoQueue: 'true' })
    const subscribe = (Attributes: Record<string, string>) =>
      topics.subscribe({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn, Attributes })
    const to = (deadLetterTargetArn: string) => ({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn }) })
    for (const [attributes, reason] of [
      [to('nonsense'), 'RedrivePolicy: deadLetterTargetArn is an invalid arn'],
      [to('arn:aws:sns:us-east-1:000000000000:t'), 'RedrivePolicy: deadLetterTargetArn is an invalid arn'],
      [
        to('arn:aws:sqs:us-east-1:000000000000:standard'),
        'RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.',
      ],
      [{ RedrivePolicy: '{' }, 'RedrivePolicy: failed to parse JSON.'],
      [{ RawMessageDelivery: 'yes' }, 'RawMessageDelivery: Invalid value [yes]. Must be true or false.'],
      [{ FilterPolicy: '{"a":[]}' }, 'FilterPolicy: Empty arrays are not allowed'],
    ] as const)
      await expect(subscribe({ ...attributes })).rejects.toMatchObject({
        message: `Invalid parameter: Attributes Reason: ${reason}`,
      })
    const { SubscriptionArn } = await subscribe(to('arn:aws:sqs:us-east-1:000000000000:dead.fifo'))
    const change = { SubscriptionArn, AttributeName: 'RedrivePolicy', AttributeValue: to('nonsense').RedrivePolicy }
    await expect(topics.setSubscriptionAttributes(change)).rejects.toMatchObject({
      message: 'Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid arn',
    })
    await topics.setSubscriptionAttributes({ ...change, AttributeValue: '' })
  })

  it('refuse a batch as a whole that is too long, or has no groups', async () => {
    const TopicArn = await newTopic('batch')
    const batch = (arn: string, ...entries: { Message: string; MessageGroupId?: string }[]) =>
      topics.publishBatch({
        TopicArn: arn,
        PublishBatchRequestEntries: entries.map((entry, i) => ({ Id: `e${i}`, ...entry })),
      })
    const half = { Message: 'x'.repeat(140_000) }
    await expect(batch(TopicArn, half, half)).rejects.toMatchObject({ name: 'BatchRequestTooLongException' })
    expect((await batch(TopicArn, half)).Successful).toHaveLength(1)
    const ordered = await newTopic('batch.fifo', { FifoTopic: 'true', ContentBasedDeduplication: 'true' })
    await expect(batch(ordered, { Message: '1', MessageGroupId: 'g' }, { Message: '2' })).rejects.toMatchObject({
      message: 'Invalid parameter: The MessageGroupId parameter is required for FIFO topics',
    })
  })

  it.each([
    [
      { DataType: 'String', StringValue: '' },
      "must contain non-empty message attribute value for message attribute type 'String'.",
    ],
    [{ DataType: 'Binary' }, "must contain non-empty message attribute value for message attribute type 'Binary'."],
    [{ DataType: 'Number', BinaryValue: Buffer.from('x') }, "with type 'Number' must use field 'String'."],
    [{ DataType: 'Text', StringValue: 'x' }, 'has an invalid message attribute type, the set of supported type prefixes'],
  ])('refuse the message attribute %j, and a batch with it as a whole', async (attribute, text) => {
    const TopicArn = await newTopic('attributed')
    const MessageAttributes = { attr1: attribute }
    const message = expect.stringContaining(`The message attribute 'attr1' ${text}`)
    await expect(topics.publish({ TopicArn, Message: 'x', MessageAttributes })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message,
    })
    const entries = [
      { Id: '1', Message: 'x' },
      { Id: '2', Message: 'x', MessageAttributes },
    ]
    await expect(topics.publishBatch({ TopicArn, PublishBatchRequestEntries: entries })).rejects.toMatchObject({ message })
  })

  it.each([
    ['a^b', "Invalid non-alphanumeric character '#x5E' was found in the message attribute name."],
    ['.a', "Invalid message attribute name starting with character '.' was found."],
    ['a.', "Invalid message attribute name ending with character '.' was found."],
    ['a..b', "Message attribute name can not have successive '.' character."],
    ['a'.repeat(257), 'Length of message attribute name must be less than 256 bytes.'],
  ])('refuse the name %s of a message attribute', async (name, text) => {
    const TopicArn = await newTopic('attributed')
    const MessageAttributes = { [name]: { DataType: 'String', StringValue: 'x' } }
    await expect(topics.publish({ TopicArn, Message: 'x', MessageAttributes })).rejects.toMatchObject({
      message: expect.stringContaining(text),
    })
  })

  it('refuse a tag that is given twice', async () => {
    const Tags = [1, 2].map((value) => ({ Key: 'k', Value: String(value) }))
    const message = 'Invalid parameter: Duplicated keys are not allowed.'
    await expect(topics.createTopic({ Name: 'twice', Tags })).rejects.toMatchObject({ message })
    const ResourceArn = await newTopic('twice')
    await expect(topics.tagResource({ ResourceArn, Tags })).rejects.toMatchObject({ message })
  })

  it('are refused in the words of AWS', async () => {
    const missing = 'arn:aws:sns:us-east-1:000000000000:none'
    await expect(topics.publish({ TopicArn: missing, Message: 'x' })).rejects.toMatchObject({
      name: 'NotFoundException',
      message: 'Topic does not exist',
    })
    const TopicArn = await newTopic('f.fifo', { FifoTopic: 'true' })
    await expect(topics.publish({ TopicArn, Message: 'x' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: The MessageGroupId parameter is required for FIFO topics',
    })
    await expect(topics.publish({ TopicArn: 'nonsense', Message: 'x' })).rejects.toMatchObject({
      message: 'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
    })
    const plain = await newTopic('plain')
    await expect(topics.publish({ TopicArn: plain, Message: '{}', MessageStructure: 'json' })).rejects.toMatchObject({
      message: 'Invalid parameter: Message Structure - No default entry in JSON message body',
    })
  })
})
