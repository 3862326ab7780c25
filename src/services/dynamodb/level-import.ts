/**
 * Takes over the tables that an earlier Regente kept with dynalite, under `DATA/dynamodb`: once, at the first start, before anything
 * is answered. A table that was taken over halfway is taken over anew; the old files go when all of them have been.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

import { getOwn, isObject, type JsonObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import { checkItem, type Item } from './attribute-value.ts'
import type { Chores } from './chores.ts'
import type { ItemStore } from './item-store.ts'
import type { FromWorker } from './level-worker.ts'
import type { StreamRecords } from './stream-records.ts'
import { keyBytesOf, listAt, type StreamView, type Table, textAt } from './table.ts'
import type { TableStore } from './table-store.ts'

export interface ImportDeps {
  readonly database: ServicesDatabase
  readonly store: TableStore
  readonly items: ItemStore
  readonly streams: StreamRecords
  readonly chores: Chores
  readonly log: Log
}

/** No table can be called so. */
const DRAFT = '!'

export const hasLevelTables = (directory: string): boolean => existsSync(join(directory, 'dynamodb', 'CURRENT'))

/** Rejects with what is wrong, and what to do about it; then nothing of the old files is changed. */
export async function importLevelTables(directory: string, deps: ImportDeps): Promise<void> {
  const path = join(directory, 'dynamodb')
  for (const name of deps.store.names('', Number.MAX_SAFE_INTEGER)) if (name.startsWith(DRAFT)) drop(deps, name)
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`./level-worker.${extension}`, import.meta.url), { workerData: path, execArgv: [] })
  let table: Table | undefined
  let count = 0
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string) => {
      void worker.terminate()
      reject(new Error(explained(path, reason)))
    }
    worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)))
    worker.on('exit', () => fail('its reader has ended'))
    worker.on('message', (message: FromWorker) => {
      try {
        if (message.kind === 'failed') return fail(message.reason)
        if (table && message.kind !== 'items') finish(deps, table)
        if (message.kind === 'end') return resolve()
        if (message.kind === 'table') table = begin(deps, message.record, message.tags)
        else if (table) count += put(deps, table, message.items)
        worker.postMessage('next')
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error))
      }
    })
  })
  // All of it is on the disk before the old files go.
  deps.database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  await rm(path, { recursive: true, force: true })
  deps.log.info('the tables of DynamoDB were taken over from dynalite', { items: count })
}

const explained = (path: string, reason: string): string =>
  `The tables that an earlier Regente kept in ${path} could not be taken over: ${reason}. Install dynalite beside Regente for one start (npm install dynalite@4), or move the folder away to begin with no tables.`

function drop({ store, chores }: ImportDeps, name: string): void {
  const table = store.find(name)
  if (!table) return
  store.transaction(() => {
    store.remove(table)
    for (const { id } of table.indexes) chores.add('dropIndex', table.id, id)
    chores.add('dropTable', table.id, 0)
  })
}

/** A table that was taken over before the process died stays as it is. */
function begin({ store }: ImportDeps, record: JsonObject, tags: Readonly<Record<string, string>>): Table | undefined {
  const name = textAt(record, 'TableName')
  if (store.find(name)) return undefined
  const { ItemCount: _, TableSizeBytes: __, ...description } = record
  const GlobalSecondaryIndexes = listAt(description, 'GlobalSecondaryIndexes').map(({ Backfilling: ___, ...index }) => ({
    ...index,
    IndexStatus: 'ACTIVE',
  }))
  const settled = {
    ...description,
    TableStatus: 'ACTIVE',
    ...(GlobalSecondaryIndexes.length > 0 && { GlobalSecondaryIndexes }),
  }
  const indexes = [...GlobalSecondaryIndexes, ...listAt(settled, 'LocalSecondaryIndexes')]
  const names = indexes.map((index) => textAt(index, 'IndexName'))
  return store.transaction(() => store.insert(`${DRAFT}${name}`, { description: settled }, names, tags))
}

function put({ store, items }: ImportDeps, table: Table, given: readonly JsonObject[]): number {
  store.transaction(() => {
    for (const one of given) {
      const item = checkItem(one as Item)
      const key = keyBytesOf(table, item)
      items.write(table, key, items.get(table, key), item)
    }
  })
  return given.length
}

/** Under its own name, and with its stream, which had no records. */
function finish({ store, streams }: ImportDeps, draft: Table): void {
  store.transaction(() => {
    const table = store.rename(draft, draft.name.slice(DRAFT.length))
    const { description } = table.record
    const specification = getOwn(description, 'StreamSpecification')
    if (!isObject(specification)) return
    const view = textAt(specification, 'StreamViewType') as StreamView
    const told = {
      StreamLabel: textAt(description, 'LatestStreamLabel'),
      StreamViewType: view,
      KeySchema: listAt(description, 'KeySchema'),
    }
    const id = streams.open(textAt(description, 'LatestStreamArn'), table.id, table.name, told)
    store.update(table, { ...table.record, stream: { id, view } })
  })
}
