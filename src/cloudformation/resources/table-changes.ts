/**
 * What is changed of a table that is there. Each answers whether there was something to change, when the table is at rest again.
 * Source: DynamoDB API reference, UpdateTable, UpdateTimeToLive, UpdateContinuousBackups.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import type { Aws } from '../aws.ts'
import {
  booleanAt,
  type Declared,
  type DeployContext,
  droppedFrom,
  listAt,
  numberAt,
  objectAt,
  requiredText,
  tagsOf,
  textAt,
  textsAt,
  valuesAt,
} from './resource.ts'
import { changeTags, tagList } from './tags.ts'
import { covers, saysAll } from './typed.ts'

const READY_WITHIN_MS = 30_000
const POLL_MS = 50

/** Its description, when neither it nor one of its indexes is being changed any more. */
export async function untilActive(name: string, { aws }: DeployContext): Promise<JsonObject> {
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += POLL_MS) {
    const found = objectAt(await aws.json(SERVICES.dynamodb, 'DescribeTable', { TableName: name }), 'Table') ?? {}
    const indexes = listAt(found, 'GlobalSecondaryIndexes').filter(isObject)
    const isAtRest = indexes.every((one) => (textAt(one, 'IndexStatus') ?? 'ACTIVE') === 'ACTIVE')
    if (textAt(found, 'TableStatus') === 'ACTIVE' && isAtRest) return found
    await sleep(POLL_MS)
  }
  throw new Error(`The table ${name} did not become active within ${READY_WITHIN_MS / 1000} seconds.`)
}

const update = async (TableName: string, input: JsonObject, context: DeployContext): Promise<boolean> => {
  await context.aws.json(SERVICES.dynamodb, 'UpdateTable', { TableName, ...input })
  await untilActive(TableName, context)
  return true
}

// ---- settings

/** As the API takes them; a table that says no throughput is paid by what it does. */
export function settingsOf(properties: JsonObject): JsonObject {
  const sse = objectAt(properties, 'SSESpecification')
  const isProtected = booleanAt(properties, 'DeletionProtectionEnabled')
  return {
    ...capacityOf(properties),
    ...(sse && { SSESpecification: encryptionOf(sse) }),
    ...textsAt(properties, ['TableClass']),
    ...(isProtected !== undefined && { DeletionProtectionEnabled: isProtected }),
    ...valuesAt(properties, ['OnDemandThroughput', 'WarmThroughput']),
  }
}

function capacityOf(properties: JsonObject): JsonObject {
  const throughput = objectAt(properties, 'ProvisionedThroughput')
  const isFree = throughput === undefined || textAt(properties, 'BillingMode') === 'PAY_PER_REQUEST'
  if (isFree) return { BillingMode: 'PAY_PER_REQUEST' }
  const ReadCapacityUnits = numberAt(throughput, 'ReadCapacityUnits') ?? null
  const WriteCapacityUnits = numberAt(throughput, 'WriteCapacityUnits') ?? null
  return { BillingMode: 'PROVISIONED', ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits } }
}

const encryptionOf = (sse: JsonObject): JsonObject => ({
  Enabled: booleanAt(sse, 'SSEEnabled') ?? false,
  ...textsAt(sse, ['SSEType', 'KMSMasterKeyId']),
})

/** How what is said no more is written. */
const UNSET: JsonObject = {
  DeletionProtectionEnabled: false,
  OnDemandThroughput: { MaxReadRequestUnits: -1, MaxWriteRequestUnits: -1 },
  SSESpecification: { Enabled: false },
  TableClass: 'STANDARD',
}

