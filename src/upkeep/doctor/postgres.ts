/** Looks at a PostgreSQL store, reading alone: what the server says of itself, nodes and leases, and the rows. */
import { StartError } from '../../base/start-error.ts'
import type { ExecutionKey } from '../../base/ids.ts'
import type { Json } from '../../base/json.ts'

import { integer, integerOf, nullable, oneOf, real, row, text } from '../../sqlite/row.ts'
import { needsInput } from '../../store/chunk.ts'
import { EXECUTION_STATUSES } from '../../store/contract.ts'
import { parseAddress } from '../../store/postgres/address.ts'
import { Channel, type Query } from '../../store/postgres/channel.ts'
import { connect } from '../../store/postgres/connect.ts'
import { startErrorOf } from '../../store/postgres/failure.ts'
import { MIGRATIONS } from '../../store/postgres/migrations.ts'
import { flag } from '../../store/postgres/shape.ts'
import { only, unprepared } from '../../store/postgres/statement.ts'

import { agoOf, type Examination, type Finding, limited, type Report } from './finding.ts'
import { logFinding, mapRunLogFinding, type PackedTurn } from './log-faults.ts'
import { EARLIEST, examinedRow, MAP_RUN_GAPS, ORPHANS, orphanFinding, ROW, SAMPLE, SAMPLES, timerFinding } from './rows.ts'

const RESTORE = 'Stop the nodes, and bring the database back to a moment before (point-in-time recovery), or ask whoever runs it.'
/** A message that nobody has answered for so long has nobody who hears it. */
const INBOX_LATE_MS = 60_000
/** What was removed since a transaction began is kept as long as that lasts. */
const TRANSACTION_MS = 3_600_000
/** The server stops all writes at 2^31; it says so itself from 40 million before. */
const AGE_MAX = 1_500_000_000
const SHARDS = 256
const ALTERED = 3

/** Throws nothing: what cannot be asked is a finding. */
export async function examinePostgres(url: string, examination: Examination): Promise<Report> {
  const address = parseAddress(url)
  const channel = new Channel(() => connect({ address, statementTimeoutMs: 0 }))
  try {
    await channel.open()
    return await examineAll(channel.query, address.shown, examination)
  } catch (error) {
    const told = startErrorOf(error, address)
    if (!(told instanceof StartError)) throw error
    return { findings: [{ severity: 'error', check: 'server', message: told.message }], facts: { store: address.shown } }
  } finally {
    await channel.close()
  }
}

async function examineAll(query: Query, store: string, examination: Examination): Promise<Report> {
  const schema = await schemaOf(query)
  const settings = await settingsOf(query)
  const about = { store, schema, ...settings.facts }
  if (schema === 0) {
    const message = 'There is no store in this database yet: the first node that starts makes it.'
    return { findings: [...settings.findings, { severity: 'note', check: 'schema', message }], facts: about }
  }
  const schemaFindings = schemaFindingsOf(schema)
  if (schema > MIGRATIONS.length) return { findings: [...settings.findings, ...schemaFindings], facts: about }
  const nodes = await nodesOf(query)
  const [at] = await query(unprepared(EARLIEST, only(nullable(integerOf<number>()))))
  return {
    findings: [
      ...settings.findings,
      ...schemaFindings,
      ...nodes.findings,
      ...(await inboxFindings(query, nodes.isServed)),
      ...(await logFindings(query, examination)),
      ...(examination.isDeep ? await orphanFindings(query) : []),
      ...timerFinding(at ?? undefined, nodes.isServed, examination.now),
    ],
    facts: {
      ...about,
      ...nodes.facts,
      executions: await countsOf(query),
      ...(at != null && { earliestTimer: new Date(at).toISOString() }),
    },
  }
}

async function schemaOf(query: Query): Promise<number> {
  const [isThere] = await query(unprepared("SELECT to_regclass('schema_version') IS NOT NULL", only(flag)))
  return isThere === true ? ((await query(unprepared('SELECT version FROM schema_version', only(integer))))[0] ?? 0) : 0
}

function schemaFindingsOf(schema: number): readonly Finding[] {
  if (schema === MIGRATIONS.length) return []
  const known = MIGRATIONS.length
  if (schema < known)
    return [
      {
        severity: 'note',
        check: 'schema',
        message: `The schema is of an older Regente (${schema} of ${known}); the next node that starts brings it up to date.`,
      },
    ]
  const message = `The database was written by a newer Regente (schema ${schema}; this one knows ${known}).`
  return [{ severity: 'error', check: 'schema', message, mend: 'Update Regente.' }]
}

