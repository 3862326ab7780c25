/**
 * DynamoDB tables; a global one is the table of its own region. Keys of a table that is there cannot be changed; all else is, one
 * call after the other (`table-changes.ts`), because each may have to be over before the next begins.
 * Source: CloudFormation, AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable; DynamoDB API reference.
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import {
  arnOf,
  changeOf,
  claim,
  type Declared,
  type DeployContext,
  listAt,
  objectAt,
  physicalName,
  PropertyError,
  type ResourceType,
  textAt,
  valuesAt,
} from './resource.ts'
import {
  changeBackups,
  changeExpiry,
  changeIndexes,
  changeSettings,
  changeStream,
  changeTableTags,
  settingsOf,
  untilActive,
  viewIn,
} from './table-changes.ts'
import { tagList, tagMapOf } from './tags.ts'
import { typedMembers } from './typed.ts'

const MISSING = 'ResourceNotFoundException'

export const table: ResourceType = {
  ignores: [
    ...['ContributorInsightsSpecification', 'GlobalTableSourceArn', 'GlobalTableWitnesses', 'ImportSourceSpecification'],
    ...['KinesisStreamSpecification', 'MultiRegionConsistency', 'ReadOnDemandThroughputSettings', 'ResourcePolicy'],
    ...['ReadProvisionedThroughputSettings', 'VectorIndexes', 'WriteOnDemandThroughputSettings'],
    'WriteProvisionedThroughputSettings',
  ],
  replacedBy: ['ImportSourceSpecification', 'KeySchema', 'TableName'],
  async deploy(declared, context) {
    const resource = withOwnReplica(declared, context)
    const { id, properties } = resource
    const { aws } = context
    const name = textAt(properties, 'TableName') ?? physicalName(context, id, 255)
    const asked = aws.json(SERVICES.dynamodb, 'DescribeTable', { TableName: name })
    const found = claim(await orUndefined(asked, MISSING), resource, name, context)
    const wanted = inputOf(resource, name)
    if (found === undefined) {
      await aws.json(SERVICES.dynamodb, 'CreateTable', wanted)
      context.made(resource, name)
    } else checkKeys(resource, objectAt(found, 'Table') ?? {}, wanted, context)
    const description = await untilActive(name, context)
    const isChanged = [
      found !== undefined && (await changeSettings(name, resource, description, context)),
      found !== undefined &&
        (await changeIndexes(name, listAt(wanted, 'GlobalSecondaryIndexes'), description, resource, context)),
      await changeStream(name, viewIn(description), viewIn(properties), context),
      await changeExpiry(name, properties, found === undefined, context),
      await changeBackups(name, resource, context),
      found !== undefined && (await changeTableTags(resource, arnOf(context, 'dynamodb', `table/${name}`), aws)),
    ]
    const shown = await untilActive(name, context)
    const StreamArn = viewIn(shown) && textAt(shown, 'LatestStreamArn')
    const attributes = {
      Arn: arnOf(context, 'dynamodb', `table/${name}`),
      TableName: name,
      ...valuesAt(shown, ['TableId']),
      ...(StreamArn !== undefined && { StreamArn }),
    }
    return { ref: name, attributes, change: changeOf(found, ...isChanged) }
  },
  async remove(ref, aws, { withData = false } = {}) {
    if (!withData) {
      const scanned = await orUndefined(aws.json(SERVICES.dynamodb, 'Scan', { TableName: ref, Limit: 1 }), MISSING)
      if (scanned === undefined) return undefined
      if (listAt(scanned, 'Items').length > 0) return 'it is not empty'
    }
    await orUndefined(aws.json(SERVICES.dynamodb, 'DeleteTable', { TableName: ref }), MISSING)
    return undefined
  },
}

export const globalTable: ResourceType = {
  ...table,
  replacedBy: ['KeySchema', 'LocalSecondaryIndexes', 'TableName'],
}

/** A global table says much of each of its regions apart: what it says of this one counts here. */
function withOwnReplica(resource: Declared, context: DeployContext): Declared {
  if (resource.type !== 'AWS::DynamoDB::GlobalTable') return resource
  const replicas = listAt(resource.properties, 'Replicas').filter(isObject)
  const elsewhere = replicas.flatMap((one) => textAt(one, 'Region') ?? []).filter((region) => region !== context.region)
  if (elsewhere.length > 0) context.warn(`${resource.id}: nothing is copied to ${elsewhere.join(', ')} here.`)
  const { before } = resource
  return {
    ...resource,
    properties: ownOf(resource.properties, context.region),
    ...(before && { before: { ...before, properties: ownOf(before.properties, context.region) } }),
  }
}

