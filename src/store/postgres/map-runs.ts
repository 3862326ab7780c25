/** Map Runs, their logs, and their children as pending executions. */
import type { ExecutionArn, MapRunArn, StateMachineArn } from '../../base/arn.ts'
import type { ExecutionKey, MapRunKey, Shard } from '../../base/ids.ts'

import { row } from '../../sqlite/row.ts'

import type { Child, ChildEnd, ChildRows, MapRunEvent } from '../../engine/map-run/event.ts'

import { EXECUTION_STATUSES, MAP_RUN_STATUSES, type MapRunRecord, type MapRunSummary, type Page } from '../contract.ts'
import { unpackMapRunChunk } from '../map-run-chunk.ts'
import { pageOf } from '../page.ts'
import { arrayOf } from './binary-array.ts'
import type { Query } from './channel.ts'
import { flag, instant, integer, key, oneOf, optional, real, shapeOf, text, textOf } from './shape.ts'
import { only, prepared } from './statement.ts'

const SHORT = {
  key: key<MapRunKey>(),
  arn: textOf<MapRunArn>(),
  executionKey: key<ExecutionKey>(),
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
export const MAP_RUN = shapeOf<MapRunRecord>({ ...SHORT, settings: text })

export const BY_ARN = prepared(`SELECT ${SUMMARY.columns} FROM map_runs WHERE arn = $1`, SUMMARY.reader)
export const BY_KEY = prepared(`SELECT ${SUMMARY.columns} FROM map_runs WHERE key = $1`, SUMMARY.reader)
export const WHOLE_BY_ARN = prepared(`SELECT ${MAP_RUN.columns} FROM map_runs WHERE arn = $1`, MAP_RUN.reader)
export const PAGE = prepared(
  `SELECT ${SUMMARY.columns} FROM map_runs WHERE execution_key = $1 AND key < $2 ORDER BY key DESC LIMIT $3`,
  SUMMARY.reader,
)
export const RUNNING = prepared(
  `SELECT ${MAP_RUN.columns} FROM map_runs WHERE status = 'RUNNING' AND (execution_key % 256)::int4 = ANY ($1::int4[]) ORDER BY key`,
  MAP_RUN.reader,
)
export const LOG = prepared('SELECT events FROM map_run_log WHERE map_run_key = $1 ORDER BY sequence', only(text))
/** Of one moment: those that are open one by one, in the order of their items; those that are over as one row a status. */
export const CHILD_ROWS = prepared(
  `SELECT status, item_index, item_count FROM (
     SELECT status, item_index, coalesce(item_count, 1) AS item_count FROM executions
       WHERE map_run_key = $1 AND status IN ('RUNNING', 'PENDING', 'PENDING_REDRIVE')
     UNION ALL SELECT status, NULL, sum(coalesce(item_count, 1)) FROM executions
       WHERE map_run_key = $1 AND status IN ('SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED') GROUP BY status
   ) AS children ORDER BY item_index NULLS LAST`,
  row({ status: oneOf(...EXECUTION_STATUSES), item_index: optional(integer), item_count: integer }),
)
const ENDS: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] satisfies ChildEnd[])

export const mapRunReads = (query: Query) => ({
  wholeMapRun: async (arn: MapRunArn): Promise<MapRunRecord | undefined> => (await query(WHOLE_BY_ARN, arn))[0],
  mapRun: async (arn: MapRunArn): Promise<MapRunSummary | undefined> => (await query(BY_ARN, arn))[0],
  mapRunByKey: async (of: MapRunKey): Promise<MapRunSummary | undefined> => (await query(BY_KEY, of))[0],
  async mapRuns(executionKey: ExecutionKey, limit: number, from?: string): Promise<Page<MapRunSummary>> {
    const below = from === undefined ? Number.MAX_SAFE_INTEGER : Number(from)
    return pageOf(await query(PAGE, executionKey, below, limit + 1), limit, (last) => String(last.key))
  },
  mapRunLog: async (of: MapRunKey): Promise<readonly MapRunEvent[]> => (await query(LOG, of)).flatMap(unpackMapRunChunk),
  async childRows(mapRunKey: MapRunKey): Promise<ChildRows> {
    const running: Child[] = []
    const waiting: Child[] = []
    let endedItems = 0
    let failedItems = 0
    for (const { status, item_index, item_count: items } of await query(CHILD_ROWS, mapRunKey)) {
      if (ENDS.has(status)) {
        endedItems += items
        if (status === 'FAILED' || status === 'TIMED_OUT') failedItems += items
      } else (status === 'RUNNING' ? running : waiting).push({ child: item_index ?? 0, items })
    }
    return { running, waiting, endedItems, failedItems }
  },
  runningMapRuns: (shards: readonly Shard[]): Promise<readonly MapRunRecord[]> => query(RUNNING, arrayOf('int4', shards)),
})
