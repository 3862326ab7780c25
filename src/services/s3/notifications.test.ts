import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as sdk from '@aws-sdk/client-s3'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { silentLog } from '../../base/log.ts'

import { handlerFor } from '../kit/testing/services.ts'
import { type Services, startServices } from '../services.ts'

const directory = mkdtempSync(join(tmpdir(), 's3-notifications-'))
let local: Services
let server: Server
let endpoint = ''
/** While it is false nobody answers but S3: whoever is to be told cannot be reached. */
let isReachable = true

const open = () =>
  startServices({ directory, region: 'us-east-1', account: '123456789012', endpoint: () => endpoint, log: silentLog })

let s3: sdk.S3Client
let sqs: SQSClient
let sns: SNSClient
beforeAll(async () => {
  local = open()
  server = createServer((req, res) => {
    const handler = isReachable ? handlerFor(local, req) : local.handlerOf('s3')
    if (handler) void handler(req, res)
    else res.writeHead(418).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const config = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }
  s3 = new sdk.S3Client({ ...config, forcePathStyle: true })
  sqs = new SQSClient(config)
  sns = new SNSClient(config)
  local.resume()
})
afterAll(async () => {
  for (const client of [s3, sqs, sns]) client.destroy()
  server.closeAllConnections()
  server.close()
  await local.close()
  rmSync(directory, { recursive: true, force: true })
})

let made = 0
async function bucketAndQueue() {
  const name = `told-${made++}`
  await s3.send(new sdk.CreateBucketCommand({ Bucket: name }))
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }))
  return { Bucket: name, QueueUrl, QueueArn: `arn:aws:sqs:us-east-1:123456789012:${name}` }
}
const notify = (Bucket: string, NotificationConfiguration: sdk.NotificationConfiguration) =>
  s3.send(new sdk.PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }))

/** The next message of a queue, which is taken out of it. */
async function receive(QueueUrl: string | undefined): Promise<Record<string, unknown>> {
  for (let tries = 0; tries < 20; tries++) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }))
    const [message] = Messages
    if (!message) continue
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }))
    return JSON.parse(message.Body ?? '') as Record<string, unknown>
  }
  throw new Error('no message came')
}
interface EventRecord {
  readonly eventName: string
  readonly s3: { readonly object: Record<string, unknown>; readonly configurationId: string }
}
async function nextRecord(QueueUrl: string | undefined): Promise<EventRecord> {
  const [record] = (await receive(QueueUrl))['Records'] as EventRecord[]
  if (!record) throw new Error('the message has no record')
  return record
}
const put = (Bucket: string, Key: string) => s3.send(new sdk.PutObjectCommand({ Bucket, Key, Body: 'four' }))

