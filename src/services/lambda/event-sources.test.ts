import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { silentLog } from '../../base/log.ts'

import { handlerFor } from '../kit/testing/services.ts'
import { type Services, startServices } from '../services.ts'

import { ROLE } from './testing/lambda.ts'
import { zipOf } from './testing/zip.ts'

const directory = mkdtempSync(join(tmpdir(), 'sources-'))
let services: Services
let server: Server
let endpoint = ''
const open = () =>
  startServices({ directory, region: 'us-east-1', account: '000000000000', endpoint: () => endpoint, log: silentLog })

beforeAll(async () => {
  services = open()
  server = createServer((req, res) => void handlerFor(services, req)?.(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await services.close()
  server.closeAllConnections()
  server.close()
  rmSync(directory, { recursive: true, force: true })
})

const config = () => ({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })

async function makeQueue(QueueName: string, VisibilityTimeout = '30') {
  const sqs = new SQSClient(config())
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout } }))
  const counts = async () => {
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }))
    return AttributeNames.map((name) => Number(Attributes?.[name]))
  }
  const send = (...bodies: string[]) =>
    sqs.send(
      new SendMessageBatchCommand({ QueueUrl, Entries: bodies.map((MessageBody, id) => ({ Id: String(id), MessageBody })) }),
    )
  return { sqs, QueueUrl, arn: `arn:aws:sqs:us-east-1:000000000000:${QueueName}`, counts, send }
}

const makeFunction = (FunctionName: string, code: string, variables: Record<string, string> = {}) =>
  new LambdaClient(config()).send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: ROLE,
      Timeout: 20,
      Code: { ZipFile: zipOf({ 'index.js': code }) },
      Environment: { Variables: variables },
    }),
  )

/** Tells each body to another queue, and reports those that begin with `bad`. */
const RELAY = `
const http = require('node:http')
const tell = (body) => new Promise((resolve) => {
  const headers = { 'x-amz-target': 'AmazonSQS.SendMessage', 'content-type': 'application/x-amz-json-1.0' }
  const request = http.request(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers }, (res) => res.resume().on('end', resolve))
  request.end(JSON.stringify({ QueueUrl: process.env.SEEN, MessageBody: body }))
})
exports.handler = async ({ Records }) => {
  for (const { body } of Records) await tell(body)
  const failed = Records.filter(({ body }) => body.startsWith('bad'))
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) }
}`

async function seen({ sqs, QueueUrl }: Awaited<ReturnType<typeof makeQueue>>, count: number): Promise<string[]> {
  const bodies: string[] = []
  while (bodies.length < count) {
    const receive = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MaxNumberOfMessages: 10 })
    for (const { Body } of (await sqs.send(receive)).Messages ?? []) bodies.push(Body ?? '')
  }
  return bodies.sort()
}

test('a queue is polled for a function: what it takes is deleted, what it reports comes back; over a restart too', async () => {
  const lambda = new LambdaClient(config())
  const [work, told] = [await makeQueue('work', '60'), await makeQueue('told')]
  await makeFunction('relay', RELAY, { SEEN: told.QueueUrl ?? '' })
  const made = await lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: work.arn,
      FunctionName: 'relay',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      FilterCriteria: { Filters: [{ Pattern: '{"body":[{"anything-but":"unwanted"}]}' }] },
    }),
  )
  expect(made).toMatchObject({ State: 'Creating', BatchSize: 10, EventSourceArn: work.arn })
  expect(await lambda.send(new GetEventSourceMappingCommand({ UUID: made.UUID }))).toMatchObject({ State: 'Enabled' })
  await work.send('good', 'bad', 'unwanted')
  expect(await seen(told, 2)).toEqual(['bad', 'good'])
  await expect.poll(work.counts, { timeout: 10_000 }).toEqual([0, 1])

  await services.close()
  services = open()
  services.resume()
  await work.send('later')
  expect(await seen(told, 1)).toEqual(['later'])
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID: made.UUID, Enabled: false, BatchSize: 3 }))
  const Resource = made.EventSourceMappingArn
  await lambda.send(new TagResourceCommand({ Resource, Tags: { a: '1', b: '2' } }))
  await lambda.send(new UntagResourceCommand({ Resource, TagKeys: ['a'] }))
  expect((await lambda.send(new ListTagsCommand({ Resource }))).Tags).toEqual({ b: '2' })
  const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: 'relay' }))
  expect(EventSourceMappings).toMatchObject([{ UUID: made.UUID, State: 'Disabled', BatchSize: 3 }])
  await lambda.send(new DeleteEventSourceMappingCommand({ UUID: made.UUID }))
  await expect(lambda.send(new GetEventSourceMappingCommand({ UUID: made.UUID }))).rejects.toThrow('does not exist')
}, 60_000)

test.each([
  [
    'a source that is no queue',
    { EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' },
    'Unrecognized event source',
  ],
  [
    'a queue that is not there',
    { EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:none' },
    'Error occurred while ReceiveMessage',
  ],
  ['a queue that gives out again too soon', {}, 'Queue visibility timeout: 5 seconds is less than Function timeout: 20 seconds'],
  ['a large batch without a window', { BatchSize: 100 }, 'Maximum batch window in seconds must be greater than 0'],
  ['a function that is not there', { FunctionName: 'none' }, 'Function not found'],
])('%s is refused', async (_, input, message) => {
  const { arn } = await makeQueue('short', '5')
  await makeFunction('idle', 'exports.handler = async () => 1').catch(() => undefined)
  const create = new CreateEventSourceMappingCommand({ EventSourceArn: arn, FunctionName: 'idle', ...input })
  await expect(new LambdaClient(config()).send(create)).rejects.toThrow(message)
})
