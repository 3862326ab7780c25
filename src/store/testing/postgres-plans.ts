/**
 * The statements that run on large tables, each with values, and how PostgreSQL carries them out: for the test that none reads a
 * table from end to end, and for the docs.
 */
import type pg from 'pg'

import { asId } from '../../base/id-in-test.ts'
import { ALL_SHARDS, type StateMachineKey } from '../../base/ids.ts'

import { arrayOf } from '../postgres/binary-array.ts'
import * as executions from '../postgres/executions.ts'
import * as inbox from '../postgres/inbox.ts'
import * as log from '../postgres/log.ts'
import * as mapRuns from '../postgres/map-runs.ts'
import type { SqlValue } from '../postgres/shape.ts'

export interface PlannedStatement {
  readonly name: string
  readonly text: string
  readonly values: readonly SqlValue[]
}

const shards = (count: number) => arrayOf('int4', ALL_SHARDS.slice(0, count))
const one = (name: string, { text }: { readonly text: string }, ...values: readonly SqlValue[]): PlannedStatement => ({
  name,
  text,
  values,
})
const listed = (name: string, filter: Parameters<typeof executions.listing>[0], from?: string): PlannedStatement => {
  const { sql, values } = executions.listing(filter, from)
  return { name, text: sql, values: [...values, 101] }
}
const MACHINE = { stateMachineKey: asId<StateMachineKey>(1) }

/** Keys, names and times are those of `fill`. */
export const STATEMENTS: readonly PlannedStatement[] = [
  one('an execution by its ARN', executions.BY_ARN, 'arn:e500'),
  one('an execution by its key', executions.BY_KEY, 500),
  one('where executions have come to', executions.POSITIONS, arrayOf('text', ['arn:e1', 'arn:e2'])),
  one('what is due', executions.DUE, 2_000, 0, 0, 100, shards(256)),
  one('what is due, of a third of the shards', executions.DUE, 2_000, 1_000, 5, 100, shards(85)),
  one('when the next is due', executions.NEXT_DUE, 1_000, shards(85)),
  one('what is busy', executions.BUSY, 0, 1_000, shards(85)),
  listed('the newest executions of a machine', MACHINE),
  listed('the next page of them', MACHINE, '5000:300'),
  listed('those that run', { ...MACHINE, status: 'RUNNING' }),
  listed('those that failed, the next page', { ...MACHINE, status: 'FAILED' }, '5000:300'),
  listed('those of a version', { versionArn: asId('v1') }),
  listed('those of an alias', { aliasArn: asId('a1') }),
  listed('the children of a Map Run', { mapRunKey: asId(1) }),
  listed('its children that failed', { mapRunKey: asId(1), status: 'FAILED' }),
  one('how many of a machine have which status', executions.COUNTS_BY_STATUS, 1),
  one('how many children have which status', executions.CHILD_COUNTS, 1),
  one('children of a Map Run to start', executions.CHILDREN, 1, arrayOf('text', ['PENDING', 'RUNNING']), 50, 100),
  one('how the children of a Map Run stand', mapRuns.CHILD_ROWS, 1),
  one('what of a machine closed first', executions.CLOSED_OF_MACHINE, 1, 2_000, 1_000, shards(85)),
  one('the removal of closed executions', executions.REMOVE_CLOSED, arrayOf('int8', [1, 2, 3]), 2_000),
  one('the removal of children', executions.REMOVE, arrayOf('int8', [1, 2, 3])),
  one('machines that have executions', executions.MACHINES_WITH_EXECUTIONS, 0, 100),
  one('the Map Runs of executions, however deep', executions.RUNS_OF, arrayOf('int8', [1, 2, 3])),
  one('some children of a Map Run', executions.SOME_CHILDREN, 1, 2_000),
  one('a log from a place on', log.ONWARD, 500, 0),
  one('a history from an event on', log.FORWARD, 500, 1),
  one('a history backward', log.BACKWARD, 500, 100),
  one('when a redrive was asked for', executions.REDRIVE_AT, 1, 'token', 0),
  one('a Map Run by its ARN', mapRuns.WHOLE_BY_ARN, 'arn:run'),
  one('the Map Runs of an execution', mapRuns.PAGE, 1, 2 ** 53 - 1, 101),
  one('the Map Runs that run', mapRuns.RUNNING, shards(256)),
  one('the log of a Map Run', mapRuns.LOG, 1),
  one('messages to some shards', inbox.MESSAGES, shards(85), 100),
]

/** Rows of all kinds: of the running half wait and a tenth is busy, a tenth is children of one Map Run. */
export const fill = (rows: number): string => `
  INSERT INTO executions (key, arn, name, state_machine_arn, state_machine_key, revision_key, start_at, stop_at, wake_at, map_run_key,
    item_index, item_count, redrive_count, last_event_id, is_busy, status, type, version_arn, alias_arn, input)
  SELECT n, 'arn:e' || n, 'e' || n, 'arn:m', 1 + n % 3, 1, n, CASE WHEN n % 4 <> 0 THEN n + 10 END,
    CASE WHEN n % 8 = 0 THEN n END, CASE WHEN n % 10 = 1 THEN 1 END, CASE WHEN n % 10 = 1 THEN n / 10 END,
    CASE WHEN n % 10 = 1 THEN 1 END, 0, 0, n % 40 = 0, (ARRAY['RUNNING', 'SUCCEEDED', 'FAILED', 'SUCCEEDED'])[1 + n % 4], 'STANDARD',
    CASE WHEN n % 20 = 0 THEN 'v1' END, CASE WHEN n % 40 = 0 THEN 'a1' END, '{"a": 1}'
  FROM generate_series(1, ${rows}) AS n;
  INSERT INTO log SELECT n, s, 1 + 2 * s, 2 + 2 * s, '{"payloads":[],"events":[]}' FROM generate_series(1, ${rows}) AS n, generate_series(0, 2) AS s;
  INSERT INTO map_runs (execution_key, start_at, items_read, results_written, max_concurrency, tolerated_failure_count,
    tolerated_failure_percentage, redrive_count, is_reading_done, status, arn, execution_arn, state_machine_arn, map_state, settings)
  SELECT n, 0, 0, 0, 0, 0, 0, 0, true, CASE WHEN n % 20 = 0 THEN 'RUNNING' ELSE 'SUCCEEDED' END, 'arn:run' || n, 'arn:e' || n, 'm', 'Map', '{}'
  FROM generate_series(1, ${Math.ceil(rows / 10)}) AS n;
  INSERT INTO map_run_log SELECT n, 0, 1, '[]' FROM generate_series(1, ${Math.ceil(rows / 10)}) AS n;
  INSERT INTO redrives SELECT n, 0, 't' || n FROM generate_series(1, ${Math.ceil(rows / 10)}) AS n;
  INSERT INTO inbox (id, key, body, answer) SELECT 'm' || n, n, '{}', CASE WHEN n % 100 <> 0 THEN '1' END FROM generate_series(1, ${Math.ceil(rows / 5)}) AS n;
`

/** The plan of a statement, a line a step; long lists of shards are cut short. */
export async function planOf(client: pg.Client, { text, values }: PlannedStatement): Promise<string> {
  const { rows } = await client.query<[string]>({ text: `EXPLAIN ${text}`, values: [...values], rowMode: 'array' })
  return rows.map(([line]) => line.replace(/'\{(\d+,\d+),[\d,]{20,}\}'/g, "'{$1,…}'")).join('\n')
}
