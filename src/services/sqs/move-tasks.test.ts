import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { SQS } from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'

import { openServicesDatabase, type ServicesDatabase } from '../kit/database.ts'

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

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`
const newQueue = async (QueueName: string, Attributes: Record<string, string> = {}) =>
  (await client.createQueue({ QueueName, Attributes })).QueueUrl ?? ''
const count = async (QueueUrl: string) => {
  const { Attributes } = await client.getQueueAttributes({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] })
  return Number(Attributes?.['ApproximateNumberOfMessages'])
}

/** A queue whose dead-letter queue has its messages. */
async function deadLetters(bodies: readonly string[]) {
  const dead = await newQueue('dead')
  const policy = { deadLetterTargetArn: arnOf('dead'), maxReceiveCount: '1' }
  const work = await newQueue('work', { RedrivePolicy: JSON.stringify(policy), VisibilityTimeout: '0' })
  for (const MessageBody of bodies) await client.sendMessage({ QueueUrl: work, MessageBody })
  while ((await count(dead)) < bodies.length) await client.receiveMessage({ QueueUrl: work, MaxNumberOfMessages: 10 })
  return { dead, work }
}

test('dead letters go back to where they came from, as new messages', async () => {
  const { dead, work } = await deadLetters(['a', 'b', 'c'])
  const { TaskHandle } = await client.startMessageMoveTask({ SourceArn: arnOf('dead') })
  expect(JSON.parse(Buffer.from(TaskHandle ?? '', 'base64').toString())).toMatchObject({ sourceArn: arnOf('dead') })
  await expect.poll(() => count(work)).toBe(3)
  expect(await count(dead)).toBe(0)
  await expect
    .poll(() => client.listMessageMoveTasks({ SourceArn: arnOf('dead') }))
    .toMatchObject({
      Results: [
        {
          Status: 'COMPLETED',
          SourceArn: arnOf('dead'),
          ApproximateNumberOfMessagesMoved: 3,
          ApproximateNumberOfMessagesToMove: 3,
          StartedTimestamp: expect.any(Number),
        },
      ],
    })
  const { Messages = [] } = await client.receiveMessage({
    QueueUrl: work,
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  })
  expect(Messages[0]?.Attributes).toEqual({ ApproximateReceiveCount: '1' })
  await expect(client.cancelMessageMoveTask({ TaskHandle })).rejects.toThrow('Only active tasks can be cancelled.')
})

test('a task keeps to its rate, goes on after a restart, is the only one, and can be cancelled', async () => {
  await deadLetters(['1', '2', '3', '4', '5'])
  const other = await newQueue('other')
  const task = { SourceArn: arnOf('dead'), DestinationArn: arnOf('other'), MaxNumberOfMessagesPerSecond: 1 }
  const { TaskHandle } = await client.startMessageMoveTask(task)
  await expect(client.startMessageMoveTask(task)).rejects.toThrow('There is already a task running.')
  await expect.poll(() => count(other)).toBe(1)
  sqs.close()
  sqs = open()
  await expect.poll(() => count(other), { timeout: 5_000 }).toBe(2)
  const cancelled = await client.cancelMessageMoveTask({ TaskHandle })
  expect(cancelled.ApproximateNumberOfMessagesMoved).toBeGreaterThanOrEqual(2)
  const { Results = [] } = await client.listMessageMoveTasks({ SourceArn: arnOf('dead'), MaxResults: 10 })
  expect(Results).toMatchObject([{ Status: 'CANCELLED', DestinationArn: arnOf('other'), MaxNumberOfMessagesPerSecond: 1 }])
  expect(Results[0]?.TaskHandle).toBeUndefined()
})

test('a task fails where nobody can tell where a message came from', async () => {
  const { dead } = await deadLetters(['x'])
  await client.sendMessage({ QueueUrl: dead, MessageBody: 'sent here itself' })
  await client.startMessageMoveTask({ SourceArn: arnOf('dead') })
  await expect
    .poll(() => client.listMessageMoveTasks({ SourceArn: arnOf('dead') }))
    .toMatchObject({ Results: [{ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }] })
  expect(await count(dead)).toBe(1)
})

test('what cannot be moved is refused', async () => {
  await newQueue('plain')
  await expect(client.startMessageMoveTask({ SourceArn: arnOf('plain') })).rejects.toThrow('configured as a Dead Letter Queue')
  await expect(client.startMessageMoveTask({ SourceArn: arnOf('none') })).rejects.toThrow("SourceArn parameter doesn't exist")
  await deadLetters(['x'])
  const same = { SourceArn: arnOf('dead'), DestinationArn: arnOf('dead') }
  await expect(client.startMessageMoveTask(same)).rejects.toThrow('cannot be the same')
  await expect(client.cancelMessageMoveTask({ TaskHandle: 'none' })).rejects.toThrow('Task does not exist.')
})

test('permissions are statements of the queue’s policy, by their labels', async () => {
  const QueueUrl = await newQueue('shared')
  const add = (Label: string, AWSAccountIds: string[]) =>
    client.addPermission({ QueueUrl, Label, AWSAccountIds, Actions: ['SendMessage'] })
  await add('one', ['111122223333'])
  await add('two', ['111122223333', '444455556666'])
  await expect(add('one', ['111122223333'])).rejects.toThrow('Value one for parameter Label is invalid. Reason: Already exists.')
  const policy = async () => {
    const { Attributes } = await client.getQueueAttributes({ QueueUrl, AttributeNames: ['Policy'] })
    return Attributes?.['Policy'] === undefined ? undefined : JSON.parse(Attributes['Policy'])
  }
  const statement = { Effect: 'Allow', Action: 'SQS:SendMessage', Resource: arnOf('shared') }
  expect(await policy()).toEqual({
    Version: '2008-10-17',
    Id: `${arnOf('shared')}/SQSDefaultPolicy`,
    Statement: [
      { ...statement, Sid: 'one', Principal: { AWS: 'arn:aws:iam::111122223333:root' } },
      { ...statement, Sid: 'two', Principal: { AWS: ['arn:aws:iam::111122223333:root', 'arn:aws:iam::444455556666:root'] } },
    ],
  })
  const form = { Action: 'RemovePermission', Version: '2012-11-05', QueueUrl, Label: 'one' }
  expect((await fetch(endpoint, { method: 'POST', body: new URLSearchParams(form) })).status).toBe(200)
  await client.removePermission({ QueueUrl, Label: 'two' })
  expect(await policy()).toBeUndefined()
  await expect(client.removePermission({ QueueUrl, Label: 'two' })).rejects.toThrow("can't find label on existing policy")
})
