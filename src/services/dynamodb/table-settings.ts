/**
 * What is said of a table besides its keys: its stream, encryption, class, protection, throughput. Checked, kept in the table's
 * description, and told as DynamoDB tells it.
 * Source: Amazon DynamoDB API reference, "CreateTable", "UpdateTable", "TableDescription".
 */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { invalidValues, validationError } from './errors.ts'
import { flag, json, list, type ReadMembers, struct, text, whole } from './shapes.ts'
import { listAt, type StreamView, textAt } from './table.ts'

const NAME = { pattern: '[a-zA-Z0-9_.-]+', min: 3, max: 255 } as const
const THROUGHPUT_MAX = 1_000_000_000_000

export const tableName = text({ isRequired: true, ...NAME })
/** In the operations on tables. */
export const ownTableName = text({ isRequired: true, isNameOfTable: true, ...NAME })
export const indexName = text({ isRequired: true, ...NAME })
export const throughput = struct({
  WriteCapacityUnits: whole({ isRequired: true, min: 1 }),
  ReadCapacityUnits: whole({ isRequired: true, min: 1 }),
})
export const projection = struct(
  {
    ProjectionType: text({ values: ['ALL', 'INCLUDE', 'KEYS_ONLY'] }),
    NonKeyAttributes: list(text(), { min: 1 }),
  },
  { isRequired: true },
)
export const keySchema = list(
  struct({ AttributeName: text({ isRequired: true }), KeyType: text({ isRequired: true, values: ['HASH', 'RANGE'] }) }),
  { isRequired: true, min: 1, max: 2 },
)
export const attributeDefinition = struct({
  AttributeName: text({ isRequired: true }),
  AttributeType: text({ isRequired: true, values: ['B', 'N', 'S'] }),
})

/** Those that CreateTable and UpdateTable share. */
export const SETTINGS = {
  BillingMode: text({ values: ['PROVISIONED', 'PAY_PER_REQUEST'] }),
  ProvisionedThroughput: throughput,
  OnDemandThroughput: json,
  WarmThroughput: json,
  StreamSpecification: struct({
    StreamEnabled: flag,
    StreamViewType: text({ values: ['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'] }),
  }),
  SSESpecification: struct({ Enabled: flag, SSEType: text(), KMSMasterKeyId: text() }),
  TableClass: text({ values: ['STANDARD', 'STANDARD_INFREQUENT_ACCESS'] }),
  DeletionProtectionEnabled: flag,
} as const
export type Settings = ReadMembers<typeof SETTINGS>

/** Throws ValidationException. */
export function checkSettings({ StreamSpecification: stream, ProvisionedThroughput: units }: Settings): void {
  if (stream) {
    const isOn = stream.StreamEnabled === true
    if (isOn && stream.StreamViewType === undefined) throw invalidValues('StreamViewType is required when StreamEnabled is true')
    if (!isOn && stream.StreamViewType !== undefined)
      throw invalidValues('StreamViewType is not allowed when StreamEnabled is false')
  }
  for (const name of ['ReadCapacityUnits', 'WriteCapacityUnits'] as const)
    if (units && units[name] > THROUGHPUT_MAX) throw validationError(`Given value ${units[name]} for ${name} is out of bounds`)
}

/** The view of a stream that is to be there. */
export const wantedView = ({ StreamSpecification: stream }: Settings): StreamView | undefined =>
  stream?.StreamEnabled === true ? (stream.StreamViewType as StreamView) : undefined

export function checkUnprotected(description: JsonObject): void {
  if (getOwn(description, 'DeletionProtectionEnabled') !== true) return
  throw validationError(
    'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
  )
}

/** What the settings add to a description, or change in it. `seconds` is now. */
export function settled(description: JsonObject, settings: Settings, seconds: number): JsonObject {
  const { TableClass, DeletionProtectionEnabled, SSESpecification, OnDemandThroughput, WarmThroughput } = settings
  const kept = {
    DeletionProtectionEnabled: DeletionProtectionEnabled ?? getOwn(description, 'DeletionProtectionEnabled') ?? false,
    ...(TableClass !== undefined && {
      TableClassSummary: {
        TableClass,
        ...(getOwn(description, 'TableId') !== undefined && { LastUpdateDateTime: seconds }),
      },
    }),
    ...(OnDemandThroughput !== undefined && { OnDemandThroughput }),
    ...(WarmThroughput !== undefined && { WarmThroughput: { ...WarmThroughput, Status: 'ACTIVE' } }),
  }
  const { SSEDescription: _, ...rest } = description
  const encrypted =
    SSESpecification === undefined
      ? description
      : SSESpecification.Enabled === false
        ? rest
        : { ...rest, SSEDescription: encryptionOf(description, SSESpecification.KMSMasterKeyId) }
  return { ...encrypted, ...kept, ...capacityOf(description, settings, seconds) }
}

function encryptionOf(description: JsonObject, keyId: string | undefined): JsonObject {
  const [, , , region, account] = textAt(description, 'TableArn').split(':')
  const key = keyId ?? 'alias/aws/dynamodb'
  const KMSMasterKeyArn = key.startsWith('arn:')
    ? key
    : `arn:aws:kms:${region}:${account}:${key.startsWith('alias/') ? key : `key/${key}`}`
  return { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn }
}

const ON_DEMAND = { ReadCapacityUnits: 0, WriteCapacityUnits: 0 }

export const throughputTold = (
  units: { readonly ReadCapacityUnits: number; readonly WriteCapacityUnits: number } | undefined,
): JsonObject => ({ ...(units ?? ON_DEMAND), NumberOfDecreasesToday: 0 })

function capacityOf(description: JsonObject, { BillingMode, ProvisionedThroughput }: Settings, seconds: number): JsonObject {
  if (BillingMode === 'PAY_PER_REQUEST') {
    const indexes = listAt(description, 'GlobalSecondaryIndexes').map((index) => ({
      ...index,
      ProvisionedThroughput: throughputTold(undefined),
    }))
    return {
      BillingModeSummary: { BillingMode, LastUpdateToPayPerRequestDateTime: seconds },
      TableThroughputModeSummary: { TableThroughputMode: BillingMode, LastUpdateToPayPerRequestDateTime: seconds },
      ProvisionedThroughput: throughputTold(undefined),
      ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
    }
  }
  return {
    ...(BillingMode === 'PROVISIONED' &&
      isObject(getOwn(description, 'BillingModeSummary')) && { BillingModeSummary: { BillingMode } }),
    ...(ProvisionedThroughput && { ProvisionedThroughput: throughputTold(ProvisionedThroughput) }),
  }
}

export const isOnDemand = (description: JsonObject): boolean => {
  const summary = getOwn(description, 'BillingModeSummary')
  return isObject(summary) && getOwn(summary, 'BillingMode') === 'PAY_PER_REQUEST'
}
