/**
 * One SQLite file for all embedded services (`DATA/local.sqlite`), so that queues, topics, functions and log groups
 * outlive the process. Writes are synchronous and commit at once; WAL with synchronous=NORMAL survives a killed process, and
 * durability.ts syncs it before an answer goes out.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { Database } from '../sqlite/database.ts'

export type LocalDatabase = Database

/** Opens (or makes) the file under `directory`; without a directory, in memory. Each service creates its own tables. */
export function openLocalDatabase(directory?: string): LocalDatabase {
  if (directory !== undefined) mkdirSync(directory, { recursive: true })
  const database = new Database(directory === undefined ? ':memory:' : join(directory, 'local.sqlite'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -2000')
  return database
}
