/** Map Runs, their logs, and their children as pending executions. */
import { assert } from '../../base/assert.ts'

import type { Database } from '../../sqlite/database.ts'

import type { Child, ChildRows, MapRunEvent } from '../../engine/map-run/event.ts'

import type { ExecutionKey, ExecutionStatus, MapRunRecord, MapRunSummary, MapRunTurn, Page } from '../contract.ts'
import { executionWrites } from './executions.ts'
import { pageOf } from '../page.ts'
import { type Row, shapeOf, type SqlValue } from './shape.ts'

const SHORT = {
  key: 'key',
  arn: 'arn',
  executionKey: 'execution_key',
  executionArn: 'execution_arn',
  stateMachineArn: 'state_machine_arn',
  mapState: 'map_state',
  status: 'status',
  startAt: 'start_at',
  stopAt: 'stop_at',
  maxConcurrency: 'max_concurrency',
  toleratedFailureCount: 'tolerated_failure_count',
  toleratedFailurePercentage: 'tolerated_failure_percentage',
  redriveCount: 'redrive_count',
  redriveAt: 'redrive_at',
  itemsRead: 'items_read',
  isReadingDone: 'is_reading_done',
  resultsWritten: 'results_written',
} as const

const SUMMARY = shapeOf<MapRunSummary>(SHORT)
const MAP_RUN = shapeOf<MapRunRecord>({ ...SHORT, settings: 'settings' })

export function mapRunReads(db: Database) {
  const byArn = db.prepare<[string], Row>(`SELECT ${SUMMARY.columns} FROM map_runs WHERE arn = ?`)
  const byKey = db.prepare<[number], Row>(`SELECT ${SUMMARY.columns} FROM map_runs WHERE key = ?`)
  const wholeByArn = db.prepare<[string], Row>('SELECT * FROM map_runs WHERE arn = ?')
  const page = db.prepare<[number, number, number], Row>(
    `SELECT ${SUMMARY.columns} FROM map_runs WHERE execution_key = ? AND key < ? ORDER BY key DESC LIMIT ?`,
  )
  const running = db.prepare<[], Row>("SELECT * FROM map_runs WHERE status = 'RUNNING' ORDER BY key")
  const log = db.prepareValue<[number], string>('SELECT events FROM map_run_log WHERE map_run_key = ? ORDER BY sequence')
  // Both by the index over (map_run_key, status, item_index, item_count) alone.
  const open = db.prepare<[number], { status: ExecutionStatus; item_index: number; item_count: number }>(
    `SELECT status, item_index, item_count FROM executions
     WHERE map_run_key = ? AND status IN ('RUNNING', 'PENDING', 'PENDING_REDRIVE') ORDER BY item_index`,
  )
  const ended = db.prepare<[number], { status: ExecutionStatus; items: number }>(
    `SELECT status, sum(item_count) AS items FROM executions
     WHERE map_run_key = ? AND status IN ('SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED') GROUP BY status`,
  )
  const read = (row: Row | undefined) => row && SUMMARY.read(row)
  return {
    wholeMapRun(arn: string): MapRunRecord | undefined {
      const row = wholeByArn.get(arn)
      return row && MAP_RUN.read(row)
    },
    mapRun: (arn: string) => read(byArn.get(arn)),
    mapRunByKey: (key: number) => read(byKey.get(key)),
    mapRuns(executionKey: ExecutionKey, limit: number, from?: string): Page<MapRunSummary> {
      const below = from === undefined ? Number.MAX_SAFE_INTEGER : Number(from)
      return pageOf(page.all(executionKey, below, limit + 1).map(SUMMARY.read), limit, (last) => String(last.key))
    },
    mapRunLog: (key: number): readonly MapRunEvent[] => log.all(key).flatMap((events) => JSON.parse(events) as MapRunEvent[]),
    /** Of one moment: the writing thread may end a child between two reads. */
    childRows: (mapRunKey: number): ChildRows =>
      db.transaction(() => {
        const running: Child[] = []
        const waiting: Child[] = []
        for (const { status, item_index: child, item_count: items } of open.iterate(mapRunKey))
          (status === 'RUNNING' ? running : waiting).push({ child, items })
        const items = new Map(ended.all(mapRunKey).map((row) => [row.status, row.items]))
        const itemsOf = (status: ExecutionStatus) => items.get(status) ?? 0
        const failedItems = itemsOf('FAILED') + itemsOf('TIMED_OUT')
        return { running, waiting, endedItems: failedItems + itemsOf('SUCCEEDED') + itemsOf('ABORTED'), failedItems }
      }),
    runningMapRuns: (): readonly MapRunRecord[] => running.all().map(MAP_RUN.read),
  }
}

export function mapRunWrites(db: Database) {
  const insert = db.prepare(`INSERT INTO map_runs (${MAP_RUN.columns}) VALUES (${MAP_RUN.marks}) ON CONFLICT DO NOTHING`)
  const executions = executionWrites(db)
  const append = db.prepare<[number, number, string]>(
    'INSERT INTO map_run_log (map_run_key, sequence, events) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const reopenChildren = db.prepare<[number]>(
    `UPDATE executions SET status = 'PENDING_REDRIVE' WHERE map_run_key = ? AND status IN ('FAILED', 'TIMED_OUT', 'ABORTED')`,
  )
  const exists = db.prepareValue<[number], number>('SELECT 1 FROM map_runs WHERE key = ?')
  const reads = mapRunReads(db)
  return {
    /** The run of that ARN, made now or earlier. */
    createMapRun(run: Omit<MapRunRecord, 'key'>, events: readonly MapRunEvent[]): MapRunRecord {
      const [, ...values] = MAP_RUN.values({ ...run, key: 0 })
      const isNew = insert.run(null, ...values).changes === 1
      const made = reads.wholeMapRun(run.arn)
      assert(made, 'the Map Run is there')
      if (isNew && events.length > 0) append.run(made.key, 0, JSON.stringify(events))
      return made
    },
    commitMapRun({ key, sequence, events, patch, children, reopensChildren }: MapRunTurn): 'committed' | 'stale' {
      if (exists.get(key) !== 1) return 'stale'
      if (append.run(key, sequence, JSON.stringify(events)).changes !== 1) return 'stale'
      const { sql, values } = MAP_RUN.assignments(patch)
      if (values.length > 0) db.prepare<SqlValue[]>(`UPDATE map_runs SET ${sql} WHERE key = ?`).run(...values, key)
      for (const child of children) assert(executions.insertExecution(child), `the child ${child.arn} is new`)
      if (reopensChildren) reopenChildren.run(key)
      return 'committed'
    },
  }
}
