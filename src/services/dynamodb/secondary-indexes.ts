/**
 * Global secondary indexes that are added to a table, or taken from it: dynalite knows those alone that a table is created with.
 * A new index is first put in the table's record, so that whatever is written from then on is in it, then filled with what was
 * there before, each item under its lock: behind the answer, and again from the start where the process died over it (tables.ts).
 * Source: Amazon DynamoDB developer guide, "Managing Global Secondary Indexes".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { type TableRecord, validationError } from './table-settings.ts'

/** As much of dynalite's store as it takes. Callbacks are given an error first. */
export interface IndexStore {
  getItemDb(table: string): ItemDb
  deleteIndexDb(kind: 'Global', table: string, index: string, done: (error?: unknown) => void): void
}
export interface ItemDb {
  lock(key: string, locked: (release: (done: (error?: unknown) => void) => (error?: unknown) => void) => void): void
  get(key: string, done: (error: unknown, item?: JsonObject) => void): void
  put(key: string, item: JsonObject, done: (error?: unknown) => void): void
  del(key: string, done: (error?: unknown) => void): void
  createValueStream(options: object): AsyncIterable<JsonObject>
}
/** dynalite/db. */
export interface IndexFunctions {
  createKey(item: JsonObject, table: JsonObject): string
  updateIndexes(store: IndexStore, table: JsonObject, before: undefined, item: JsonObject, done: (error?: unknown) => void): void
}

export interface IndexChanges {
  readonly added: readonly JsonObject[]
  /** Names. */
  readonly removed: readonly string[]
}

const updatesOf = (input: JsonObject): readonly JsonObject[] => {
  const updates = getOwn(input, 'GlobalSecondaryIndexUpdates')
  return isArray(updates) ? updates.filter(isObject) : []
}

export function indexChangesOf(input: JsonObject): IndexChanges {
  const of = (action: string): readonly JsonObject[] =>
    updatesOf(input)
      .map((update) => getOwn(update, action))
      .filter(isObject)
  return { added: of('Create'), removed: of('Delete').map(nameOf) }
}

/** The input without them, as dynalite may have it. */
export function withoutIndexChanges(input: JsonObject): JsonObject {
  const rest = updatesOf(input).filter((update) => isObject(getOwn(update, 'Update')))
  const { GlobalSecondaryIndexUpdates: _, AttributeDefinitions: __, ...others } = input
  return rest.length === 0 ? others : { ...others, GlobalSecondaryIndexUpdates: rest }
}

export const nameOf = (index: Json): string => (isObject(index) ? String(getOwn(index, 'IndexName')) : '')
const listOf = (value: Json | undefined): readonly Json[] => (isArray(value) ? value : [])

/** Changes the record. Throws WireError ValidationException, and then has changed nothing. */
export function applyIndexChanges(table: TableRecord, input: JsonObject, { added, removed }: IndexChanges): void {
  const known = listOf(table['GlobalSecondaryIndexes'])
  const attributes = new Map(
    [...listOf(table['AttributeDefinitions']), ...listOf(getOwn(input, 'AttributeDefinitions'))].map((definition) => [
      isObject(definition) ? String(getOwn(definition, 'AttributeName')) : '',
      definition,
    ]),
  )
  for (const name of removed) {
    if (!known.some((index) => nameOf(index) === name)) throw validationError(`${INVALID}: Table does not have index ${name}`)
  }
  for (const index of added) checkIndex(index, known, attributes)
  const kept = known.filter((index) => !removed.includes(nameOf(index)))
  const indexes = [...kept, ...added.map((index) => recordOf(table, index))]
  if (indexes.length > 0) table['GlobalSecondaryIndexes'] = indexes
  else delete table['GlobalSecondaryIndexes']
  const used = [table, ...indexes, ...listOf(table['LocalSecondaryIndexes'])].flatMap(keyNames)
  table['AttributeDefinitions'] = [...attributes].filter(([name]) => used.includes(name)).map(([, definition]) => definition)
}

