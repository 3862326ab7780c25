import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { SQS } from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'

import { type ServicesDatabase, openServicesDatabase } from '../kit/database.ts'

import { createSqs, type Sqs } from './handler.ts'

let server: Server
let sqs: Sqs
let database: ServicesDatabase
let endpoint: string
let client: SQS

const open = () =>
  createSqs({
    database,
    region: 'us-east-1',
    account: '000000000000',
    endpoint: () => endpoint,
    log: silentLog,
    clock: systemClock,
  })

beforeEach(async () => {
  database = openServicesDatabase()
  sqs = open()
  server = createServer((req, res) => void sqs.handler(req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = new SQS({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1 })
})

afterEach(() => {
  client.destroy()
  sqs.close()
  server.closeAllConnections()
  server.close()
})

async function newQueue(name: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl } = await client.createQueue({ QueueName: name, Attributes })
  return QueueUrl ?? ''
}

const arnOf = async (QueueUrl: string) =>
  (await client.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] })).Attributes?.['QueueArn'] ?? ''

async function query(path: string, form: Record<string, string>): Promise<{ status: number; text: string }> {
  const response = await fetch(endpoint + path, { method: 'POST', body: new URLSearchParams({ Version: '2012-11-05', ...form }) })
  return { status: response.status, text: await response.text() }
}

it('a purge of many messages empties the queue at once, and they go from the disk by and by', async () => {
  const QueueUrl = await newQueue('much.fifo', { FifoQueue: 'true' })
  const send = (id: number) =>
    client.sendMessage({ QueueUrl, MessageBody: 'm', MessageGroupId: 'g', MessageDeduplicationId: String(id) })
  const first = await send(0)
  const copy = `INSERT INTO sqs_messages (queue, message_id, body, attributes, group_id, sent_at, visible_at, expires_at)
    SELECT queue, message_id, body, attributes, group_id, sent_at, visible_at, expires_at FROM sqs_messages`
  for (let i = 0; i < 13; i++) database.exec(copy)
  await client.purgeQueue({ QueueUrl })
  expect((await client.receiveMessage({ QueueUrl })).Messages).toBeUndefined()
  expect((await send(0)).MessageId).not.toBe(first.MessageId)
  const count = database.prepare('SELECT count(*) AS count FROM sqs_messages')
  await vi.waitFor(() => expect(count.get()).toEqual({ count: 1 }))
  expect((await client.receiveMessage({ QueueUrl })).Messages).toHaveLength(1)
})

