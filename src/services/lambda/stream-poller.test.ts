import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'

import { endpointsAt } from '../../aws/endpoints.ts'

import { applySchema, openServicesDatabase } from '../kit/database.ts'

import type { EventSource, StreamSettings } from './event-source-settings.ts'
import { LAMBDA_SCHEMA } from './schema.ts'
import type { StreamRecord } from './stream-batch.ts'
import { StreamPlaces } from './stream-places.ts'
import { latestPlaces, StreamPoller } from './stream-poller.ts'

const STREAM = 'arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01T00:00:00.000'
const SETTINGS: StreamSettings = { startingPosition: 'TRIM_HORIZON', retryAttempts: -1, recordAgeSeconds: -1, bisects: false }
const SOURCE: EventSource = {
  uuid: 'u',
  sourceArn: STREAM,
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
  isEnabled: true,
  batchSize: 100,
  windowSeconds: 0,
  reportsFailures: false,
  lastModifiedMs: 0,
}

/** Pauses are real ones. */
const SLOW = { timeout: 10_000 }

/** A stream as DynamoDB's API shows it. */
interface FakeShard {
  readonly parent?: string
  readonly sequences: string[]
  isClosed?: boolean
}
let shards: Map<string, FakeShard>
let server: Server
let endpoint: string

const record = (sequence: string, at = Date.now() / 1000): StreamRecord => ({
  eventID: sequence,
  eventName: 'INSERT',
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'us-east-1',
  dynamodb: {
    SequenceNumber: sequence,
    ApproximateCreationDateTime: at,
    Keys: { id: { S: sequence } },
    StreamViewType: 'KEYS_ONLY',
  },
})

const answers: Record<string, (input: Record<string, string>) => object> = {
  DescribeStream: () => ({
    StreamDescription: {
      Shards: [...shards].map(([ShardId, { parent }]) => ({ ShardId, ...(parent && { ParentShardId: parent }) })),
    },
  }),
  GetShardIterator: ({ ShardId = '', ShardIteratorType, SequenceNumber = '' }) => {
    const from = ShardIteratorType === 'TRIM_HORIZON' ? 0 : (shards.get(ShardId)?.sequences.indexOf(SequenceNumber) ?? 0) + 1
    return { ShardIterator: `${ShardId}|${from}` }
  },
  GetRecords: ({ ShardIterator = '', Limit = 1000 }) => {
    const [id = '', from = ''] = ShardIterator.split('|')
    const { sequences, isClosed } = shards.get(id) ?? { sequences: [] }
    const found = sequences.slice(Number(from), Number(from) + Number(Limit))
    const end = Number(from) + found.length
    return {
      Records: found.map((sequence) => record(sequence)),
      ...(!(isClosed && end === sequences.length) && { NextShardIterator: `${id}|${end}` }),
    }
  },
}

