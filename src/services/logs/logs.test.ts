import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DescribeResourcePoliciesCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutResourcePolicyCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'

import { type ServicesDatabase, openServicesDatabase } from '../kit/database.ts'

import { createLogs, type Logs } from './handler.ts'

const DAY_MS = 86_400_000
let clock: VirtualClock
let database: ServicesDatabase
let logs: Logs
let server: Server
let client: CloudWatchLogsClient

beforeEach(async () => {
  clock = new VirtualClock()
  database = openServicesDatabase()
  logs = createLogs({ database, clock, region: 'us-east-1', account: '000000000000', endpoint: () => '', log: silentLog })
  server = createServer((req, res) => void logs.handler(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  client = new CloudWatchLogsClient({
    endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
})

afterEach(() => {
  logs.close()
  client.destroy()
  server.closeAllConnections()
  server.close()
})

const group = { logGroupName: '/test/group' }
const stream = { ...group, logStreamName: 'one' }
const make = async () => {
  await client.send(new CreateLogGroupCommand(group))
  await client.send(new CreateLogStreamCommand(stream))
}
const put = (messages: string[], from = clock.now()) =>
  client.send(new PutLogEventsCommand({ ...stream, logEvents: messages.map((message, i) => ({ timestamp: from + i, message })) }))
const messagesOf = (answer: { events?: { message?: string | undefined }[] | undefined }) =>
  answer.events?.map((event) => event.message)

describe('log groups', () => {
  it('are made once, described in pages and by prefix, and deleted', async () => {
    await client.send(new CreateLogGroupCommand({ logGroupName: '/a', tags: { k: 'v' } }))
    await client.send(new CreateLogGroupCommand({ logGroupName: '/b' }))
    await expect(client.send(new CreateLogGroupCommand({ logGroupName: '/a' }))).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
      message: 'The specified log group already exists',
    })
    const first = await client.send(new DescribeLogGroupsCommand({ limit: 1 }))
    expect(first.logGroups).toMatchObject([
      { logGroupName: '/a', arn: 'arn:aws:logs:us-east-1:000000000000:log-group:/a:*', storedBytes: 0 },
    ])
    const second = await client.send(new DescribeLogGroupsCommand({ limit: 1, nextToken: first.nextToken }))
    expect(second.logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(['/b'])
    expect(second.nextToken).toBeUndefined()
    expect((await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/b' }))).logGroups).toHaveLength(1)
    await client.send(new DeleteLogGroupCommand({ logGroupName: '/b' }))
    await expect(client.send(new DeleteLogGroupCommand({ logGroupName: '/b' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    })
  })

  it('refuse a name that AWS refuses, in its words', async () => {
    await expect(client.send(new CreateLogGroupCommand({ logGroupName: 'a b' }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message:
        "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
    })
  })

  it('carry tags', async () => {
    await make()
    const resourceArn = 'arn:aws:logs:us-east-1:000000000000:log-group:/test/group'
    await client.send(new TagResourceCommand({ resourceArn, tags: { a: '1' } }))
    expect((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ a: '1' })
  })

  it('forget what is past their retention', async () => {
    await make()
    await put(['old'])
    clock.advance(1.5 * DAY_MS)
    await put(['new'])
    await client.send(new PutRetentionPolicyCommand({ ...group, retentionInDays: 1 }))
    expect(messagesOf(await client.send(new GetLogEventsCommand(stream)))).toEqual(['new'])
    expect(database.prepare('SELECT count(*) AS n FROM log_events').get()).toEqual({ n: 1 })
    await expect(client.send(new PutRetentionPolicyCommand({ ...group, retentionInDays: 2 }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
  })
})

describe('events', () => {
  it('are read in pages, forward and backward, with tokens that come to rest at the ends', async () => {
    await make()
    await put(['a', 'b', 'c', 'd', 'e'])
    const latest = await client.send(new GetLogEventsCommand({ ...stream, limit: 2 }))
    expect(messagesOf(latest)).toEqual(['d', 'e'])
    const earlier = await client.send(new GetLogEventsCommand({ ...stream, limit: 2, nextToken: latest.nextBackwardToken }))
    expect(messagesOf(earlier)).toEqual(['b', 'c'])
    const first = await client.send(new GetLogEventsCommand({ ...stream, limit: 3, startFromHead: true }))
    expect(messagesOf(first)).toEqual(['a', 'b', 'c'])
    const next = await client.send(new GetLogEventsCommand({ ...stream, limit: 3, nextToken: first.nextForwardToken }))
    expect(messagesOf(next)).toEqual(['d', 'e'])
    const end = await client.send(new GetLogEventsCommand({ ...stream, nextToken: next.nextForwardToken }))
    expect(messagesOf(end)).toEqual([])
    expect(end.nextForwardToken).toBe(next.nextForwardToken)
  })

  it('are refused or left out as on AWS', async () => {
    await make()
    await expect(
      client.send(
        new PutLogEventsCommand({
          ...stream,
          logEvents: [
            { timestamp: clock.now() + 1, message: 'b' },
            { timestamp: clock.now(), message: 'a' },
          ],
        }),
      ),
    ).rejects.toMatchObject({ message: 'Log events in a single PutLogEvents request must be in chronological order.' })
    const answer = await client.send(
      new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp: clock.now() - 15 * DAY_MS, message: 'a' }] }),
    )
    expect(answer.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 })
    await expect(client.send(new GetLogEventsCommand({ ...group, logStreamName: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The specified log stream does not exist.',
    })
  })

  it('are filtered over all streams, in order, in pages', async () => {
    const at = clock.now()
    logs.service.append('/auto', 'x', [
      { timestamp: at, message: 'ERROR 1' },
      { timestamp: at + 2, message: 'ERROR 3' },
    ])
    logs.service.append('/auto', 'y', [
      { timestamp: at + 1, message: 'ERROR 2' },
      { timestamp: at + 3, message: 'fine' },
    ])
    const auto = { logGroupName: '/auto' }
    const all = await client.send(new FilterLogEventsCommand({ ...auto, filterPattern: 'ERROR' }))
    expect(all.events?.map((event) => [event.logStreamName, event.message])).toEqual([
      ['x', 'ERROR 1'],
      ['y', 'ERROR 2'],
      ['x', 'ERROR 3'],
    ])
    expect(all.events?.[0]?.eventId).toMatch(/^\d{56}$/)
    const page = await client.send(new FilterLogEventsCommand({ ...auto, limit: 3 }))
    expect(messagesOf(page)).toHaveLength(3)
    expect(messagesOf(await client.send(new FilterLogEventsCommand({ ...auto, nextToken: page.nextToken })))).toEqual(['fine'])
    expect(messagesOf(await client.send(new FilterLogEventsCommand({ ...auto, logStreamNames: ['y'] })))).toEqual([
      'ERROR 2',
      'fine',
    ])
    expect(messagesOf(await client.send(new FilterLogEventsCommand({ ...auto, logStreamNamePrefix: 'x', endTime: at })))).toEqual(
      ['ERROR 1'],
    )
    await expect(client.send(new FilterLogEventsCommand({ ...auto, filterPattern: '{ $.a' }))).rejects.toMatchObject({
      message: 'Invalid filter pattern',
    })
  })

  it('that Regente appends make group and stream, and are written together after some milliseconds', async () => {
    const commits = vi.spyOn(database, 'transaction')
    for (let i = 0; i < 1000; i++)
      logs.service.append('/auto', `stream-${i % 3}`, [{ timestamp: clock.now() + i, message: `m${i}` }])
    expect(database.prepare('SELECT count(*) AS n FROM log_events').get()).toEqual({ n: 0 })
    clock.advance(10)
    expect(database.prepare('SELECT count(*) AS n FROM log_events').get()).toEqual({ n: 1000 })
    expect(commits).toHaveBeenCalledTimes(1)
    const streams = await client.send(
      new DescribeLogStreamsCommand({ logGroupName: '/auto', orderBy: 'LastEventTime', descending: true, limit: 2 }),
    )
    expect(streams.logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(['stream-0', 'stream-2'])
    const rest = await client.send(
      new DescribeLogStreamsCommand({
        logGroupName: '/auto',
        orderBy: 'LastEventTime',
        descending: true,
        limit: 2,
        nextToken: streams.nextToken,
      }),
    )
    expect(rest.logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(['stream-1'])
  })

  it('that Regente has just appended are there for whoever asks, and are written when the store closes', async () => {
    const print = (message: string) => logs.service.append('/new', 'stream', [{ timestamp: clock.now(), message }])
    print('one')
    const place = { logGroupName: '/new', logStreamName: 'stream' }
    expect(messagesOf(await client.send(new GetLogEventsCommand(place)))).toEqual(['one'])
    print('two')
    logs.close()
    expect(database.prepareValue('SELECT message FROM log_events').all()).toEqual(['one', 'two'])
  })

  it('that are many are written before the milliseconds are over', () => {
    for (let i = 0; i < 20; i++)
      logs.service.append('/much', 'stream', [{ timestamp: clock.now(), message: `${i} ${'x'.repeat(100_000)}` }])
    expect(database.prepareValue('SELECT count(*) FROM log_events').get()).toBeGreaterThanOrEqual(10)
  })
})

it('keeps resource policies', async () => {
  await client.send(new PutResourcePolicyCommand({ policyName: 'p', policyDocument: '{}' }))
  expect((await client.send(new DescribeResourcePoliciesCommand({}))).resourcePolicies).toMatchObject([
    { policyName: 'p', policyDocument: '{}' },
  ])
})
