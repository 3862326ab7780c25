/**
 * All that a PostgreSQL store keeps, out of it and into another one, each in one transaction: as it is at one moment, and all or
 * nothing. While it lasts no node starts on the database, because it waits for the lock of those who bring the schema up to date.
 */
import type pg from 'pg'

import { silentLog } from '../../base/log.ts'
import { StartError } from '../../base/start-error.ts'

import {
  type ColumnKind,
  columnsOf,
  inParts,
  KEYED_TABLES,
  TABLE_NAMES,
  type TableName,
  type TableRow,
  type TransferPart,
  type TransferSource,
  type TransferTarget,
  type TransferValue,
} from '../transfer.ts'
import { type Address, parseAddress } from './address.ts'
import { arrayOf, type ElementType } from './binary-array.ts'
import { connect } from './connect.ts'
import { startErrorOf } from './failure.ts'
import { DAY_KEYS, SHARD_COUNT } from './keys.ts'
import { MIGRATION_LOCK, MOVED, openDatabase } from './open.ts'

const WAIT_MS = 5_000
const ROWS_AT_ONCE = 1_000

export interface PostgresSource extends TransferSource {
  /** Says that all that is here goes on elsewhere: no node starts on it any more, until that is taken back. */
  leave(): Promise<void>
  stay(): Promise<void>
}

/** Throws StartError where nodes run on it, or it cannot be used. */
export async function openPostgresSource(url: string): Promise<PostgresSource> {
  const { address, client } = await begin(url)
  return {
    async *parts(withClosed) {
      // Of all rows, and of tables that nobody else reads: scans are right here.
      await client.query('SET LOCAL enable_seqscan = on; SET LOCAL enable_bitmapscan = on')
      await client.query(chosenSql(withClosed))
      for (const table of TABLE_NAMES) yield* inParts(rowsOf(client, table))
      await alone(address, (other) => checkUnused(other, address))
    },
    leave: () =>
      alone(address, (other) =>
        other.query(`INSERT INTO counters (name, value) VALUES ('${MOVED}', 1) ON CONFLICT (name) DO NOTHING`),
      ),
    stay: () => alone(address, (other) => other.query(`DELETE FROM counters WHERE name = '${MOVED}'`)),
    close: () => client.end(),
  }
}

/** Throws StartError where the database is not empty, nodes run on it, or it cannot be used. */
export async function openPostgresTarget(url: string): Promise<TransferTarget> {
  const { address, client } = await begin(url, checkEmpty)
  const days = new Set<number>()
  return {
    async write(part) {
      if (part.table === 'executions') await makePartitions(client, part, days)
      if (part.table === 'last_keys') await keepLastKeys(client, part)
      else await insert(client, part)
    },
    async finish() {
      await alone(address, (other) => checkUnused(other, address))
      await client.query('COMMIT')
      await client.query('ANALYZE')
      await client.end()
    },
    async abandon() {
      await client.query('ROLLBACK').catch(() => {})
      await client.end()
    },
  }
}

interface Begun {
  readonly address: Address
  readonly client: pg.Client
}
type Check = (client: pg.Client, address: Address) => Promise<void>

/**
 * A connection in a transaction, when the schema is up to date. A node that was just starting before may run nevertheless: that is
 * looked at once more when all is done.
 */
async function begin(url: string, check: Check = async () => {}): Promise<Begun> {
  const address = parseAddress(url)
  await openDatabase({ address, log: silentLog, waitMs: WAIT_MS })
  const client = await connect({ address, statementTimeoutMs: 0 }).catch((error: unknown) => {
    throw startErrorOf(error, address)
  })
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0')
    await client.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    await checkUnused(client, address)
    await check(client, address)
    return { address, client }
  } catch (error) {
    await client.end()
    throw startErrorOf(error, address)
  }
}

/** On a connection of its own, which sees what others have done since. */
async function alone(address: Address, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = await connect({ address })
  await work(client).finally(() => client.end())
}

async function checkUnused(client: pg.Client, { shown }: Address): Promise<void> {
  const { rows } = await client.query<[string]>({
    text: 'SELECT url FROM nodes WHERE alive_until > clock_timestamp() ORDER BY number',
    rowMode: 'array',
  })
  if (rows.length === 0) return
  throw new StartError(
    `Nodes run on the database ${shown}: ${rows.flat().join(', ')}. Stop them; one that was killed counts as running until its lease is over.`,
  )
}

async function checkEmpty(client: pg.Client, { shown }: Address): Promise<void> {
  const tables = TABLE_NAMES.filter((table) => table !== 'last_keys')
  const { rows } = await client.query<[boolean]>({
    text: `SELECT ${tables.map((table) => `EXISTS (SELECT FROM ${table})`).join(' OR ')}`,
    rowMode: 'array',
  })
  if (rows[0]?.[0] !== true) return
  throw new StartError(`The database ${shown} is not empty, and nothing in it is overwritten. Name a new one to move into.`)
}

/** The keys of the executions that go, in a table of this connection alone; as SQLite's transfer chooses them. */
function chosenSql(withClosed: boolean): string {
  const table = 'CREATE TEMP TABLE chosen (key int8 PRIMARY KEY) ON COMMIT DROP;'
  if (withClosed) return `${table} INSERT INTO chosen SELECT key FROM executions; ANALYZE chosen`
  return `${table}
    INSERT INTO chosen SELECT key FROM executions WHERE map_run_key IS NULL AND stop_at IS NULL;
    INSERT INTO chosen
      WITH RECURSIVE above (key) AS (
        SELECT execution_key FROM map_runs WHERE status = 'RUNNING' OR key IN (SELECT map_run_key FROM executions WHERE status = 'RUNNING')
        UNION SELECT map_runs.execution_key FROM above JOIN executions ON executions.key = above.key
          JOIN map_runs ON map_runs.key = executions.map_run_key
      ) SELECT key FROM above ON CONFLICT DO NOTHING;
    INSERT INTO chosen
      WITH RECURSIVE below (key) AS (
        SELECT key FROM chosen
        UNION SELECT executions.key FROM below JOIN map_runs ON map_runs.execution_key = below.key
          JOIN executions ON executions.map_run_key = map_runs.key
      ) SELECT key FROM below ON CONFLICT DO NOTHING;
    ANALYZE chosen`
}

