/** One row an execution: created and patched by turns, listed by machine or Map Run, woken by due time. */
import type { AliasArn, ExecutionArn, StateMachineArn, VersionArn } from '../../base/arn.ts'
import {
  ALL_SHARDS,
  type ExecutionKey,
  type MapRunKey,
  type RevisionKey,
  type Shard,
  type StateMachineKey,
} from '../../base/ids.ts'
import type { Instant } from '../../base/time.ts'

import type { Database } from '../../sqlite/database.ts'
import {
  columnReader,
  flag,
  integer,
  integerOf,
  nullable,
  oneOf,
  row,
  type RowOf,
  type RowReader,
  text,
  textOf,
} from '../../sqlite/row.ts'

import {
  type ChildCounts,
  type DueExecution,
  EXECUTION_STATUSES,
  type ExecutionFilter,
  type ExecutionPatch,
  type ExecutionRecord,
  type ExecutionStatus,
  type ExecutionSummary,
  type Page,
  WORKFLOW_TYPES,
} from '../contract.ts'
import { pageOf } from '../page.ts'
import { withOutput } from '../repeated-input.ts'
import { instant, optional, shapeOf, type SqlValue } from './shape.ts'

const EXECUTION_KEY = integerOf<ExecutionKey>()
const STATUS = oneOf(...EXECUTION_STATUSES)

/** What lists show. Nothing that stands behind the payloads in a row, unless it is nearly always null or 0. */
const SHORT = {
  key: EXECUTION_KEY,
  arn: textOf<ExecutionArn>(),
  name: text,
  stateMachineArn: textOf<StateMachineArn>(),
  stateMachineKey: integerOf<StateMachineKey>(),
  revisionKey: integerOf<RevisionKey>(),
  versionArn: optional(textOf<VersionArn>()),
  aliasArn: optional(textOf<AliasArn>()),
  type: oneOf(...WORKFLOW_TYPES),
  status: STATUS,
  startAt: instant,
  stopAt: optional(instant),
  mapRunKey: optional(integerOf<MapRunKey>()),
  itemCount: optional(integer),
  redriveCount: integer,
  redriveAt: optional(instant),
}

const SUMMARY = shapeOf<ExecutionSummary>(SHORT)
const EXECUTION = shapeOf<ExecutionRecord>({
  ...SHORT,
  input: text,
  output: optional(text),
  error: optional(text),
  cause: optional(text),
  traceHeader: optional(text),
  itemIndex: optional(integer),
  mapState: optional(text),
  wakeAt: optional(instant),
  isBusy: flag,
  lastEventId: integer,
})
const RECORD: RowReader<ExecutionRecord> = (given) => {
  const read = EXECUTION.reader(given)
  return (row) => withOutput(read(row))
}

const CLOSED = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const satisfies readonly ExecutionStatus[]
/** By each status, because the index of what a machine's lists show is by status: so none that runs is read, however old. */
const CLOSED_SQL = CLOSED.map(
  (status) => `SELECT * FROM (SELECT key, listed_at FROM executions WHERE map_run_key IS NULL AND state_machine_key = ?
    AND status = '${status}' AND listed_at < ? ORDER BY listed_at, key LIMIT ?)`,
).join(' UNION ALL ')

const DUE = row({ key: EXECUTION_KEY, wake_at: instant })
const COUNT = row({ status: STATUS, executions: integer })
const CHILD_COUNT = row({ status: STATUS, executions: integer, items: nullable(integer) })

interface Listed {
  readonly record: ExecutionSummary
  readonly listedAt: Instant
}
const LISTED: RowReader<Listed> = (given) => {
  const [record, listedAt] = [SUMMARY.reader(given), columnReader(given, 'listed_at', instant)]
  return (row) => ({ record: record(row), listedAt: listedAt(row) })
}
/** The last redrives of an execution that are told once more to whoever asks again. */
const REDRIVES_KEPT = 10

export const valuesOf = (record: ExecutionRecord): readonly SqlValue[] => EXECUTION.values(record)

