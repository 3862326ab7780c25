/** What is asked of the rows of a store, whichever database has them, and what is found by it. */
import type { ExecutionArn } from '../../base/arn.ts'
import type { ExecutionKey, MapRunKey } from '../../base/ids.ts'

import { integer, integerOf, nullable, oneOf, row, type RowOf, textOf } from '../../sqlite/row.ts'
import { EXECUTION_STATUSES, WORKFLOW_TYPES } from '../../store/contract.ts'

import { agoOf, type Finding } from './finding.ts'
import type { ExaminedRow } from './log-faults.ts'

/** Of each kind of execution, where not all are looked at. */
export const SAMPLE = 500
/** The newest, some that are busy, and those that are due first. */
export const SAMPLES = (isBusy: string): readonly string[] => [
  'ORDER BY key DESC',
  `WHERE ${isBusy} AND status = 'RUNNING' ORDER BY key`,
  "WHERE wake_at IS NOT NULL AND status = 'RUNNING' ORDER BY wake_at",
]

export const ROW = row({
  key: integerOf<ExecutionKey>(),
  arn: textOf<ExecutionArn>(),
  status: oneOf(...EXECUTION_STATUSES),
  type: oneOf(...WORKFLOW_TYPES),
  map_run_key: nullable(integerOf<MapRunKey>()),
  last_event_id: integer,
})

export const examinedRow = ({ map_run_key: mapRunKey, last_event_id: lastEventId, ...rest }: RowOf<typeof ROW>): ExaminedRow => ({
  ...rest,
  lastEventId,
  ...(mapRunKey !== null && { mapRunKey }),
})

/** `count`: the events of a turn. */
export const MAP_RUN_GAPS = (count: string): string =>
  `SELECT arn, sequence AS place FROM (
     SELECT map_run_key, sequence, lag(sequence + ${count}, 1, 0) OVER (PARTITION BY map_run_key ORDER BY sequence) AS expected
     FROM map_run_log
   ) AS turns JOIN map_runs ON map_runs.key = map_run_key WHERE sequence <> expected`

export const ORPHANS: readonly (readonly [string, string])[] = [
  ['Map Runs without an execution', 'map_runs WHERE NOT EXISTS (SELECT 1 FROM executions WHERE executions.key = execution_key)'],
  [
    'executions without their Map Run',
    'executions WHERE map_run_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM map_runs WHERE map_runs.key = map_run_key)',
  ],
  [
    'executions without their revision',
    'executions WHERE NOT EXISTS (SELECT 1 FROM revisions WHERE revisions.key = revision_key)',
  ],
  [
    'state machines without their revision',
    'state_machines WHERE NOT EXISTS (SELECT 1 FROM revisions WHERE revisions.key = revision_key)',
  ],
]

export const orphanFinding = (what: string, count: number, mend: string): readonly Finding[] =>
  count === 0 ? [] : [{ severity: 'error', check: 'rows', message: `There are ${what}: ${count}.`, mend }]

export const EARLIEST = "SELECT min(wake_at) FROM executions WHERE wake_at IS NOT NULL AND status = 'RUNNING'"
const LATE_MS = 60_000

export function timerFinding(at: number | undefined, isServed: boolean, now: number): readonly Finding[] {
  if (at === undefined || now - at < LATE_MS) return []
  const late = agoOf(now - at)
  if (!isServed)
    return [
      { severity: 'note', check: 'timers', message: `The earliest timer is due since ${late}: it fires when a server starts.` },
    ]
  const mend =
    'See regente quarantine and the log of the server: it has too much to do, stands still, or cannot carry that execution on.'
  return [{ severity: 'warning', check: 'timers', message: `The earliest timer is late by ${late}, though a server runs.`, mend }]
}
