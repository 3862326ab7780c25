import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { toInstant } from '../../base/time.ts'

import { openServicesDatabase } from './database.ts'
import { callSns, callSqs, startTestServices } from './testing/services.ts'

const SERVICES = join(import.meta.dirname, '..')
/** Shortly after the old file was written. */
const NOW = toInstant(1_795_970_500_000)

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'regente-kit-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const start = () => startTestServices(directory, NOW)

/** What another connection finds in the file. */
function inFile<T>(read: (database: ReturnType<typeof openServicesDatabase>) => T): T {
  const database = openServicesDatabase(directory)
  try {
    return read(database)
  } finally {
    database.close()
  }
}
const versions = () => inFile((database) => database.prepare('SELECT name, version FROM schema_versions ORDER BY name').all())
/** The text of each table and index, however it is written. */
const schema = () =>
  inFile((database) =>
    database
      .prepareValue<[], string>('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name')
      .all()
      .map((sql) => sql.replace(/\s/g, '').toLowerCase()),
  )

const NEWEST = Object.entries({
  apigateway: 1,
  cloudcontrol: 1,
  cloudformation: 1,
  'cloudformation-links': 1,
  cloudwatch: 1,
  dynamodb: 1,
  ecr: 1,
  events: 2,
  iam: 1,
  kms: 1,
  lambda: 4,
  logs: 2,
  once: 1,
  pipes: 1,
  s3: 3,
  secretsmanager: 1,
  sns: 2,
  sqs: 3,
  ssm: 1,
}).map(([name, version]) => ({ name, version }))

describe('the local database', () => {
  it('of the time before versions is taken over as it is', async () => {
    await start().close()
    const fresh = schema()
    rmSync(join(directory, 'local.sqlite'))
    inFile((database) => database.exec(readFileSync(join(import.meta.dirname, 'testing/local-unversioned.sql'), 'utf8')))

    const local = start()
    expect(await callSqs(local, 'ReceiveMessage', { QueueUrl: 'orders' })).toMatchObject({ Messages: [{ Body: 'an order' }] })
    expect(await callSqs(local, 'ReceiveMessage', { QueueUrl: 'orders.fifo' })).toMatchObject({
      Messages: [{ Body: 'in order' }],
    })
    expect(await callSqs(local, 'ListQueueTags', { QueueUrl: 'orders' })).toEqual({ Tags: { team: 'a' } })
    expect(JSON.stringify(await callSns(local, 'ListTopics', {}))).toContain('arn:aws:sns:us-east-1:123456789012:news')
    expect(local.events.service.listRules({})).toMatchObject({ Rules: [{ Name: 'rule' }] })
    expect(local.events.service.listTargetsByRule({ Rule: 'rule' })).toMatchObject({ Targets: [{ Id: '1' }] })
    expect(
      local.events.service.listTagsForResource({ ResourceARN: 'arn:aws:events:us-east-1:123456789012:event-bus/bus' }),
    ).toEqual({ Tags: [{ Key: 'team', Value: 'c' }] })
    expect(local.events.scheduler.getSchedule('group', 'nightly')).toMatchObject({ State: 'ENABLED' })
    expect(local.logs.service.getLogEvents({ logGroupName: 'group', logStreamName: 'stream' })).toMatchObject({
      events: [{ message: 'a line' }],
    })
    expect(local.lambda.service.functions.listTags('f')).toEqual({ Tags: { team: 'g' } })
    const object = local.s3.service.openObject('bucket', { key: 'key' })
    expect([object.readWhole()?.toString(), object.record.tags]).toEqual(['content', [['team', 'f']]])
    object.close()
    await local.close()

    expect(versions()).toEqual(NEWEST)
    expect(schema()).toEqual(fresh)
  })

  it('is made with the newest version of every service, and opens again', async () => {
    await start().close()
    expect(versions()).toEqual(NEWEST)
    await start().close()
    expect(versions()).toEqual(NEWEST)
  })

  it('of a newer Regente is refused, in words that say which service and what to do', async () => {
    await start().close()
    inFile((database) => database.exec("UPDATE schema_versions SET version = 7 WHERE name = 'sqs'"))
    expect(start).toThrow(
      'The data was written by a newer Regente (schema of sqs 7; this one knows 3). Update Regente, or name another --data folder.',
    )
  })
})

describe('statements', () => {
  const sources = readdirSync(SERVICES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|testing\//.test(path))
    .map((path) => ({ path, text: readFileSync(join(SERVICES, path), 'utf8') }))

  it('are prepared when a service is made, never while it answers', async () => {
    const wrong = sources.filter(({ text }) => /this\.#[\w.#]*\s*\.prepare(?:Value)?\b/.test(text)).map(({ path }) => path)
    expect(wrong).toEqual([])

    const local = start()
    const prepared = [vi.spyOn(local.database, 'prepare'), vi.spyOn(local.database, 'prepareValue')]
    await callSqs(local, 'CreateQueue', { QueueName: 'q', tags: { a: 'b' } })
    await callSqs(local, 'SendMessage', { QueueUrl: 'q', MessageBody: 'one' })
    await callSqs(local, 'PurgeQueue', { QueueUrl: 'q' })
    await callSns(local, 'CreateTopic', { Name: 't' })
    await callSns(local, 'Subscribe', { TopicArn: 'arn:aws:sns:us-east-1:123456789012:t', Protocol: 'sms', Endpoint: '+4912345' })
    await callSns(local, 'DeleteTopic', { TopicArn: 'arn:aws:sns:us-east-1:123456789012:t' })
    const { events, logs, lambda, s3 } = local
    events.service.buses.create({ Name: 'b', Tags: [{ Key: 'a', Value: 'b' }] })
    events.service.putRule({ Name: 'r', EventPattern: '{"source":["a"]}' })
    events.service.putTargets({ Rule: 'r', Targets: [{ Id: '1', Arn: 'arn:aws:sqs:us-east-1:123456789012:q' }] })
    await events.service.putEvents({ Entries: [{ Source: 'a', DetailType: 'd', Detail: '{}' }] })
    events.connections.list({})
    events.scheduler.createGroup('g', {})
    events.scheduler.listSchedules({ MaxResults: 10 })
    logs.service.createLogGroup({ logGroupName: 'g' })
    logs.service.createLogStream({ logGroupName: 'g', logStreamName: 's' })
    logs.service.putLogEvents({ logGroupName: 'g', logStreamName: 's', logEvents: [{ timestamp: NOW, message: 'm' }] })
    logs.service.describeLogStreams({ logGroupName: 'g', orderBy: 'LastEventTime', descending: true })
    lambda.service.functions.list({})
    s3.service.createBucket('bucket')
    expect(prepared.map((spy) => spy.mock.calls)).toEqual([[], []])
    await local.close()
  })
})
