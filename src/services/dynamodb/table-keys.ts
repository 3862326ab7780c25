/**
 * The keys of tables and of their indexes: what is wrong with those of a new table, or of a new index.
 * Source: Amazon DynamoDB API reference, "CreateTable"; texts as DynamoDB answers them.
 */
import { invalidValues, validationError } from './errors.ts'

export interface GivenKey {
  readonly AttributeName: string
  readonly KeyType: string
}
export interface GivenAttribute {
  readonly AttributeName: string
  readonly AttributeType: string
}
export interface GivenIndex {
  readonly IndexName: string
  readonly KeySchema: readonly GivenKey[]
  readonly Projection: { readonly ProjectionType: string | undefined; readonly NonKeyAttributes: readonly string[] | undefined }
  readonly ProvisionedThroughput?: object | undefined
}
export interface GivenTable {
  readonly AttributeDefinitions: readonly GivenAttribute[]
  readonly KeySchema: readonly GivenKey[]
  readonly LocalSecondaryIndexes: readonly GivenIndex[] | undefined
  readonly GlobalSecondaryIndexes: readonly GivenIndex[] | undefined
  readonly BillingMode: string | undefined
}

const LOCAL_MAX = 5
const GLOBAL_MAX = 20

/** Throws ValidationException. */
export function checkTableKeys(table: GivenTable): void {
  const { AttributeDefinitions: attributes, KeySchema, LocalSecondaryIndexes: local, GlobalSecondaryIndexes: global } = table
  const defined = attributes.map((one) => one.AttributeName)
  const keys = KeySchema.map((key) => key.AttributeName)
  if (keys.length > defined.length) throw validationError('Invalid KeySchema: Some index key attribute have no definition')
  checkDefined(keys, defined)
  checkOrder(KeySchema)
  const names = new Set<string>()
  if (local) checkLocal(table, local, defined, names)
  if (global) checkGlobal(table, global, defined, names)
  const used = new Set([KeySchema, ...[...(local ?? []), ...(global ?? [])].map((index) => index.KeySchema)].flat().map(nameOf))
  if (used.size !== new Set(defined).size)
    throw invalidValues(
      local || global
        ? `Some AttributeDefinitions are not used. AttributeDefinitions: [${defined.join(', ')}], keys used: [${[...used].join(', ')}]`
        : 'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    )
}

const nameOf = ({ AttributeName }: GivenKey): string => AttributeName

function checkDefined(keys: readonly string[], defined: readonly string[]): void {
  if (keys.every((key) => defined.includes(key))) return
  throw invalidValues(
    `Some index key attributes are not defined in AttributeDefinitions. Keys: [${keys.join(', ')}], AttributeDefinitions: [${defined.join(', ')}]`,
  )
}

function checkOrder([first, second]: readonly GivenKey[]): void {
  if (first?.AttributeName === second?.AttributeName)
    throw validationError('Both the Hash Key and the Range Key element in the KeySchema have the same name')
  if (first?.KeyType !== 'HASH') throw validationError('Invalid KeySchema: The first KeySchemaElement is not a HASH key type')
  if (second && second.KeyType !== 'RANGE')
    throw validationError('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type')
}

function checkLocal(table: GivenTable, indexes: readonly GivenIndex[], defined: readonly string[], names: Set<string>): void {
  if (indexes.length === 0) throw invalidValues('List of LocalSecondaryIndexes is empty')
  if (table.KeySchema.length !== 2)
    throw invalidValues('Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex')
  const tableHash = table.KeySchema[0]?.AttributeName
  for (const index of indexes) {
    checkIndex(index, defined)
    const [hash] = index.KeySchema
    if (index.KeySchema.length !== 2)
      throw invalidValues(`Index KeySchema does not have a range key for index: ${index.IndexName}`)
    if (hash?.AttributeName !== tableHash)
      throw invalidValues(
        `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${index.IndexName}. index hash key: ${hash?.AttributeName}, table hash key: ${tableHash}`,
      )
    checkName(index, names)
  }
  if (indexes.length > LOCAL_MAX) throw invalidValues(`Number of LocalSecondaryIndexes exceeds per-table limit of ${LOCAL_MAX}`)
}

function checkGlobal(table: GivenTable, indexes: readonly GivenIndex[], defined: readonly string[], names: Set<string>): void {
  if (indexes.length === 0) throw invalidValues('List of GlobalSecondaryIndexes is empty')
  for (const index of indexes) {
    checkIndex(index, defined)
    if (table.BillingMode === 'PAY_PER_REQUEST' && index.ProvisionedThroughput)
      throw invalidValues(
        `ProvisionedThroughput should not be specified for index: ${index.IndexName} when BillingMode is PAY_PER_REQUEST`,
      )
    checkName(index, names)
  }
  if (indexes.length > GLOBAL_MAX) throw invalidValues(`GlobalSecondaryIndex count exceeds the per-table limit of ${GLOBAL_MAX}`)
}

/** One index by itself. Throws ValidationException. */
export function checkIndex({ KeySchema, Projection }: GivenIndex, defined: readonly string[]): void {
  checkDefined(KeySchema.map(nameOf), defined)
  checkOrder(KeySchema)
  const { ProjectionType: type, NonKeyAttributes: names } = Projection
  if (type === undefined) throw invalidValues('Unknown ProjectionType: null')
  if (names && type !== 'INCLUDE') throw invalidValues(`ProjectionType is ${type}, but NonKeyAttributes is specified`)
}

function checkName({ IndexName }: GivenIndex, names: Set<string>): void {
  if (names.has(IndexName)) throw invalidValues(`Duplicate index name: ${IndexName}`)
  names.add(IndexName)
}
