/** Looks at the databases of a data folder, reading alone: a server may run on it. */
import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { ExecutionKey } from '../../base/ids.ts'
import type { Json } from '../../base/json.ts'

import { Database } from '../../sqlite/database.ts'
import { SQLITE_BUSY, SqliteError } from '../../sqlite/error.ts'
import { versionOfFile } from '../../sqlite/migrations.ts'
import { integer, integerOf, nullable, oneOf, row, type RowOf, text } from '../../sqlite/row.ts'
import { segmentFiles } from '../../services/s3/segment-files.ts'
import { EXECUTION_STATUSES } from '../../store/contract.ts'
import { MIGRATIONS } from '../../store/sqlite/migrations.ts'

import { undefinedIfMissing } from '../backup-writer.ts'
import { type Examination, type Finding, limited, type Report } from './finding.ts'
import { logFinding, mapRunLogFinding } from './log-faults.ts'
import { EARLIEST, examinedRow, MAP_RUN_GAPS, ORPHANS, orphanFinding, ROW, SAMPLE, SAMPLES, timerFinding } from './rows.ts'

const RESTORE = 'Stop the server and restore the last backup (regente restore) into another folder.'
/** A log that checkpoints do not reset, because somebody has been reading for long. */
const WAL_BYTES_MAX = 1024 ** 3
const FILES_SAMPLE = 1_000

/** Of the engine: schema, damage, logs, timers. */
export async function examineEngine(directory: string, isInUse: boolean, examination: Examination): Promise<Report> {
  return examineFile(directory, 'regente.sqlite', (database) => {
    const version = versionOfFile(database).read()
    if (version > MIGRATIONS.length) {
      const message = `The data was written by a newer Regente (schema ${version}; this one knows ${MIGRATIONS.length}).`
      return { findings: [{ severity: 'error', check: 'schema', message, mend: 'Update Regente.' }], facts: { schema: version } }
    }
    const schema: readonly Finding[] =
      version === MIGRATIONS.length
        ? []
        : [
            {
              severity: 'note',
              check: 'schema',
              message: `The schema is of an older Regente (${version} of ${MIGRATIONS.length}); the next start brings it up to date.`,
            },
          ]
    if (version === 0) return { findings: schema, facts: { schema: version } }
    const facts = { schema: version, executions: countsOf(database) }
    return {
      findings: [
        ...schema,
        ...damageOf(database, 'regente.sqlite', examination),
        ...logFindings(database, examination),
        ...(examination.isDeep ? orphanFindings(database) : []),
        ...timerFindings(database, isInUse, examination),
      ],
      facts: { ...facts, ...timerFacts(database) },
    }
  })
}

/** Of the embedded services: damage, and objects whose files are not there. */
export async function examineServices(directory: string, examination: Examination): Promise<Report> {
  const { findings, facts } = await examineFile(directory, 'local.sqlite', (database) => ({
    findings: damageOf(database, 'local.sqlite', examination),
    facts: {},
  }))
  return { findings: [...findings, ...(await objectFindings(directory, examination))], facts }
}

async function examineFile(directory: string, name: string, examine: (database: Database) => Report): Promise<Report> {
  const file = join(directory, name)
  const found = await stat(file).catch(undefinedIfMissing)
  if (found === undefined || (found.size === 0 && (await walBytes(file)) === 0)) return { findings: [], facts: {} }
  let database: Database | undefined
  try {
    database = new Database(file, { isReadOnly: true })
    return withWal(examine(database), name, await walBytes(file))
  } catch (error) {
    if (!(error instanceof SqliteError)) throw error
    return {
      findings: [{ severity: 'error', check: 'integrity', message: `${name} cannot be read: ${error.message}.`, mend: RESTORE }],
      facts: {},
    }
  } finally {
    if (database?.isOpen === true) database.close()
  }
}

const walBytes = async (file: string): Promise<number> => (await stat(`${file}-wal`).catch(undefinedIfMissing))?.size ?? 0

function withWal({ findings, facts }: Report, name: string, bytes: number): Report {
  if (bytes < WAL_BYTES_MAX) return { findings, facts }
  const message = `The log of changes of ${name} has grown to ${Math.round(bytes / 1e6)} MB: it is not reset as long as somebody reads from before it.`
  const mend = 'End what has the database open (backups, sqlite3), or restart the server.'
  return { findings: [...findings, { severity: 'warning', check: 'size', message, mend }], facts }
}

function damageOf(database: Database, name: string, { isDeep }: Examination): readonly Finding[] {
  const told = database.prepareValue<[], string>(isDeep ? 'PRAGMA integrity_check' : 'PRAGMA quick_check', text).all()
  if (told.length === 1 && told[0] === 'ok') return []
  return [
    { severity: 'error', check: 'integrity', message: `${name} is damaged: ${told.slice(0, 3).join('; ')}.`, mend: RESTORE },
  ]
}

const COUNT = row({ status: oneOf(...EXECUTION_STATUSES), count: integer })
const countsOf = (database: Database): Json =>
  Object.fromEntries(
    database
      .prepare<[], RowOf<typeof COUNT>>(
        'SELECT status, count(*) AS count FROM executions WHERE map_run_key IS NULL GROUP BY status',
        COUNT,
      )
      .all()
      .map(({ status, count }) => [status, count]),
  )