describe('a standard queue', () => {
  it('gives a message out once, and again after its visibility timeout', async () => {
    const QueueUrl = await newQueue('jobs')
    expect(QueueUrl).toBe(`${endpoint}/000000000000/jobs`)
    const MessageAttributes = {
      kind: { DataType: 'String', StringValue: 'x' },
      raw: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2]) },
    }
    await client.sendMessage({ QueueUrl, MessageBody: 'hello', MessageAttributes })
    const first = await client.receiveMessage({
      QueueUrl,
      VisibilityTimeout: 1,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    })
    expect(first.Messages?.[0]).toMatchObject({ Body: 'hello', MessageAttributes: { kind: { StringValue: 'x' } } })
    expect(first.Messages?.[0]?.Attributes?.['ApproximateReceiveCount']).toBe('1')
    expect((await client.receiveMessage({ QueueUrl })).Messages).toBeUndefined()
    const second = await client.receiveMessage({ QueueUrl, WaitTimeSeconds: 5, MessageSystemAttributeNames: ['All'] })
    expect(second.Messages?.[0]?.Attributes?.['ApproximateReceiveCount']).toBe('2')
    await client.deleteMessage({ QueueUrl, ReceiptHandle: second.Messages?.[0]?.ReceiptHandle })
    const { Attributes } = await client.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] })
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      VisibilityTimeout: '30',
    })
  })

  it('wakes a long poll when a message is sent', async () => {
    const QueueUrl = await newQueue('bell')
    const began = Date.now()
    const waiting = client.receiveMessage({ QueueUrl, WaitTimeSeconds: 10 })
    await new Promise((resolve) => setTimeout(resolve, 50))
    await client.sendMessage({ QueueUrl, MessageBody: 'ding' })
    expect((await waiting).Messages?.[0]?.Body).toBe('ding')
    expect(Date.now() - began).toBeLessThan(3000)
  })

  it('does not show a delayed message before its time', async () => {
    const QueueUrl = await newQueue('later')
    await client.sendMessage({ QueueUrl, MessageBody: 'x', DelaySeconds: 1 })
    expect((await client.receiveMessage({ QueueUrl })).Messages).toBeUndefined()
    expect((await client.receiveMessage({ QueueUrl, WaitTimeSeconds: 3 })).Messages?.[0]?.Body).toBe('x')
  })

  it('moves a message received too often to the dead-letter queue', async () => {
    const dead = await newQueue('dead')
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await arnOf(dead), maxReceiveCount: 2 })
    const QueueUrl = await newQueue('work', { RedrivePolicy })
    await client.sendMessage({ QueueUrl, MessageBody: 'poison' })
    for (let i = 0; i < 2; i++) expect((await client.receiveMessage({ QueueUrl, VisibilityTimeout: 0 })).Messages).toHaveLength(1)
    expect((await client.receiveMessage({ QueueUrl, VisibilityTimeout: 0 })).Messages).toBeUndefined()
    const { Messages } = await client.receiveMessage({ QueueUrl: dead, MessageSystemAttributeNames: ['All'] })
    expect(Messages?.[0]).toMatchObject({ Body: 'poison', Attributes: { DeadLetterQueueSourceArn: await arnOf(QueueUrl) } })
    expect((await client.listDeadLetterSourceQueues({ QueueUrl: dead })).queueUrls).toEqual([QueueUrl])
  })

  it('goes on counting receives in the dead-letter queue, which counts its own for its own policy', async () => {
    const last = await newQueue('last')
    const RedrivePolicy = async (queue: string, maxReceiveCount: number) =>
      JSON.stringify({ deadLetterTargetArn: await arnOf(queue), maxReceiveCount })
    const middle = await newQueue('middle', { RedrivePolicy: await RedrivePolicy(last, 1) })
    const QueueUrl = await newQueue('first', { RedrivePolicy: await RedrivePolicy(middle, 2) })
    await client.sendMessage({ QueueUrl, MessageBody: 'poison' })
    const take = async (url: string) => {
      const { Messages } = await client.receiveMessage({
        QueueUrl: url,
        VisibilityTimeout: 0,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      })
      return Messages?.[0]?.Attributes?.['ApproximateReceiveCount']
    }
    expect([await take(QueueUrl), await take(QueueUrl), await take(QueueUrl)]).toEqual(['1', '2', undefined])
    expect([await take(middle), await take(middle), await take(last)]).toEqual(['3', undefined, '4'])
  })

  it('changes the visibility of a message in flight by any of its receipt handles', async () => {
    const QueueUrl = await newQueue('handles')
    await client.sendMessage({ QueueUrl, MessageBody: 'x' })
    const { Messages } = await client.receiveMessage({ QueueUrl, VisibilityTimeout: 0 })
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle
    const change = () => client.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })
    await expect(change()).rejects.toMatchObject({ name: 'MessageNotInflight' })
    await client.receiveMessage({ QueueUrl, VisibilityTimeout: 60 })
    await change()
    expect((await client.receiveMessage({ QueueUrl })).Messages).toHaveLength(1)
  })

  it('takes names of attributes in any script, and no text that XML cannot hold', async () => {
    const QueueUrl = await newQueue('named')
    const send = (name: string, StringValue: string) =>
      client.sendMessage({ QueueUrl, MessageBody: 'x', MessageAttributes: { [name]: { DataType: 'String', StringValue } } })
    await send('ação.1øß', 'v')
    for (const name of ['a!b', 'a§b', 'aws.x', 'a.']) await expect(send(name, 'v')).rejects.toThrow('is invalid')
    await expect(send('a', 'v\u0008')).rejects.toThrow('Invalid characters found.')
    await expect(send('a', '')).rejects.toThrow("Message (user) attribute 'a' must contain a non-empty value of type 'String'.")
  })

  it('keeps the trace header of the request, unless the message brings its own', async () => {
    const QueueUrl = await newQueue('traced')
    const traced = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1'
    const own = 'Root=1-11111111-bd862e3fe1be46a994272793'
    const send = (more: Record<string, string>) =>
      fetch(endpoint, {
        method: 'POST',
        headers: { 'x-amzn-trace-id': traced },
        body: new URLSearchParams({ Action: 'SendMessage', Version: '2012-11-05', QueueUrl, MessageBody: 'x', ...more }),
      }).then((response) => response.text())
    expect(await send({})).not.toContain('MD5OfMessageSystemAttributes')
    const system = 'MessageSystemAttribute.1'
    const named = { [`${system}.Name`]: 'AWSTraceHeader', [`${system}.Value.DataType`]: 'String' }
    expect(await send({ ...named, [`${system}.Value.StringValue`]: own })).toContain('MD5OfMessageSystemAttributes')
    const { Messages } = await client.receiveMessage({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['AWSTraceHeader'],
    })
    expect(Messages?.map(({ Attributes }) => Attributes?.['AWSTraceHeader'])).toEqual([traced, own])
  })

  it('answers batches entry by entry', async () => {
    const QueueUrl = await newQueue('batch')
    const sent = await client.sendMessageBatch({
      QueueUrl,
      Entries: [
        { Id: 'a', MessageBody: '1' },
        { Id: 'b', MessageBody: '' },
        { Id: 'c', MessageBody: '3' },
      ],
    })
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c'])
    expect(sent.Failed?.[0]).toMatchObject({ Id: 'b', Code: 'MissingParameter', SenderFault: true })
    const { Messages = [] } = await client.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })
    expect(Messages.map(({ Body }) => Body)).toEqual(['1', '3'])
    const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: `m${i}`, ReceiptHandle, VisibilityTimeout: 0 }))
    expect((await client.changeMessageVisibilityBatch({ QueueUrl, Entries })).Successful).toHaveLength(2)
    expect((await client.deleteMessageBatch({ QueueUrl, Entries })).Successful).toHaveLength(2)
  })

  it('keeps queues and messages when the service starts again', async () => {
    const QueueUrl = await newQueue('kept')
    await client.sendMessage({ QueueUrl, MessageBody: 'still here' })
    sqs.close()
    sqs = open()
    expect((await client.receiveMessage({ QueueUrl })).Messages?.[0]?.Body).toBe('still here')
  })
})

