/**
 * Reads the tables that an earlier Regente kept with dynalite, in a thread of its own: where LevelDB's files are damaged, its streams
 * throw where nobody can catch it, and that ends the thread. One message for each table, then for pieces of its items; the next one
 * goes when the last was taken.
 */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

import type { JsonObject } from '../../base/json.ts'

export type FromWorker =
  | { readonly kind: 'table'; readonly record: JsonObject; readonly tags: Readonly<Record<string, string>> }
  | { readonly kind: 'items'; readonly items: readonly JsonObject[] }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly reason: string }

interface Level {
  readonly tableDb: { createValueStream(options: object): AsyncIterable<JsonObject> }
  readonly db: { open(): Promise<void>; close(done: () => void): void }
  getItemDb(table: string): { createValueStream(options: object): AsyncIterable<JsonObject> }
  getTagDb(table: string): {
    createKeyStream(options: object): AsyncIterable<string>
    get(key: string, done: (error: unknown, value?: string) => void): void
  }
}

const PIECE = 200

async function tell(message: FromWorker): Promise<void> {
  parentPort?.postMessage(message)
  if (parentPort && (message.kind === 'table' || message.kind === 'items')) await once(parentPort, 'message')
}

async function readAll(path: string): Promise<void> {
  const { create } = createRequire(import.meta.url)('dynalite/db') as { create(options: { path: string }): Level }
  const level = create({ path })
  await level.db.open()
  const records: JsonObject[] = []
  for await (const record of level.tableDb.createValueStream({})) records.push(record)
  for (const record of records) {
    const name = String(record['TableName'])
    await tell({ kind: 'table', record, tags: await tagsOf(level, name) })
    let items: JsonObject[] = []
    for await (const item of level.getItemDb(name).createValueStream({})) {
      items.push(item)
      if (items.length < PIECE) continue
      await tell({ kind: 'items', items })
      items = []
    }
    await tell({ kind: 'items', items })
  }
  await new Promise<void>((resolve) => level.db.close(() => resolve()))
}

async function tagsOf(level: Level, table: string): Promise<Record<string, string>> {
  const tags: Record<string, string> = {}
  const database = level.getTagDb(table)
  for await (const key of database.createKeyStream({})) {
    const value = await new Promise<string | undefined>((resolve) => database.get(key, (_, found) => resolve(found)))
    if (value !== undefined) tags[key] = value
  }
  return tags
}

await readAll(String(workerData)).then(
  () => tell({ kind: 'end' }),
  (error: unknown) =>
    tell({ kind: 'failed', reason: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) }),
)
parentPort?.close()
