/** What the services do when nothing can be written any more, and when it can again. SQLite itself says that it is full. */
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { VirtualClock } from '../base/clock.ts'
import type { JsonObject } from '../base/json.ts'
import { silentLog } from '../base/log.ts'

import { callAws } from '../wire/client.ts'

import { handlerFor } from './kit/testing/services.ts'
import { type Services, startServices } from './services.ts'

const ACCOUNT = '123456789012'
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
let clock: VirtualClock
let local: Services
let server: Server
let endpoint = ''
const complaints: string[] = []
let functions = 0
let directory = ''

beforeEach(async () => {
  clock = new VirtualClock()
  complaints.length = 0
  const log = { ...silentLog, error: (message: string) => complaints.push(message) }
  directory = mkdtempSync(join(tmpdir(), 'full-disk-'))
  local = startServices({ directory, region: 'us-east-1', account: ACCOUNT, endpoint: () => endpoint, log, clock })
  server = createServer((req, res) => void handlerFor(local, req)?.(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await local.close()
  rmSync(directory, { recursive: true, force: true })
})

/** From now on SQLite finds no room for another page; what there is in pages that are begun is used up by `LARGE` rows. */
const fill = () => local.database.exec('PRAGMA max_page_count = 1')
const makeRoom = () => local.database.exec('PRAGMA max_page_count = 1000000')
const LARGE = 'x'.repeat(9_000)

async function call(service: string, headers: Record<string, string>, body: string, path = '/', method = 'POST') {
  const answer = await callAws({ endpoint, region: 'us-east-1', service, credentials, method, path, headers, body })
  return { status: answer.status, text: answer.body.toString(), error: answer.headers['x-amzn-errortype'] }
}
const json = (service: string, target: string, input: unknown) =>
  call(service, { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }, JSON.stringify(input))
const sns = (form: Record<string, string>) =>
  call(
    'sns',
    { 'content-type': 'application/x-www-form-urlencoded' },
    new URLSearchParams({ Version: '2010-03-31', ...form }).toString(),
  )
const QueueUrl = () => `${endpoint}/${ACCOUNT}/q`
const queueArn = `arn:aws:sqs:us-east-1:${ACCOUNT}:q`

describe('while there is no room', () => {
  it.each<[string, RegExp, () => Promise<{ status: number; text: string }>]>([
    ['SQS', /#InternalFailure"/, () => json('sqs', 'AmazonSQS.SendMessage', { QueueUrl: QueueUrl(), MessageBody: LARGE })],
    [
      'SNS',
      /<Code>InternalError<\/Code>/,
      () => sns({ Action: 'Publish', TopicArn: `arn:aws:sns:us-east-1:${ACCOUNT}:t`, Message: LARGE }),
    ],
    [
      'EventBridge',
      /"InternalException"/,
      () =>
        json('events', 'AWSEvents.PutEvents', {
          Entries: [{ Source: 'x', DetailType: 'd', Detail: JSON.stringify({ p: LARGE }) }],
        }),
    ],
    [
      'Scheduler',
      /There is no space left/,
      () => call('scheduler', { 'content-type': 'application/json' }, JSON.stringify(schedule(LARGE)), '/schedules/large'),
    ],
    [
      'Logs',
      /"ServiceUnavailableException"/,
      () =>
        json('logs', 'Logs_20140328.PutLogEvents', {
          logGroupName: 'g',
          logStreamName: 's',
          logEvents: [{ timestamp: clock.now(), message: LARGE }],
        }),
    ],
    [
      'Lambda',
      /"Type":"Service"/,
      () => {
        const more = { FunctionName: `f-${++functions}`, Environment: { Variables: { LARGE: LARGE.slice(0, 3_000) } } }
        const headers = { 'content-type': 'application/json' }
        return call('lambda', headers, JSON.stringify({ ...FUNCTION, ...more }), '/2015-03-31/functions')
      },
    ],
    ['S3', /<Code>InternalError<\/Code>/, () => call('s3', {}, LARGE, '/bucket/key', 'PUT')],
  ])('%s answers with its own error that may be tried again, and takes the call afterwards', async (_, code, act) => {
    await setUp()
    fill()
    let refused = await act()
    // The first ones may still find room in pages that are begun.
    for (let i = 0; i < 20 && refused.status < 500; i++) refused = await act()
    expect(refused).toMatchObject({ status: expect.toSatisfy((status: number) => status === 500 || status === 503) })
    expect(refused.text).toMatch(code)
    makeRoom()
    expect((await act()).status).toBeLessThan(500)
  })

  it('calls that come together are told apart: those that find room are done, the others are refused', async () => {
    await setUp()
    await json('dynamodb', 'DynamoDB_20120810.CreateTable', TABLE)
    const put = (id: string, more = '') =>
      json('dynamodb', 'DynamoDB_20120810.PutItem', { TableName: 'table', Item: { id: { S: id }, more: { S: more } } })
    await put('first')
    fill()
    const answers = await Promise.all([put('first', 'a'), put('large', 'x'.repeat(300_000)), put('first', 'b')])
    expect(answers.map(({ status }) => status)).toEqual([200, 500, 200])
    const { text } = await json('dynamodb', 'DynamoDB_20120810.Scan', { TableName: 'table' })
    expect(JSON.parse(text)).toMatchObject({ Count: 1, Items: [{ id: { S: 'first' } }] })
    makeRoom()
    expect((await put('large', 'x'.repeat(300_000))).status).toBe(200)
  })

  it('an object is there wholly or not at all', async () => {
    await setUp()
    local.database.exec('PRAGMA query_only = 1')
    const written = await call('s3', {}, 'y'.repeat(1_000_000), '/bucket/large', 'PUT')
    const read = await call('s3', {}, '', '/bucket/large', 'GET')
    expect([written.status, read.status]).toEqual([500, 404])
    expect(readdirSync(join(directory, 's3/tmp'))).toEqual([])
    expect(readdirSync(join(directory, 's3/objects'), { recursive: true }).filter((name) => name.length > 3)).toEqual([])
    local.database.exec('PRAGMA query_only = 0')
    expect((await call('s3', {}, 'y'.repeat(1_000_000), '/bucket/large', 'PUT')).status).toBe(200)
  })

  it('what functions print waits, and is read when there is room', async () => {
    const print = (text: string) => local.logs.service.append('printed', 'stream', [{ timestamp: clock.now(), message: text }])
    fill()
    for (let i = 0; i < 100; i++) print(`${i} ${LARGE}`)
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(60_000)
    expect(complaints).toContain('log events could not be written')
    expect(complaints.length).toBeLessThan(30)
    makeRoom()
    clock.advance(5_000)
    const answer = await json('logs', 'Logs_20140328.GetLogEvents', { logGroupName: 'printed', logStreamName: 'stream' })
    const { events } = JSON.parse(answer.text) as { events: JsonObject[] }
    expect(events).toHaveLength(100)
  })

  it('schedules wait, and fire once for each due time that fell into that while', async () => {
    await setUp()
    await call('scheduler', { 'content-type': 'application/json' }, JSON.stringify(schedule('1')), '/schedules/s')
    await json('events', 'AWSEvents.PutRule', { Name: 'each-minute', ScheduleExpression: 'rate(1 minute)' })
    await json('events', 'AWSEvents.PutTargets', { Rule: 'each-minute', Targets: [{ Id: '1', Arn: queueArn, Input: '"rule"' }] })
    local.database.exec('PRAGMA query_only = 1')
    clock.advance(75_000)
    expect(complaints).toEqual(expect.arrayContaining(['schedules could not be fired', 'rules could not be fired']))
    expect(complaints.length).toBeLessThan(60)
    local.database.exec('PRAGMA query_only = 0')
    clock.advance(5_000)
    await vi.waitFor(async () => {
      const answer = await json('sqs', 'AmazonSQS.ReceiveMessage', {
        QueueUrl: QueueUrl(),
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
      })
      const { Messages = [] } = JSON.parse(answer.text) as { Messages?: { Body: string }[] }
      expect(Messages.map(({ Body }) => Body).sort()).toEqual(['"1"', '"rule"'])
    })
  })
})

const TABLE = {
  TableName: 'table',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
}

const FUNCTION = {
  Runtime: 'nodejs22.x',
  Handler: 'index.handler',
  Role: 'arn:aws:iam::000000000000:role/r',
  Code: { S3Bucket: 'hot-reload', S3Key: import.meta.dirname },
}

const schedule = (input: string) => ({
  ScheduleExpression: `at(${new Date(clock.now() + 60_000).toISOString().slice(0, 19)})`,
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn: queueArn, RoleArn: 'arn:aws:iam::000000000000:role/r', Input: JSON.stringify(input) },
})

async function setUp(): Promise<void> {
  await json('sqs', 'AmazonSQS.CreateQueue', { QueueName: 'q' })
  await sns({ Action: 'CreateTopic', Name: 't' })
  await sns({ Action: 'Subscribe', TopicArn: `arn:aws:sns:us-east-1:${ACCOUNT}:t`, Protocol: 'sqs', Endpoint: queueArn })
  await json('events', 'AWSEvents.PutRule', { Name: 'r', EventPattern: '{"source":["x"]}' })
  await json('events', 'AWSEvents.PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn: queueArn }] })
  await json('logs', 'Logs_20140328.CreateLogGroup', { logGroupName: 'g' })
  await json('logs', 'Logs_20140328.CreateLogStream', { logGroupName: 'g', logStreamName: 's' })
  await call('s3', {}, '', '/bucket', 'PUT')
}
