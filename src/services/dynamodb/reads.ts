/**
 * Operations that read items.
 * Source: Amazon DynamoDB API reference, "GetItem", "BatchGetItem", "Query", "Scan"; texts as DynamoDB answers them.
 */
import type { JsonObject } from '../../base/json.ts'

import { checkItem, type Item, typeOf } from './attribute-value.ts'
import { consumedCapacities, consumedCapacity, readUnits } from './capacity.ts'
import { type Condition, conjuncts, equalityOf, isMet, pathsIn, readCondition } from './condition.ts'
import { project } from './document-path.ts'
import { resourceNotFound, validationError } from './errors.ts'
import { type Path, Substitutes } from './expression-tokens.ts'
import { checkKinds, type Inputs, joined, readPaths, readStartKey, readTests } from './item-input.ts'
import { type EntryPlace, type ItemStore, LAST_KEY, type StoredItem } from './item-store.ts'
import { NO_RANGE, partitionBytes, segmentStart } from './key-bytes.ts'
import { boundsOf, checkKeyTests, checkStartsWithin, keyTestsOf, type Stretch } from './key-condition.ts'
import {
  checkKey,
  checkKeyPiece,
  checkNestedPaths,
  type Index,
  keyAttributes,
  keyBytesOf,
  keyNames,
  type KeySchema,
  projectedItem,
  type Table,
} from './table.ts'
import type { TableStore } from './table-store.ts'

const PAGE_BYTES_MAX = 1024 * 1024
const BATCH_BYTES_MAX = 16 * 1024 * 1024
const BATCH_MAX = 100

/** One page of a query or a scan. */
interface PageRequest {
  readonly table: Table
  readonly index: Index | undefined
  readonly rows: Iterable<StoredItem>
  readonly filter: Condition | undefined
  readonly paths: readonly Path[] | undefined
  readonly input: Pick<Inputs['Query'], 'Limit' | 'Select' | 'ReturnConsumedCapacity' | 'ConsistentRead'>
}

export interface SelectRequest {
  readonly TableName: string
  readonly IndexName: string | undefined
  readonly ConsistentRead: boolean | undefined
  readonly condition: Condition | undefined
  readonly paths: readonly Path[] | undefined
  readonly limit: number | undefined
  readonly start: Item | undefined
  readonly order: { readonly path: Path; readonly isDown: boolean } | undefined
}

export interface SelectedPage {
  readonly items: readonly Item[]
  readonly last: Item | undefined
  readonly units: number
}

export class Reads {
  readonly #store: TableStore
  readonly #items: ItemStore

  constructor(store: TableStore, items: ItemStore) {
    this.#store = store
    this.#items = items
  }

