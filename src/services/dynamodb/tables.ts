/**
 * Tables with what dynalite does not know of them: settings, and secondary indexes that come and go.
 * 1. dynalite writes a record that is not ACTIVE once more, behind its answer and without the lock: a record is changed when it is
 *    ACTIVE, under the table's lock.
 * 2. Which tables have indexes to fill is kept beside them, until they are filled or gone: the next process goes on.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

import {
  applyIndexChanges,
  fillIndexes,
  type IndexFunctions,
  type IndexStore,
  indexChangesOf,
  isChanging,
  type ItemDb,
  markFilled,
  nameOf,
  settled,
  unfilledIndexes,
  withoutIndexChanges,
} from './secondary-indexes.ts'
import {
  applySettings,
  checkSettings,
  checkUnprotected,
  hasSettings,
  type TableRecord,
  withoutSettings,
} from './table-settings.ts'

/** As much of dynalite's store as tables take. */
export interface TableStore extends IndexStore {
  readonly tableDb: {
    put(name: string, table: JsonObject, done: (error?: unknown) => void): void
    lock(name: string, isLocked: (release: (done: () => void) => () => void) => void): void
  }
  getTable(name: string, isChecked: boolean, done: (error: unknown, table?: TableRecord) => void): void
}

/** An operation as dynalite does it. */
export type Run = (operation: string, input: JsonObject) => Promise<JsonObject>
type Operation = (input: JsonObject) => Promise<JsonObject>

/** dynalite takes no more than some milliseconds for a table; after this time it must have been lost over it. */
const ACTIVE_TRIES = 100
const TRY_MS = 10

export class Tables {
  readonly #store: TableStore
  readonly #functions: IndexFunctions
  readonly #run: Run
  /** Names of the tables whose indexes are being filled. No table can have such a name as this. */
  readonly #filling: ItemDb
  /** Those that are ours, by their names. */
  readonly operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
    ['CreateTable', (input) => this.#create(input)],
    ['UpdateTable', (input) => this.#update(input)],
    ['DeleteTable', (input) => this.#delete(input)],
  ])

  constructor(store: TableStore, functions: IndexFunctions, run: Run) {
    this.#store = store
    this.#functions = functions
    this.#run = run
    this.#filling = store.getItemDb('!filling')
  }

  /** Goes on with what an earlier process has not filled. */
  async resume(): Promise<void> {
    for await (const { name } of this.#filling.createValueStream({})) this.#fillLater(String(name))
  }

  /** Rejects with dynalite's error where there is none. */
  read(name: string): Promise<TableRecord> {
    return new Promise((resolve, reject) => {
      this.#store.getTable(name, false, (error, table) => (error || !table ? reject(error) : resolve(table)))
    })
  }

  async #create(input: JsonObject): Promise<JsonObject> {
    checkSettings(input)
    await this.#run('CreateTable', input)
    const made = await this.#changeActive(String(input['TableName']), (table) => {
      applySettings(table, input, Date.now())
      return this.#write(table)
    })
    return { TableDescription: { ...made, TableStatus: 'CREATING' } }
  }

  async #update(input: JsonObject): Promise<JsonObject> {
    checkSettings(input)
    const changes = indexChangesOf(input)
    const isOurs = hasSettings(input) || changes.added.length + changes.removed.length > 0
    if (!isOurs) return this.#run('UpdateTable', input)
    const name = String(input['TableName'])
    const change = async (table: TableRecord) => {
      applyIndexChanges(table, input, changes)
      applySettings(table, input, Date.now())
      // Of an earlier index of that name something may be left where a process died over it.
      for (const index of changes.added) await this.#empty(name, nameOf(index))
      if (changes.added.length > 0) await settled((done) => this.#filling.put(name, { name }, done))
      await this.#write(table)
    }
    const rest = withoutSettings(withoutIndexChanges(input))
    if (Object.keys(rest).length > 1) await this.#run('UpdateTable', rest)
    const changed = await this.#changeActive(name, change)
    for (const index of changes.removed) await this.#empty(name, index)
    this.#fillLater(name)
    return { TableDescription: changed }
  }

  async #delete(input: JsonObject): Promise<JsonObject> {
    const name = input['TableName']
    if (typeof name !== 'string') return this.#run('DeleteTable', input)
    checkUnprotected(await this.read(name))
    const output = await this.#run('DeleteTable', input)
    await settled((done) => this.#filling.del(name, done))
    return output
  }

  #empty(table: string, index: string): Promise<void> {
    return settled((done) => this.#store.deleteIndexDb('Global', table, index, done))
  }

  /** Behind the answer. What is not filled, because the files failed or are being closed, is filled when they are opened again. */
  #fillLater(name: string): void {
    this.#fill(name).catch(() => {})
  }

  async #fill(name: string): Promise<void> {
    const table = await this.read(name)
    const names = unfilledIndexes(table)
    if (names.length === 0) return
    await fillIndexes(this.#store, this.#functions, table, names)
    await this.#changeActive(name, async (now) => {
      markFilled(now, names)
      await this.#write(now)
      if (unfilledIndexes(now).length === 0) await settled((done) => this.#filling.del(name, done))
    })
  }

  /** Rejects with ResourceInUseException where the table does not become active. */
  async #changeActive(name: string, change: (table: TableRecord) => Promise<void>): Promise<TableRecord> {
    for (let tries = 0; tries < ACTIVE_TRIES; tries++) {
      if (tries > 0) await sleep(TRY_MS)
      const changed = await this.#locked(name, async () => {
        const table = await this.read(name)
        if (isChanging(table)) return undefined
        await change(table)
        return table
      })
      if (changed) return changed
    }
    const message = `Attempt to change a resource which is still in use: Table is being updated: ${name}`
    throw new WireError(400, 'com.amazonaws.dynamodb.v20120810#ResourceInUseException', message)
  }

  async #locked<T>(name: string, work: () => Promise<T>): Promise<T> {
    const release = await new Promise<() => void>((resolve) => {
      this.#store.tableDb.lock(name, (released) => resolve(released(() => {})))
    })
    return await work().finally(release)
  }

  #write(table: TableRecord): Promise<void> {
    return settled((done) => this.#store.tableDb.put(table.TableName, table, done))
  }
}
