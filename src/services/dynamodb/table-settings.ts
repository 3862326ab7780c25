/**
 * Settings of tables that dynalite does not know: they are checked, kept in the table's record and shown as DynamoDB shows them.
 * A stream has an ARN, but no records: nothing reads it here. Deletion protection protects.
 * Source: Amazon DynamoDB API reference, "CreateTable", "TableDescription".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

/** A table's record: what DescribeTable shows. */
export interface TableRecord {
  readonly TableName: string
  readonly TableArn: string
  [member: string]: Json
}

const MEMBERS = ['StreamSpecification', 'SSESpecification', 'TableClass', 'DeletionProtectionEnabled'] as const
const VIEWS: readonly Json[] = ['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY']
const CLASSES: readonly Json[] = ['STANDARD', 'STANDARD_INFREQUENT_ACCESS']

export const hasSettings = (input: JsonObject): boolean => MEMBERS.some((member) => getOwn(input, member) !== undefined)

/** The input without them, as dynalite may have it. */
export const withoutSettings = (input: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(input).filter(([name]) => !MEMBERS.some((member) => member === name)))

/** Throws WireError ValidationException. */
export function checkSettings(input: JsonObject): void {
  const stream = getOwn(input, 'StreamSpecification')
  if (isObject(stream)) {
    const view = getOwn(stream, 'StreamViewType')
    const isOn = getOwn(stream, 'StreamEnabled') === true
    if (isOn && !VIEWS.includes(view ?? null))
      throw validationError(`${INVALID}: StreamViewType is required when StreamEnabled is true`)
    if (!isOn && view !== undefined)
      throw validationError(`${INVALID}: StreamViewType is not allowed when StreamEnabled is false`)
  }
  const tableClass = getOwn(input, 'TableClass')
  if (tableClass !== undefined && !CLASSES.includes(tableClass))
    throw validationError(`${INVALID}: unknown TableClass ${String(tableClass)}`)
}

const INVALID = 'One or more parameter values were invalid'
export const validationError = (message: string): WireError =>
  new WireError(400, 'com.amazon.coral.validate#ValidationException', message)

/** Adds what the input sets to the record. `at` is now, in milliseconds. Settings have been checked. */
export function applySettings(table: TableRecord, input: JsonObject, at: number): void {
  const stream = getOwn(input, 'StreamSpecification')
  if (isObject(stream)) applyStream(table, stream, at)
  const encryption = getOwn(input, 'SSESpecification')
  if (isObject(encryption)) applyEncryption(table, encryption)
  const tableClass = getOwn(input, 'TableClass')
  if (tableClass !== undefined) table['TableClassSummary'] = { TableClass: tableClass }
  const isProtected = getOwn(input, 'DeletionProtectionEnabled')
  table['DeletionProtectionEnabled'] = isProtected ?? table['DeletionProtectionEnabled'] ?? false
}

function applyStream(table: TableRecord, stream: JsonObject, at: number): void {
  if (getOwn(stream, 'StreamEnabled') !== true) {
    delete table['StreamSpecification']
    return
  }
  const label = new Date(at).toISOString().slice(0, -1)
  table['StreamSpecification'] = stream
  table['LatestStreamLabel'] = label
  table['LatestStreamArn'] = `${table.TableArn}/stream/${label}`
}

function applyEncryption(table: TableRecord, encryption: JsonObject): void {
  if (getOwn(encryption, 'Enabled') === false) {
    delete table['SSEDescription']
    return
  }
  const [, , , region, account] = table.TableArn.split(':')
  const key = getOwn(encryption, 'KMSMasterKeyId') ?? `arn:aws:kms:${region}:${account}:alias/aws/dynamodb`
  table['SSEDescription'] = { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: key }
}

/** Throws WireError ValidationException where the table may not be deleted. */
export function checkUnprotected(table: TableRecord): void {
  if (table['DeletionProtectionEnabled'] !== true) return
  throw validationError(
    'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
  )
}
