/** Map Runs, and their children as pending executions. */
import { assert } from '../../base/assert.ts'
import type { Instant } from '../../base/time.ts'

import type { Database } from '../../sqlite/database.ts'

import type { ExecutionKey, ExecutionRecord, MapRunPatch, MapRunRecord, MapRunStatus, MapRunSummary, Page } from '../contract.ts'
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
    runningMapRuns: (): readonly MapRunRecord[] => running.all().map(MAP_RUN.read),
  }
}

export function mapRunWrites(db: Database) {
  const insert = db.prepare(`INSERT INTO map_runs (${MAP_RUN.columns}) VALUES (${MAP_RUN.marks}) ON CONFLICT DO NOTHING`)
  const executions = executionWrites(db)
  const progress = db.prepare<[number, number, number]>('UPDATE map_runs SET items_read = ?, is_reading_done = ? WHERE key = ?')
  const reopenRun = db.prepare<[number, number, string, string]>(
    "UPDATE map_runs SET status = 'RUNNING', stop_at = NULL, redrive_count = ?, redrive_at = ?, settings = ? WHERE arn = ?",
  )
  const reopenChildren = db.prepare<[number]>(
    `UPDATE executions SET status = 'PENDING_REDRIVE' WHERE map_run_key = ? AND status IN ('FAILED', 'TIMED_OUT', 'ABORTED')`,
  )
  const reads = mapRunReads(db)
  return {
    /** The run of that ARN, made now or earlier. */
    createMapRun(run: Omit<MapRunRecord, 'key'>): MapRunRecord {
      const [, ...values] = MAP_RUN.values({ ...run, key: 0 })
      insert.run(null, ...values)
      const made = reads.wholeMapRun(run.arn)
      assert(made, 'the Map Run is there')
      return made
    },
    updateMapRun(arn: string, patch: MapRunPatch, onlyWhile?: MapRunStatus): boolean {
      const { sql, values } = MAP_RUN.assignments(patch)
      const condition = onlyWhile === undefined ? '' : ' AND status = ?'
      const update = db.prepare<SqlValue[]>(`UPDATE map_runs SET ${sql || 'arn = arn'} WHERE arn = ?${condition}`)
      return update.run(...values, arn, ...(onlyWhile === undefined ? [] : [onlyWhile])).changes === 1
    },
    redriveMapRun(arn: string, redriveCount: number, at: Instant, settings: string): MapRunRecord {
      const run = reads.wholeMapRun(arn)
      assert(run, 'a run that is redriven was created')
      if (run.redriveCount >= redriveCount) return run
      reopenRun.run(redriveCount, at, settings, arn)
      reopenChildren.run(run.key)
      const redriven = reads.wholeMapRun(arn)
      assert(redriven, 'the Map Run is there')
      return redriven
    },
    addChildren(mapRunKey: number, children: readonly ExecutionRecord[], itemsRead: number, isReadingDone: boolean): void {
      for (const child of children) assert(executions.insertExecution(child), `the child ${child.arn} is new`)
      progress.run(itemsRead, isReadingDone ? 1 : 0, mapRunKey)
    },
  }
}