describe('a bucket tells', () => {
  it('a queue that it will be told, then of each object that its filter lets through', async () => {
    const { Bucket, QueueUrl, QueueArn } = await bucketAndQueue()
    const FilterRules = [
      { Name: 'prefix' as const, Value: 'in/' },
      { Name: 'suffix' as const, Value: '.txt' },
    ]
    const rule = {
      QueueArn,
      Events: ['s3:ObjectCreated:*' as const, 's3:ObjectRemoved:Delete' as const],
      Filter: { Key: { FilterRules } },
    }
    await notify(Bucket, { QueueConfigurations: [rule] })
    expect(await receive(QueueUrl)).toMatchObject({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket })
    const kept = await s3.send(new sdk.GetBucketNotificationConfigurationCommand({ Bucket }))
    expect(kept.QueueConfigurations).toMatchObject([{ ...rule, Id: expect.stringMatching(/./) }])

    await put(Bucket, 'out/a.txt')
    await put(Bucket, 'in/a.png')
    await put(Bucket, 'in/a b&é.txt')
    expect(await nextRecord(QueueUrl)).toMatchObject({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'us-east-1',
      eventName: 'ObjectCreated:Put',
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: kept.QueueConfigurations?.[0]?.Id,
        bucket: { name: Bucket, arn: `arn:aws:s3:::${Bucket}` },
        object: { key: 'in/a+b%26%C3%A9.txt', size: 4, eTag: expect.stringMatching(/^[0-9a-f]{32}$/) },
      },
    })
    await s3.send(new sdk.CopyObjectCommand({ Bucket, Key: 'in/copy.txt', CopySource: `${Bucket}/out/a.txt` }))
    expect((await nextRecord(QueueUrl)).eventName).toBe('ObjectCreated:Copy')
    await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'in/never.txt' }))
    await s3.send(new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'in/copy.txt' }] } }))
    const gone = await nextRecord(QueueUrl)
    expect([gone.eventName, gone.s3.object]).toMatchObject(['ObjectRemoved:Delete', { key: 'in/copy.txt' }])
    expect(gone.s3.object['size']).toBeUndefined()
    await notify(Bucket, {})
    expect(await s3.send(new sdk.GetBucketNotificationConfigurationCommand({ Bucket }))).not.toHaveProperty('QueueConfigurations')
  })

  it('which version it was, and that a marker hides it', async () => {
    const { Bucket, QueueUrl, QueueArn } = await bucketAndQueue()
    const VersioningConfiguration = { Status: 'Enabled' as const }
    await s3.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
    await notify(Bucket, { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:Put', 's3:ObjectRemoved:*'] }] })
    await receive(QueueUrl)
    const { VersionId } = await put(Bucket, 'k')
    expect((await nextRecord(QueueUrl)).s3.object).toMatchObject({ versionId: VersionId })
    const hidden = await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'k' }))
    const marked = await nextRecord(QueueUrl)
    expect([marked.eventName, marked.s3.object['versionId']]).toEqual(['ObjectRemoved:DeleteMarkerCreated', hidden.VersionId])
    await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'k', VersionId }))
    expect(await nextRecord(QueueUrl)).toMatchObject({
      eventName: 'ObjectRemoved:Delete',
      s3: { object: { versionId: VersionId } },
    })
  })

  it('a topic, with a subject', async () => {
    const { Bucket, QueueUrl, QueueArn } = await bucketAndQueue()
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: Bucket }))
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: QueueArn }))
    await notify(Bucket, { TopicConfigurations: [{ TopicArn, Events: ['s3:ObjectCreated:*'] }] })
    expect(await receive(QueueUrl)).toMatchObject({
      Subject: 'Amazon S3 Notification',
      Message: expect.stringContaining('s3:TestEvent'),
    })
    await put(Bucket, 'k')
    expect(await receive(QueueUrl)).toMatchObject({ Message: expect.stringContaining('ObjectCreated:Put') })
  })

  it('the event bus, whose rules go on', async () => {
    const { Bucket, QueueUrl, QueueArn } = await bucketAndQueue()
    const EventPattern = JSON.stringify({ source: ['aws.s3'], detail: { bucket: { name: [Bucket] } } })
    local.events.service.putRule({ Name: Bucket, EventPattern })
    local.events.service.putTargets({ Rule: Bucket, Targets: [{ Id: '1', Arn: QueueArn }] })
    await notify(Bucket, { EventBridgeConfiguration: {} })
    await put(Bucket, 'a b')
    expect(await receive(QueueUrl)).toMatchObject({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      resources: [`arn:aws:s3:::${Bucket}`],
      detail: { bucket: { name: Bucket }, object: { key: 'a b', size: 4 }, reason: 'PutObject' },
    })
    await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key: 'a b' }))
    expect(await receive(QueueUrl)).toMatchObject({
      'detail-type': 'Object Deleted',
      detail: { 'deletion-type': 'Permanently Deleted', reason: 'DeleteObject' },
    })
  })

  it('what nobody took at first, over a restart too', async () => {
    const { Bucket, QueueUrl, QueueArn } = await bucketAndQueue()
    await notify(Bucket, { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] })
    await receive(QueueUrl)
    isReachable = false
    await put(Bucket, 'late')
    await local.close()
    local = open()
    isReachable = true
    local.resume()
    expect((await nextRecord(QueueUrl)).s3.object).toMatchObject({ key: 'late' })
  })
})

describe('a configuration is refused', () => {
  it('where a target is not there, unless it is not to be asked', async () => {
    const { Bucket } = await bucketAndQueue()
    const QueueArn = 'arn:aws:sqs:us-east-1:123456789012:none'
    const NotificationConfiguration = { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*' as const] }] }
    await expect(notify(Bucket, NotificationConfiguration)).rejects.toMatchObject({
      name: 'InvalidArgument',
      message: 'Unable to validate the following destination configurations',
      ArgumentName: QueueArn,
    })
    const blind = { Bucket, NotificationConfiguration, SkipDestinationValidation: true }
    await s3.send(new sdk.PutBucketNotificationConfigurationCommand(blind))
  })

  it('where two rules would tell of the same object, or one names no event of S3', async () => {
    const { Bucket, QueueArn } = await bucketAndQueue()
    const rule = (Value: string) => ({
      QueueArn,
      Events: ['s3:ObjectCreated:*' as const],
      Filter: { Key: { FilterRules: [{ Name: 'prefix' as const, Value }] } },
    })
    await expect(notify(Bucket, { QueueConfigurations: [rule('a'), rule('a/b')] })).rejects.toThrow('Configurations overlap')
    await notify(Bucket, { QueueConfigurations: [rule('a'), rule('b')] })
    const Events = ['s3:Nothing' as sdk.Event]
    await expect(notify(Bucket, { QueueConfigurations: [{ QueueArn, Events }] })).rejects.toThrow(
      'not supported for notifications',
    )
  })
})
