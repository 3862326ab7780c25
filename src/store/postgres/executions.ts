/** One row an execution: created and patched by turns, listed by machine or Map Run, woken by due time. */
import type { AliasArn, ExecutionArn, StateMachineArn, VersionArn } from '../../base/arn.ts'
import type { ExecutionKey, MapRunKey, RevisionKey, Shard, StateMachineKey } from '../../base/ids.ts'
import type { Instant } from '../../base/time.ts'

import { columnReader, nullable, row, type RowReader } from '../../sqlite/row.ts'

import {
  type ChildCounts,
  type DueExecution,
  EXECUTION_STATUSES,
  type ExecutionFilter,
  type ExecutionRecord,
  type ExecutionStatus,
  type ExecutionSummary,
  type Page,
  WORKFLOW_TYPES,
} from '../contract.ts'
import { pageOf } from '../page.ts'
import { withOutput } from '../repeated-input.ts'
import { arrayOf } from './binary-array.ts'
import type { Channel, Query } from './channel.ts'
import { flag, instant, integer, key, oneOf, optional, shapeOf, type SqlValue, text, textOf } from './shape.ts'
import { nothing, only, prepared, type Statement, unprepared } from './statement.ts'

const EXECUTION_KEY = key<ExecutionKey>()
const STATUS = oneOf(...EXECUTION_STATUSES)

const SHORT = {
  key: EXECUTION_KEY,
  arn: textOf<ExecutionArn>(),
  name: text,
  stateMachineArn: textOf<StateMachineArn>(),
  stateMachineKey: key<StateMachineKey>(),
  revisionKey: key<RevisionKey>(),
  versionArn: optional(textOf<VersionArn>()),
  aliasArn: optional(textOf<AliasArn>()),
  type: oneOf(...WORKFLOW_TYPES),
  status: STATUS,
  startAt: instant,
  stopAt: optional(instant),
  mapRunKey: optional(key<MapRunKey>()),
  itemCount: optional(integer),
  redriveCount: integer,
  redriveAt: optional(instant),
}

