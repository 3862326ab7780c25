import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const dynamodb = (action: string, input: JsonObject) => stage.aws.json(SERVICES.dynamodb, action, input)
const describe = async (TableName: string) => (await dynamodb('DescribeTable', { TableName }))['Table'] as JsonObject
const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' })
const key = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' })
const index = (name: string, more: JsonObject = {}) => ({
  IndexName: `by-${name}`,
  KeySchema: [key(name)],
  Projection: { ProjectionType: 'ALL' },
  ...more,
})
const Arn = 'arn:aws:dynamodb:us-east-1:123456789012:table/orders'
const least: JsonObject = { TableName: 'orders', KeySchema: [key('id')], AttributeDefinitions: [attribute('id')] }

test('a table loses the indexes and the settings that its template says no more', async () => {
  const units = { ReadCapacityUnits: '1', WriteCapacityUnits: '2' }
  const full: JsonObject = {
    ...least,
    AttributeDefinitions: [attribute('id'), attribute('a'), attribute('b')],
    BillingMode: 'PROVISIONED',
    DeletionProtectionEnabled: 'true',
    GlobalSecondaryIndexes: [index('a', { ProvisionedThroughput: units }), index('b', { ProvisionedThroughput: units })],
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: '7' },
    ProvisionedThroughput: units,
    SSESpecification: { SSEEnabled: true },
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    TableClass: 'STANDARD_INFREQUENT_ACCESS',
    Tags: [{ Key: 'a', Value: '1' }],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  }
  const made = await stage.create('AWS::DynamoDB::Table', full)
  expect(made.deployed).toMatchObject({ ref: 'orders', attributes: { Arn } })
  expect(made.deployed.attributes['StreamArn']).toMatch(/stream\//)
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::DynamoDB::Table', full)).rejects.toThrow('orders already exists')
  await expect(stage.remove(made)).rejects.toThrow('Resource cannot be deleted as it is currently protected against deletion')

  const other = await stage.update(made, {
    ...full,
    GlobalSecondaryIndexes: [
      index('a', { ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 } }),
      index('b', { ProvisionedThroughput: units, Projection: { ProjectionType: 'KEYS_ONLY' } }),
    ],
    StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
  })
  expect((await describe('orders'))['GlobalSecondaryIndexes']).toMatchObject([
    { IndexName: 'by-a', ProvisionedThroughput: { ReadCapacityUnits: 5 } },
    { IndexName: 'by-b', Projection: { ProjectionType: 'KEYS_ONLY' } },
  ])
  const bare = await stage.update(other, { ...least, BillingMode: 'PAY_PER_REQUEST' })
  expect(bare.deployed.change).toBe('updated')
  expect(bare.deployed.attributes).not.toHaveProperty('StreamArn')
  const shown = await describe('orders')
  expect(shown).toMatchObject({
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
    DeletionProtectionEnabled: false,
    TableClassSummary: { TableClass: 'STANDARD' },
  })
  for (const gone of ['GlobalSecondaryIndexes', 'SSEDescription', 'StreamSpecification']) expect(shown).not.toHaveProperty(gone)
  expect(await dynamodb('DescribeTimeToLive', { TableName: 'orders' })).toMatchObject({
    TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' },
  })
  expect(await dynamodb('DescribeContinuousBackups', { TableName: 'orders' })).toMatchObject({
    ContinuousBackupsDescription: { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' } },
  })
  expect(await dynamodb('ListTagsOfResource', { ResourceArn: Arn })).toEqual({ Tags: [] })
  expect((await stage.update(bare, bare.existing.properties)).deployed.change).toBe('unchanged')

  await dynamodb('PutItem', { TableName: 'orders', Item: { id: { S: '1' } } })
  const LocalSecondaryIndexes = [{ ...index('x'), KeySchema: [key('id'), { AttributeName: 'x', KeyType: 'RANGE' }] }]
  await expect(stage.update(bare, { ...least, LocalSecondaryIndexes })).rejects.toThrow('cannot be changed')
  expect(await stage.remove(bare, {})).toBe('it is not empty')
  expect(await stage.remove(bare)).toBeUndefined()
  expect(await stage.remove(bare)).toBeUndefined()
})

test('an index that is added to a table with items is filled before the stack goes on', async () => {
  const made = await stage.create('AWS::DynamoDB::Table', { ...least, TableName: 'filled' })
  for (const id of ['1', '2', '3']) await dynamodb('PutItem', { TableName: 'filled', Item: { id: { S: id }, a: { S: 'x' } } })
  const more = await stage.update(made, {
    ...least,
    TableName: 'filled',
    AttributeDefinitions: [attribute('id'), attribute('a')],
    GlobalSecondaryIndexes: [index('a')],
  })
  expect(more.deployed.change).toBe('updated')
  const found = await dynamodb('Query', {
    TableName: 'filled',
    IndexName: 'by-a',
    KeyConditionExpression: 'a = :a',
    ExpressionAttributeValues: { ':a': { S: 'x' } },
  })
  expect(found['Count']).toBe(3)
  expect(await stage.remove(more)).toBeUndefined()
})

test('a global table is the one of its own region', async () => {
  const full = {
    ...least,
    TableName: 'global',
    BillingMode: 'PAY_PER_REQUEST',
    Replicas: [
      {
        Region: 'us-east-1',
        DeletionProtectionEnabled: false,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TableClass: 'STANDARD_INFREQUENT_ACCESS',
        Tags: [{ Key: 'a', Value: '1' }],
      },
      { Region: 'eu-west-1' },
    ],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  }
  const made = await stage.create('AWS::DynamoDB::GlobalTable', full)
  expect(stage.warnings).toEqual(['Thing: nothing is copied to eu-west-1 here.'])
  expect(made.deployed.attributes['TableId']).toMatch(/^[0-9a-f-]{36}$/)
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  expect(await describe('global')).toMatchObject({ TableClassSummary: { TableClass: 'STANDARD_INFREQUENT_ACCESS' } })
  expect(await dynamodb('ListTagsOfResource', { ResourceArn: String(made.deployed.attributes['Arn']) })).toMatchObject({
    Tags: [{ Key: 'a' }],
  })
  const bare = await stage.update(made, {
    ...least,
    TableName: 'global',
    BillingMode: 'PAY_PER_REQUEST',
    Replicas: [{ Region: 'us-east-1' }],
  })
  expect(bare.deployed.change).toBe('updated')
  expect(await describe('global')).toMatchObject({ TableClassSummary: { TableClass: 'STANDARD' } })
  for (const gone of [bare, bare]) expect(await stage.remove(gone)).toBeUndefined()
})