export function executionReads(db: Database) {
  const byArn = db.prepare<[string], ExecutionRecord>('SELECT * FROM executions WHERE arn = ?', RECORD)
  const summaryByArn = db.prepare<[string], ExecutionSummary>(
    `SELECT ${SUMMARY.columns} FROM executions WHERE arn = ?`,
    SUMMARY.reader,
  )
  const byKey = db.prepare<[number], ExecutionRecord>('SELECT * FROM executions WHERE key = ?', RECORD)
  const lastKey = db.prepareValue<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'executions'", integer)
  const due = db.prepare<[number, number, number, number], RowOf<typeof DUE>>(
    `SELECT key, wake_at FROM executions WHERE wake_at IS NOT NULL AND status = 'RUNNING' AND wake_at <= ? AND (wake_at, key) > (?, ?)
     ORDER BY wake_at, key LIMIT ?`,
    DUE,
  )
  const nextDue = db.prepareValue<[number], Instant | null>(
    "SELECT min(wake_at) FROM executions WHERE wake_at IS NOT NULL AND status = 'RUNNING' AND wake_at > ?",
    nullable(instant),
  )
  const busy = db.prepareValue<[number, string, number], ExecutionKey>(
    `SELECT key FROM executions WHERE is_busy = 1 AND status = 'RUNNING' AND key > ?
       AND key % ${ALL_SHARDS.length} IN (SELECT value FROM json_each(?)) ORDER BY key LIMIT ?`,
    EXECUTION_KEY,
  )
  // Each key is looked for from the one before it on: a table of machines and their executions is not read for it.
  const withExecutions = db.prepareValue<[number, number], StateMachineKey>(
    `WITH RECURSIVE machines (key) AS (
       SELECT min(state_machine_key) FROM executions WHERE map_run_key IS NULL AND state_machine_key > ?
       UNION ALL SELECT (SELECT min(state_machine_key) FROM executions WHERE map_run_key IS NULL AND state_machine_key > machines.key)
       FROM machines WHERE machines.key IS NOT NULL
     ) SELECT key FROM machines WHERE key IS NOT NULL LIMIT ?`,
    integerOf<StateMachineKey>(),
  )
  const closed = db.prepareValue<number[], ExecutionKey>(
    `SELECT key FROM (${CLOSED_SQL}) ORDER BY listed_at, key LIMIT ?`,
    EXECUTION_KEY,
  )
  const byStatus = db.prepare<[number], RowOf<typeof COUNT>>(
    'SELECT status, count(*) AS executions FROM executions WHERE state_machine_key = ? AND map_run_key IS NULL GROUP BY status',
    COUNT,
  )
  const counts = db.prepare<[number], RowOf<typeof CHILD_COUNT>>(
    'SELECT status, count(*) AS executions, sum(item_count) AS items FROM executions WHERE map_run_key = ? GROUP BY status',
    CHILD_COUNT,
  )
  const redriveAt = db.prepareValue<[number, string, number], Instant>(
    'SELECT at FROM redrives WHERE execution_key = ? AND client_token = ? AND at > ?',
    instant,
  )
  return {
    redriveOf: (key: ExecutionKey, clientToken: string, after: Instant) => redriveAt.get(key, clientToken, after),
    execution: (arn: ExecutionArn) => byArn.get(arn),
    executionSummary: (arn: ExecutionArn) => summaryByArn.get(arn),
    executionByKey: (key: ExecutionKey) => byKey.get(key),
    lastExecutionKey: () => lastKey.get() ?? 0,
    due: (until: Instant, limit: number, after?: DueExecution): readonly DueExecution[] =>
      due.all(until, after?.wakeAt ?? 0, after?.key ?? 0, limit).map(({ key, wake_at }) => ({ key, wakeAt: wake_at })),
    nextDue: (after: Instant) => nextDue.get(after) ?? undefined,
    busy: (shards: readonly Shard[], after: ExecutionKey, limit: number) => busy.all(after, JSON.stringify(shards), limit),
    machinesWithExecutions: (after: StateMachineKey, limit: number) => withExecutions.all(after, limit),
    closedExecutions: (stateMachineKey: StateMachineKey, before: Instant, limit: number) =>
      closed.all(...CLOSED.flatMap(() => [stateMachineKey, before, limit]), limit),
    executions(filter: ExecutionFilter, limit: number, from?: string): Page<ExecutionSummary> {
      const { sql, values } = listing(filter, from)
      const { rows, next } = pageOf(
        db.prepare<SqlValue[], Listed>(sql, LISTED).all(...values, limit + 1),
        limit,
        ({ record, listedAt }) => `${listedAt}:${record.key}`,
      )
      return { rows: rows.map(({ record }) => record), ...(next !== undefined && { next }) }
    },
    children(
      mapRunKey: MapRunKey,
      statuses: readonly ExecutionStatus[],
      afterIndex: number,
      limit: number,
    ): readonly ExecutionRecord[] {
      const marks = statuses.map(() => '?').join(', ')
      const sql = `SELECT * FROM executions WHERE map_run_key = ? AND item_index > ? AND status IN (${marks}) ORDER BY item_index LIMIT ?`
      return db.prepare<SqlValue[], ExecutionRecord>(sql, RECORD).all(mapRunKey, afterIndex, ...statuses, limit)
    },
    childCounts: (mapRunKey: MapRunKey): ChildCounts =>
      Object.fromEntries(
        counts.all(mapRunKey).map(({ status, executions, items }) => [status, { executions, items: items ?? 0 }]),
      ),
    countsByStatus: (stateMachineKey: StateMachineKey): Readonly<Partial<Record<ExecutionStatus, number>>> =>
      Object.fromEntries(byStatus.all(stateMachineKey).map(({ status, executions }) => [status, executions])),
  }
}