describe('a FIFO queue', () => {
  it('keeps the order of a group and closes it while a message is in flight', async () => {
    const QueueUrl = await newQueue('line.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' })
    for (const [group, body] of [
      ['a', '1'],
      ['a', '2'],
      ['b', '3'],
    ] as const) {
      await client.sendMessage({ QueueUrl, MessageBody: body, MessageGroupId: group })
    }
    const one = await client.receiveMessage({ QueueUrl })
    const two = await client.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })
    expect([one.Messages?.[0]?.Body, two.Messages?.map(({ Body }) => Body)]).toEqual(['1', ['3']])
    const waiting = client.receiveMessage({ QueueUrl, WaitTimeSeconds: 5 })
    await client.deleteMessage({ QueueUrl, ReceiptHandle: one.Messages?.[0]?.ReceiptHandle })
    expect((await waiting).Messages?.[0]?.Body).toBe('2')
  })

  it('is made by truth in any case', async () => {
    const QueueUrl = await newQueue('python.fifo', { FifoQueue: 'True', ContentBasedDeduplication: 'TRUE' })
    expect(await newQueue('python.fifo', { FifoQueue: 'true' })).toBe(QueueUrl)
    await client.setQueueAttributes({ QueueUrl, Attributes: { ContentBasedDeduplication: 'False' } })
    const { Attributes } = await client.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] })
    expect(Attributes).toMatchObject({ FifoQueue: 'true', ContentBasedDeduplication: 'false' })
  })

  it('gives out as many as it can of one group before the next', async () => {
    const QueueUrl = await newQueue('gathered.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' })
    const send = (MessageGroupId: string, MessageBody: string) => client.sendMessage({ QueueUrl, MessageBody, MessageGroupId })
    for (const body of ['a1', 'b1', 'a2', 'c1', 'b2', 'a3']) await send(body.charAt(0), body)
    const take = async (MaxNumberOfMessages: number) => {
      const { Messages } = await client.receiveMessage({ QueueUrl, MaxNumberOfMessages })
      return Messages?.map(({ Body }) => Body)
    }
    expect(await take(2)).toEqual(['a1', 'a2'])
    expect(await take(10)).toEqual(['b1', 'b2', 'c1'])
    expect(await take(10)).toBeUndefined()
  })

  it('drops a duplicate and answers with the first message', async () => {
    const QueueUrl = await newQueue('once.fifo', { FifoQueue: 'true' })
    const send = () => client.sendMessage({ QueueUrl, MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId: 'd' })
    const [first, second] = [await send(), await send()]
    expect(second.MessageId).toBe(first.MessageId)
    expect(second.SequenceNumber).toBe(first.SequenceNumber)
    expect((await client.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })).Messages).toHaveLength(1)
  })
})

