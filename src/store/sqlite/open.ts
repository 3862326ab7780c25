/**
 * Opens the two connections and the lock of a data directory.
 * The writer's: WAL, and FULL so that a commit is on the disk when it returns. The reader's: read-only, on the caller's
 * thread; WAL lets it see each commit as soon as it is made. Caches are small (4 MB each): the system's page cache does the
 * rest. One process a directory: it holds an exclusive transaction on a file of its own, which ends with the process
 * however that ends, so a kill leaves no stale lock behind.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { StartError } from '../../base/start-error.ts'

import { Database } from '../../sqlite/database.ts'
import { SQLITE_BUSY, SqliteError } from '../../sqlite/error.ts'
import { migrate, versionOfFile } from '../../sqlite/migrations.ts'

import { MIGRATIONS } from './migrations.ts'

const CACHE_KIB = 4000
const WAL_PAGES_PER_CHECKPOINT = 4000
const WAL_BYTES_KEPT = 64 * 1024 * 1024

export function openWriter(file: string): Database {
  return prepared(new Database(file), (db) => {
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('PRAGMA synchronous = FULL')
    db.exec(`PRAGMA wal_autocheckpoint = ${WAL_PAGES_PER_CHECKPOINT}`)
    db.exec(`PRAGMA journal_size_limit = ${WAL_BYTES_KEPT}`)
    limitMemory(db)
    migrate(db, versionOfFile(db), MIGRATIONS)
  })
}

export function openReader(file: string): Database {
  return prepared(new Database(file, { isReadOnly: true }), limitMemory)
}

/** Throws when another process (or another store of this one) has the directory. Closing the connection gives it back. */
export function lockDirectory(directory: string): Database {
  mkdirSync(directory, { recursive: true })
  const lock = new Database(join(directory, 'regente.lock'), { busyTimeoutMs: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    if (error instanceof SqliteError && error.resultCode === SQLITE_BUSY) {
      throw new StartError(`Another Regente uses the folder ${directory}. Stop it, or name another folder with --data.`, {
        cause: error,
      })
    }
    throw error
  }
}

/** Closed where it cannot be prepared. */
function prepared(db: Database, prepare: (db: Database) => void): Database {
  try {
    prepare(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function limitMemory(db: Database): void {
  db.exec(`PRAGMA cache_size = -${CACHE_KIB}`)
  db.exec('PRAGMA mmap_size = 0')
}