/** Newest first. Children of a Map Run that have not begun are not listed. */
function listing(filter: ExecutionFilter, from: string | undefined): { sql: string; values: SqlValue[] } {
  const conditions: string[] = []
  const values: SqlValue[] = []
  const where = (sql: string, ...given: SqlValue[]) => {
    conditions.push(sql)
    values.push(...given)
  }
  if (filter.mapRunKey !== undefined) where("map_run_key = ? AND status <> 'PENDING'", filter.mapRunKey)
  else where('map_run_key IS NULL')
  if (filter.stateMachineKey !== undefined) where('state_machine_key = ?', filter.stateMachineKey)
  if (filter.versionArn !== undefined) where('version_arn = ?', filter.versionArn)
  if (filter.aliasArn !== undefined) where('alias_arn = ?', filter.aliasArn)
  if (filter.status !== undefined) where('status = ?', filter.status)
  if (filter.isRedriven !== undefined) where(filter.isRedriven ? 'redrive_count > 0' : 'redrive_count = 0')
  if (from !== undefined) {
    const [listedAt, key] = from.split(':').map(Number)
    where('(listed_at, key) < (?, ?)', listedAt ?? 0, key ?? 0)
  }
  return {
    sql: `SELECT ${SUMMARY.columns}, listed_at FROM executions WHERE ${conditions.join(' AND ')} ORDER BY listed_at DESC, key DESC LIMIT ?`,
    values,
  }
}

export function executionWrites(db: Database) {
  const insert = db.prepare(`INSERT INTO executions (${EXECUTION.columns}) VALUES (${EXECUTION.marks}) ON CONFLICT DO NOTHING`)
  const isOver = db.prepareValue<[number, number], number>(
    'SELECT 1 FROM executions WHERE key = ? AND map_run_key IS NULL AND stop_at < ?',
    integer,
  )
  const remove = db.prepare<[number]>('DELETE FROM executions WHERE key = ?')
  const removeLog = db.prepare<[number]>('DELETE FROM log WHERE execution_key = ?')
  const removeRedrives = db.prepare<[number]>('DELETE FROM redrives WHERE execution_key = ?')
  // Runs of an execution, and those of its children, however deep: in a Map Run's child there may be another one.
  const runs = db.prepareValue<[number], number>(
    `WITH RECURSIVE runs (key) AS (
       SELECT key FROM map_runs WHERE execution_key = ?
       UNION SELECT map_runs.key FROM runs JOIN executions ON map_run_key = runs.key JOIN map_runs ON execution_key = executions.key
     ) SELECT key FROM runs`,
  )
  const removeRun = db.prepare<[number]>('DELETE FROM map_runs WHERE key = ?')
  const removeRunLog = db.prepare<[number]>('DELETE FROM map_run_log WHERE map_run_key = ?')
  const exists = db.prepareValue<[number], number>('SELECT 1 FROM executions WHERE key = ?', integer)
  const keepRedrive = db.prepare<[number, string, number]>(
    'INSERT INTO redrives (execution_key, client_token, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at',
  )
  const forgetRedrives = db.prepare<[number, number, number]>(
    `DELETE FROM redrives WHERE execution_key = ? AND client_token NOT IN
       (SELECT client_token FROM redrives WHERE execution_key = ? ORDER BY at DESC LIMIT ?)`,
  )
  const childLogs = db.prepare<[number]>(
    'DELETE FROM log WHERE execution_key IN (SELECT key FROM executions WHERE map_run_key = ?)',
  )
  const children = db.prepare<[number]>('DELETE FROM executions WHERE map_run_key = ?')
  return {
    hasExecution: (key: ExecutionKey): boolean => exists.get(key) === 1,
    /** False when the ARN is taken. */
    insertExecution: (record: ExecutionRecord): boolean => insert.run(...EXECUTION.values(record)).changes === 1,
    /** The same of a record's `valuesOf`. */
    insertRow: (values: readonly SqlValue[]): boolean => insert.run(...values).changes === 1,
    patchExecution(key: ExecutionKey, patch: ExecutionPatch): void {
      const { sql, values } = EXECUTION.assignments(patch)
      if (values.length > 0) db.prepare(`UPDATE executions SET ${sql} WHERE key = ?`).run(...values, key)
    },
    keepRedrive(key: ExecutionKey, clientToken: string, at: Instant): void {
      keepRedrive.run(key, clientToken, at)
      forgetRedrives.run(key, key, REDRIVES_KEPT)
    },
    removeClosed(keys: readonly ExecutionKey[], before: Instant): number {
      const gone = keys.filter((key) => isOver.get(key, before) === 1)
      for (const key of gone) {
        for (const run of runs.all(key)) {
          childLogs.run(run)
          children.run(run)
          removeRunLog.run(run)
          removeRun.run(run)
        }
        removeLog.run(key)
        removeRedrives.run(key)
        remove.run(key)
      }
      return gone.length
    },
  }
}