  #require(name: string): Table {
    const table = this.#store.find(name)
    if (!table) throw resourceNotFound()
    return table
  }

  get(input: Inputs['GetItem']): JsonObject {
    checkKinds(input, ['ProjectionExpression'], ['AttributesToGet'])
    const key = checkItem(input.Key)
    const substitutes = new Substitutes(input.ExpressionAttributeNames, undefined)
    const paths = readPaths(input, substitutes)
    substitutes.checkUsed()
    const table = this.#require(input.TableName)
    const { item, bytes } = this.#getOne(table, key, paths)
    const units = readUnits(bytes, input.ConsistentRead === true)
    return { ...item, ...consumedCapacity(input.ReturnConsumedCapacity, { table: table.name, units }) }
  }

  /** For transactions too. */
  getOne(tableName: string, key: Item, paths: readonly Path[] | undefined) {
    const table = this.#require(tableName)
    return { table, ...this.#getOne(table, key, paths) }
  }

  #getOne(table: Table, key: Item, paths: readonly Path[] | undefined): { readonly item: JsonObject; readonly bytes: number } {
    checkKey(table, key)
    if (paths) checkNestedPaths(table, paths)
    const found = this.#items.get(table, keyBytesOf(table, key))
    const Item = found && (paths ? project(found.item, paths) : found.item)
    return { item: Item ? { Item } : {}, bytes: found?.bytes ?? 0 }
  }

  batchGet({ RequestItems, ReturnConsumedCapacity }: Inputs['BatchGetItem']): JsonObject {
    const requests = Object.entries(RequestItems).map(([name, request]) => {
      checkKinds(request, ['ProjectionExpression'], ['AttributesToGet'])
      const substitutes = new Substitutes(request.ExpressionAttributeNames, undefined)
      const paths = readPaths(request, substitutes)
      substitutes.checkUsed()
      return { name, request, paths, keys: request.Keys.map((key) => checkItem(key)) }
    })
    if (requests.reduce((sum, { keys }) => sum + keys.length, 0) > BATCH_MAX)
      throw validationError('Too many items requested for the BatchGetItem call')
    const Responses: Record<string, Item[]> = {}
    const UnprocessedKeys: Record<string, JsonObject> = {}
    const consumed: { table: string; units: number }[] = []
    let bytesSoFar = 0
    for (const { name, request, paths, keys } of requests) {
      const table = this.#require(name)
      checkDistinct(table, keys)
      const found: Item[] = []
      const left: Item[] = []
      for (const key of keys) {
        const { item, bytes } = this.#getOne(table, key, paths)
        if (bytesSoFar + bytes > BATCH_BYTES_MAX) {
          left.push(key)
          continue
        }
        bytesSoFar += bytes
        consumed.push({ table: name, units: readUnits(bytes, request.ConsistentRead === true) })
        if (item['Item'] !== undefined) found.push(item['Item'] as Item)
      }
      Responses[name] = found
      if (left.length > 0) UnprocessedKeys[name] = { ...(request as unknown as JsonObject), Keys: left }
    }
    return { Responses, UnprocessedKeys, ...consumedCapacities(ReturnConsumedCapacity, consumed) }
  }

  query(input: Inputs['Query']): JsonObject {
    const others = ['AttributesToGet', 'QueryFilter', 'ConditionalOperator', 'KeyConditions']
    const isMixed = input.KeyConditions !== undefined && input.KeyConditionExpression === undefined
    checkKinds(
      input,
      ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'],
      isMixed ? others.filter((name) => name !== 'KeyConditions') : others,
    )
    const tests = readTests(input.QueryFilter)
    const start = readStartKey(input.ExclusiveStartKey)
    if (input.KeyConditions === undefined && input.KeyConditionExpression === undefined)
      throw validationError('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.')
    const substitutes = new Substitutes(input.ExpressionAttributeNames, input.ExpressionAttributeValues)
    const keyTests =
      input.KeyConditionExpression === undefined
        ? new Map(readTests(input.KeyConditions).map((test) => [test.name, test] as const))
        : keyTestsOf(readCondition('KeyConditionExpression', input.KeyConditionExpression, substitutes))
    const filter = readFilter(input.FilterExpression, substitutes) ?? joined(tests, input.ConditionalOperator)
    const paths = readPaths(input, substitutes)
    substitutes.checkUsed()
    if (keyTests.size !== 1 && keyTests.size !== 2) throw validationError('Conditions can be of length 1 or 2 only')

    const table = this.#require(input.TableName)
    const index = findIndex(table, input)
    const keys: KeySchema = index ?? table
    const stretch = checkKeyTests(keys, keyTests)
    const from = start && placeOf(table, index, start, 'The provided starting key is invalid')
    if (start) checkStartsWithin(keys, keyTests, start)
    checkFilter(keys, filter, input.QueryFilter ? 'QueryFilter' : 'Filter Expression')
    checkRead(table, index, paths, filter, input)
    const isForward = input.ScanIndexForward !== false
    const rows = this.#rowsOf(table, index, stretch, { isForward, from })
    return this.#page({ table, index, rows, filter, paths, input })
  }

  #rowsOf(
    table: Table,
    index: Index | undefined,
    { hash, range }: Stretch,
    { isForward, from }: { readonly isForward: boolean; readonly from: EntryPlace | undefined },
  ): Iterable<StoredItem> {
    const partition = partitionBytes(hash)
    const bounds = boundsOf(range)
    if (index) return this.#items.queryIndex(table, { index, hash: partition, bounds, isForward, from })
    if (!from) return this.#items.query(table, partition, bounds, isForward)
    const at = from.item.range
    const rest = isForward
      ? { ...bounds, lower: later(bounds.lower, Buffer.concat([at, Buffer.of(0)])) }
      : { ...bounds, upper: Buffer.compare(at, bounds.upper) < 0 ? at : bounds.upper }
    return this.#items.query(table, partition, rest, isForward)
  }

  scan(input: Inputs['Scan']): JsonObject {
    checkKinds(input, ['ProjectionExpression', 'FilterExpression'], ['AttributesToGet', 'ScanFilter', 'ConditionalOperator'])
    const tests = readTests(input.ScanFilter)
    const start = readStartKey(input.ExclusiveStartKey)
    const { segment, total } = checkSegments(input)
    const substitutes = new Substitutes(input.ExpressionAttributeNames, input.ExpressionAttributeValues)
    const filter = readFilter(input.FilterExpression, substitutes) ?? joined(tests, input.ConditionalOperator)
    const paths = readPaths(input, substitutes)
    substitutes.checkUsed()
    const table = this.#require(input.TableName)
    const index = findIndex(table, input)
    const told = 'The provided starting key is invalid'
    const mismatch = `${told}: The provided key element does not match the schema`
    const from = start && placeOf(table, index, start, index ? told : mismatch)
    checkRead(table, index, paths, filter, input)
    const [first, until] = [segmentStart(segment, total) ?? LAST_KEY, segmentStart(segment + 1, total) ?? LAST_KEY]
    const started = from && (index ? from.entry : from.item).hash
    if (started && (Buffer.compare(started, first) < 0 || Buffer.compare(started, until) >= 0))
      throw validationError(
        `${told}: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${total} Segment: ${segment}`,
      )
    const beginning = { hash: first, range: NO_RANGE }
    const rows = index
      ? this.#items.scanIndex(table, index, from ?? { entry: beginning, item: beginning }, until)
      : this.#items.scan(table, from?.item ?? beginning, until)
    return this.#page({ table, index, rows, filter, paths, input })
  }

  /** For PartiQL: a query where the condition names a partition, else a scan. */
  select({ TableName, IndexName, ConsistentRead, condition, paths, limit, start, order }: SelectRequest): SelectedPage {
    const table = this.#require(TableName)
    const index = findIndex(table, { IndexName, ConsistentRead })
    checkRead(table, index, paths, condition, { Select: undefined })
    const keys: KeySchema = index ?? table
    const hash = conjuncts(condition)
      .map(equalityOf)
      .find((test) => test?.name === keys.hash.name && typeOf(test.value) === keys.hash.type)?.value
    if (order && (hash === undefined || (order.path[0] !== keys.range?.name && order.path[0] !== keys.hash.name)))
      throw validationError('Must have WHERE clause in the statement when using ORDER BY clause.')
    const from = start && placeOf(table, index, start, 'Invalid NextToken')
    const beginning = { hash: NO_RANGE, range: NO_RANGE }
    const isForward = order?.isDown !== true
    const rows = hash
      ? this.#rowsOf(table, index, { hash, range: undefined }, { isForward, from })
      : index
        ? this.#items.scanIndex(table, index, from ?? { entry: beginning, item: beginning }, LAST_KEY)
        : this.#items.scan(table, from?.item ?? beginning, LAST_KEY)
    const input = { Limit: limit, Select: undefined, ReturnConsumedCapacity: undefined, ConsistentRead }
    const page = this.#page({ table, index, rows, filter: condition, paths, input })
    return {
      items: page['Items'] as readonly Item[],
      last: page['LastEvaluatedKey'] as Item | undefined,
      units: readUnits(0, ConsistentRead === true),
    }
  }

  #page({ table, index, rows, filter, paths, input }: PageRequest): JsonObject {
    const { Limit = Number.POSITIVE_INFINITY, Select, ReturnConsumedCapacity, ConsistentRead } = input
    const isWhole = !index || index.projected === 'ALL' || (Select === 'ALL_ATTRIBUTES' && !index.isGlobal)
    const Items: Item[] = []
    let [count, bytes, scanned] = [0, 0, 0]
    let last: Item | undefined
    for (const { item, bytes: size } of rows) {
      scanned++
      bytes += size
      last = item
      const shown = isWhole ? item : projectedItem(table, index, item)
      if (!filter || isMet(filter, shown)) {
        count++
        if (Select !== 'COUNT') Items.push(paths ? project(shown, paths) : shown)
      }
      if (scanned >= Limit || bytes >= PAGE_BYTES_MAX) break
    }
    const isCut = last !== undefined && (scanned >= Limit || bytes >= PAGE_BYTES_MAX)
    const names = new Set([...keyNames(table), ...(index ? keyNames(index) : [])])
    const units = Math.max(0.5, readUnits(bytes, ConsistentRead === true))
    return {
      ...(Select !== 'COUNT' && { Items }),
      Count: count,
      ScannedCount: scanned,
      ...(isCut && last && { LastEvaluatedKey: Object.fromEntries(Object.entries(last).filter(([name]) => names.has(name))) }),
      ...consumedCapacity(ReturnConsumedCapacity, { table: table.name, units, index }),
    }
  }
}

