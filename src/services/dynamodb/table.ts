/**
 * A table, as the operations on items see it: its keys, its indexes, what of it expires, its stream. Made of its record, which is
 * what DescribeTable tells and a little more.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { type AttributeValue, attributeOf, type Item, typeOf } from './attribute-value.ts'
import { invalidValues, validationError } from './errors.ts'
import { type KeyType, NO_RANGE, partitionBytes, rangeBytes } from './key-bytes.ts'

export interface KeyAttribute {
  readonly name: string
  readonly type: KeyType
}

export interface KeySchema {
  readonly hash: KeyAttribute
  readonly range: KeyAttribute | undefined
}

export interface Index extends KeySchema {
  readonly id: number
  readonly name: string
  readonly isGlobal: boolean
  /** Names beside the keys; `ALL` for all there are. */
  readonly projected: 'ALL' | readonly string[]
  /** While it is filled nobody reads it. */
  readonly isFilling: boolean
}

export interface Table extends KeySchema {
  readonly id: number
  readonly name: string
  readonly arn: string
  readonly indexes: readonly Index[]
  readonly record: TableRecord
}

/** As it is stored. */
export interface TableRecord {
  /** What DescribeTable tells, but for what is counted. */
  readonly description: JsonObject
  /** The attribute that says when an item is over. */
  readonly expiry?: string | undefined
  readonly stream?: { readonly id: number; readonly view: StreamView } | undefined
  readonly backups?: { readonly isContinuous: boolean; readonly days: number; readonly since: number } | undefined
}

export type StreamView = 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES' | 'KEYS_ONLY'

/** Of an item, in bytes. */
export interface KeyBytes {
  readonly hash: Buffer
  readonly range: Buffer
}

export const listAt = (object: JsonObject, name: string): readonly JsonObject[] => {
  const list = getOwn(object, name)
  return isArray(list) ? list.filter(isObject) : []
}
export const textAt = (object: JsonObject, name: string): string => String(getOwn(object, name) ?? '')

/** `indexId`: of an index of this table, by its name. */
export function tableOf(id: number, name: string, record: TableRecord, indexId: (name: string) => number): Table {
  const { description } = record
  const types = new Map(
    listAt(description, 'AttributeDefinitions').map((one) => [textAt(one, 'AttributeName'), textAt(one, 'AttributeType')]),
  )
  const keysOf = (of: JsonObject): KeySchema => {
    const keys = listAt(of, 'KeySchema')
    const attribute = (type: string): KeyAttribute | undefined => {
      const found = keys.find((key) => getOwn(key, 'KeyType') === type)
      const called = found && textAt(found, 'AttributeName')
      return called === undefined ? undefined : { name: called, type: (types.get(called) ?? 'S') as KeyType }
    }
    return { hash: attribute('HASH') ?? { name: '', type: 'S' }, range: attribute('RANGE') }
  }
  const indexOf = (index: JsonObject, isGlobal: boolean): Index => ({
    ...keysOf(index),
    id: indexId(textAt(index, 'IndexName')),
    name: textAt(index, 'IndexName'),
    isGlobal,
    projected: projectedBy(getOwn(index, 'Projection')),
    isFilling: getOwn(index, 'Backfilling') === true,
  })
  const indexes = [
    ...listAt(description, 'GlobalSecondaryIndexes').map((index) => indexOf(index, true)),
    ...listAt(description, 'LocalSecondaryIndexes').map((index) => indexOf(index, false)),
  ]
  return { ...keysOf(description), id, name, arn: textAt(description, 'TableArn'), indexes, record }
}

function projectedBy(projection: Json | undefined): 'ALL' | readonly string[] {
  if (!isObject(projection) || getOwn(projection, 'ProjectionType') === 'ALL') return 'ALL'
  const names = getOwn(projection, 'NonKeyAttributes')
  return isArray(names) ? names.map(String) : []
}

export const keyAttributes = ({ hash, range }: KeySchema): readonly KeyAttribute[] => (range ? [hash, range] : [hash])
export const keyNames = (schema: KeySchema): readonly string[] => keyAttributes(schema).map(({ name }) => name)

