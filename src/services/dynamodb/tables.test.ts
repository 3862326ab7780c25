import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { openTables, refusalOf, simpleTable, type TestTables } from './testing/tables.ts'

let directory: string
let tables: TestTables
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dynamodb-tables-'))
  tables = openTables(directory)
})
afterEach(() => {
  tables.close()
  rmSync(directory, { recursive: true, force: true })
})

const describeTable = (TableName: string) => tables.call('DescribeTable', { TableName })['Table'] as JsonObject
const put = (TableName: string, Item: object) => tables.call('PutItem', { TableName, Item })
const query = (IndexName: string, g: string) =>
  tables.call('Query', {
    TableName: 'tab',
    IndexName,
    KeyConditionExpression: 'g = :g',
    ExpressionAttributeValues: { ':g': { S: g } },
  })

describe('an index that is added', () => {
  const Create = {
    IndexName: 'by-g',
    KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  }
  const add = () =>
    tables.call('UpdateTable', {
      TableName: 'tab',
      AttributeDefinitions: ['pk', 'g'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexUpdates: [{ Create }],
    })
  const status = () => (describeTable('tab')['GlobalSecondaryIndexes'] as readonly JsonObject[])[0]?.['IndexStatus']

  it('is filled behind the answer, goes on after a restart, and misses nothing that is written meanwhile', async () => {
    tables.call('CreateTable', simpleTable('tab'))
    for (let i = 0; i < 1_200; i++) put('tab', { pk: { S: `k${i}` }, g: { S: i % 2 === 0 ? 'even' : 'odd' }, more: { S: 'x' } })
    add()
    expect(status()).toBe('CREATING')
    expect(refusalOf(() => query('by-g', 'even'))).toContain('Cannot read from backfilling global secondary index: by-g')
    put('tab', { pk: { S: 'new' }, g: { S: 'even' } })
    tables.call('DeleteItem', { TableName: 'tab', Key: { pk: { S: 'k0' } } })
    tables.close()
    tables = openTables(directory)
    expect(status()).toBe('CREATING')
    tables.service.resume()
    await expect
      .poll(() => {
        tables.clock.advance(10)
        return status()
      })
      .toBe('ACTIVE')
    expect(query('by-g', 'even')['Count']).toBe(600)
    expect((query('by-g', 'odd')['Items'] as JsonObject[])[0]).toEqual({ pk: expect.anything(), g: { S: 'odd' } })
    expect(describeTable('tab')['GlobalSecondaryIndexes']).toMatchObject([{ ItemCount: 1_200 }])
  })

  it('leaves nothing when it is taken away, or its table', async () => {
    tables.call('CreateTable', simpleTable('tab'))
    for (let i = 0; i < 700; i++) put('tab', { pk: { S: `k${i}` }, g: { S: 'one' } })
    add()
    const rows = (table: string) => tables.database.prepareValue<[], number>(`SELECT count(*) FROM ${table}`).get()
    const settle = () => tables.clock.advance(10)
    await expect.poll(() => [settle(), rows('dynamodb_entry')][1]).toBe(700)
    tables.call('UpdateTable', { TableName: 'tab', GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-g' } }] })
    await expect.poll(() => [settle(), rows('dynamodb_entry')][1]).toBe(0)
    tables.call('DeleteTable', { TableName: 'tab' })
    tables.call('CreateTable', simpleTable('tab'))
    expect(tables.call('Scan', { TableName: 'tab' })['Count']).toBe(0)
    await expect.poll(() => [settle(), rows('dynamodb_item')][1]).toBe(0)
  })
})

describe('time to live', () => {
  const set = (Enabled: boolean, AttributeName = 'until') =>
    tables.call('UpdateTimeToLive', { TableName: 'tab', TimeToLiveSpecification: { Enabled, AttributeName } })
  const count = () => tables.call('Scan', { TableName: 'tab' })['Count']
  const now = () => Math.floor(tables.clock.now() / 1000)

  it('removes what is over within seconds, from its indexes too, and nothing else', async () => {
    tables.call('CreateTable', simpleTable('tab'))
    expect(tables.call('DescribeTimeToLive', { TableName: 'tab' })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' },
    })
    put('tab', { pk: { S: 'before' }, until: { N: String(now() - 10) } })
    put('tab', { pk: { S: 'ancient' }, until: { N: '1' } })
    put('tab', { pk: { S: 'text' }, until: { S: String(now() - 10) } })
    expect(set(true)).toEqual({ TimeToLiveSpecification: { Enabled: true, AttributeName: 'until' } })
    expect(tables.call('DescribeTimeToLive', { TableName: 'tab' })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'until' },
    })
    const settled = () => [tables.clock.advance(100), count()][1]
    await expect.poll(settled).toBe(2)
    put('tab', { pk: { S: 'soon' }, until: { N: String(now() + 60) } })
    expect(settled()).toBe(3)
    tables.clock.advance(55_000)
    expect(count()).toBe(3)
    tables.clock.advance(10_000)
    expect(count()).toBe(2)
    expect(refusalOf(() => set(true))).toBe('ValidationException: TimeToLive is already enabled')
    expect(refusalOf(() => set(false, 'other'))).toContain('different AttributeName')
    set(false)
    put('tab', { pk: { S: 'kept' }, until: { N: String(now() - 10) } })
    expect(settled()).toBe(3)
  })
})

