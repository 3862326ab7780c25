/** One row an execution: created and patched by turns, listed by machine or Map Run, woken by due time. */
import type { Instant } from '../../base/time.ts'

import type { Database } from '../../sqlite/database.ts'

import type {
  ChildCounts,
  DueExecution,
  ExecutionFilter,
  ExecutionKey,
  ExecutionPatch,
  ExecutionRecord,
  ExecutionStatus,
  ExecutionSummary,
  Page,
} from '../contract.ts'
import { pageOf } from '../page.ts'
import { type Row, shapeOf, type SqlValue } from './shape.ts'

/** What lists show. Nothing that stands behind the payloads in a row, unless it is nearly always null or 0. */
const SHORT = {
  key: 'key',
  arn: 'arn',
  name: 'name',
  stateMachineArn: 'state_machine_arn',
  stateMachineKey: 'state_machine_key',
  revisionKey: 'revision_key',
  versionArn: 'version_arn',
  aliasArn: 'alias_arn',
  type: 'type',
  status: 'status',
  startAt: 'start_at',
  stopAt: 'stop_at',
  mapRunKey: 'map_run_key',
  itemCount: 'item_count',
  redriveCount: 'redrive_count',
  redriveAt: 'redrive_at',
} as const

const SUMMARY = shapeOf<ExecutionSummary>(SHORT)
const EXECUTION = shapeOf<ExecutionRecord>({
  ...SHORT,
  input: 'input',
  output: 'output',
  error: 'error',
  cause: 'cause',
  traceHeader: 'trace_header',
  itemIndex: 'item_index',
  mapState: 'map_state',
  wakeAt: 'wake_at',
  isBusy: 'is_busy',
  lastEventId: 'last_event_id',
})

export const valuesOf = (record: ExecutionRecord): readonly SqlValue[] => EXECUTION.values(record)

export function executionReads(db: Database) {
  const byArn = db.prepare<[string], Row>('SELECT * FROM executions WHERE arn = ?')
  const summaryByArn = db.prepare<[string], Row>(`SELECT ${SUMMARY.columns} FROM executions WHERE arn = ?`)
  const byKey = db.prepare<[number], Row>('SELECT * FROM executions WHERE key = ?')
  const lastKey = db.prepareValue<[], number | null>("SELECT seq FROM sqlite_sequence WHERE name = 'executions'")
  const due = db.prepare<[number, number, number, number], { key: number; wake_at: Instant }>(
    `SELECT key, wake_at FROM executions WHERE wake_at IS NOT NULL AND status = 'RUNNING' AND wake_at <= ? AND (wake_at, key) > (?, ?)
     ORDER BY wake_at, key LIMIT ?`,
  )
  const nextDue = db.prepareValue<[number], number | null>(
    "SELECT min(wake_at) FROM executions WHERE wake_at IS NOT NULL AND status = 'RUNNING' AND wake_at > ?",
  )
  const busy = db.prepareValue<[number, number], number>(
    "SELECT key FROM executions WHERE is_busy = 1 AND status = 'RUNNING' AND key > ? ORDER BY key LIMIT ?",
  )
  const byStatus = db.prepare<[number], { status: ExecutionStatus; executions: number }>(
    'SELECT status, count(*) AS executions FROM executions WHERE state_machine_key = ? AND map_run_key IS NULL GROUP BY status',
  )
  const counts = db.prepare<[number], { status: ExecutionStatus; executions: number; items: number }>(
    'SELECT status, count(*) AS executions, sum(item_count) AS items FROM executions WHERE map_run_key = ? GROUP BY status',
  )
  return {
    execution: (arn: string) => readRow(byArn.get(arn)),
    executionSummary(arn: string): ExecutionSummary | undefined {
      const row = summaryByArn.get(arn)
      return row && SUMMARY.read(row)
    },
    executionByKey: (key: ExecutionKey) => readRow(byKey.get(key)),
    lastExecutionKey: () => lastKey.get() ?? 0,
    due: (until: Instant, limit: number, after?: DueExecution): readonly DueExecution[] =>
      due.all(until, after?.wakeAt ?? 0, after?.key ?? 0, limit).map(({ key, wake_at }) => ({ key, wakeAt: wake_at })),
    nextDue: (after: Instant) => (nextDue.get(after) ?? undefined) as Instant | undefined,
    busy: (after: ExecutionKey, limit: number) => busy.all(after, limit),
    executions(filter: ExecutionFilter, limit: number, from?: string): Page<ExecutionSummary> {
      const { sql, values } = listing(filter, from)
      const rows = db.prepare<SqlValue[], Row>(sql).all(...values, limit + 1)
      return pageOf(
        rows.map((row) => ({ record: SUMMARY.read(row), listedAt: row['listed_at'] })),
        limit,
        ({ record, listedAt }) => `${listedAt}:${record.key}`,
        ({ record }) => record,
      )
    },
    children(
      mapRunKey: number,
      statuses: readonly ExecutionStatus[],
      afterIndex: number,
      limit: number,
    ): readonly ExecutionRecord[] {
      const marks = statuses.map(() => '?').join(', ')
      const sql = `SELECT * FROM executions WHERE map_run_key = ? AND item_index > ? AND status IN (${marks}) ORDER BY item_index LIMIT ?`
      return db
        .prepare<SqlValue[], Row>(sql)
        .all(mapRunKey, afterIndex, ...statuses, limit)
        .map(EXECUTION.read)
    },
    childCounts: (mapRunKey: number): ChildCounts =>
      Object.fromEntries(
        counts.all(mapRunKey).map(({ status, executions, items }) => [status, { executions, items: items ?? 0 }]),
      ),
    countsByStatus: (stateMachineKey: number): Readonly<Partial<Record<ExecutionStatus, number>>> =>
      Object.fromEntries(byStatus.all(stateMachineKey).map(({ status, executions }) => [status, executions])),
  }
}

