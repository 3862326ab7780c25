/** All that a SQLite store keeps, out of it and into another one. While it lasts the folder is locked. */
import { join } from 'node:path'

import type { Database } from '../../sqlite/database.ts'
import { text } from '../../sqlite/row.ts'

import {
  type ColumnKind,
  columnsOf,
  inParts,
  KEYED_TABLES,
  TABLE_NAMES,
  type TableName,
  type TableRow,
  type TransferRow,
  type TransferSource,
  type TransferTarget,
  type TransferValue,
} from '../transfer.ts'
import { lockDirectory, openWriter } from './open.ts'
import type { SqlValue } from './shape.ts'

/** Throws StartError where a server uses the folder, or the data is of a newer Regente. */
export function openSqliteSource(directory: string): TransferSource {
  const lock = lockDirectory(directory)
  try {
    // An older schema is brought up to date first: then all columns are there.
    const database = openWriter(join(directory, 'regente.sqlite'))
    return {
      async *parts(withClosed) {
        chooseExecutions(database, withClosed)
        for (const table of TABLE_NAMES) yield* inParts(rowsOf(database, table))
      },
      async close() {
        database.close()
        lock.close()
      },
    }
  } catch (error) {
    lock.close()
    throw error
  }
}

/**
 * The keys of the executions that go, in a table of this connection alone. Open are those that have not stopped, and those whose
 * Map Runs, or the children of them, go on, however deep.
 */
function chooseExecutions(database: Database, withClosed: boolean): void {
  database.exec('CREATE TEMP TABLE chosen (key INTEGER PRIMARY KEY)')
  if (withClosed) return database.exec('INSERT INTO chosen SELECT key FROM executions')
  database.exec(`
    INSERT INTO chosen SELECT key FROM executions WHERE map_run_key IS NULL AND stop_at IS NULL;
    INSERT OR IGNORE INTO chosen
      WITH RECURSIVE above (key) AS (
        SELECT execution_key FROM map_runs WHERE status = 'RUNNING'
        UNION SELECT execution_key FROM map_runs WHERE key IN (SELECT map_run_key FROM executions WHERE status = 'RUNNING')
        UNION SELECT map_runs.execution_key FROM above JOIN executions ON executions.key = above.key
          JOIN map_runs ON map_runs.key = executions.map_run_key
      ) SELECT key FROM above;
    INSERT OR IGNORE INTO chosen
      WITH RECURSIVE below (key) AS (
        SELECT key FROM chosen
        UNION SELECT executions.key FROM below JOIN map_runs ON map_runs.execution_key = below.key
          JOIN executions ON executions.map_run_key = map_runs.key
      ) SELECT key FROM below;
  `)
}

const CHOSEN = 'IN (SELECT key FROM chosen)'
const ROWS: Readonly<Record<TableName, string>> = {
  state_machines: 'state_machines ORDER BY key',
  revisions: 'revisions ORDER BY key',
  versions: 'versions ORDER BY state_machine_key, version',
  aliases: 'aliases ORDER BY arn',
  activities: 'activities ORDER BY arn',
  // The order in which they were put.
  tags: 'tags ORDER BY rowid',
  executions: `executions WHERE key ${CHOSEN} ORDER BY key`,
  log: `log WHERE execution_key ${CHOSEN} ORDER BY execution_key, sequence`,
  redrives: `redrives WHERE execution_key ${CHOSEN} ORDER BY execution_key, client_token`,
  map_runs: `map_runs WHERE execution_key ${CHOSEN} ORDER BY key`,
  map_run_log: `map_run_log WHERE map_run_key IN (SELECT key FROM map_runs WHERE execution_key ${CHOSEN}) ORDER BY map_run_key, sequence`,
  last_keys: `(SELECT name, seq AS key FROM sqlite_sequence WHERE name IN (${KEYED_TABLES.map((name) => `'${name}'`).join(', ')}))`,
}

function* rowsOf(database: Database, table: TableName): Generator<TableRow> {
  const columns = columnsOf(table)
  const statement = database.prepare<[], readonly unknown[]>(
    `SELECT ${columns.map(([name]) => name).join(', ')} FROM ${ROWS[table]}`,
    () => (values) => values,
  )
  for (const values of statement.iterate()) {
    const row: Record<string, TransferValue> = {}
    for (const [i, [name, kind]] of columns.entries()) {
      const value = fromSql(values[i], kind)
      if (value !== undefined) row[name] = value
    }
    yield { table, row }
  }
}

function fromSql(value: unknown, kind: ColumnKind): TransferValue | undefined {
  if (kind === 'flag') return value === 1
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}

const toSql = (value: TransferValue | undefined): SqlValue => (typeof value === 'boolean' ? Number(value) : (value ?? null))

/** Into a folder that has no database yet. What is written is synced at the end alone. */
export function openSqliteTarget(directory: string): TransferTarget {
  const lock = lockDirectory(directory)
  const database = openWriter(join(directory, 'regente.sqlite'))
  database.exec('PRAGMA synchronous = OFF')
  const close = () => {
    database.close()
    lock.close()
  }
  return {
    async write({ table, rows }) {
      if (table === 'last_keys') return database.transaction(() => keepLastKeys(database, rows))
      const names = columnsOf(table).map(([name]) => name)
      const insert = database.prepare<SqlValue[]>(
        `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      )
      database.transaction(() => {
        for (const row of rows) insert.run(...names.map((name) => toSql(row[name])))
      })
    },
    async finish() {
      database.exec('PRAGMA synchronous = FULL')
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      close()
    },
    async abandon() {
      close()
    },
  }
}

/** A table that has had no rows has no sequence yet. */
function keepLastKeys(database: Database, rows: readonly TransferRow[]): void {
  const known = new Set(database.prepareValue<[], string>('SELECT name FROM sqlite_sequence', text).all())
  const put = database.prepare<[string, number]>('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)')
  const raise = database.prepare<[number, string]>('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?')
  for (const { name, key } of rows) {
    if (typeof name !== 'string' || typeof key !== 'number') continue
    if (known.has(name)) raise.run(key, name)
    else put.run(name, key)
  }
}