beforeEach(async () => {
  shards = new Map([['s1', { sequences: [] }]])
  server = createServer(async (req, res) => {
    const [, operation = ''] = String(req.headers['x-amz-target']).split('DynamoDBStreams_20120810.')
    res.end(JSON.stringify(answers[operation]?.(JSON.parse(await text(req))) ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const endpoints = endpointsAt(() => ({ endpoint, region: 'us-east-1' }))
const newPlaces = () => {
  const database = openServicesDatabase()
  applySchema(database, LAMBDA_SCHEMA)
  return new StreamPlaces(database)
}

interface Options {
  readonly source?: Partial<EventSource>
  readonly settings?: Partial<StreamSettings>
  readonly places?: StreamPlaces
  readonly answer?: (sequences: readonly string[]) => string | Error
}

/** `batches` are the sequence numbers of each event that the function was given. */
function poll({ source, settings, places = newPlaces(), answer = () => 'null' }: Options = {}) {
  const batches: string[][] = []
  const told: unknown[] = []
  const poller = new StreamPoller(
    { ...SOURCE, ...source },
    { ...SETTINGS, ...settings },
    {
      clock: systemClock,
      log: silentLog,
      region: 'us-east-1',
      endpoint: () => endpoint,
      endpoints,
      places,
      payloadBytesMax: 6_000_000,
      results: { tell: (arn, message) => void told.push([arn, message]) },
      invoke: async (_, event) => {
        const { Records } = JSON.parse(event) as { Records: { eventID: string; eventSourceARN: string }[] }
        for (const { eventSourceARN } of Records) expect(eventSourceARN).toBe(STREAM)
        const sequences = Records.map(({ eventID }) => eventID)
        batches.push(sequences)
        const found = answer(sequences)
        return found instanceof Error ? { answer: '{}', hasFailed: true } : { answer: found, hasFailed: false }
      },
    },
  )
  return { batches, told, poller, places }
}

const shard = (id = 's1') => shards.get(id) as FakeShard

test('records are handed over in their order, and where reading stands is kept', async () => {
  shard().sequences.push('1', '2', '3')
  const { batches, poller, places } = poll({ source: { batchSize: 2 } })
  await expect.poll(() => batches, SLOW).toEqual([['1', '2'], ['3']])
  shard().sequences.push('4')
  await expect.poll(() => batches, SLOW).toEqual([['1', '2'], ['3'], ['4']])
  await expect.poll(() => places.get('u', 's1'), SLOW).toBe('4')
  await poller.close()
  shard().sequences.push('5')
  const next = poll({ places })
  await expect.poll(() => next.batches, SLOW).toEqual([['5']])
  await next.poller.close()
})

test('reading from the latest begins behind what there was, and misses nothing written since', async () => {
  shard().sequences.push('1', '2')
  shards.set('s2', { sequences: [] })
  const places = newPlaces()
  for (const [id, place] of await latestPlaces(STREAM, { endpoints })) places.put('u', id, place)
  shard().sequences.push('3')
  shard('s2').sequences.push('9')
  const { batches, poller } = poll({ places })
  await expect.poll(() => batches.flat().sort(), SLOW).toEqual(['3', '9'])
  await poller.close()
})

test("a child's records come after all of its parent's", async () => {
  Object.assign(shard(), { sequences: ['1', '2'], isClosed: true })
  shards.set('s2', { parent: 's1', sequences: ['3'] })
  const { batches, poller, places } = poll({ source: { batchSize: 1 } })
  await expect.poll(() => batches, SLOW).toEqual([['1'], ['2'], ['3']])
  expect(places.get('u', 's1')).toBe('END')
  await poller.close()
})

test('a batch that fails is tried again as often as is said, told, and passed over', async () => {
  shard().sequences.push('1', '2')
  const onFailure = 'arn:aws:sqs:us-east-1:000000000000:q'
  const { batches, told, poller } = poll({
    settings: { retryAttempts: 1, onFailure },
    answer: (sequences) => (sequences.includes('1') ? new Error('no') : 'null'),
  })
  await expect.poll(() => told, SLOW).toHaveLength(1)
  expect(batches).toEqual([
    ['1', '2'],
    ['1', '2'],
  ])
  expect(told).toMatchObject([
    [
      onFailure,
      {
        kind: 'batch',
        record: {
          requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
          DDBStreamBatchInfo: {
            shardId: 's1',
            startSequenceNumber: '1',
            endSequenceNumber: '2',
            batchSize: 2,
            streamArn: STREAM,
          },
        },
      },
    ],
  ])
  shard().sequences.push('3')
  await expect.poll(() => batches.at(-1), SLOW).toEqual(['3'])
  await poller.close()
})

test('halves of a batch that failed are tried apart, until the one record at fault is left', async () => {
  shard().sequences.push('1', '2', '3', '4')
  const { batches, poller } = poll({
    settings: { retryAttempts: 0, bisects: true },
    answer: (sequences) => (sequences.includes('3') ? new Error('no') : 'null'),
  })
  await expect.poll(() => batches, SLOW).toEqual([['1', '2', '3', '4'], ['1', '2'], ['3', '4'], ['3'], ['4']])
  await poller.close()
})

test('what the function reports is tried again from the first that it failed', async () => {
  shard().sequences.push('1', '2', '3')
  let reports = 1
  const { batches, poller } = poll({
    source: { reportsFailures: true },
    answer: () => (reports-- > 0 ? '{"batchItemFailures":[{"itemIdentifier":"2"}]}' : '{"batchItemFailures":[]}'),
  })
  await expect
    .poll(() => batches)
    .toEqual([
      ['1', '2', '3'],
      ['2', '3'],
    ])
  await poller.close()
})

test('what no filter wants is passed over', async () => {
  shard().sequences.push('1', '2', '3')
  const filterCriteria = { Filters: [{ Pattern: '{"dynamodb":{"Keys":{"id":{"S":["2"]}}}}' }] }
  const { batches, poller, places } = poll({ source: { filterCriteria } })
  await expect.poll(() => places.get('u', 's1'), SLOW).toBe('3')
  expect(batches).toEqual([['2']])
  await poller.close()
})
