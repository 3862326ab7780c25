import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { afterEach, beforeEach, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'
import { silentLog } from '../../base/log.ts'

import { callAws } from '../../wire/client.ts'

import { handlerFor } from '../kit/testing/services.ts'
import { type Services, startServices } from '../services.ts'

const ACCOUNT = '123456789012'
const ARN = `arn:aws:events:us-east-1:${ACCOUNT}`
const QUEUE = `arn:aws:sqs:us-east-1:${ACCOUNT}:q`
const BUS = `${ARN}:event-bus/default`

let local: Services
let server: Server
let endpoint = ''

beforeEach(async () => {
  local = startServices({ region: 'us-east-1', account: ACCOUNT, endpoint: () => endpoint, log: silentLog })
  server = createServer((req, res) => void handlerFor(local, req)?.(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  local.resume()
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await local.close()
})

async function json(service: string, target: string, input: unknown): Promise<JsonObject> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const body = JSON.stringify(input)
  const answer = await callAws({ endpoint, region: 'us-east-1', service, credentials, method: 'POST', headers, body })
  return JSON.parse(answer.body.toString()) as JsonObject
}
const events = (operation: string, input: unknown) => json('events', `AWSEvents.${operation}`, input)
const sqs = (operation: string, input: unknown) => json('sqs', `AmazonSQS.${operation}`, input)
const put = (n: number, Source = 'shop') =>
  events('PutEvents', { Entries: [{ Source, DetailType: 'd', Detail: JSON.stringify({ n }) }] })

async function received(count: number): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = []
  while (found.length < count) {
    const answer = await sqs('ReceiveMessage', { QueueUrl: 'q', WaitTimeSeconds: 5, MaxNumberOfMessages: 10 })
    for (const { Body, ReceiptHandle } of (answer['Messages'] ?? []) as unknown as Record<string, string>[]) {
      await sqs('DeleteMessage', { QueueUrl: 'q', ReceiptHandle })
      found.push(JSON.parse(Body ?? '') as JsonObject)
    }
  }
  return found
}

test('an archive keeps what it wants; a replay sends it again, to the rules that are named', async () => {
  await sqs('CreateQueue', { QueueName: 'q' })
  const made = await events('CreateArchive', {
    ArchiveName: 'a',
    EventSourceArn: BUS,
    EventPattern: '{"source":["shop"]}',
    RetentionDays: 3,
  })
  expect(made).toMatchObject({ ArchiveArn: `${ARN}:archive/a`, State: 'ENABLED' })
  for (let n = 0; n < 3; n++) await put(n)
  await put(9, 'other')
  const archive = await events('DescribeArchive', { ArchiveName: 'a' })
  expect(archive).toMatchObject({ ArchiveName: 'a', EventCount: 3, RetentionDays: 3, EventSourceArn: BUS })
  expect(archive['SizeBytes']).toBeGreaterThan(300)

  await events('PutRule', { Name: 'again', EventPattern: '{"replay-name":[{"exists":true}]}' })
  await events('PutRule', { Name: 'not-named', EventPattern: '{"source":["shop"]}' })
  for (const Rule of ['again', 'not-named']) await events('PutTargets', { Rule, Targets: [{ Id: '1', Arn: QUEUE }] })
  const now = Date.now() / 1000
  const replay = {
    ReplayName: 'r',
    EventSourceArn: `${ARN}:archive/a`,
    Destination: { Arn: BUS, FilterArns: [`${ARN}:rule/again`] },
    EventStartTime: now - 60,
    EventEndTime: now + 60,
  }
  expect(await events('StartReplay', replay)).toMatchObject({ ReplayArn: `${ARN}:replay/r`, State: 'STARTING' })
  const again = await received(3)
  expect(again.map(({ detail }) => (detail as JsonObject)['n']).sort()).toEqual([0, 1, 2])
  expect(again[0]).toMatchObject({ source: 'shop', 'replay-name': 'r' })
  await expect.poll(() => events('DescribeReplay', { ReplayName: 'r' })).toMatchObject({ State: 'COMPLETED' })
  expect(await events('DescribeArchive', { ArchiveName: 'a' })).toMatchObject({ EventCount: 3 })
  expect(await events('ListReplays', {})).toMatchObject({ Replays: [{ ReplayName: 'r', State: 'COMPLETED' }] })
  expect(await events('CancelReplay', { ReplayName: 'r' })).toMatchObject({ __type: expect.stringContaining('IllegalStatus') })

  expect(await events('UpdateArchive', { ArchiveName: 'a', RetentionDays: 5 })).toMatchObject({ State: 'ENABLED' })
  expect(await events('ListArchives', { NamePrefix: 'a' })).toMatchObject({ Archives: [{ ArchiveName: 'a', RetentionDays: 5 }] })
  await events('DeleteArchive', { ArchiveName: 'a' })
  expect(await events('DescribeArchive', { ArchiveName: 'a' })).toMatchObject({ message: 'Archive a does not exist.' })
})

test.each([
  ['CreateArchive', { ArchiveName: 'x', EventSourceArn: `${ARN}:event-bus/none` }, 'Event bus none does not exist.'],
  ['CreateArchive', { ArchiveName: 'x', EventSourceArn: BUS, EventPattern: '{' }, 'Event pattern is not valid.'],
  ['StartReplay', { ReplayName: 'x', EventSourceArn: `${ARN}:archive/none` }, 'Archive none does not exist.'],
  ['DescribeReplay', { ReplayName: 'none' }, 'Replay none does not exist.'],
])('%s of %j is refused', async (operation, input, message) => {
  expect(await events(operation, input)).toMatchObject({ message: expect.stringContaining(message) })
})

test('a bus is updated, and keeps who may put events on it', async () => {
  expect(await events('UpdateEventBus', { Name: 'default', Description: 'mine' })).toMatchObject({
    Name: 'default',
    Description: 'mine',
  })
  await events('PutPermission', { StatementId: 's', Action: 'events:PutEvents', Principal: '111122223333' })
  const Condition = { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: 'o-1' }
  await events('PutPermission', { StatementId: 't', Action: 'events:PutEvents', Principal: '*', Condition })
  const bus = await events('DescribeEventBus', {})
  expect(bus).toMatchObject({ Name: 'default', Description: 'mine' })
  expect(JSON.parse(String(bus['Policy']))).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 's',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 'events:PutEvents',
        Resource: BUS,
      },
      {
        Sid: 't',
        Effect: 'Allow',
        Principal: '*',
        Action: 'events:PutEvents',
        Resource: BUS,
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
      },
    ],
  })
  expect(await events('RemovePermission', { StatementId: 'x' })).toMatchObject({
    message: 'Statement with the provided id does not exist.',
  })
  await events('RemovePermission', { StatementId: 's' })
  await events('RemovePermission', { RemoveAllPermissions: true })
  expect((await events('DescribeEventBus', {}))['Policy']).toBeUndefined()
  expect(await events('ListEventBuses', {})).toMatchObject({ EventBuses: [{ Name: 'default' }] })
})