const SERVER = row({
  version: text,
  fsync: text,
  full_page_writes: text,
  data_checksums: text,
  bytes: integer,
  checksum_failures: nullable(integer),
  age: integer,
  oldest_ms: nullable(real),
  invalid: text,
})
const SERVER_SQL = `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
  current_setting('full_page_writes') AS full_page_writes, current_setting('data_checksums') AS data_checksums,
  pg_database_size(current_database()) AS bytes,
  (SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()) AS checksum_failures,
  (SELECT age(datfrozenxid)::int8 FROM pg_database WHERE datname = current_database()) AS age,
  (SELECT (extract(epoch FROM clock_timestamp() - min(xact_start)) * 1000)::float8 FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()) AS oldest_ms,
  (SELECT coalesce(string_agg(indexrelid::regclass::text, ', '), '') FROM pg_index WHERE NOT indisvalid) AS invalid`

async function settingsOf(query: Query): Promise<Report> {
  const [server] = await query(unprepared(SERVER_SQL, SERVER))
  if (!server) return { findings: [], facts: {} }
  const findings: Finding[] = []
  for (const [name, value] of [
    ['fsync', server.fsync],
    ['full_page_writes', server.full_page_writes],
  ] as const)
    if (value === 'off')
      findings.push({
        severity: 'warning',
        check: 'server',
        message: `${name} is off: a power cut may lose what was acknowledged, and the database with it.`,
        mend: `Set ${name} = on in postgresql.conf.`,
      })
  if ((server.checksum_failures ?? 0) > 0)
    findings.push({
      severity: 'error',
      check: 'integrity',
      message: `Pages of the database are damaged: ${server.checksum_failures} had a wrong checksum.`,
      mend: RESTORE,
    })
  if (server.invalid !== '')
    findings.push({
      severity: 'warning',
      check: 'integrity',
      message: `Indexes are not valid: ${server.invalid}.`,
      mend: 'REINDEX INDEX CONCURRENTLY, for each of them.',
    })
  if (server.age > AGE_MAX)
    findings.push({
      severity: 'warning',
      check: 'server',
      message: `Transaction numbers are running out: the oldest is ${server.age} behind.`,
      mend: 'VACUUM FREEZE, and find out why autovacuum does not.',
    })
  if ((server.oldest_ms ?? 0) > TRANSACTION_MS)
    findings.push({
      severity: 'warning',
      check: 'server',
      message: `A transaction is open since ${agoOf(server.oldest_ms ?? 0)}: nothing that was removed since is given back.`,
      mend: 'End it: SELECT pid, query FROM pg_stat_activity ORDER BY xact_start; pg_terminate_backend(pid).',
    })
  const { version, data_checksums: dataChecksums, bytes } = server
  return { findings, facts: { postgres: version, dataChecksums, bytes } }
}

const NODE = row({ url: text, is_draining: flag, shards: integer, left_ms: real })
const NODE_SQL = `SELECT url, is_draining, (SELECT count(*) FROM shards WHERE holder = number) AS shards,
  (extract(epoch FROM alive_until - clock_timestamp()) * 1000)::float8 AS left_ms FROM nodes ORDER BY number`

async function nodesOf(query: Query): Promise<Report & { readonly isServed: boolean }> {
  const nodes = await query(unprepared(NODE_SQL, NODE))
  const [unheld = 0] = await query(unprepared('SELECT count(*) FROM shards WHERE holder IS NULL', only(integer)))
  const alive = nodes.filter((node) => node.left_ms > 0)
  const findings: Finding[] = []
  if (alive.length === 0) findings.push({ severity: 'note', check: 'nodes', message: 'No node runs.' })
  else if (unheld > 0) {
    const message = `Nobody holds ${unheld} of ${SHARDS} shards: their executions stand still.`
    findings.push({
      severity: 'warning',
      check: 'leases',
      message,
      mend: 'Look again in some seconds; if it stays so, see the logs of the nodes.',
    })
  }
  for (const dead of alive.length === 0 ? [] : nodes.filter((node) => node.left_ms <= 0 && node.shards > 0))
    findings.push({
      severity: 'warning',
      check: 'leases',
      message: `The node ${dead.url} is dead since ${agoOf(-dead.left_ms)}, and nobody has taken its ${dead.shards} shards.`,
      mend: 'Look again in some seconds; if it stays so, see the logs of the other nodes.',
    })
  const told = nodes.map(
    (node): Json => ({ url: node.url, isAlive: node.left_ms > 0, isDraining: node.is_draining, shards: node.shards }),
  )
  return { findings, facts: { nodes: told }, isServed: alive.length > 0 }
}

