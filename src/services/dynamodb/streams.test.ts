import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { openTables, refusalOf, simpleTable, type TestTables } from './testing/tables.ts'

let tables: TestTables
beforeEach(() => {
  tables = openTables()
})
afterEach(() => tables.close())

interface Told {
  readonly eventName: string
  readonly eventID: string
  readonly userIdentity?: JsonObject
  readonly dynamodb: {
    readonly Keys: JsonObject
    readonly OldImage?: JsonObject
    readonly NewImage?: JsonObject
    readonly SequenceNumber: string
  }
}

const withStream = (StreamViewType = 'NEW_AND_OLD_IMAGES') => ({ StreamSpecification: { StreamEnabled: true, StreamViewType } })
const put = (pk: string, n: number, from = tables) =>
  from.call('PutItem', { TableName: 'tab', Item: { pk: { S: pk }, n: { N: String(n) } } })
const arnOf = (from = tables) =>
  ((from.call('DescribeTable', { TableName: 'tab' })['Table'] as JsonObject)['LatestStreamArn'] ?? '') as string

function iteratorOf(StreamArn: string, ShardIteratorType: string, more: object = {}, from = tables): string {
  const { StreamDescription } = from.streams('DescribeStream', { StreamArn }) as {
    StreamDescription: { Shards: { ShardId: string }[] }
  }
  const ShardId = StreamDescription.Shards[0]?.ShardId
  return String(from.streams('GetShardIterator', { StreamArn, ShardId, ShardIteratorType, ...more })['ShardIterator'])
}
function recordsFrom(ShardIterator: string, from = tables, more: object = {}) {
  const { Records, NextShardIterator } = from.streams('GetRecords', { ShardIterator, ...more })
  return { records: Records as unknown as Told[], next: NextShardIterator as string | undefined }
}
const all = (from = tables) => recordsFrom(iteratorOf(arnOf(from), 'TRIM_HORIZON', {}, from), from).records