describe('errors', () => {
  it('names a missing queue in both protocols', async () => {
    await expect(client.getQueueUrl({ QueueName: 'none' })).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      message: 'The specified queue does not exist.',
    })
    const { status, text } = await query('/', { Action: 'GetQueueUrl', QueueName: 'none' })
    expect(status).toBe(400)
    expect(text).toContain('<Code>AWS.SimpleQueueService.NonExistentQueue</Code>')
  })

  it.each([
    [{ WaitTimeSeconds: 21 }, 'Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.'],
    [
      { MaxNumberOfMessages: 11 },
      'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
    ],
  ])('are told in the words of AWS: %j', async (asked, message) => {
    const QueueUrl = await newQueue('words')
    await expect(client.receiveMessage({ QueueUrl, ...asked })).rejects.toMatchObject({ message })
  })

  it('refuse a whole batch that lacks what a FIFO queue asks for', async () => {
    const QueueUrl = await newQueue('asking.fifo', { FifoQueue: 'true' })
    const whole = { Id: 'a', MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId: 'd' }
    const send = (entry: object) =>
      client.sendMessageBatch({ QueueUrl, Entries: [whole, { Id: 'b', MessageBody: 'y', ...entry }] })
    await expect(send({ MessageDeduplicationId: 'e' })).rejects.toThrow('The request must contain the parameter MessageGroupId.')
    await expect(send({ MessageGroupId: 'g' })).rejects.toThrow('MessageDeduplicationId provided explicitly')
    expect((await client.receiveMessage({ QueueUrl })).Messages).toBeUndefined()
  })

  it('tell a dead-letter queue that is none from one that is not there', async () => {
    const make = (deadLetterTargetArn: string) =>
      newQueue('w', { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }) })
    await expect(make('dummy')).rejects.toThrow('Reason: Invalid value for deadLetterTargetArn.')
    await expect(make('arn:aws:sqs:us-east-1:000000000000:none')).rejects.toThrow('Dead letter target does not exist.')
  })

  it('say that a queue has one encryption at a time', async () => {
    const QueueUrl = await newQueue('secret', { KmsMasterKeyId: 'key' })
    const { Attributes } = await client.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] })
    expect(Attributes).toMatchObject({
      KmsMasterKeyId: 'key',
      KmsDataKeyReusePeriodSeconds: '300',
      SqsManagedSseEnabled: 'false',
    })
    const change = (more: Record<string, string>) => client.setQueueAttributes({ QueueUrl, Attributes: more })
    await expect(change({ SqsManagedSseEnabled: 'true' })).rejects.toThrow('You can use one type of server-side encryption')
    await change({ KmsMasterKeyId: '', SqsManagedSseEnabled: 'true' })
  })

  it('say that a queue keeps its type', async () => {
    const QueueUrl = await newQueue('typed.fifo', { FifoQueue: 'true' })
    await expect(client.setQueueAttributes({ QueueUrl, Attributes: { FifoQueue: 'false' } })).rejects.toMatchObject({
      message: 'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
    })
  })

  it('refuses a name that is taken with other attributes', async () => {
    await newQueue('q', { VisibilityTimeout: '5' })
    await expect(newQueue('q', { VisibilityTimeout: '6' })).rejects.toMatchObject({ name: 'QueueNameExists' })
    await expect(newQueue('q', { VisibilityTimeout: '5' })).resolves.toContain('/q')
    await expect(newQueue('r', { Nonsense: '6' })).rejects.toMatchObject({ name: 'InvalidAttributeName' })
    await expect(newQueue('bad name')).rejects.toMatchObject({ name: 'InvalidParameterValue' })
  })
})