const TURN = row({ sequence: integer, chunk: text })

function logFindings(database: Database, { isDeep }: Examination): readonly Finding[] {
  const execution = database.prepare<[number], RowOf<typeof ROW>>(
    'SELECT key, arn, status, type, map_run_key, last_event_id FROM executions WHERE key = ?',
    ROW,
  )
  const turns = database.prepare<[number], RowOf<typeof TURN>>(
    'SELECT sequence, chunk FROM log WHERE execution_key = ? ORDER BY sequence',
    TURN,
  )
  const input = database.prepareValue<[number], string>('SELECT input FROM executions WHERE key = ?', text)
  /** Row and log of one moment: a server may write between two reads. */
  const findingOf = (key: ExecutionKey): Finding | undefined =>
    database.transaction(() => {
      const found = execution.get(key)
      return found && logFinding(examinedRow(found), turns.all(key), () => input.get(key))
    })
  const findings = [...keysOf(database, isDeep)].flatMap((key) => findingOf(key) ?? [])
  return limited([...findings, ...mapRunLogFindings(database)], 'log')
}

/** All executions, or the newest, some that are busy and those that are due first. */
function* keysOf(database: Database, isDeep: boolean): Generator<ExecutionKey> {
  const key = integerOf<ExecutionKey>()
  if (isDeep) {
    // Not one long read: that would keep the log of changes from being reset.
    const next = database.prepareValue<[number], ExecutionKey>(
      'SELECT key FROM executions WHERE key > ? ORDER BY key LIMIT 1000',
      key,
    )
    for (let keys = next.all(0); keys.length > 0; keys = next.all(keys.at(-1) ?? 0)) yield* keys
    return
  }
  const keys = SAMPLES('is_busy = 1').flatMap((sample) =>
    database.prepareValue<[], ExecutionKey>(`SELECT key FROM executions ${sample} LIMIT ${SAMPLE}`, key).all(),
  )
  yield* new Set(keys)
}

const GAP = row({ arn: text, place: integer })
const mapRunLogFindings = (database: Database): readonly Finding[] =>
  database
    .prepare<[], RowOf<typeof GAP>>(MAP_RUN_GAPS('json_array_length(events)'), GAP)
    .all()
    .map(({ arn, place }) => mapRunLogFinding(arn, place))

/** In PostgreSQL the turns of what was removed go with their day. */
const TURNS = [
  'turns of a log without an execution',
  'log WHERE NOT EXISTS (SELECT 1 FROM executions WHERE key = execution_key)',
] as const

const orphanFindings = (database: Database): readonly Finding[] =>
  [TURNS, ...ORPHANS].flatMap(([what, where]) =>
    orphanFinding(what, database.prepareValue<[], number>(`SELECT count(*) FROM ${where}`, integer).get() ?? 0, RESTORE),
  )

const earliest = (database: Database): number | undefined =>
  database.prepareValue<[], number | null>(EARLIEST, nullable(integer)).get() ?? undefined

function timerFacts(database: Database): Readonly<Record<string, Json>> {
  const at = earliest(database)
  return at === undefined ? {} : { earliestTimer: new Date(at).toISOString() }
}

const timerFindings = (database: Database, isInUse: boolean, { now }: Examination): readonly Finding[] =>
  timerFinding(earliest(database), isInUse, now)

/** Names that the database has now, of files that are not there. */
async function objectFindings(directory: string, { isDeep }: Examination): Promise<readonly Finding[]> {
  const missing = new Set<string>()
  for (const path of namesOf(directory, isDeep ? Number.POSITIVE_INFINITY : FILES_SAMPLE))
    if (!(await isThere(join(directory, path)))) missing.add(path)
  if (missing.size === 0) return []
  // What was removed in the meantime is named no more.
  const named = new Set(namesOf(directory, Number.POSITIVE_INFINITY))
  const findings = [...missing]
    .filter((path) => named.has(path))
    .map(
      (path): Finding => ({
        severity: 'error',
        check: 'objects',
        message: `An object of S3 has lost its file ${path}.`,
        mend: `Bring the file back from a backup, or write the object anew.`,
      }),
    )
  return limited(findings, 'objects')
}

function namesOf(directory: string, limit: number): readonly string[] {
  let database: Database | undefined
  try {
    database = new Database(join(directory, 'local.sqlite'), { isReadOnly: true })
    const names: string[] = []
    for (const name of segmentFiles(database)) if (names.push(name) >= limit) break
    return names
  } catch (error) {
    // Told by whoever looked at the database itself.
    if (error instanceof SqliteError) return []
    throw error
  } finally {
    if (database?.isOpen === true) database.close()
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Whether a server has the folder: it holds a lock that ends with it. */
export async function isFolderInUse(directory: string): Promise<boolean> {
  const file = join(directory, 'regente.lock')
  if (!(await isThere(file))) return false
  const lock = new Database(file, { isReadOnly: true, busyTimeoutMs: 0 })
  try {
    lock.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (error instanceof SqliteError && error.resultCode === SQLITE_BUSY) return true
    throw error
  } finally {
    lock.close()
  }
}