const OF_REPLICA = ['DeletionProtectionEnabled', 'PointInTimeRecoverySpecification', 'TableClass', 'Tags']

function ownOf(properties: JsonObject, region: string): JsonObject {
  const own = listAt(properties, 'Replicas').find((one) => isObject(one) && textAt(one, 'Region') === region)
  if (!isObject(own)) return properties
  const sse = objectAt(properties, 'SSESpecification')
  const key = valuesAt(objectAt(own, 'SSESpecification') ?? {}, ['KMSMasterKeyId'])
  return { ...properties, ...(sse && { SSESpecification: { ...sse, ...key } }), ...valuesAt(own, OF_REPLICA) }
}

/** Where a table is taken over, whatever it has is told, and stays. */
function checkKeys(resource: Declared, found: JsonObject, wanted: JsonObject, context: DeployContext): void {
  const name = textAt(wanted, 'TableName') ?? ''
  if (stableJson(found['KeySchema'] ?? []) !== stableJson(wanted['KeySchema'] ?? []))
    context.warn(`${resource.id}: the table ${name} exists with other keys and is left as it is.`)
  const names = (description: JsonObject): string =>
    listAt(description, 'LocalSecondaryIndexes')
      .map((one) => (isObject(one) ? stableJson(valuesAt(one, ['IndexName', 'KeySchema'])) : ''))
      .sort()
      .join()
  if (names(found) === names(wanted)) return
  if (resource.before !== undefined)
    throw new PropertyError(`The local secondary indexes of the table ${name} cannot be changed.`, 'LocalSecondaryIndexes')
  context.warn(`${resource.id}: the table ${name} exists with other local secondary indexes and is left as it is.`)
}

// ---- what CreateTable is told

const INDEXES = ['GlobalSecondaryIndexes', 'LocalSecondaryIndexes']
const KINDS = {
  numbers: [
    ...['ReadCapacityUnits', 'WriteCapacityUnits', 'MaxReadRequestUnits', 'MaxWriteRequestUnits', 'ReadUnitsPerSecond'],
    'WriteUnitsPerSecond',
  ],
}

function inputOf({ properties }: Declared, name: string): JsonObject {
  const stream = objectAt(properties, 'StreamSpecification')
  const Tags = tagList(tagMapOf(properties))
  const indexes = INDEXES.filter((property) => Object.hasOwn(properties, property))
  return typedMembers(
    {
      TableName: name,
      ...valuesAt(properties, ['KeySchema', 'AttributeDefinitions']),
      ...Object.fromEntries(indexes.map((property) => [property, indexesOf(properties[property] ?? [])])),
      // The API asks for what goes without saying in a template.
      ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream['StreamViewType'] ?? null } }),
      ...settingsOf(properties),
      ...(Tags.length > 0 && { Tags }),
    },
    KINDS,
  )
}

/** A global table says of its indexes how much is read and written, which nobody counts here. */
function indexesOf(value: Json): Json {
  if (!isArray(value)) return value
  return value.map((index) => {
    if (!isObject(index)) return index
    const taken = Object.entries(index).filter(([name]) => !/^(?:Read|Write)\w+Settings$|^ContributorInsights/.test(name))
    return Object.fromEntries(taken)
  })
}