const INBOX = row({ count: integer, oldest_ms: nullable(real) })
async function inboxFindings(query: Query, isServed: boolean): Promise<readonly Finding[]> {
  const sql = `SELECT count(*) AS count, (extract(epoch FROM clock_timestamp() - min(at)) * 1000)::float8 AS oldest_ms
    FROM inbox WHERE answer IS NULL`
  const [inbox] = await query(unprepared(sql, INBOX))
  if (!isServed || inbox?.oldest_ms == null || inbox.oldest_ms < INBOX_LATE_MS) return []
  const message = `Messages between nodes are not answered: ${inbox.count}, the oldest for ${agoOf(inbox.oldest_ms)}.`
  return [{ severity: 'warning', check: 'inbox', message, mend: 'See the logs of the nodes that hold the shards.' }]
}

const COUNT = row({ status: oneOf(...EXECUTION_STATUSES), count: integer })
async function countsOf(query: Query): Promise<Json> {
  const sql = 'SELECT status, count(*) AS count FROM executions WHERE map_run_key IS NULL GROUP BY status'
  return Object.fromEntries((await query(unprepared(sql, COUNT))).map(({ status, count }) => [status, count]))
}

const EXECUTION = unprepared('SELECT key, arn, status, type, map_run_key, last_event_id FROM executions WHERE key = $1', ROW)
const TURNS = unprepared<PackedTurn>(
  'SELECT sequence, chunk FROM log WHERE execution_key = $1 ORDER BY sequence',
  row({ sequence: integer, chunk: text }),
)
const INPUT = unprepared('SELECT input FROM executions WHERE key = $1', only(text))
const GAPS = unprepared(MAP_RUN_GAPS('event_count'), row({ arn: text, place: integer }))

async function logFindings(query: Query, { isDeep }: Examination): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for await (const key of keysOf(query, isDeep)) {
    const finding = await findingOf(query, key)
    if (finding) findings.push(finding)
  }
  const gaps = await query(GAPS)
  return limited([...findings, ...gaps.map(({ arn, place }) => mapRunLogFinding(arn, place))], 'log')
}

/** Row and log are of one moment where the row is the same before and after; a node may write in between, which is no fault. */
async function findingOf(query: Query, key: ExecutionKey): Promise<Finding | undefined> {
  for (let tries = 1; ; tries++) {
    const [before] = await query(EXECUTION, key)
    if (!before) return undefined
    const turns = await query(TURNS, key)
    const [input] = turns.some(({ chunk }) => needsInput(chunk)) ? await query(INPUT, key) : []
    const finding = logFinding(examinedRow(before), turns, () => input)
    if (finding === undefined) return undefined
    const [after] = await query(EXECUTION, key)
    if (JSON.stringify(after) === JSON.stringify(before)) return finding
    if (tries === ALTERED) return undefined
  }
}

/** All executions, or the newest, some that are busy and those that are due first. */
async function* keysOf(query: Query, isDeep: boolean): AsyncGenerator<ExecutionKey> {
  const key = only(integerOf<ExecutionKey>())
  if (isDeep) {
    const next = unprepared('SELECT key FROM executions WHERE key > $1 ORDER BY key LIMIT 1000', key)
    for (let keys = await query(next, 0); keys.length > 0; keys = await query(next, keys.at(-1) ?? 0)) yield* keys
    return
  }
  const keys = new Set<ExecutionKey>()
  for (const sample of SAMPLES('is_busy'))
    for (const one of await query(unprepared(`SELECT key FROM executions ${sample} LIMIT ${SAMPLE}`, key))) keys.add(one)
  yield* keys
}

async function orphanFindings(query: Query): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const [what, where] of ORPHANS) {
    const [count = 0] = await query(unprepared(`SELECT count(*) FROM ${where}`, only(integer)))
    findings.push(...orphanFinding(what, count, RESTORE))
  }
  return findings
}