const SUMMARY = shapeOf<ExecutionSummary>(SHORT)
/** In the order of the arguments of functions/commit.ts. */
export const EXECUTION = shapeOf<ExecutionRecord>({
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
/** Children of a Map Run go so many at a time, so that no statement is long. */
const CHILDREN_AT_ONCE = 2_000

export const BY_ARN = prepared(`SELECT ${EXECUTION.columns} FROM executions WHERE arn = $1`, RECORD)
export const SUMMARY_BY_ARN = prepared(`SELECT ${SUMMARY.columns} FROM executions WHERE arn = $1`, SUMMARY.reader)
export const BY_KEY = prepared(`SELECT ${EXECUTION.columns} FROM executions WHERE key = $1`, RECORD)
const OF_SHARDS = (place: number) => `(key % 256)::int4 = ANY ($${place}::int4[])`
const IS_DUE = "wake_at IS NOT NULL AND status = 'RUNNING'"
export const DUE = prepared(
  `SELECT key, wake_at FROM executions WHERE ${IS_DUE} AND wake_at <= $1 AND (wake_at, key) > ($2, $3) AND ${OF_SHARDS(5)}
   ORDER BY wake_at, key LIMIT $4`,
  row({ key: EXECUTION_KEY, wake_at: instant }),
)
export const NEXT_DUE = prepared(
  `SELECT wake_at FROM executions WHERE ${IS_DUE} AND wake_at > $1 AND ${OF_SHARDS(2)} ORDER BY wake_at, key LIMIT 1`,
  only(instant),
)
export const BUSY = prepared(
  `SELECT key FROM executions WHERE is_busy AND status = 'RUNNING' AND key > $1 AND ${OF_SHARDS(3)} ORDER BY key LIMIT $2`,
  only(EXECUTION_KEY),
)
export const COUNTS_BY_STATUS = prepared(
  `SELECT status, count(*) AS executions FROM executions WHERE state_machine_key = $1 AND map_run_key IS NULL GROUP BY status`,
  row({ status: STATUS, executions: integer }),
)
export const CHILD_COUNTS = prepared(
  `SELECT status, count(*) AS executions, sum(item_count) AS items FROM executions WHERE map_run_key = $1 GROUP BY status`,
  row({ status: STATUS, executions: integer, items: nullable(integer) }),
)
/** For each status by its own part of the index. */
export const CHILDREN = prepared(
  `SELECT ${EXECUTION.columns} FROM unnest($2::text[]) AS wanted (wanted_status) CROSS JOIN LATERAL (
     SELECT ${EXECUTION.columns} FROM executions WHERE map_run_key = $1 AND status = wanted_status AND item_index > $3
     ORDER BY item_index LIMIT $4
   ) AS found ORDER BY item_index LIMIT $4`,
  RECORD,
)
/** Each key is looked for from the one before it on: a table of machines and their executions is not read for it. */
export const MACHINES_WITH_EXECUTIONS = prepared(
  `WITH RECURSIVE machines (key) AS (
     (SELECT state_machine_key FROM executions WHERE map_run_key IS NULL AND state_machine_key > $1
      ORDER BY state_machine_key LIMIT 1)
     UNION ALL SELECT (SELECT state_machine_key FROM executions WHERE map_run_key IS NULL AND state_machine_key > machines.key
      ORDER BY state_machine_key LIMIT 1) FROM machines WHERE machines.key IS NOT NULL
   ) SELECT key FROM machines WHERE key IS NOT NULL LIMIT $2`,
  only(key<StateMachineKey>()),
)
/** By each status, because the index of what a machine's lists show is by status: so none that runs is read, however old. */
export const CLOSED_OF_MACHINE = prepared(
  `SELECT key FROM unnest('{SUCCEEDED,FAILED,TIMED_OUT,ABORTED}'::text[]) AS wanted (wanted_status) CROSS JOIN LATERAL (
     SELECT key, listed_at FROM executions WHERE map_run_key IS NULL AND state_machine_key = $1 AND status = wanted_status
       AND listed_at < $2 AND ${OF_SHARDS(4)} ORDER BY listed_at, key LIMIT $3
   ) AS found ORDER BY listed_at, key LIMIT $3`,
  only(EXECUTION_KEY),
)
export const REDRIVE_AT = prepared(
  'SELECT at FROM redrives WHERE execution_key = $1 AND client_token = $2 AND at > $3',
  only(instant),
)
export const POSITIONS = prepared(
  'SELECT arn, last_event_id FROM executions WHERE arn = ANY ($1::text[])',
  row({ arn: textOf<ExecutionArn>(), last_event_id: integer }),
)

export interface ReadOptions {
  readonly query: Query
  /** The shards that this store holds. */
  readonly held: () => ReadonlySet<Shard>
}

export function executionReads({ query, held }: ReadOptions) {
  const listings = new Map<string, Statement<Listed>>()
  const listingOf = (sql: string) => {
    const known = listings.get(sql)
    if (known) return known
    const made = unprepared(sql, LISTED)
    listings.set(sql, made)
    return made
  }
  const ofShards = (shards: Iterable<Shard>) => arrayOf('int4', shards)
  return {
    redriveOf: async (of: ExecutionKey, clientToken: string, after: Instant): Promise<Instant | undefined> =>
      (await query(REDRIVE_AT, of, clientToken, after))[0],
    execution: async (arn: ExecutionArn): Promise<ExecutionRecord | undefined> => (await query(BY_ARN, arn))[0],
    executionSummary: async (arn: ExecutionArn): Promise<ExecutionSummary | undefined> => (await query(SUMMARY_BY_ARN, arn))[0],
    executionByKey: async (of: ExecutionKey): Promise<ExecutionRecord | undefined> => (await query(BY_KEY, of))[0],
    async due(until: Instant, limit: number, after?: DueExecution): Promise<readonly DueExecution[]> {
      const shards = held()
      if (shards.size === 0) return []
      const rows = await query(DUE, until, after?.wakeAt ?? 0, after?.key ?? 0, limit, ofShards(shards))
      return rows.map((one) => ({ key: one.key, wakeAt: one.wake_at }))
    },
    async nextDue(after: Instant): Promise<Instant | undefined> {
      const shards = held()
      return shards.size === 0 ? undefined : (await query(NEXT_DUE, after, ofShards(shards)))[0]
    },
    machinesWithExecutions: (after: StateMachineKey, limit: number): Promise<readonly StateMachineKey[]> =>
      query(MACHINES_WITH_EXECUTIONS, after, limit),
    async closedExecutions(of: StateMachineKey, before: Instant, limit: number): Promise<readonly ExecutionKey[]> {
      const shards = held()
      return shards.size === 0 ? [] : query(CLOSED_OF_MACHINE, of, before, limit, ofShards(shards))
    },
    busy: (shards: readonly Shard[], after: ExecutionKey, limit: number): Promise<readonly ExecutionKey[]> =>
      query(BUSY, after, limit, ofShards(shards)),
    async executions(filter: ExecutionFilter, limit: number, from?: string): Promise<Page<ExecutionSummary>> {
      const { sql, values } = listing(filter, from)
      const { rows, next } = pageOf(
        await query(listingOf(sql), ...values, limit + 1),
        limit,
        ({ record, listedAt }) => `${listedAt}:${record.key}`,
      )
      return { rows: rows.map(({ record }) => record), ...(next !== undefined && { next }) }
    },
    children: (
      mapRunKey: MapRunKey,
      statuses: readonly ExecutionStatus[],
      afterIndex: number,
      limit: number,
    ): Promise<readonly ExecutionRecord[]> => query(CHILDREN, mapRunKey, arrayOf('text', statuses), afterIndex, limit),
    childCounts: async (mapRunKey: MapRunKey): Promise<ChildCounts> =>
      Object.fromEntries(
        (await query(CHILD_COUNTS, mapRunKey)).map(({ status, executions, items }) => [
          status,
          { executions, items: items ?? 0 },
        ]),
      ),
    countsByStatus: async (stateMachineKey: StateMachineKey): Promise<Readonly<Partial<Record<ExecutionStatus, number>>>> =>
      Object.fromEntries((await query(COUNTS_BY_STATUS, stateMachineKey)).map(({ status, executions }) => [status, executions])),
    positions: async (arns: readonly ExecutionArn[]): Promise<ReadonlyMap<ExecutionArn, number>> =>
      new Map((await query(POSITIONS, arrayOf('text', arns))).map(({ arn, last_event_id }) => [arn, last_event_id])),
  }
}

/** Newest first. Children of a Map Run that have not begun are not listed. */
export function listing(filter: ExecutionFilter, from: string | undefined): { sql: string; values: SqlValue[] } {
  const conditions: string[] = []
  const values: SqlValue[] = []
  const where = (sql: string, ...given: SqlValue[]) => {
    conditions.push(sql.replaceAll('?', () => `$${values.push(given.shift() ?? null)}`))
  }
  if (filter.mapRunKey !== undefined) where("map_run_key = ? AND status <> 'PENDING'", filter.mapRunKey)
  else where('map_run_key IS NULL')
  if (filter.stateMachineKey !== undefined) where('state_machine_key = ?', filter.stateMachineKey)
  if (filter.versionArn !== undefined) where('version_arn = ?', filter.versionArn)
  if (filter.aliasArn !== undefined) where('alias_arn = ?', filter.aliasArn)
  if (filter.status !== undefined) where('status = ?', filter.status)
  if (filter.isRedriven !== undefined) where(filter.isRedriven ? 'redrive_count > 0' : 'redrive_count = 0')
  if (from !== undefined) {
    const [listedAt, after] = from.split(':').map(Number)
    where('(listed_at, key) < (?, ?)', listedAt ?? 0, after ?? 0)
  }
  return {
    sql: `SELECT ${SUMMARY.columns}, listed_at FROM executions WHERE ${conditions.join(' AND ')}
      ORDER BY listed_at DESC, key DESC LIMIT $${values.length + 1}`,
    values,
  }
}

/** What has been redriven in between is not closed any more. */
const IS_CLOSED = 'key = ANY ($1::int8[]) AND stop_at < $2 AND map_run_key IS NULL'
const HAVE_RUNS = prepared(
  'SELECT DISTINCT execution_key FROM map_runs WHERE execution_key = ANY ($1::int8[])',
  only(EXECUTION_KEY),
)
const HOLD_CLOSED = prepared(`SELECT key FROM executions WHERE ${IS_CLOSED} FOR UPDATE`, only(EXECUTION_KEY))
/** Runs of executions, and those of their children, however deep: in a Map Run's child there may be another one. The deepest first. */
export const RUNS_OF = prepared(
  `WITH RECURSIVE runs (key, depth) AS (
     SELECT key, 0 FROM map_runs WHERE execution_key = ANY ($1::int8[])
     UNION ALL SELECT map_runs.key, depth + 1 FROM runs
       JOIN executions ON map_run_key = runs.key JOIN map_runs ON execution_key = executions.key
   ) SELECT key FROM runs ORDER BY depth DESC`,
  only(key<MapRunKey>()),
)
export const SOME_CHILDREN = prepared('SELECT key FROM executions WHERE map_run_key = $1 LIMIT $2', only(EXECUTION_KEY))
/** With what belongs to them: the rows of their logs too, unless they lie in a partition of a day, which will be dropped. */
const removal = (which: string) =>
  prepared(
    `WITH gone AS (DELETE FROM executions WHERE ${which} RETURNING key),
     moved AS (DELETE FROM log_moved USING gone WHERE execution_key = gone.key),
     rest AS (DELETE FROM log_rest USING gone WHERE execution_key = gone.key),
     tokens AS (DELETE FROM redrives USING gone WHERE execution_key = gone.key)
     SELECT key FROM gone`,
    only(EXECUTION_KEY),
  )
export const REMOVE = removal('key = ANY ($1::int8[])')
export const REMOVE_CLOSED = removal(IS_CLOSED)
const REMOVE_RUN_LOG = prepared('DELETE FROM map_run_log WHERE map_run_key = $1', nothing)
const REMOVE_RUN = prepared('DELETE FROM map_runs WHERE key = $1', nothing)
const KEEP_REDRIVE = prepared(
  `WITH put AS (
     INSERT INTO redrives (execution_key, client_token, at) VALUES ($1, $2, $3)
     ON CONFLICT (execution_key, client_token) DO UPDATE SET at = excluded.at
   ) DELETE FROM redrives WHERE execution_key = $1 AND client_token <> $2 AND client_token NOT IN (
     SELECT client_token FROM redrives WHERE execution_key = $1 AND client_token <> $2 ORDER BY at DESC LIMIT ${REDRIVES_KEPT - 1}
   )`,
  nothing,
)

/** `removals` makes transactions, which may take long. */
export function executionWrites(query: Query, removals: Pick<Channel, 'transaction'>) {
  async function removeRun(ask: Query, run: MapRunKey): Promise<void> {
    for (;;) {
      const children = await ask(SOME_CHILDREN, run, CHILDREN_AT_ONCE)
      if (children.length === 0) break
      await ask(REMOVE, arrayOf('int8', children))
    }
    await ask(REMOVE_RUN_LOG, run)
    await ask(REMOVE_RUN, run)
  }
  /** With its Map Runs, or not at all: whoever redrives it meanwhile waits, and finds it gone. */
  const removeWithRuns = (one: ExecutionKey, before: Instant): Promise<number> =>
    removals.transaction(async (ask) => {
      const keys = arrayOf('int8', [one])
      if ((await ask(HOLD_CLOSED, keys, before)).length === 0) return 0
      for (const run of await ask(RUNS_OF, keys)) await removeRun(ask, run)
      return (await ask(REMOVE, keys)).length
    })
  return {
    async keepRedrive(of: ExecutionKey, clientToken: string, at: Instant): Promise<void> {
      await query(KEEP_REDRIVE, of, clientToken, at)
    },
    async removeClosed(keys: readonly ExecutionKey[], before: Instant): Promise<number> {
      const withRuns = new Set(await query(HAVE_RUNS, arrayOf('int8', keys)))
      const others = keys.filter((one) => !withRuns.has(one))
      let gone = (await query(REMOVE_CLOSED, arrayOf('int8', others), before)).length
      for (const one of withRuns) gone += await removeWithRuns(one, before)
      return gone
    },
  }
}
