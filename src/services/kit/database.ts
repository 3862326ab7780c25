/**
 * One SQLite file for all embedded services (`DATA/local.sqlite`), so that queues, topics, functions and log groups
 * outlive the process. Each service has tables of its own, and brings them up to date by its own numbered migrations.
 * Writes are synchronous and commit at once, but for those that many callers ask for (`inGroup`); WAL with synchronous=NORMAL survives a killed process, and ../durability.ts syncs
 * it before an answer goes out.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { Database } from '../../sqlite/database.ts'
import { migrate, versionOf } from '../../sqlite/migrations.ts'

export type ServicesDatabase = Database

/**
 * The tables of one service, forward only. A migration that has been released is never changed; the next one is added at the
 * end. The first one takes over what was made before there were versions, hence its IF NOT EXISTS.
 */
export interface ServiceSchema {
  readonly service: string
  readonly migrations: readonly string[]
}

/** Opens (or makes) the file under `directory`; without a directory, in memory. */
export function openServicesDatabase(directory?: string): ServicesDatabase {
  if (directory !== undefined) mkdirSync(directory, { recursive: true })
  const database = new Database(directory === undefined ? ':memory:' : join(directory, 'local.sqlite'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -2000')
  return database
}

/** Called by each service before it prepares its statements. Throws where the tables are of a newer Regente. */
export function applySchema(database: ServicesDatabase, { service, migrations }: ServiceSchema): void {
  migrate(database, versionOf(database, service), migrations)
}
