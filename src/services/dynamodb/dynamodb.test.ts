import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as sdk from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import { callAws } from '../../wire/client.ts'

import { openServicesDatabase, type ServicesDatabase } from '../kit/database.ts'
import { createDynamoDb, type LocalDynamoDb } from './handler.ts'

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const problems: unknown[] = []
const log: Log = { debug() {}, info() {}, warn() {}, error: (message, fields) => problems.push(message, fields) }
const directory = mkdtempSync(join(tmpdir(), 'dynamodb-'))
let database: ServicesDatabase
function start() {
  database = openServicesDatabase(directory)
  const deps = { database, region: 'eu-west-1', account: '123456789012', log, clock: systemClock }
  return createDynamoDb({ ...deps, endpoint: () => endpoint })
}

let dynamo: LocalDynamoDb
let server: Server
let endpoint: string
let client: sdk.DynamoDBClient
beforeAll(async () => {
  dynamo = start()
  server = createServer((req, res) => void dynamo.handler(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = new sdk.DynamoDBClient({ endpoint, region: 'eu-west-1', credentials })
})
afterAll(async () => {
  client.destroy()
  server.closeAllConnections()
  server.close()
  dynamo.close()
  database.close()
  rmSync(directory, { recursive: true, force: true })
})

const raw = (operation: string, body: string) =>
  callAws({
    endpoint,
    region: 'eu-west-1',
    service: 'dynamodb',
    credentials,
    body,
    headers: { 'x-amz-target': `DynamoDB_20120810.${operation}`, 'content-type': 'application/x-amz-json-1.0' },
  })

describe('DynamoDB', () => {
  const table = (TableName: string) => ({
    TableName,
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
    BillingMode: 'PAY_PER_REQUEST' as const,
  })
  const describeTable = async (TableName: string) => (await client.send(new sdk.DescribeTableCommand({ TableName }))).Table

  it('keeps and shows what tables are set to, and protects from deletion', async () => {
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' as const }
    const settings = {
      StreamSpecification,
      TableClass: 'STANDARD_INFREQUENT_ACCESS' as const,
      SSESpecification: { Enabled: true },
    }
    await client.send(new sdk.CreateTableCommand({ ...table('set'), ...settings, DeletionProtectionEnabled: true }))
    const shown = await describeTable('set')
    expect(shown).toMatchObject({
      StreamSpecification,
      LatestStreamArn: `${shown?.TableArn}/stream/${shown?.LatestStreamLabel}`,
      TableClassSummary: { TableClass: 'STANDARD_INFREQUENT_ACCESS' },
      SSEDescription: { Status: 'ENABLED', SSEType: 'KMS' },
      DeletionProtectionEnabled: true,
    })
    const remove = () => client.send(new sdk.DeleteTableCommand({ TableName: 'set' }))
    await expect(remove()).rejects.toThrow('currently protected against deletion')
    await client.send(new sdk.UpdateTableCommand({ TableName: 'set', DeletionProtectionEnabled: false }))
    const off = { TableName: 'set', StreamSpecification: { StreamEnabled: false } }
    expect((await client.send(new sdk.UpdateTableCommand(off))).TableDescription?.StreamSpecification).toBeUndefined()
    await remove()
    const broken = { ...table('set'), StreamSpecification: { StreamEnabled: true } }
    await expect(client.send(new sdk.CreateTableCommand(broken))).rejects.toMatchObject({ name: 'ValidationException' })
  })

  it('makes many tables at once, and each is active when that is answered', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `many-${i}`)
    const status = async (name: string) => {
      await client.send(new sdk.CreateTableCommand(table(name)))
      return (await describeTable(name))?.TableStatus
    }
    expect(new Set(await Promise.all(names.map(status)))).toEqual(new Set(['ACTIVE']))
  })

  it('adds an index to a table, fills it with what is there, and takes it away', async () => {
    await client.send(new sdk.CreateTableCommand(table('grown')))
    const put = (pk: string, g: string) =>
      client.send(new sdk.PutItemCommand({ TableName: 'grown', Item: { pk: { S: pk }, g: { S: g } } }))
    for (let i = 0; i < 20; i++) await put(`old${i}`, i % 2 === 0 ? 'even' : 'odd')
    const index = {
      IndexName: 'by-g',
      KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' as const }],
      Projection: { ProjectionType: 'ALL' as const },
    }
    const AttributeDefinitions = [{ AttributeName: 'g', AttributeType: 'S' as const }]
    const update = (more: object) => client.send(new sdk.UpdateTableCommand({ TableName: 'grown', ...more }))
    const add = { GlobalSecondaryIndexUpdates: [{ Create: index }] }
    await expect(update(add)).rejects.toThrow('not defined in AttributeDefinitions. Keys: [g]')
    const { TableDescription } = await update({ ...add, AttributeDefinitions })
    expect(TableDescription?.GlobalSecondaryIndexes).toMatchObject([{ IndexName: 'by-g', IndexStatus: 'CREATING' }])
    await put('new', 'even')
    const status = async () => (await describeTable('grown'))?.GlobalSecondaryIndexes?.[0]?.IndexStatus
    await expect.poll(status).toBe('ACTIVE')
    const query = new sdk.QueryCommand({
      TableName: 'grown',
      IndexName: 'by-g',
      KeyConditionExpression: 'g = :g',
      ExpressionAttributeValues: { ':g': { S: 'even' } },
    })
    expect((await client.send(query)).Count).toBe(11)
    await expect(update({ ...add, AttributeDefinitions })).rejects.toThrow('already exists')
    await update({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-g' } }] })
    expect((await describeTable('grown'))?.AttributeDefinitions).toEqual(table('').AttributeDefinitions)
    await expect(client.send(query)).rejects.toMatchObject({ name: 'ValidationException' })
  })

  it('becomes active, however soon it is changed', async () => {
    for (let i = 0; i < 10; i++) {
      await client.send(new sdk.CreateTableCommand(table(`soon${i}`)))
      await client.send(new sdk.UpdateTableCommand({ TableName: `soon${i}`, TableClass: 'STANDARD_INFREQUENT_ACCESS' }))
      await expect.poll(async () => (await describeTable(`soon${i}`))?.TableStatus).toBe('ACTIVE')
    }
  })

  it('tells the item on which a condition failed to whoever asks for it', async () => {
    await client.send(new sdk.CreateTableCommand(table('conditions')))
    const Item = { pk: { S: 'a' }, z: { N: '1' } }
    const TableName = 'conditions'
    await client.send(new sdk.PutItemCommand({ TableName, Item }))
    const again = { TableName, Item: { pk: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(pk)' }
    const ask = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }
    await expect(client.send(new sdk.PutItemCommand({ ...again, ...ask }))).rejects.toMatchObject({ Item })
    await expect(client.send(new sdk.PutItemCommand(again))).rejects.not.toHaveProperty('Item.pk')
    const condition = { TableName, Key: { pk: { S: 'a' } }, ConditionExpression: 'z = :z', ...ask }
    const values = { ExpressionAttributeValues: { ':z': { N: '2' } } }
    await expect(client.send(new sdk.DeleteItemCommand({ ...condition, ...values }))).rejects.toMatchObject({ Item })
    const set = { ...condition, ExpressionAttributeValues: { ...values.ExpressionAttributeValues, ':n': { N: '5' } } }
    const updating = new sdk.UpdateItemCommand({ ...set, UpdateExpression: 'SET z = :n' })
    await expect(client.send(updating)).rejects.toMatchObject({ Item })
  })

  it('creates tables that are active at once, with our region and account', async () => {
    const { TableDescription } = await client.send(
      new sdk.CreateTableCommand({
        TableName: 'orders',
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
    expect(TableDescription?.TableArn).toBe('arn:aws:dynamodb:eu-west-1:123456789012:table/orders')
    await sdk.waitUntilTableExists({ client, maxWaitTime: 5, minDelay: 1 }, { TableName: 'orders' })
    await expect(client.send(new sdk.DescribeTableCommand({ TableName: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  it('puts, updates with expressions, queries, and refuses failed conditions', async () => {
    await client.send(
      new sdk.PutItemCommand({ TableName: 'orders', Item: { pk: { S: 'a' }, n: { N: '1' }, list: { L: [{ S: 'x' }] } } }),
    )
    const { Attributes } = await client.send(
      new sdk.UpdateItemCommand({
        TableName: 'orders',
        Key: { pk: { S: 'a' } },
        UpdateExpression: 'SET n = n + :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
        ReturnValues: 'ALL_NEW',
      }),
    )
    expect(Attributes?.['n']).toEqual({ N: '2' })
    const again = client.send(
      new sdk.PutItemCommand({ TableName: 'orders', Item: { pk: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(pk)' }),
    )
    await expect(again).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' })
    const { Items } = await client.send(
      new sdk.QueryCommand({
        TableName: 'orders',
        KeyConditionExpression: 'pk = :p',
        ExpressionAttributeValues: { ':p': { S: 'a' } },
      }),
    )
    expect(Items).toHaveLength(1)
  })

  it('keeps its tables when it is closed and opened again', async () => {
    dynamo.close()
    database.close()
    dynamo = start()
    const { Item } = await client.send(new sdk.GetItemCommand({ TableName: 'orders', Key: { pk: { S: 'a' } } }))
    expect(Item?.['n']).toEqual({ N: '2' })
  })

  it('answers hostile requests without going down', async () => {
    for (const [operation, body, status] of [
      ['PutItem', 'null', 400],
      ['PutItem', '[]', 400],
      ['PutItem', '', 400],
      ['PutItem', '{', 400],
      ['PutItem', '['.repeat(100_000), 400],
      ['PutItem', `{"TableName":"orders","Item":${'{"M":{"a":'.repeat(300)}1${'}}'.repeat(300)}}`, 400],
      ['PutItem', '{"TableName":"orders","Item":{"pk":{"S":"p"},"__proto__":{"S":"x"}}}', undefined],
      ['Query', `{"TableName":"orders","KeyConditionExpression":"${'('.repeat(4000)}"}`, 400],
      ['TransactWriteItems', '{}', 400],
      ['__proto__', '{}', 400],
      ['../../index', '{}', 400],
    ] as const) {
      const answer = await raw(operation, body)
      if (status !== undefined)
        expect([operation, body.slice(0, 20), answer.status]).toEqual([operation, body.slice(0, 20), status])
      expect(JSON.parse(answer.body.toString())).toBeTypeOf('object')
    }
    expect(({} as Record<string, unknown>)['S']).toBeUndefined()
    const { TableNames } = await client.send(new sdk.ListTablesCommand({}))
    expect(TableNames).toContain('orders')
    expect(problems).toEqual([])
  })
})
