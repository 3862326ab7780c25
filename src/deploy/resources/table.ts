/** DynamoDB tables. An existing table is left as it is; its keys cannot be changed anyway. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { Json, JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import {
  arnOf,
  type Declared,
  type DeployContext,
  objectAt,
  physicalName,
  type ResourceType,
  textAt,
  warnIgnored,
} from './resource.ts'

const PASSED_ON = [
  'KeySchema',
  'AttributeDefinitions',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'StreamSpecification',
] as const
const READY_WITHIN_MS = 30_000
const POLL_MS = 100

export const table: ResourceType = {
  async deploy(resource, context) {
    const { aws } = context
    warnIgnored(resource, context, ['TimeToLiveSpecification', 'ImportSourceSpecification', 'KinesisStreamSpecification'])
    const name = textAt(resource.properties, 'TableName') ?? physicalName(context, resource.id, 255)
    const found = await orUndefined(
      aws.json(SERVICES.dynamodb, 'DescribeTable', { TableName: name }),
      'ResourceNotFoundException',
    )
    const wanted = inputOf(resource, name)
    if (found === undefined) {
      await aws.json(SERVICES.dynamodb, 'CreateTable', wanted)
    } else if (stableJson(keysOf(objectAt(found, 'Table') ?? {})) !== stableJson(keysOf(wanted))) {
      context.warn(`${resource.id}: the table ${name} exists with other keys and is left as it is.`)
    }
    await untilActive(name, context)
    const attributes = { Arn: arnOf(context, 'dynamodb', `table/${name}`), TableName: name }
    return { ref: name, attributes, change: found === undefined ? 'created' : 'unchanged' }
  },
}

const keysOf = (description: JsonObject): Json => description['KeySchema'] ?? []

function inputOf({ type, properties }: Declared, name: string): JsonObject {
  const throughput = objectAt(properties, 'ProvisionedThroughput')
  const capacity =
    throughput === undefined ? { BillingMode: 'PAY_PER_REQUEST' } : { ProvisionedThroughput: numbersIn(throughput) }
  if (type === 'AWS::Serverless::SimpleTable') {
    const key = objectAt(properties, 'PrimaryKey') ?? {}
    const keyName = textAt(key, 'Name') ?? 'id'
    const keyType = { String: 'S', Number: 'N', Binary: 'B' }[textAt(key, 'Type') ?? 'String'] ?? 'S'
    return {
      TableName: name,
      KeySchema: [{ AttributeName: keyName, KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: keyName, AttributeType: keyType }],
      ...capacity,
    }
  }
  const passedOn = PASSED_ON.filter((property) => Object.hasOwn(properties, property))
  return {
    TableName: name,
    ...Object.fromEntries(passedOn.map((property) => [property, properties[property] as Json])),
    ...capacity,
  }
}

/** Parameters are texts; the service wants numbers. */
const numbersIn = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, Number(value)]))

async function untilActive(name: string, { aws }: DeployContext): Promise<void> {
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += POLL_MS) {
    const { Table } = await aws.json(SERVICES.dynamodb, 'DescribeTable', { TableName: name })
    if (typeof Table === 'object' && Table !== null && (Table as JsonObject)['TableStatus'] === 'ACTIVE') return
    await sleep(POLL_MS)
  }
  throw new Error(`The table ${name} did not become active within ${READY_WITHIN_MS / 1000} seconds.`)
}