const CHOSEN = 'IN (SELECT key FROM chosen)'
/** The highest key that there can be: of the last block of the last day that has one, or of what was moved here. */
const LAST_EXECUTION_KEY = `SELECT greatest((SELECT max(key) FROM executions),
  (SELECT day::int8 * ${DAY_KEYS} + next * ${SHARD_COUNT} - 1 FROM key_blocks ORDER BY day DESC LIMIT 1), 0)`
const lastKeySql = (table: (typeof KEYED_TABLES)[number]): string =>
  table === 'executions'
    ? LAST_EXECUTION_KEY
    : `SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('${table}', 'key')::regclass), 0)`
const ROWS: Readonly<Record<TableName, string>> = {
  state_machines: 'state_machines ORDER BY key',
  revisions: 'revisions ORDER BY key',
  versions: 'versions ORDER BY state_machine_key, version',
  aliases: 'aliases ORDER BY arn',
  activities: 'activities ORDER BY arn',
  // The order in which they were put.
  tags: 'tags ORDER BY place',
  executions: `executions WHERE key ${CHOSEN} ORDER BY key`,
  log: `log WHERE execution_key ${CHOSEN} ORDER BY execution_key, sequence`,
  redrives: `redrives WHERE execution_key ${CHOSEN} ORDER BY execution_key, client_token`,
  map_runs: `map_runs WHERE execution_key ${CHOSEN} ORDER BY key`,
  map_run_log: `map_run_log WHERE map_run_key IN (SELECT key FROM map_runs WHERE execution_key ${CHOSEN}) ORDER BY map_run_key, sequence`,
  last_keys: `(${KEYED_TABLES.map((table) => `SELECT '${table}' AS name, (${lastKeySql(table)}) AS key`).join(' UNION ALL ')}) AS last`,
}

async function* rowsOf(client: pg.Client, table: TableName): AsyncGenerator<TableRow> {
  const names = columnsOf(table).map(([name]) => name)
  await client.query(`DECLARE moving NO SCROLL CURSOR FOR SELECT ${names.join(', ')} FROM ${ROWS[table]}`)
  for (;;) {
    const { rows } = await client.query<unknown[]>({ text: `FETCH ${ROWS_AT_ONCE} FROM moving`, rowMode: 'array' })
    if (rows.length === 0) break
    for (const values of rows) {
      const row: Record<string, TransferValue> = {}
      for (const [i, name] of names.entries()) {
        const value = values[i]
        if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') row[name] = value
      }
      yield { table, row }
    }
  }
  await client.query('CLOSE moving')
}

const ELEMENTS: Readonly<Record<ColumnKind, ElementType>> = {
  integer: 'int8',
  'integer?': 'int8',
  real: 'float8',
  text: 'text',
  'text?': 'text',
  flag: 'bool',
}

async function insert(client: pg.Client, { table, rows }: TransferPart): Promise<void> {
  const columns = columnsOf(table)
  const names = columns.map(([name]) => name).join(', ')
  const arrays = columns.map(([_, kind], i) => `$${i + 1}::${ELEMENTS[kind]}[]`).join(', ')
  // The count of a turn's events is told beside them here.
  const [more, value] = table === 'map_run_log' ? [', event_count', ', json_array_length(events::json)'] : ['', '']
  await client.query({
    text: `INSERT INTO ${table} (${names}${more}) SELECT ${names}${value}
      FROM unnest(${arrays}) WITH ORDINALITY AS given (${names}, place_given) ORDER BY place_given`,
    values: columns.map(([name, kind]) =>
      arrayOf(
        ELEMENTS[kind],
        rows.map((row) => row[name]),
      ),
    ),
  })
}

/** Executions that began on PostgreSQL have logs by the day. */
async function makePartitions(client: pg.Client, { rows }: TransferPart, days: Set<number>): Promise<void> {
  for (const { key } of rows) {
    const day = Math.floor(Number(key) / DAY_KEYS)
    if (day === 0 || days.has(day)) continue
    days.add(day)
    await client.query(`SELECT regente_make_log_partition_v1(${day})`)
  }
}

async function keepLastKeys(client: pg.Client, { rows }: TransferPart): Promise<void> {
  for (const { name, key } of rows) {
    if (typeof key !== 'number' || key === 0) continue
    if (name === 'executions') await passExecutionKeys(client, key)
    else if (KEYED_TABLES.some((table) => table === name))
      await client.query(
        `SELECT setval(pg_get_serial_sequence('${name}', 'key'),
           greatest(${key}, coalesce(pg_sequence_last_value(pg_get_serial_sequence('${name}', 'key')::regclass), 0)))`,
      )
  }
}

/** Of the days in which keys are made here still. Keys of the first day are made elsewhere alone. */
async function passExecutionKeys(client: pg.Client, key: number): Promise<void> {
  const day = Math.floor(key / DAY_KEYS)
  const next = Math.floor((key % DAY_KEYS) / SHARD_COUNT) + 1
  if (day === 0) return
  await client.query(
    `INSERT INTO key_blocks (day, next) VALUES (${day}, ${next})
     ON CONFLICT (day) DO UPDATE SET next = greatest(key_blocks.next, excluded.next)`,
  )
}