describe('a table', () => {
  it('keeps what its backups are set to, and tells its endpoint', () => {
    tables.call('CreateTable', simpleTable('tab'))
    const status = () =>
      JSON.stringify(tables.call('DescribeContinuousBackups', { TableName: 'tab' })).match(/RecoveryStatus":"(\w+)"/)?.[1]
    expect(status()).toBe('DISABLED')
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true }
    tables.call('UpdateContinuousBackups', { TableName: 'tab', PointInTimeRecoverySpecification })
    expect(status()).toBe('ENABLED')
    expect(tables.call('DescribeEndpoints', {})).toEqual({
      Endpoints: [{ Address: '127.0.0.1:8080', CachePeriodInMinutes: 1440 }],
    })
  })

  it('is scanned in segments that together are all of it', () => {
    tables.call('CreateTable', simpleTable('tab'))
    for (let i = 0; i < 200; i++) put('tab', { pk: { S: `k${i}` } })
    const found = [0, 1, 2].flatMap((Segment) => {
      const { Items } = tables.call('Scan', { TableName: 'tab', Segment, TotalSegments: 3 })
      return (Items as unknown as { pk: { S: string } }[]).map(({ pk }) => pk.S)
    })
    expect([found.length, new Set(found).size]).toEqual([200, 200])
  })

  it('sorts numbers by their size, of all sizes and signs', () => {
    const AttributeDefinitions = [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'n', AttributeType: 'N' },
    ]
    const KeySchema = [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'n', KeyType: 'RANGE' },
    ]
    tables.call('CreateTable', simpleTable('tab', { AttributeDefinitions, KeySchema }))
    const sorted = [
      '-9.9e125',
      '-100',
      '-12.3',
      '-12',
      '-1.23',
      '-1.2',
      '-1e-130',
      '0',
      '1e-130',
      '0.5',
      '1',
      '1.2',
      '1.23',
      '9',
      '10',
      '12.3',
      '1e125',
    ]
    for (const N of sorted.toReversed()) put('tab', { pk: { S: 'a' }, n: { N } })
    const numbers = (more: object = {}) =>
      (
        tables.call('Query', {
          TableName: 'tab',
          KeyConditionExpression: 'pk = :p',
          ExpressionAttributeValues: { ':p': { S: 'a' } },
          ...more,
        })['Items'] as unknown as { n: { N: string } }[]
      ).map(({ n }) => Number(n.N))
    expect(numbers()).toEqual(sorted.map(Number))
    expect(numbers({ ScanIndexForward: false, Limit: 2 })).toEqual([1e125, 12.3])
    const between = {
      KeyConditionExpression: 'pk = :p AND n BETWEEN :a AND :b',
      ExpressionAttributeValues: { ':p': { S: 'a' }, ':a': { N: '-1.21' }, ':b': { N: '1' } },
    }
    expect(numbers(between)).toEqual([-1.2, -1e-130, 0, 1e-130, 0.5, 1])
  })

  it('pages through an index whose keys are all alike, there and back', () => {
    const AttributeDefinitions = ['pk', 'g'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' }))
    const GlobalSecondaryIndexes = [
      { IndexName: 'by-g', KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } },
    ]
    tables.call('CreateTable', simpleTable('tab', { AttributeDefinitions, GlobalSecondaryIndexes }))
    for (let i = 0; i < 20; i++) put('tab', { pk: { S: `k${i}` }, g: { S: 'one' } })
    for (const ScanIndexForward of [true, false]) {
      const seen: string[] = []
      let ExclusiveStartKey: unknown
      do {
        const page = tables.call('Query', {
          TableName: 'tab',
          IndexName: 'by-g',
          KeyConditionExpression: 'g = :g',
          ExpressionAttributeValues: { ':g': { S: 'one' } },
          Limit: 3,
          ScanIndexForward,
          ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
        })
        seen.push(...(page['Items'] as unknown as { pk: { S: string } }[]).map(({ pk }) => pk.S))
        ExclusiveStartKey = page['LastEvaluatedKey']
      } while (ExclusiveStartKey !== undefined)
      expect([seen.length, new Set(seen).size]).toEqual([20, 20])
    }
  })
})