const later = (a: Buffer, b: Buffer): Buffer => (Buffer.compare(a, b) < 0 ? b : a)

const readFilter = (text: string | undefined, substitutes: Substitutes): Condition | undefined =>
  text === undefined ? undefined : readCondition('FilterExpression', text, substitutes)

function findIndex(table: Table, { IndexName, ConsistentRead }: Pick<Inputs['Query'], 'IndexName' | 'ConsistentRead'>) {
  if (IndexName === undefined) return undefined
  const index = table.indexes.find(({ name }) => name === IndexName)
  if (!index) throw validationError(`The table does not have the specified index: ${IndexName}`)
  if (index.isGlobal && ConsistentRead === true)
    throw validationError('Consistent reads are not supported on global secondary indexes')
  if (index.isFilling) throw validationError(`Cannot read from backfilling global secondary index: ${IndexName}`)
  return index
}

/** Where a page begins: the keys of the table and of the index, and nothing else. */
function placeOf(table: Table, index: Index | undefined, start: Item, told: string): EntryPlace {
  const names = new Set([...keyNames(table), ...(index ? keyNames(index) : [])])
  if (Object.keys(start).length !== names.size || !Object.keys(start).every((name) => names.has(name)))
    throw validationError(told)
  for (const schema of index ? [index, table] : [table])
    for (const attribute of keyAttributes(schema)) checkStartPiece(start, attribute, attribute === schema.hash)
  const item = keyBytesOf(table, start)
  return { item, entry: index ? keyBytesOf(index, start) : item }
}

