/**
 * Whether a log is one: no turn is missing, ids of history events go up by one, and the row says what the log says. The log is
 * right where the two differ: the row is made of it.
 */
import { isStatusChange, STATUS_AFTER, isHistoryEvent, type EngineEvent } from '../../engine/event.ts'
import { unpackChunk } from '../../store/chunk.ts'
import type { ExecutionRecord } from '../../store/contract.ts'

import type { Finding } from './finding.ts'

export type ExaminedRow = Pick<ExecutionRecord, 'key' | 'arn' | 'status' | 'type' | 'mapRunKey' | 'lastEventId'>

export interface ExaminedTurn {
  readonly sequence: number
  readonly events: readonly EngineEvent[]
}

/** A turn as all databases keep it. */
export interface PackedTurn {
  readonly sequence: number
  readonly chunk: string
}

/** An execution is one of many: what is broken in it takes no other with it. */
const MEND_LOG =
  'While it runs it stands in quarantine: stop it (StopExecution) and start it anew. What it was is in the last backup.'
const REASON_CHARS_MAX = 200

/** What is wrong with an execution, of its row and its log as they were at one moment; undefined where nothing is. A log may need the row's input. */
export function logFinding(
  row: ExaminedRow,
  turns: readonly PackedTurn[],
  inputOf: () => string | undefined,
): Finding | undefined {
  const fault = packedFault(row, turns, inputOf)
  return fault === undefined ? undefined : { severity: 'error', check: 'log', message: `${row.arn}: ${fault}.`, mend: MEND_LOG }
}

function packedFault(row: ExaminedRow, turns: readonly PackedTurn[], inputOf: () => string | undefined): string | undefined {
  try {
    return logFault(
      row,
      turns.map(({ sequence, chunk }) => ({ sequence, events: unpackChunk(chunk, inputOf) })),
    )
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return `its log cannot be read: ${text.length > REASON_CHARS_MAX ? `${text.slice(0, REASON_CHARS_MAX)} …` : text}`
  }
}

export const mapRunLogFinding = (arn: string, place: number): Finding => ({
  severity: 'error',
  check: 'log',
  message: `${arn}: its log has a gap before ${place}.`,
  mend: 'Stop the execution that it is of, and start it anew.',
})

/** What is wrong with an execution; undefined where nothing is. */
export function logFault(row: ExaminedRow, turns: readonly ExaminedTurn[]): string | undefined {
  if (turns.length === 0) return mayHaveNoLog(row) ? undefined : 'its log is empty'
  let sequence = 0
  let id = 0
  let status: string | undefined
  for (const turn of turns) {
    if (turn.sequence !== sequence) return `its log has no turn at ${sequence}: the next one is at ${turn.sequence}`
    sequence += turn.events.length
    for (const event of turn.events) {
      if (isStatusChange(event.type)) status = STATUS_AFTER[event.type]
      if (!isHistoryEvent(event)) continue
      if (event.id !== id + 1) return `its history has no event ${id + 1}: the next one is ${event.id}`
      id = event.id
    }
  }
  if (row.lastEventId !== id) return `its row says that event ${row.lastEventId} is the last one, its log that ${id} is`
  if (status !== row.status && !isReopened(row, status))
    return `its row says ${row.status}, its log ${status ?? 'nothing of a status'}`
  return undefined
}

/** Express executions keep none; a child of a Map Run has none before it begins. */
const mayHaveNoLog = ({ type, mapRunKey }: ExaminedRow): boolean => type === 'EXPRESS' || mapRunKey !== undefined

/** A child that failed waits to be redriven with its Map Run: its row says so, its log does not. */
const isReopened = (row: ExaminedRow, status: string | undefined): boolean =>
  row.status === 'PENDING_REDRIVE' && status !== undefined && status !== 'RUNNING' && status !== 'SUCCEEDED'
