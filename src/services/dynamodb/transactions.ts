/**
 * Transactions: all of their writes or none, and reads of one moment. A token makes a transaction that is sent again within ten
 * minutes be answered, and not done, once more.
 * Source: Amazon DynamoDB developer guide, "Managing complex workflows with DynamoDB transactions"; API reference,
 * "TransactWriteItems", "CancellationReason"; texts as DynamoDB answers them.
 */
import { createHash } from 'node:crypto'

import type { Clock } from '../../base/clock.ts'
import { getOwn, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { WireError } from '../../wire/errors.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import { checkItem } from './attribute-value.ts'
import { type Consumed, consumedCapacities, readUnits } from './capacity.ts'
import { bareName, dynamoError, validationError } from './errors.ts'
import { Substitutes } from './expression-tokens.ts'
import { type Inputs, readPaths, readWrite } from './item-input.ts'
import type { Reads } from './reads.ts'
import { keyBytesOf } from './table.ts'
import type { TableStore } from './table-store.ts'
import { checkSize, type Write, type Writes } from './writes.ts'

const TOKEN_MS = 10 * 60_000
const BYTES_MAX = 4 * 1024 * 1024

type Part = Inputs['TransactWriteItems']['TransactItems'][number]

interface TokenRow {
  readonly digest: string
  readonly output: string
}

export class Transactions {
  readonly #writes: Writes
  readonly #reads: Reads
  readonly #store: TableStore
  readonly #clock: Clock
  readonly #sql

  constructor(database: ServicesDatabase, store: TableStore, writes: Writes, reads: Reads, clock: Clock) {
    this.#store = store
    this.#writes = writes
    this.#reads = reads
    this.#clock = clock
    this.#sql = {
      find: database.prepare<[string, number], TokenRow>(
        'SELECT digest, output FROM dynamodb_token WHERE token = ? AND until > ?',
      ),
      keep: database.prepare<[string, string, string, number]>('INSERT OR REPLACE INTO dynamodb_token VALUES (?, ?, ?, ?)'),
    }
  }

  write(input: Inputs['TransactWriteItems'], given: JsonObject): JsonObject {
    const writes = input.TransactItems.map((part) => this.#writeOf(part))
    return this.carryOut(writes, { token: input.ClientRequestToken, asked: input.ReturnConsumedCapacity, given })
  }

  /** `given` is the request, which a token stands for. */
  carryOut(
    writes: readonly Write[],
    {
      token,
      asked,
      given,
    }: { readonly token: string | undefined; readonly asked: string | undefined; readonly given: JsonObject },
  ): JsonObject {
    checkDistinct(writes)
    checkWhole(writes)
    const { ClientRequestToken: _, ReturnConsumedCapacity: __, ...request } = given
    const digest = createHash('sha256').update(stableJson(request)).digest('hex')
    const known = token === undefined ? undefined : this.#sql.find.get(token, this.#clock.now())
    if (known) {
      if (known.digest !== digest)
        throw dynamoError(
          'IdempotentParameterMismatchException',
          'The provided parameters do not match the parameters of the original request with this client token',
        )
      return JSON.parse(known.output) as JsonObject
    }
    return this.#store.transaction(() => {
      const consumed = this.#carryOut(writes)
      const output = consumedCapacities(asked, consumed)
      if (token !== undefined) this.#sql.keep.run(token, digest, JSON.stringify(output), this.#clock.now() + TOKEN_MS)
      return output
    })
  }

  /** Throws TransactionCanceledException with a reason for each write. */
  #carryOut(writes: readonly Write[]): readonly Consumed[] {
    const reasons: JsonObject[] = []
    const consumed: Consumed[] = []
    for (const write of writes) {
      try {
        const { units } = this.#writes.carryOut(write)
        consumed.push({ table: write.table.name, units: units * 2 })
        reasons.push({ Code: 'None' })
      } catch (error) {
        reasons.push(reasonOf(error))
      }
    }
    if (reasons.every(({ Code }) => Code === 'None')) {
      this.#writes.noteExpiry(writes)
      return consumed
    }
    throw cancelled(reasons)
  }

  #writeOf(part: Part): Write {
    const { ConditionCheck, Put, Delete, Update } = part
    if ([ConditionCheck, Put, Delete, Update].filter((one) => one !== undefined).length !== 1)
      throw validationError('TransactItems can only contain one of Check, Put, Update or Delete')
    if (Put) {
      const item = checkItem(Put.Item)
      checkSize(item)
      return this.#writes.putOf(Put.TableName, item, readWrite(Put).condition, Put.ReturnValuesOnConditionCheckFailure)
    }
    if (Update) {
      const { condition, update = [] } = readWrite(Update)
      const key = checkItem(Update.Key)
      return this.#writes.updateOf(Update.TableName, key, update, condition, Update.ReturnValuesOnConditionCheckFailure)
    }
    const keyed = ConditionCheck ?? Delete
    if (!keyed) throw validationError('TransactItems can only contain one of Check, Put, Update or Delete')
    const { TableName, Key, ReturnValuesOnConditionCheckFailure: onFailure } = keyed
    const { condition } = readWrite(keyed)
    return this.#writes.keyedOf(ConditionCheck ? 'check' : 'delete', TableName, checkItem(Key), condition, onFailure)
  }

  get({ TransactItems, ReturnConsumedCapacity }: Inputs['TransactGetItems']): JsonObject {
    const found = TransactItems.map(({ Get }) => {
      const substitutes = new Substitutes(Get.ExpressionAttributeNames, undefined)
      const paths = readPaths(Get, substitutes)
      substitutes.checkUsed()
      return this.#reads.getOne(Get.TableName, checkItem(Get.Key), paths)
    })
    const places = found.map(({ table }, at) => placeOf(table, checkItem(TransactItems[at]?.Get.Key ?? {})))
    if (new Set(places).size < places.length) throw validationError(SAME_ITEM)
    const consumed = found.map(({ table, bytes }) => ({ table: table.name, units: readUnits(bytes, true) * 2 }))
    return { Responses: found.map(({ item }) => item), ...consumedCapacities(ReturnConsumedCapacity, consumed) }
  }
}

