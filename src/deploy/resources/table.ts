/** DynamoDB tables; a global one is the table of its own region. An existing table is left as it is; its keys cannot be changed anyway. */
import { setTimeout as sleep } from 'node:timers/promises'

import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import {
  arnOf,
  type Declared,
  type DeployContext,
  listAt,
  objectAt,
  physicalName,
  type ResourceType,
  textAt,
  uuidOf,
} from './resource.ts'

const PASSED_ON = ['KeySchema', 'AttributeDefinitions', 'GlobalSecondaryIndexes', 'LocalSecondaryIndexes'] as const
const READY_WITHIN_MS = 30_000
const POLL_MS = 100

export const table: ResourceType = {
  ignores: [
    ...['TimeToLiveSpecification', 'ImportSourceSpecification', 'KinesisStreamSpecification'],
    ...['WriteOnDemandThroughputSettings', 'WriteProvisionedThroughputSettings', 'GlobalTableWitnesses'],
  ],
  async deploy(resource, context) {
    const { aws } = context
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
    const description = await untilActive(name, context)
    const elsewhere = listAt(resource.properties, 'Replicas').flatMap((replica) => {
      const region = isObject(replica) ? textAt(replica, 'Region') : undefined
      return region === undefined || region === context.region ? [] : [region]
    })
    if (elsewhere.length > 0) context.warn(`${resource.id}: nothing is copied to ${elsewhere.join(', ')} here.`)
    const arn = arnOf(context, 'dynamodb', `table/${name}`)
    const attributes = { Arn: arn, TableName: name, TableId: uuidOf(arn), ...streamOf(resource, description, arn) }
    return { ref: name, attributes, change: found === undefined ? 'created' : 'unchanged' }
  },
  async remove(ref, aws) {
    const scanned = await orUndefined(
      aws.json(SERVICES.dynamodb, 'Scan', { TableName: ref, Limit: 1 }),
      'ResourceNotFoundException',
    )
    if (scanned === undefined) return undefined
    if (listAt(scanned, 'Items').length > 0) return 'it is not empty'
    await aws.json(SERVICES.dynamodb, 'DeleteTable', { TableName: ref })
    return undefined
  },
}

/** The stream's own ARN where the endpoint has streams, else one of its shape: nothing comes out of it. */
function streamOf({ properties }: Declared, description: JsonObject, arn: string): { readonly StreamArn?: string } {
  const real = textAt(description, 'LatestStreamArn')
  if (real !== undefined) return { StreamArn: real }
  return objectAt(properties, 'StreamSpecification') === undefined ? {} : { StreamArn: `${arn}/stream/2024-01-01T00:00:00.000` }
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
  const stream = objectAt(properties, 'StreamSpecification')
  return {
    TableName: name,
    ...Object.fromEntries(passedOn.map((property) => [property, indexesOf(type, properties[property] as Json)])),
    // The API asks for what goes without saying in a template.
    ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream['StreamViewType'] ?? null } }),
    ...capacity,
  }
}

/** A global table says of its indexes how much is written to them, which nobody counts here. */
function indexesOf(type: string, value: Json): Json {
  if (type !== 'AWS::DynamoDB::GlobalTable' || !isArray(value)) return value
  return value.map((index) =>
    isObject(index) ? Object.fromEntries(Object.entries(index).filter(([name]) => !/^Write/.test(name))) : index,
  )
}

/** Parameters are texts; the service wants numbers. */
const numbersIn = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, Number(value)]))

async function untilActive(name: string, { aws }: DeployContext): Promise<JsonObject> {
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += POLL_MS) {
    const found = objectAt(await aws.json(SERVICES.dynamodb, 'DescribeTable', { TableName: name }), 'Table')
    if (found?.['TableStatus'] === 'ACTIVE') return found
    await sleep(POLL_MS)
  }
  throw new Error(`The table ${name} did not become active within ${READY_WITHIN_MS / 1000} seconds.`)
}
