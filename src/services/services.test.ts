import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CloudWatchLogsClient, CreateLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { silentLog } from '../base/log.ts'

import { sendEmpty } from '../wire/http.ts'

import { handlerFor } from './kit/testing/services.ts'
import { type Services, startServices } from './services.ts'

const directory = mkdtempSync(join(tmpdir(), 'local-'))
let local: Services
let server: Server
let endpoint = 'http://127.0.0.1'
const open = () =>
  startServices({ directory, region: 'us-east-1', account: '123456789012', endpoint: () => endpoint, log: silentLog })

beforeAll(async () => {
  local = open()
  server = createServer((req, res) => {
    const handler = handlerFor(local, req)
    if (handler) void handler(req, res)
    else sendEmpty(res, { status: 418 })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await local.close()
  rmSync(directory, { recursive: true, force: true })
})

const config = () => ({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })

describe('the services on one port', () => {
  it('are told apart by the SDK clients alone, and outlive a restart', async () => {
    const [s3, dynamo, sqs] = [
      new S3Client({ ...config(), forcePathStyle: true }),
      new DynamoDBClient(config()),
      new SQSClient(config()),
    ]
    await s3.send(new CreateBucketCommand({ Bucket: 'kept' }))
    await sqs.send(new CreateQueueCommand({ QueueName: 'kept' }))
    const key = {
      KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' as const }],
      AttributeDefinitions: [{ AttributeName: 'a', AttributeType: 'S' as const }],
    }
    await dynamo.send(new CreateTableCommand({ TableName: 'kept', ...key, BillingMode: 'PAY_PER_REQUEST' }))
    await local.close()
    local = open()
    expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map((one) => one.Name)).toEqual([
      'cdk-hnb659fds-assets-123456789012-us-east-1',
      'kept',
    ])
    expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls).toEqual([`${endpoint}/123456789012/kept`])
    expect((await dynamo.send(new ListTablesCommand({}))).TableNames).toEqual(['kept'])
  })

  it('do and answer what was asked before they close', async () => {
    const sqs = new SQSClient(config())
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'late' }))
    const inGroup = local.database.inGroup.bind(local.database)
    const asked = new Promise<void>((resolve) => {
      vi.spyOn(local.database, 'inGroup').mockImplementationOnce((work) => {
        resolve()
        return inGroup(work)
      })
    })
    const sent = sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }))
    await asked
    await local.close()
    local = open()
    const { MessageId } = await sent
    expect(MessageId).toBeDefined()
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
    expect(Messages).toMatchObject([{ MessageId, Body: 'one' }])
  })

  it('reach each other over the wire: a message to a topic arrives in its queue', async () => {
    const [sns, sqs] = [new SNSClient(config()), new SQSClient(config())]
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }))
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }))
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }))
    await sns.send(new PublishCommand({ TopicArn, Message: 'hello' }))
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }))
    expect(JSON.parse(Messages?.[0]?.Body ?? '{}')).toMatchObject({ Type: 'Notification', TopicArn, Message: 'hello' })
  })

  it('include functions and logs', async () => {
    const [lambda, logs] = [new LambdaClient(config()), new CloudWatchLogsClient(config())]
    expect((await lambda.send(new ListFunctionsCommand({}))).Functions).toEqual([])
    await logs.send(new CreateLogGroupCommand({ logGroupName: 'group' }))
    expect((await logs.send(new DescribeLogGroupsCommand({}))).logGroups?.map((one) => one.logGroupName)).toEqual(['group'])
  })

  it('answer unsigned forms by their version, and leave strangers alone', async () => {
    const post = (body: string, headers = {}) =>
      fetch(endpoint, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } })
    const queues = await post('Action=ListQueues&Version=2012-11-05')
    expect(await queues.text()).toContain('<ListQueuesResult>')
    expect((await post('Action=Nothing')).status).toBe(400)
    expect((await post('')).status).toBe(400)
    expect((await post('{}', { 'x-amz-target': 'AWSStepFunctions.ListStateMachines' })).status).toBe(418)
  })
})