describe('the Query protocol', () => {
  it('does nothing for whoever follows a link', async () => {
    const QueueUrl = await newQueue('linked')
    await client.sendMessage({ QueueUrl, MessageBody: 'kept' })
    for (const action of ['PurgeQueue', 'DeleteQueue', 'ReceiveMessage', 'GetQueueAttributes'])
      expect((await fetch(`${QueueUrl}?Action=${action}&Version=2012-11-05`)).status).toBe(405)
    expect((await client.receiveMessage({ QueueUrl })).Messages).toHaveLength(1)
  })

  it('sends to the URL of the queue and receives with attributes', async () => {
    const created = await query('/', {
      Action: 'CreateQueue',
      QueueName: 'old',
      'Attribute.1.Name': 'VisibilityTimeout',
      'Attribute.1.Value': '7',
    })
    expect(created.text).toContain(`<CreateQueueResult><QueueUrl>${endpoint}/000000000000/old</QueueUrl></CreateQueueResult>`)
    const sent = await query('/000000000000/old', {
      Action: 'SendMessage',
      MessageBody: 'a<b',
      'MessageAttribute.1.Name': 'k',
      'MessageAttribute.1.Value.DataType': 'Number',
      'MessageAttribute.1.Value.StringValue': '12',
    })
    expect(sent.text).toMatch(/<MD5OfMessageAttributes>[0-9a-f]{32}</)
    const received = await query('/000000000000/old', {
      Action: 'ReceiveMessage',
      'AttributeName.1': 'All',
      'MessageAttributeName.1': 'All',
    })
    expect(received.text).toContain('<Body>a&lt;b</Body>')
    expect(received.text).toContain(
      '<MessageAttribute><Name>k</Name><Value><DataType>Number</DataType><StringValue>12</StringValue></Value></MessageAttribute>',
    )
    const attributes = await query('/000000000000/old', { Action: 'GetQueueAttributes', 'AttributeName.1': 'VisibilityTimeout' })
    expect(attributes.text).toContain('<Attribute><Name>VisibilityTimeout</Name><Value>7</Value></Attribute>')
    expect((await query('/000000000000/old', { Action: 'DeleteQueue' })).text).not.toContain('DeleteQueueResult')
  })
})