/** The key of an item. */
export const keyOf = (table: KeySchema, item: Item): Item =>
  Object.fromEntries(
    keyNames(table).flatMap((name) => {
      const value = attributeOf(item, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** Of an item that has its keys. */
export function keyBytesOf({ hash, range }: KeySchema, item: Item): KeyBytes {
  const [partition, sort] = [attributeOf(item, hash.name), range && attributeOf(item, range.name)]
  return { hash: partition ? partitionBytes(partition) : NO_RANGE, range: sort ? rangeBytes(sort) : NO_RANGE }
}

/** Where an item stands in an index; undefined where it is in none, because it lacks a key. */
export function entryOf(index: KeySchema, item: Item): KeyBytes | undefined {
  const has = ({ name, type }: KeyAttribute) => {
    const value = attributeOf(item, name)
    return value !== undefined && typeOf(value) === type
  }
  return keyAttributes(index).every(has) ? keyBytesOf(index, item) : undefined
}

/** What of an item is in an index. */
export function projectedItem(table: Table, { projected, ...index }: Index, item: Item): Item {
  if (projected === 'ALL') return item
  const names = new Set([...keyNames(table), ...keyNames(index), ...projected])
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)))
}

// ---- checks

const HASH_BYTES_MAX = 2048
const RANGE_BYTES_MAX = 1024

function checkKeySize(value: AttributeValue, isHash: boolean): void {
  const bytes = rangeBytes(value).length
  if (isHash && bytes > HASH_BYTES_MAX)
    throw invalidValues(`Size of hashkey has exceeded the maximum size limit of${HASH_BYTES_MAX} bytes`)
  if (!isHash && bytes > RANGE_BYTES_MAX)
    throw invalidValues(`Aggregated size of all range keys has exceeded the size limit of ${RANGE_BYTES_MAX} bytes`)
}

const isEmpty = (value: AttributeValue): boolean => ('S' in value && value.S === '') || ('B' in value && value.B === '')
const emptyText = ({ name, type }: KeyAttribute): string =>
  `The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value. Key: ${name}`

const MISMATCH = 'The provided key element does not match the schema'

/** That this is a key of the table, and nothing else. Throws ValidationException. */
export function checkKey(table: KeySchema, key: Item): void {
  const attributes = keyAttributes(table)
  if (Object.keys(key).length !== attributes.length) throw validationError(MISMATCH)
  for (const attribute of attributes) checkKeyPiece(key, attribute, attribute === table.hash)
}

export function checkKeyPiece(key: Item, attribute: KeyAttribute, isHash: boolean): void {
  const value = attributeOf(key, attribute.name)
  if (value === undefined || typeOf(value) !== attribute.type) throw validationError(MISMATCH)
  if (isEmpty(value)) throw invalidValues(emptyText(attribute))
  checkKeySize(value, isHash)
}

/** That the table can hold this item. Throws ValidationException. */
export function checkKeysOf(table: Table, item: Item): void {
  for (const attribute of keyAttributes(table)) {
    const { name, type } = attribute
    const value = attributeOf(item, name)
    if (value === undefined) throw invalidValues(`Missing the key ${name} in the item`)
    if (typeOf(value) !== type) throw invalidValues(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`)
    if (isEmpty(value)) throw validationError(`One or more parameter values are not valid. ${emptyText(attribute)}`)
    checkKeySize(value, attribute === table.hash)
  }
  checkIndexKeys(table, item)
}

export function checkIndexKeys(table: Table, item: Item): void {
  for (const index of table.indexes)
    for (const { name, type } of keyAttributes(index)) {
      const value = attributeOf(item, name)
      if (value === undefined || keyNames(table).includes(name)) continue
      if (typeOf(value) !== type)
        throw invalidValues(
          `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index.name}`,
        )
      if (isEmpty(value))
        throw validationError(
          `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value. IndexName: ${index.name}, IndexKey: ${name}`,
        )
    }
}

/** That none of the paths leads into a key. */
export function checkNestedPaths(table: Table, paths: readonly (readonly (string | number)[])[]): void {
  const nested = new Set(paths.filter((path) => path.length > 1).map(([name]) => name))
  const told = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed"
  for (const name of keyNames(table)) if (nested.has(name)) throw validationError(`${told}: Key: ${name}`)
  for (const name of table.indexes.flatMap(keyNames)) if (nested.has(name)) throw validationError(`${told}: IndexKey: ${name}`)
}
