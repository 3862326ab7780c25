import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as sdk from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import { callAws } from '../../wire/client.ts'

import { openDynalite } from './dynalite.ts'
import { createDynamoDb, type LocalDynamoDb } from './handler.ts'

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
const problems: unknown[] = []
const log: Log = { debug() {}, info() {}, warn() {}, error: (message, fields) => problems.push(message, fields) }
const directory = mkdtempSync(join(tmpdir(), 'dynamodb-'))
const start = () => createDynamoDb({ directory, region: 'eu-west-1', account: '123456789012', log, clock: systemClock })

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
  await dynamo.close()
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
    await dynamo.close()
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
    expect(TableNames).toEqual(['orders'])
    expect(problems).toEqual([])
  })
})

it('answers 500 where the files of its tables are damaged, and goes on when they are mended', async () => {
  const folder = join(directory, 'damaged')
  mkdirSync(join(folder, 'dynamodb/CURRENT'), { recursive: true })
  const told: unknown[] = []
  const tables = createDynamoDb({
    directory: folder,
    region: 'eu-west-1',
    account: '123456789012',
    log: { ...log, error: (text) => told.push(text) },
    clock: systemClock,
  })
  const door = createServer((req, res) => void tables.handler(req, res)).listen(0, '127.0.0.1')
  await once(door, 'listening')
  const url = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
  const asks = new sdk.DynamoDBClient({ endpoint: url, region: 'eu-west-1', credentials, maxAttempts: 1 })
  const list = () => asks.send(new sdk.ListTablesCommand({}))
  try {
    for (let i = 0; i < 2; i++) await expect(list()).rejects.toMatchObject({ name: 'InternalServerError' })
    const atOnce = await Promise.allSettled([list(), list()])
    expect(atOnce.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(told).toHaveLength(4)
    rmSync(join(folder, 'dynamodb'), { recursive: true })
    await expect.poll(async () => (await list().catch(() => undefined))?.TableNames).toEqual([])
  } finally {
    asks.destroy()
    door.closeAllConnections()
    door.close()
    await tables.close()
  }
})

it('says what is missing where LevelDB could not be installed', async () => {
  const load = (name: string): unknown => {
    throw new Error(`Cannot find module '${name}'\nRequire stack: …`)
  }
  await expect(openDynalite({ account: '123456789012', region: 'eu-west-1' }, load)).rejects.toThrow(
    expect.objectContaining({ status: 501, message: expect.stringMatching(/dynalite.*\(Cannot find module 'dynalite\/db'\)$/) }),
  )
})