export async function changeSettings(
  name: string,
  resource: Declared,
  description: JsonObject,
  context: DeployContext,
): Promise<boolean> {
  const gone = droppedFrom(resource, Object.keys(UNSET)).map((property): [string, Json] => [property, UNSET[property] ?? null])
  const { BillingMode, ProvisionedThroughput, ...others } = { ...Object.fromEntries(gone), ...settingsOf(resource.properties) }
  const capacity = { BillingMode: BillingMode ?? null, ...(ProvisionedThroughput !== undefined && { ProvisionedThroughput }) }
  const isSameCapacity =
    billingOf(description) === BillingMode && saysAll(description, valuesAt(capacity, ['ProvisionedThroughput']))
  const differing = Object.entries(others).filter(([property, value]) => !isSame(description, property, value))
  const input = { ...(isSameCapacity ? {} : capacity), ...Object.fromEntries(differing) }
  return Object.keys(input).length > 0 && update(name, input, context)
}

const billingOf = (description: JsonObject): string =>
  textAt(objectAt(description, 'BillingModeSummary') ?? {}, 'BillingMode') ?? 'PROVISIONED'

/** Two settings are told under other names than they are given. */
function isSame(description: JsonObject, property: string, wanted: Json): boolean {
  if (property === 'TableClass')
    return (textAt(objectAt(description, 'TableClassSummary') ?? {}, 'TableClass') ?? 'STANDARD') === wanted
  if (property !== 'SSESpecification' || !isObject(wanted)) return covers(description[property], wanted)
  const told = objectAt(description, 'SSEDescription')
  if (booleanAt(wanted, 'Enabled') !== true) return told === undefined
  const key = (textAt(wanted, 'KMSMasterKeyId') ?? 'alias/aws/dynamodb').split(/(?=alias\/)|:key\//).at(-1) ?? ''
  return told !== undefined && textAt(told, 'KMSMasterKeyArn')?.endsWith(key) === true
}

// ---- indexes

/** One after the other, as DynamoDB would have it. An index of other keys or another projection is another index. */
export async function changeIndexes(
  name: string,
  wanted: readonly Json[],
  description: JsonObject,
  resource: Declared,
  context: DeployContext,
): Promise<boolean> {
  const known = listAt(description, 'GlobalSecondaryIndexes').filter(isObject)
  const all = wanted.filter(isObject)
  const find = (list: readonly JsonObject[], one: JsonObject) => list.find(({ IndexName }) => IndexName === one['IndexName'])
  const isKept = (one: JsonObject): boolean => {
    const other = find(all, one)
    return other !== undefined && shapeOf(other) === shapeOf(one)
  }
  // What a table has that its template never had is somebody else's, where it is not known what it had.
  const isOurs = (one: JsonObject): boolean => resource.before !== undefined || find(all, one) !== undefined
  const gone = known.filter((one) => !isKept(one) && isOurs(one))
  const AttributeDefinitions = resource.properties['AttributeDefinitions'] ?? []
  let isChanged = false
  const change = async (one: JsonObject, more: JsonObject = {}): Promise<void> => {
    isChanged = await update(name, { ...more, GlobalSecondaryIndexUpdates: [one] }, context)
  }
  for (const { IndexName = null } of gone) await change({ Delete: { IndexName } })
  for (const one of all) {
    const old = known.find((other) => other['IndexName'] === one['IndexName'] && isKept(other))
    const { IndexName = null, ProvisionedThroughput } = one
    if (old === undefined) await change({ Create: one }, { AttributeDefinitions })
    else if (ProvisionedThroughput !== undefined && !covers(old['ProvisionedThroughput'], ProvisionedThroughput))
      await change({ Update: { IndexName, ProvisionedThroughput } })
  }
  return isChanged
}

function shapeOf(index: JsonObject): string {
  const projection = objectAt(index, 'Projection') ?? {}
  const names = listAt(projection, 'NonKeyAttributes').map(String).sort()
  return stableJson([index['KeySchema'] ?? [], textAt(projection, 'ProjectionType') ?? 'ALL', names])
}

// ---- stream, time to live, backups, tags

/** What a stream shows of the items. Undefined without a stream. */
export const viewIn = (described: JsonObject): string | undefined =>
  textAt(objectAt(described, 'StreamSpecification') ?? {}, 'StreamViewType')

/** A stream of another view is another stream. */
export async function changeStream(
  name: string,
  before: string | undefined,
  wanted: string | undefined,
  context: DeployContext,
): Promise<boolean> {
  if (before === wanted) return false
  if (before !== undefined) await update(name, { StreamSpecification: { StreamEnabled: false } }, context)
  if (wanted !== undefined) await update(name, { StreamSpecification: { StreamEnabled: true, StreamViewType: wanted } }, context)
  return true
}

/** The attribute that says when an item is over. Undefined where items stay. */
function expiryIn(properties: JsonObject): string | undefined {
  const wanted = objectAt(properties, 'TimeToLiveSpecification') ?? {}
  return booleanAt(wanted, 'Enabled') === true ? requiredText(wanted, 'AttributeName') : undefined
}

export async function changeExpiry(
  name: string,
  properties: JsonObject,
  isNew: boolean,
  context: DeployContext,
): Promise<boolean> {
  const wanted = expiryIn(properties)
  const before = isNew ? undefined : await describedExpiry(name, context)
  if (before === wanted) return false
  const change = (Enabled: boolean, AttributeName: string) => {
    const input = { TableName: name, TimeToLiveSpecification: { Enabled, AttributeName } }
    return context.aws.json(SERVICES.dynamodb, 'UpdateTimeToLive', input)
  }
  if (before !== undefined) await change(false, before)
  if (wanted !== undefined) await change(true, wanted)
  return true
}

async function describedExpiry(name: string, { aws }: DeployContext): Promise<string | undefined> {
  const answer = await aws.json(SERVICES.dynamodb, 'DescribeTimeToLive', { TableName: name })
  const described = objectAt(answer, 'TimeToLiveDescription') ?? {}
  return /^ENABL/.test(textAt(described, 'TimeToLiveStatus') ?? '') ? textAt(described, 'AttributeName') : undefined
}

const BACKUPS = 'PointInTimeRecoverySpecification'

export async function changeBackups(name: string, resource: Declared, { aws }: DeployContext): Promise<boolean> {
  const given = objectAt(resource.properties, BACKUPS)
  if (given === undefined && droppedFrom(resource, [BACKUPS]).length === 0) return false
  const isWanted = booleanAt(given ?? {}, 'PointInTimeRecoveryEnabled') ?? false
  const days = numberAt(given ?? {}, 'RecoveryPeriodInDays')
  const told = await aws.json(SERVICES.dynamodb, 'DescribeContinuousBackups', { TableName: name })
  const recovery = objectAt(objectAt(told, 'ContinuousBackupsDescription') ?? {}, 'PointInTimeRecoveryDescription') ?? {}
  const isOn = textAt(recovery, 'PointInTimeRecoveryStatus') === 'ENABLED'
  if (isOn === isWanted && (!isOn || days === undefined || numberAt(recovery, 'RecoveryPeriodInDays') === days)) return false
  const specification = {
    PointInTimeRecoveryEnabled: isWanted,
    ...(isWanted && days !== undefined && { RecoveryPeriodInDays: days }),
  }
  await aws.json(SERVICES.dynamodb, 'UpdateContinuousBackups', { TableName: name, [BACKUPS]: specification })
  return true
}

export const changeTableTags = (resource: Declared, ResourceArn: string, aws: Aws): Promise<boolean> =>
  changeTags(resource, {
    async list() {
      const told = await aws.json(SERVICES.dynamodb, 'ListTagsOfResource', { ResourceArn })
      return Object.fromEntries(tagsOf(told).map(({ key, value }) => [key, value]))
    },
    put: (tags) => aws.json(SERVICES.dynamodb, 'TagResource', { ResourceArn, Tags: tagList(tags) }),
    remove: (TagKeys) => aws.json(SERVICES.dynamodb, 'UntagResource', { ResourceArn, TagKeys }),
  })
