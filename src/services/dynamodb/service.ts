/**
 * DynamoDB without HTTP: makes its parts, and finds the operation by its name. All of it is synchronous: an operation is one
 * transaction of the database, and nothing runs in between.
 */
import type { JsonObject } from '../../base/json.ts'

import { applySchema } from '../kit/database.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import { Chores } from './chores.ts'
import { type Inputs, INPUTS } from './item-input.ts'
import { ItemStore } from './item-store.ts'
import { hasLevelTables, importLevelTables } from './level-import.ts'
import { Partiql } from './partiql.ts'
import { Reads } from './reads.ts'
import { DYNAMODB_SCHEMA } from './schema.ts'
import { readInput } from './shapes.ts'
import { StreamRecords } from './stream-records.ts'
import { Streams } from './streams.ts'
import { Tables } from './tables.ts'
import { TableStore } from './table-store.ts'
import { Transactions } from './transactions.ts'
import { Writes } from './writes.ts'

export type DynamoDbDeps = Pick<ServiceDeps, 'database' | 'directory' | 'region' | 'account' | 'clock' | 'log' | 'endpoint'>

export type Operation = (input: JsonObject) => JsonObject

export class DynamoDbService {
  readonly operations: ReadonlyMap<string, Operation>
  readonly streamOperations: ReadonlyMap<string, Operation>
  readonly tables: TableStore
  readonly items: ItemStore
  readonly streams: StreamRecords
  /** Rejects where the tables of an earlier Regente cannot be taken over; undefined where there are none. */
  readonly ready: Promise<void> | undefined
  readonly #chores: Chores

  constructor(deps: DynamoDbDeps) {
    const { database, clock } = deps
    applySchema(database, DYNAMODB_SCHEMA)
    this.tables = new TableStore(database)
    this.streams = new StreamRecords(database, deps)
    this.items = new ItemStore(database, this.streams)
    const [store, items, streams] = [this.tables, this.items, this.streams]
    this.#chores = new Chores({ ...deps, store, items, streams })
    const chores = this.#chores
    const writes = new Writes(store, items, () => chores.expectExpiry())
    const reads = new Reads(store, items)
    const transactions = new Transactions(database, store, writes, reads, clock)
    const partiql = new Partiql({ store, items, writes, reads, transactions })
    const of =
      <O extends keyof Inputs>(operation: O, work: (input: Inputs[O], given: JsonObject) => JsonObject): Operation =>
      (given) =>
        work(readInput(INPUTS[operation], given) as Inputs[O], given)
    const onItems = {
      PutItem: of('PutItem', (input) => writes.put(input)),
      DeleteItem: of('DeleteItem', (input) => writes.delete(input)),
      UpdateItem: of('UpdateItem', (input) => writes.update(input)),
      BatchWriteItem: of('BatchWriteItem', (input) => writes.batch(input)),
      GetItem: of('GetItem', (input) => reads.get(input)),
      Query: of('Query', (input) => reads.query(input)),
      Scan: of('Scan', (input) => reads.scan(input)),
      BatchGetItem: of('BatchGetItem', (input) => reads.batchGet(input)),
      TransactWriteItems: of('TransactWriteItems', (input, given) => transactions.write(input, given)),
      TransactGetItems: of('TransactGetItems', (input) => transactions.get(input)),
    } satisfies { readonly [O in keyof Inputs]: Operation }
    this.operations = new Map([
      ...new Tables({ ...deps, store, streams, chores }).operations,
      ...Object.entries(onItems),
      ...partiql.operations,
    ])
    this.streamOperations = new Streams(streams, clock).operations
    const { directory } = deps
    if (directory === undefined || !hasLevelTables(directory)) return
    this.ready = importLevelTables(directory, { ...deps, store, items, streams, chores })
    this.ready.catch((error: unknown) => deps.log.error(error instanceof Error ? error.message : String(error), {}))
  }

  /** Carries on with what an earlier process left undone. */
  resume(): void {
    this.#chores.ring()
  }

  close(): void {
    this.#chores.close()
  }
}