it('takes over the tables of an earlier Regente, which kept them with dynalite', async () => {
  tables.close()
  const { create } = createRequire(import.meta.url)('dynalite/db') as {
    create(options: object): {
      db: { open(): Promise<void>; close(done: () => void): void }
      tableDb: { put(key: string, value: object, done: () => void): void }
      getItemDb(name: string): { put(key: string, value: object, done: () => void): void }
      getTagDb(name: string): { put(key: string, value: string, done: () => void): void }
    }
  }
  const level = create({ path: join(directory, 'dynamodb') })
  await level.db.open()
  const done = (work: (done: () => void) => void) => new Promise<void>((resolve) => work(resolve))
  const arn = 'arn:aws:dynamodb:us-east-1:123456789012:table/old'
  const record = {
    ...simpleTable('old'),
    TableStatus: 'ACTIVE',
    TableArn: arn,
    AttributeDefinitions: ['pk', 'g'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-g',
        IndexStatus: 'ACTIVE',
        KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    LatestStreamLabel: '2026-11-01T00:00:00.000',
    LatestStreamArn: `${arn}/stream/2026-11-01T00:00:00.000`,
  }
  await done((end) => level.tableDb.put('old', record, end))
  await done((end) => level.getTagDb('old').put('team', 'a', end))
  for (let i = 0; i < 450; i++)
    await done((end) => level.getItemDb('old').put(`x${i}`, { pk: { S: `k${i}` }, g: { S: 'one' } }, end))
  await done((end) => level.db.close(end))

  tables = openTables(directory)
  await tables.service.ready
  expect(tables.call('ListTables', {})).toEqual({ TableNames: ['old'] })
  expect(describeTable('old')).toMatchObject({ ItemCount: 450, LatestStreamArn: record.LatestStreamArn, TableStatus: 'ACTIVE' })
  const found = tables.call('Query', {
    TableName: 'old',
    IndexName: 'by-g',
    Select: 'COUNT',
    KeyConditionExpression: 'g = :g',
    ExpressionAttributeValues: { ':g': { S: 'one' } },
  })
  expect(found['Count']).toBe(450)
  expect(tables.call('ListTagsOfResource', { ResourceArn: arn })).toEqual({ Tags: [{ Key: 'team', Value: 'a' }] })
  expect(tables.streams('DescribeStream', { StreamArn: record.LatestStreamArn })).toMatchObject({
    StreamDescription: { StreamStatus: 'ENABLED' },
  })
  expect(readdirSync(directory)).not.toContain('dynamodb')
})
