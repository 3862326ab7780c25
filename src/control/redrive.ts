/** When an execution may be redriven, and why not. Source: API reference, DescribeExecution and RedriveExecution. */
import type { Instant } from '../base/time.ts'

import type { ExecutionRecord } from '../store/contract.ts'

export interface RedriveStatus {
  readonly status: 'REDRIVABLE' | 'NOT_REDRIVABLE' | 'REDRIVABLE_BY_MAP_RUN'
  readonly reason?: string
}

const DAY_MS = 24 * 3_600_000
const PERIOD_MS = 14 * DAY_MS
const OPEN_MS_MAX = 365 * DAY_MS
const refuse = (reason: string): RedriveStatus => ({ status: 'NOT_REDRIVABLE', reason })

/** `historyEventsMax`: one event is left for the redrive, and one for the end. */
export function redriveStatus(
  execution: ExecutionRecord,
  isMachineDeleting: boolean,
  now: Instant,
  historyEventsMax: number,
): RedriveStatus {
  const { status, startAt, stopAt = now, lastEventId, mapRunKey, type } = execution
  if (status === 'RUNNING' || status === 'SUCCEEDED' || status === 'PENDING_REDRIVE')
    return refuse(`Execution is ${status} and cannot be redriven`)
  if (mapRunKey !== undefined) return { status: 'REDRIVABLE_BY_MAP_RUN' }
  if (type === 'EXPRESS') return refuse('Execution is EXPRESS and cannot be redriven')
  if (isMachineDeleting) return refuse('State machine is in DELETING status.')
  if (lastEventId >= historyEventsMax - 1) return refuse('Execution history event limit exceeded')
  if (now - startAt > OPEN_MS_MAX) return refuse('Execution has exceeded the max execution time')
  if (now - stopAt > PERIOD_MS) return refuse('Execution redrivable period exceeded')
  return { status: 'REDRIVABLE' }
}

/** How long the same client token is answered once more instead of redriving again. */
export const REDRIVE_TOKEN_MS = 15 * 60_000
