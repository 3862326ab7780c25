/**
 * Operations that write items. Each is one transaction: the condition is asked, and the item, its entries and its record in the
 * stream are written, or nothing is.
 * Source: Amazon DynamoDB API reference; texts as DynamoDB answers them.
 */
import type { JsonObject } from '../../base/json.ts'

import { checkItem, type Item, itemBytes } from './attribute-value.ts'
import { consumedCapacities, consumedCapacity, writeUnits } from './capacity.ts'
import { type Condition, isMet, pathsIn } from './condition.ts'
import { project } from './document-path.ts'
import { conditionFailed, invalidValues, resourceNotFound, validationError } from './errors.ts'
import { checkKinds, type Inputs, readAttributeUpdates, readExpected, readWrite } from './item-input.ts'
import type { ItemStore, StoredItem } from './item-store.ts'
import { checkIndexKeys, checkKey, checkKeysOf, checkNestedPaths, keyBytesOf, keyNames, type Table } from './table.ts'
import type { TableStore } from './table-store.ts'
import { type UpdateAction, updated } from './update.ts'

/** What becomes of one item, checked as far as it can be without looking at it. */
export type Write = {
  readonly table: Table
  /** Of the item that is written. */
  readonly key: Item
  readonly condition: Condition | undefined
  /** Whether the item is told where the condition fails. */
  readonly isOldTold: boolean
} & (
  | { readonly kind: 'put'; readonly item: Item }
  | { readonly kind: 'delete' | 'check' }
  | { readonly kind: 'update'; readonly actions: readonly UpdateAction[] }
)

export interface Written {
  readonly before: Item | undefined
  readonly after: Item | undefined
  readonly units: number
}

const ITEM_BYTES_MAX = 400 * 1024
const BATCH_MAX = 25

export class Writes {
  readonly #store: TableStore
  readonly #items: ItemStore
  readonly #expectExpiry: () => void

  constructor(store: TableStore, items: ItemStore, expectExpiry: () => void) {
    this.#store = store
    this.#items = items
    this.#expectExpiry = expectExpiry
  }

  /** Throws ResourceNotFoundException. */
  require(name: string): Table {
    const table = this.#store.find(name)
    if (!table) throw resourceNotFound()
    return table
  }