test('an API destination is called as its target and its connection say, again where that may help', async () => {
  const calls: { readonly line: string; readonly headers: object; readonly body: string }[] = []
  const statuses = [503, 200]
  const other = createServer(async (req, res) => {
    const { 'x-key': key, 'x-own': own, 'content-type': type } = req.headers
    calls.push({ line: `${req.method} ${req.url}`, headers: { key, own, type }, body: await text(req) })
    res.statusCode = statuses.shift() ?? 200
    res.end()
  })
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const connection = await events('CreateConnection', {
    Name: 'c',
    AuthorizationType: 'API_KEY',
    AuthParameters: {
      ApiKeyAuthParameters: { ApiKeyName: 'x-key', ApiKeyValue: 'secret' },
      InvocationHttpParameters: { BodyParameters: [{ Key: 'from', Value: 'connection' }] },
    },
  })
  const input = {
    Name: 'd',
    ConnectionArn: connection['ConnectionArn'],
    InvocationEndpoint: `http://127.0.0.1:${port}/to/*`,
    HttpMethod: 'PUT',
    InvocationRateLimitPerSecond: 10,
  }
  const { ApiDestinationArn: Arn } = await events('CreateApiDestination', input)
  expect(Arn).toMatch(new RegExp(`^${ARN}:api-destination/d/[0-9a-f-]{36}$`))
  expect(await events('CreateApiDestination', input)).toMatchObject({ message: "An api-destination 'd' already exists." })
  expect(await events('DescribeApiDestination', { Name: 'd' })).toMatchObject({ ...input, ApiDestinationState: 'ACTIVE' })
  expect(await events('ListApiDestinations', { ConnectionArn: input.ConnectionArn })).toMatchObject({
    ApiDestinations: [{ Name: 'd' }],
  })
  await events('PutRule', { Name: 'out', EventPattern: '{"source":["shop"]}' })
  const HttpParameters = { PathParameterValues: ['a b'], QueryStringParameters: { q: '1' }, HeaderParameters: { 'X-Own': 'own' } }
  await events('PutTargets', { Rule: 'out', Targets: [{ Id: '1', Arn, InputPath: '$.detail', HttpParameters }] })
  await put(7)
  await expect.poll(() => calls, { timeout: 5_000 }).toHaveLength(2)
  for (const call of calls)
    expect(call).toEqual({
      line: 'PUT /to/a%20b?q=1',
      headers: { key: 'secret', own: 'own', type: 'application/json; charset=utf-8' },
      body: '{"n":7,"from":"connection"}',
    })
  expect(await events('UpdateApiDestination', { Name: 'd', HttpMethod: 'POST' })).toMatchObject({ ApiDestinationArn: Arn })
  expect(await events('UpdateApiDestination', { Name: 'd', HttpMethod: 'SEND' })).toMatchObject({
    message: expect.stringContaining('enum'),
  })
  await events('DeleteApiDestination', { Name: 'd' })
  expect(await events('DescribeApiDestination', { Name: 'd' })).toMatchObject({
    message: expect.stringContaining('does not exist'),
  })
  other.closeAllConnections()
  other.close()
})