const SAME_ITEM = 'Transaction request cannot include multiple operations on one item'

function placeOf(table: Write['table'], key: Write['key']): string {
  const { hash, range } = keyBytesOf(table, key)
  return `${table.id}/${hash.toString('hex')}/${range.toString('hex')}`
}

function checkDistinct(writes: readonly Write[]): void {
  const places = writes.map(({ table, key }) => placeOf(table, key))
  if (new Set(places).size < places.length) throw validationError(SAME_ITEM)
}

function checkWhole(writes: readonly Write[]): void {
  const bytes = writes.reduce((sum, write) => sum + (write.kind === 'put' ? JSON.stringify(write.item).length : 0), 0)
  if (bytes > BYTES_MAX) throw validationError('Transaction request cannot be larger than 4 MB')
}

/** What a write failed of; errors that are none of the request's are thrown on. */
function reasonOf(error: unknown): JsonObject {
  if (!(error instanceof WireError) || error.status >= 500) throw error
  const name = bareName(error)
  const Item: Json | undefined = getOwn(error.detail, 'Item')
  if (name === 'ConditionalCheckFailedException')
    return { Code: 'ConditionalCheckFailed', Message: error.message, ...(Item !== undefined && { Item }) }
  return { Code: name === 'ValidationException' ? 'ValidationError' : name, Message: error.message }
}

export const cancelled = (CancellationReasons: readonly JsonObject[]): WireError =>
  dynamoError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${CancellationReasons.map(({ Code }) => String(Code)).join(', ')}]`,
    { CancellationReasons },
  )
