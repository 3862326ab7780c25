/** Map Runs, their logs, and their children as pending executions. */
import type { ExecutionArn, MapRunArn, StateMachineArn } from '../../base/arn.ts'
import { assert } from '../../base/assert.ts'
import { ALL_SHARDS, type ExecutionKey, type MapRunKey, type Shard, toMapRunKey } from '../../base/ids.ts'

import type { Database } from '../../sqlite/database.ts'
import { flag, integer, integerOf, oneOf, real, row, type RowOf, text, textOf } from '../../sqlite/row.ts'

import type { Child, ChildEnd, ChildRows, MapRunEvent } from '../../engine/map-run/event.ts'

import { MAP_RUN_STATUSES, type MapRunRecord, type MapRunSummary, type MapRunTurn, type Page } from '../contract.ts'
import { executionWrites } from './executions.ts'
import { logWrites, type PackedEvents } from './log.ts'
import { packMapRunChunk, unpackMapRunChunk } from '../map-run-chunk.ts'
import { pageOf } from '../page.ts'
import { type RowBatch, unpackRows } from './row-batch.ts'
import { instant, optional, shapeOf, type SqlValue } from './shape.ts'

/** A turn as it crosses to the writing thread: rows in place of records, which are copied by far faster, and packed events. */
export interface PackedMapRunTurn extends Omit<MapRunTurn, 'children' | 'childLogs'> {
  readonly children: RowBatch
  readonly childLogs: readonly (PackedEvents & { readonly key: ExecutionKey })[]
}

const SHORT = {
  key: integerOf<MapRunKey>(),
  arn: textOf<MapRunArn>(),
  executionKey: integerOf<ExecutionKey>(),
  executionArn: textOf<ExecutionArn>(),
  stateMachineArn: textOf<StateMachineArn>(),
  mapState: text,
  status: oneOf(...MAP_RUN_STATUSES),
  startAt: instant,
  stopAt: optional(instant),
  maxConcurrency: integer,
  toleratedFailureCount: integer,
  toleratedFailurePercentage: real,
  redriveCount: integer,
  redriveAt: optional(instant),
  itemsRead: integer,
  isReadingDone: flag,
  resultsWritten: integer,
}

const SUMMARY = shapeOf<MapRunSummary>(SHORT)
const MAP_RUN = shapeOf<MapRunRecord>({ ...SHORT, settings: text })

const OPEN = row({ status: oneOf('RUNNING', 'PENDING', 'PENDING_REDRIVE'), item_index: integer, item_count: integer })
const ENDED = row({ status: oneOf('SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'), items: integer })