  put(input: Inputs['PutItem']): JsonObject {
    checkKinds(input, ['ConditionExpression'], ['Expected', 'ConditionalOperator'])
    const item = checkItem(input.Item)
    checkReturned(input.ReturnValues)
    checkSize(item)
    const older = readExpected(input.Expected, input.ConditionalOperator)
    const condition = readWrite(input).condition ?? older
    const write = this.putOf(input.TableName, item, condition, input.ReturnValuesOnConditionCheckFailure)
    return answerOf(input, write.table, this.#commit(write), undefined)
  }

  delete(input: Inputs['DeleteItem']): JsonObject {
    checkKinds(input, ['ConditionExpression'], ['Expected', 'ConditionalOperator'])
    const key = checkItem(input.Key)
    checkReturned(input.ReturnValues)
    const older = readExpected(input.Expected, input.ConditionalOperator)
    const condition = readWrite(input).condition ?? older
    const write = this.keyedOf('delete', input.TableName, key, condition, input.ReturnValuesOnConditionCheckFailure)
    return answerOf(input, write.table, this.#commit(write), undefined)
  }

  update(input: Inputs['UpdateItem']): JsonObject {
    checkKinds(input, ['UpdateExpression', 'ConditionExpression'], ['AttributeUpdates', 'Expected', 'ConditionalOperator'])
    const key = checkItem(input.Key)
    const actions = readAttributeUpdates(input.AttributeUpdates)
    const older = readExpected(input.Expected, input.ConditionalOperator)
    const read = readWrite(input)
    const wanted = read.update ?? actions
    const failure = input.ReturnValuesOnConditionCheckFailure
    const write = this.updateOf(input.TableName, key, wanted, read.condition ?? older, failure)
    return answerOf(input, write.table, this.#commit(write), wanted)
  }

  // ---- writes, checked

  putOf(table: string, item: Item, condition: Condition | undefined, onFailure: string | undefined): Write {
    const found = this.require(table)
    checkKeysOf(found, item)
    if (condition) checkNestedPaths(found, pathsIn(condition))
    return { kind: 'put', table: found, key: item, item, condition, isOldTold: onFailure === 'ALL_OLD' }
  }

  keyedOf(
    kind: 'delete' | 'check',
    table: string,
    key: Item,
    condition: Condition | undefined,
    onFailure: string | undefined,
  ): Write {
    const found = this.require(table)
    checkKey(found, key)
    if (condition) checkNestedPaths(found, pathsIn(condition))
    return { kind, table: found, key, condition, isOldTold: onFailure === 'ALL_OLD' }
  }

  updateOf(
    table: string,
    key: Item,
    actions: readonly UpdateAction[],
    condition: Condition | undefined,
    onFailure: string | undefined,
  ): Write {
    const found = this.require(table)
    checkKey(found, key)
    const keys = keyNames(found)
    const changed = actions.map(({ path }) => path[0]).find((name) => keys.includes(name))
    if (changed !== undefined) throw invalidValues(`Cannot update attribute ${changed}. This attribute is part of the key`)
    checkNestedPaths(found, [...actions.map(({ path }) => path), ...(condition ? pathsIn(condition) : [])])
    return { kind: 'update', table: found, key, actions, condition, isOldTold: onFailure === 'ALL_OLD' }
  }

  /** Each write by itself is all or nothing; together they are in one transaction. */
  commitAll(writes: readonly Write[]): readonly Written[] {
    const written = this.#store.transaction(() => writes.map((write) => this.carryOut(write)))
    this.noteExpiry(writes)
    return written
  }

  /** What was written may be over some time. */
  noteExpiry(writes: readonly Write[]): void {
    if (writes.some(({ table }) => table.record.expiry !== undefined)) this.#expectExpiry()
  }

  #commit(write: Write): Written {
    const [written] = this.commitAll([write])
    if (!written) throw new Error('nothing was written')
    return written
  }

  /** Inside a transaction. Throws ConditionalCheckFailedException or ValidationException, and then has written nothing. */
  carryOut(write: Write): Written {
    const { table, key, condition } = write
    const place = keyBytesOf(table, key)
    const before = this.#items.get(table, place)
    if (condition && !isMet(condition, before?.item ?? {}))
      throw conditionFailed(write.isOldTold && before ? before.item : undefined)
    const after = afterOf(write, before)
    if (write.kind !== 'check' && (before || after)) this.#items.write(table, place, before, after)
    const bytes = Math.max(before?.bytes ?? 0, after ? itemBytes(after) : 0)
    return { before: before?.item, after, units: writeUnits(bytes) }
  }

  // ---- batches

  batch({ RequestItems, ReturnConsumedCapacity }: Inputs['BatchWriteItem']): JsonObject {
    const requests = Object.entries(RequestItems)
    const count = requests.reduce((sum, [, all]) => sum + all.length, 0)
    if (count > BATCH_MAX)
      throw validationError(
        `1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to ${BATCH_MAX}, Member must have length greater than or equal to 1]`,
      )
    const seen = new Set<string>()
    const writes = requests.flatMap(([name, all]) =>
      all.map(({ PutRequest, DeleteRequest }) => {
        if ((PutRequest === undefined) === (DeleteRequest === undefined))
          throw validationError(
            'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
          )
        const write = this.#batched(name, PutRequest?.Item, DeleteRequest?.Key)
        const { hash, range } = keyBytesOf(write.table, write.key)
        const place = `${name}/${hash.toString('hex')}/${range.toString('hex')}`
        if (seen.has(place)) throw validationError('Provided list of item keys contains duplicates')
        seen.add(place)
        return write
      }),
    )
    const written = this.commitAll(writes)
    const consumed = writes.map(({ table }, at) => ({ table: table.name, units: written[at]?.units ?? 0 }))
    return { UnprocessedItems: {}, ...consumedCapacities(ReturnConsumedCapacity, consumed) }
  }

  #batched(table: string, given: Item | undefined, key: Item | undefined): Write {
    if (!given) return this.keyedOf('delete', table, checkItem(key ?? {}), undefined, undefined)
    const item = checkItem(given)
    checkSize(item)
    return this.putOf(table, item, undefined, undefined)
  }
}

function afterOf(write: Write, before: StoredItem | undefined): Item | undefined {
  switch (write.kind) {
    case 'put':
      return write.item
    case 'delete':
      return undefined
    case 'check':
      return before?.item
    case 'update': {
      const after = updated(before?.item ?? write.key, write.actions)
      if (itemBytes(after) > ITEM_BYTES_MAX) throw validationError('Item size to update has exceeded the maximum allowed size')
      checkIndexKeys(write.table, after)
      return after
    }
  }
}

export function checkSize(item: Item): void {
  if (itemBytes(item) > ITEM_BYTES_MAX) throw validationError('Item size has exceeded the maximum allowed size')
}

function checkReturned(returned: string | undefined): void {
  if (returned !== undefined && returned !== 'ALL_OLD' && returned !== 'NONE')
    throw validationError('ReturnValues can only be ALL_OLD or NONE')
}

function answerOf(
  { ReturnValues, ReturnConsumedCapacity }: Pick<Inputs['UpdateItem'], 'ReturnValues' | 'ReturnConsumedCapacity'>,
  { name }: Table,
  { before, after, units }: Written,
  actions: readonly UpdateAction[] | undefined,
): JsonObject {
  const paths = (actions ?? []).map(({ path }) => path)
  const shown: Record<string, Item | undefined> = {
    ALL_OLD: before,
    ALL_NEW: after,
    UPDATED_OLD: before && project(before, paths),
    UPDATED_NEW: after && project(after, paths),
  }
  const attributes = shown[ReturnValues ?? 'NONE']
  const isShown = attributes !== undefined && Object.keys(attributes).length > 0
  return {
    ...(isShown && { Attributes: attributes }),
    ...consumedCapacity(ReturnConsumedCapacity, { table: name, units }),
  }
}