function checkStartPiece(start: Item, attribute: Parameters<typeof checkKeyPiece>[1], isHash: boolean): void {
  try {
    checkKeyPiece(start, attribute, isHash)
  } catch (error) {
    throw error instanceof Error ? validationError(`The provided starting key is invalid: ${error.message}`) : error
  }
}

function checkFilter(keys: KeySchema, filter: Condition | undefined, called: string): void {
  const named = new Set((filter ? pathsIn(filter) : []).map(([name]) => name))
  const key = keyNames(keys).find((name) => named.has(name))
  if (key === undefined) return
  throw validationError(`${called} can only contain non-primary key attributes: Primary key attribute: ${key}`)
}

function checkRead(
  table: Table,
  index: Index | undefined,
  paths: readonly Path[] | undefined,
  filter: Condition | undefined,
  { Select }: Pick<Inputs['Query'], 'Select'>,
): void {
  if (paths && Select !== undefined && Select !== 'SPECIFIC_ATTRIBUTES')
    throw validationError(`Cannot specify the AttributesToGet when choosing to get ${Select}`)
  if (!paths && Select === 'SPECIFIC_ATTRIBUTES')
    throw validationError(
      'One or more parameter values were invalid: Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    )
  if (!index && Select === 'ALL_PROJECTED_ATTRIBUTES')
    throw validationError('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName')
  if (index?.isGlobal === true && Select === 'ALL_ATTRIBUTES' && index.projected !== 'ALL')
    throw validationError(
      `One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    )
  checkNestedPaths(table, [...(paths ?? []), ...(filter ? pathsIn(filter) : [])])
}

function checkSegments({ Segment, TotalSegments }: Pick<Inputs['Scan'], 'Segment' | 'TotalSegments'>) {
  if (Segment !== undefined && TotalSegments === undefined)
    throw validationError(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    )
  if (TotalSegments !== undefined && Segment === undefined)
    throw validationError(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    )
  const [segment, total] = [Segment ?? 0, TotalSegments ?? 1]
  if (segment >= total)
    throw validationError(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${total}`,
    )
  return { segment, total }
}

function checkDistinct(table: Table, keys: readonly Item[]): void {
  const seen = new Set<string>()
  for (const key of keys) {
    const { hash, range } = keyBytesOf(table, key)
    const place = `${hash.toString('hex')}/${range.toString('hex')}`
    if (seen.has(place)) throw validationError('Provided list of item keys contains duplicates')
    seen.add(place)
  }
}