export function mapRunReads(db: Database) {
  const byArn = db.prepare<[string], MapRunSummary>(`SELECT ${SUMMARY.columns} FROM map_runs WHERE arn = ?`, SUMMARY.reader)
  const byKey = db.prepare<[number], MapRunSummary>(`SELECT ${SUMMARY.columns} FROM map_runs WHERE key = ?`, SUMMARY.reader)
  const wholeByArn = db.prepare<[string], MapRunRecord>('SELECT * FROM map_runs WHERE arn = ?', MAP_RUN.reader)
  const page = db.prepare<[number, number, number], MapRunSummary>(
    `SELECT ${SUMMARY.columns} FROM map_runs WHERE execution_key = ? AND key < ? ORDER BY key DESC LIMIT ?`,
    SUMMARY.reader,
  )
  const running = db.prepare<[string], MapRunRecord>(
    `SELECT * FROM map_runs WHERE status = 'RUNNING'
       AND execution_key % ${ALL_SHARDS.length} IN (SELECT value FROM json_each(?)) ORDER BY key`,
    MAP_RUN.reader,
  )
  const log = db.prepareValue<[number], string>('SELECT events FROM map_run_log WHERE map_run_key = ? ORDER BY sequence', text)
  // Both by the index over (map_run_key, status, item_index, item_count) alone.
  const open = db.prepare<[number], RowOf<typeof OPEN>>(
    `SELECT status, item_index, item_count FROM executions
     WHERE map_run_key = ? AND status IN ('RUNNING', 'PENDING', 'PENDING_REDRIVE') ORDER BY item_index`,
    OPEN,
  )
  const ended = db.prepare<[number], RowOf<typeof ENDED>>(
    `SELECT status, sum(item_count) AS items FROM executions
     WHERE map_run_key = ? AND status IN ('SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED') GROUP BY status`,
    ENDED,
  )
  return {
    wholeMapRun: (arn: MapRunArn) => wholeByArn.get(arn),
    mapRun: (arn: MapRunArn) => byArn.get(arn),
    mapRunByKey: (key: MapRunKey) => byKey.get(key),
    mapRuns(executionKey: ExecutionKey, limit: number, from?: string): Page<MapRunSummary> {
      const below = from === undefined ? Number.MAX_SAFE_INTEGER : Number(from)
      return pageOf(page.all(executionKey, below, limit + 1), limit, (last) => String(last.key))
    },
    mapRunLog: (key: MapRunKey): readonly MapRunEvent[] => log.all(key).flatMap(unpackMapRunChunk),
    /** Of one moment: the writing thread may end a child between two reads. */
    childRows: (mapRunKey: MapRunKey): ChildRows =>
      db.transaction(() => {
        const running: Child[] = []
        const waiting: Child[] = []
        for (const { status, item_index: child, item_count: items } of open.iterate(mapRunKey))
          (status === 'RUNNING' ? running : waiting).push({ child, items })
        const items = new Map(ended.all(mapRunKey).map((row) => [row.status, row.items]))
        const itemsOf = (status: ChildEnd) => items.get(status) ?? 0
        const failedItems = itemsOf('FAILED') + itemsOf('TIMED_OUT')
        return { running, waiting, endedItems: failedItems + itemsOf('SUCCEEDED') + itemsOf('ABORTED'), failedItems }
      }),
    runningMapRuns: (shards: readonly Shard[]): readonly MapRunRecord[] => running.all(JSON.stringify(shards)),
  }
}

export function mapRunWrites(db: Database) {
  const insert = db.prepare(`INSERT INTO map_runs (${MAP_RUN.columns}) VALUES (${MAP_RUN.marks}) ON CONFLICT DO NOTHING`)
  const executions = executionWrites(db)
  const logs = logWrites(db)
  const end = db.prepareValue<[number], number>(
    'SELECT sequence + json_array_length(events) FROM map_run_log WHERE map_run_key = ? ORDER BY sequence DESC LIMIT 1',
    integer,
  )
  const append = db.prepare<[number, number, string]>(
    'INSERT INTO map_run_log (map_run_key, sequence, events) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const reopenChildren = db.prepare<[number]>(
    `UPDATE executions SET status = 'PENDING_REDRIVE' WHERE map_run_key = ? AND status IN ('FAILED', 'TIMED_OUT', 'ABORTED')`,
  )
  const exists = db.prepareValue<[number], number>('SELECT 1 FROM map_runs WHERE key = ?', integer)
  const reads = mapRunReads(db)
  return {
    /** The run of that ARN, made now or earlier. */
    createMapRun(run: Omit<MapRunRecord, 'key'>, events: readonly MapRunEvent[]): MapRunRecord {
      const [, ...values] = MAP_RUN.values({ ...run, key: toMapRunKey(0) })
      const isNew = insert.run(null, ...values).changes === 1
      const made = reads.wholeMapRun(run.arn)
      assert(made, 'the Map Run is there')
      if (isNew && events.length > 0) append.run(made.key, 0, packMapRunChunk(events))
      return made
    },
    commitMapRun(turn: PackedMapRunTurn): 'committed' | 'stale' {
      const { key, sequence, events, patch, children, childLogs, reopensChildren } = turn
      if (exists.get(key) !== 1 || (end.get(key) ?? 0) !== sequence) return 'stale'
      append.run(key, sequence, packMapRunChunk(events))
      const { sql, values } = MAP_RUN.assignments(patch)
      if (values.length > 0) db.prepare<SqlValue[]>(`UPDATE map_runs SET ${sql} WHERE key = ?`).run(...values, key)
      for (const child of unpackRows(children)) assert(executions.insertRow(child), `the children of the Map Run ${key} are new`)
      for (const log of childLogs)
        assert(logs.appendTurn(log.key, 0, log.firstId, log.lastId, log.chunk), `the log of the child ${log.key} is new`)
      if (reopensChildren) reopenChildren.run(key)
      return 'committed'
    },
  }
}