function checkIndex(index: JsonObject, known: readonly Json[], attributes: ReadonlyMap<string, Json>): void {
  const name = nameOf(index)
  if (!/^[a-zA-Z0-9_.-]{3,255}$/.test(name)) throw validationError(`${INVALID}: ${name.slice(0, 300)} is no name of an index`)
  if (known.some((one) => nameOf(one) === name))
    throw validationError(`Attempting to create an index which already exists: ${name}`)
  const keys = keyNames(index)
  if (keys.length < 1 || keys.length > 2) throw validationError(`${INVALID}: KeySchema of ${name} must have one key or two`)
  const missing = keys.find((key) => !attributes.has(key))
  if (missing !== undefined) {
    const message = `Some index key attributes are not defined in AttributeDefinitions. Keys: [${missing}]`
    throw validationError(`${INVALID}: ${message}`)
  }
  const projection = getOwn(index, 'Projection')
  if (!isObject(projection) || !['ALL', 'KEYS_ONLY', 'INCLUDE'].includes(String(getOwn(projection, 'ProjectionType'))))
    throw validationError(`${INVALID}: Unknown ProjectionType of ${name}`)
}

const INVALID = 'One or more parameter values were invalid'

/** Of a table or an index. */
export const keyNames = (schema: Json): readonly string[] =>
  (isObject(schema) ? listOf(getOwn(schema, 'KeySchema')) : []).map((key) =>
    isObject(key) ? String(getOwn(key, 'AttributeName')) : '',
  )

function recordOf(table: TableRecord, index: JsonObject): JsonObject {
  const throughput = getOwn(index, 'ProvisionedThroughput')
  return {
    ...index,
    IndexArn: `${table.TableArn}/index/${nameOf(index)}`,
    IndexSizeBytes: 0,
    ItemCount: 0,
    IndexStatus: 'CREATING',
    Backfilling: true,
    ProvisionedThroughput: {
      ReadCapacityUnits: 0,
      WriteCapacityUnits: 0,
      ...(isObject(throughput) && throughput),
      NumberOfDecreasesToday: 0,
    },
  }
}

/** Names of the indexes that are still to be filled. */
export const unfilledIndexes = (table: TableRecord): readonly string[] =>
  listOf(table['GlobalSecondaryIndexes']).filter(isUnfilled).map(nameOf)

/** Whether dynalite has still to write that the table, or one of its indexes, is active. */
export const isChanging = (table: TableRecord): boolean =>
  [table, ...listOf(table['GlobalSecondaryIndexes']).filter((index) => !isUnfilled(index))].some(
    (one) => isObject(one) && ['CREATING', 'UPDATING'].includes(String(one['TableStatus'] ?? one['IndexStatus'])),
  )

const isUnfilled = (index: Json): boolean => isObject(index) && getOwn(index, 'Backfilling') === true

/** Changes the record: these indexes are filled. */
export function markFilled(table: TableRecord, names: readonly string[]): void {
  table['GlobalSecondaryIndexes'] = listOf(table['GlobalSecondaryIndexes']).map((index) => {
    if (!isObject(index) || !names.includes(nameOf(index))) return index
    const { Backfilling: _, ...filled } = index
    return { ...filled, IndexStatus: 'ACTIVE' }
  })
}

/** Puts all items of the table into the named indexes. */
export async function fillIndexes(
  store: IndexStore,
  functions: IndexFunctions,
  table: TableRecord,
  names: readonly string[],
): Promise<void> {
  const indexes = listOf(table['GlobalSecondaryIndexes']).filter((index) => names.includes(nameOf(index)))
  const fresh = { ...table, LocalSecondaryIndexes: [], GlobalSecondaryIndexes: indexes }
  const items = store.getItemDb(table.TableName)
  for await (const seen of items.createValueStream({})) {
    const key = functions.createKey(seen, table)
    await settled((finished) =>
      items.lock(key, (release) => {
        const done = release(finished)
        items.get(key, (error, item) =>
          error || item === undefined ? done() : functions.updateIndexes(store, fresh, undefined, item, done),
        )
      }),
    )
  }
}

export const settled = (work: (done: (error?: unknown) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => work((error) => (error ? reject(error) : resolve())))