describe('a stream', () => {
  beforeEach(() => void tables.call('CreateTable', simpleTable('tab', withStream())))

  it('tells every change once, in order, with the item before and after', () => {
    put('a', 1)
    put('a', 1)
    tables.call('UpdateItem', {
      TableName: 'tab',
      Key: { pk: { S: 'a' } },
      UpdateExpression: 'SET n = n + :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    })
    tables.call('DeleteItem', { TableName: 'tab', Key: { pk: { S: 'a' } } })
    tables.call('DeleteItem', { TableName: 'tab', Key: { pk: { S: 'a' } } })
    const records = all()
    expect(records.map(({ eventName, dynamodb }) => [eventName, dynamodb.OldImage?.['n'], dynamodb.NewImage?.['n']])).toEqual([
      ['INSERT', undefined, { N: '1' }],
      ['MODIFY', { N: '1' }, { N: '2' }],
      ['REMOVE', { N: '2' }, undefined],
    ])
    expect(records[0]).toMatchObject({
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      dynamodb: { Keys: { pk: { S: 'a' } }, StreamViewType: 'NEW_AND_OLD_IMAGES', SizeBytes: expect.any(Number) },
    })
    const sequences = records.map(({ dynamodb }) => dynamodb.SequenceNumber)
    expect(sequences).toEqual(sequences.toSorted())
    expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(3)
  })

  it('tells nothing of what was refused, or undone with its transaction', () => {
    put('a', 1)
    const failing = { TableName: 'tab', Item: { pk: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(pk)' }
    expect(refusalOf(() => tables.call('PutItem', failing))).toContain('ConditionalCheckFailedException')
    const TransactItems = [{ Put: { TableName: 'tab', Item: { pk: { S: 'b' } } } }, { Put: failing }]
    expect(refusalOf(() => tables.call('TransactWriteItems', { TransactItems }))).toContain('TransactionCanceledException')
    tables.call('BatchWriteItem', { RequestItems: { tab: [{ PutRequest: { Item: { pk: { S: 'c' } } } }] } })
    expect(all().map(({ dynamodb }) => dynamodb.Keys)).toEqual([{ pk: { S: 'a' } }, { pk: { S: 'c' } }])
  })

  it('is read in pages, from any record on, and from now', () => {
    for (let i = 0; i < 5; i++) put(`k${i}`, i)
    const first = recordsFrom(iteratorOf(arnOf(), 'TRIM_HORIZON'), tables, { Limit: 2 })
    const rest = recordsFrom(String(first.next))
    expect([first.records.length, rest.records.length]).toEqual([2, 3])
    expect(recordsFrom(String(rest.next)).records).toEqual([])
    const SequenceNumber = rest.records[0]?.dynamodb.SequenceNumber
    expect(recordsFrom(iteratorOf(arnOf(), 'AT_SEQUENCE_NUMBER', { SequenceNumber })).records).toEqual(rest.records)
    expect(recordsFrom(iteratorOf(arnOf(), 'AFTER_SEQUENCE_NUMBER', { SequenceNumber })).records).toHaveLength(2)
    const latest = iteratorOf(arnOf(), 'LATEST')
    put('later', 1)
    expect(recordsFrom(latest).records.map(({ dynamodb }) => dynamodb.Keys)).toEqual([{ pk: { S: 'later' } }])
  })

  it('ends when it is switched off, and stays readable; the next one is another', () => {
    put('a', 1)
    const old = arnOf()
    tables.call('UpdateTable', { TableName: 'tab', StreamSpecification: { StreamEnabled: false } })
    put('b', 1)
    const { records, next } = recordsFrom(iteratorOf(old, 'TRIM_HORIZON'))
    expect([records.length, next]).toEqual([1, undefined])
    expect(tables.streams('DescribeStream', { StreamArn: old })).toMatchObject({
      StreamDescription: {
        StreamStatus: 'DISABLED',
        Shards: [{ SequenceNumberRange: { EndingSequenceNumber: records[0]?.dynamodb.SequenceNumber } }],
      },
    })
    tables.call('UpdateTable', { TableName: 'tab', ...withStream('KEYS_ONLY') })
    expect(arnOf()).not.toBe(old)
    put('c', 1)
    expect(all().map(({ dynamodb }) => [dynamodb.Keys, dynamodb.NewImage])).toEqual([[{ pk: { S: 'c' } }, undefined]])
    expect((tables.streams('ListStreams', { TableName: 'tab' })['Streams'] as unknown[]).length).toBe(2)
    expect(refusalOf(() => tables.call('UpdateTable', { TableName: 'tab', ...withStream() }))).toBe(
      'ValidationException: Table already has an enabled stream: TableName: tab',
    )
  })

  it('keeps records for 24 hours, and iterators for 15 minutes', async () => {
    put('old', 1)
    tables.service.resume()
    await new Promise((resolve) => setImmediate(resolve))
    const iterator = iteratorOf(arnOf(), 'TRIM_HORIZON')
    tables.clock.advance(16 * 60_000)
    expect(refusalOf(() => recordsFrom(iterator))).toContain('ExpiredIteratorException')
    tables.clock.advance(20 * 3_600_000)
    put('new', 1)
    expect(all()).toHaveLength(2)
    tables.clock.advance(5 * 3_600_000)
    expect(all().map(({ dynamodb }) => dynamodb.Keys)).toEqual([{ pk: { S: 'new' } }])
  })

  it('refuses what is none of its own', () => {
    expect(refusalOf(() => tables.streams('DescribeStream', { StreamArn: `${arnOf()}x` }))).toContain('ResourceNotFoundException')
    expect(refusalOf(() => tables.streams('GetRecords', { ShardIterator: 'x' }))).toBe(
      'ValidationException: Invalid ShardIterator',
    )
    expect(refusalOf(() => iteratorOf(arnOf(), 'NEWEST'))).toContain('Member must satisfy enum value set')
  })
})

it('tells who removed an item that was over', () => {
  tables.call('CreateTable', simpleTable('tab', withStream()))
  tables.call('UpdateTimeToLive', { TableName: 'tab', TimeToLiveSpecification: { Enabled: true, AttributeName: 'n' } })
  put('over', Math.floor(tables.clock.now() / 1000) + 5)
  tables.clock.advance(30_000)
  expect(all().map(({ eventName, userIdentity }) => [eventName, userIdentity])).toEqual([
    ['INSERT', undefined],
    ['REMOVE', { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' }],
  ])
})

it('has one record for each write that is there, when the process is killed in the middle', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'dynamodb-killed-'))
  const script = join(directory, 'writes.mjs')
  const helper = pathToFileURL(join(import.meta.dirname, 'testing/tables.ts')).href
  writeFileSync(
    script,
    `
    const { openTables, simpleTable } = await import(${JSON.stringify(helper)})
    const tables = openTables(${JSON.stringify(directory)})
    tables.call('CreateTable', simpleTable('tab', ${JSON.stringify(withStream())}))
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 150)
    for (let i = 0; ; i++) {
      tables.call('UpdateItem', { TableName: 'tab', Key: { pk: { S: 'k' + (i % 7) } }, UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } } })
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
    }`,
  )
  await promisify(execFile)(process.execPath, [script]).catch(() => {})
  const again = openTables(directory)
  try {
    const items = again.call('Scan', { TableName: 'tab' })['Items'] as unknown as { pk: { S: string }; n: { N: string } }[]
    const told = new Map<string, string[]>()
    for (let next: string | undefined = iteratorOf(arnOf(again), 'TRIM_HORIZON', {}, again); next !== undefined; ) {
      const page = recordsFrom(next, again)
      for (const { dynamodb } of page.records) {
        const image = dynamodb.NewImage as unknown as { pk: { S: string }; n: { N: string } }
        told.set(image.pk.S, [...(told.get(image.pk.S) ?? []), image.n.N])
      }
      next = page.records.length === 0 ? undefined : page.next
    }
    expect(items.length).toBeGreaterThan(0)
    for (const { pk, n } of items) expect(told.get(pk.S)).toEqual(Array.from({ length: Number(n.N) }, (_, i) => String(i + 1)))
  } finally {
    again.close()
    rmSync(directory, { recursive: true })
  }
})