const readRow = (row: Row | undefined): ExecutionRecord | undefined => row && EXECUTION.read(row)

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
  const oldest = db.prepareValue<[number, number], number>(
    'SELECT key FROM executions WHERE stop_at IS NOT NULL AND map_run_key IS NULL AND stop_at < ? ORDER BY stop_at LIMIT ?',
  )
  const remove = db.prepare<[number]>('DELETE FROM executions WHERE key = ?')
  const removeLog = db.prepare<[number]>('DELETE FROM log WHERE execution_key = ?')
  const removeRuns = db.prepare<[number]>('DELETE FROM map_runs WHERE execution_key = ?')
  const removeRunLogs = db.prepare<[number]>(
    'DELETE FROM map_run_log WHERE map_run_key IN (SELECT key FROM map_runs WHERE execution_key = ?)',
  )
  const exists = db.prepareValue<[number], number>('SELECT 1 FROM executions WHERE key = ?')
  const childLogs = db.prepare<[number]>(
    `DELETE FROM log WHERE execution_key IN (SELECT key FROM executions WHERE map_run_key IN (SELECT key FROM map_runs WHERE execution_key = ?))`,
  )
  const children = db.prepare<[number]>(
    'DELETE FROM executions WHERE map_run_key IN (SELECT key FROM map_runs WHERE execution_key = ?)',
  )
  return {
    hasExecution: (key: ExecutionKey): boolean => exists.get(key) === 1,
    /** False when the ARN is taken. */
    insertExecution: (record: ExecutionRecord): boolean => insert.run(...EXECUTION.values(record)).changes === 1,
    /** The same of a record's `valuesOf`. */
    insertRow: (values: readonly SqlValue[]): boolean => insert.run(...values).changes === 1,
    patchExecution(key: ExecutionKey, patch: ExecutionPatch): void {
      const { sql, values } = EXECUTION.assignments(patch as Parameters<typeof EXECUTION.assignments>[0])
      if (values.length > 0) db.prepare(`UPDATE executions SET ${sql} WHERE key = ?`).run(...values, key)
    },
    removeClosed(before: Instant, limit: number): number {
      const keys = oldest.all(before, limit)
      for (const key of keys) {
        childLogs.run(key)
        children.run(key)
        removeLog.run(key)
        removeRunLogs.run(key)
        removeRuns.run(key)
        remove.run(key)
      }
      return keys.length
    },
  }
}
