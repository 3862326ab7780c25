/** An execution that this process has in memory: its state, its mailbox, and what works for it outside. */
import type { Payload } from '../base/payload.ts'

import type { EngineEvent } from '../engine/event.ts'
import type { Signal } from '../engine/signal.ts'
import { type ExecutionState, isBusy, nextDue } from '../engine/state.ts'
import type { ExecutionPatch, ExecutionRecord } from '../store/contract.ts'

export interface Live {
  readonly record: ExecutionRecord
  readonly state: ExecutionState
  readonly loggingConfiguration: string | undefined
  readonly mapRunArn: string | undefined
  /** Express executions live here alone; of a Map Run's child the row is written at its end. */
  readonly isExpress: boolean
  readonly mailbox: Letter[]
  isTurning: boolean
  /** Calls in flight, by task. */
  readonly calls: Map<number, AbortController>
  alarm: { cancel(): void } | undefined
}

/** A signal, and whom to tell once what it brought about is durable. */
export interface Letter {
  readonly signal: Signal
  readonly done?: (() => void) | undefined
}

export function newLive(
  record: ExecutionRecord,
  state: ExecutionState,
  more: { loggingConfiguration?: string | undefined; mapRunArn?: string | undefined },
): Live {
  return {
    ...{ record, state, loggingConfiguration: more.loggingConfiguration, mapRunArn: more.mapRunArn },
    ...{
      isExpress: record.type === 'EXPRESS',
      mailbox: [],
      isTurning: false,
      calls: new Map<number, AbortController>(),
      alarm: undefined,
    },
  }
}

/** What the execution's row says after a turn. */
export function patchOf(state: ExecutionState): ExecutionPatch {
  return {
    status: state.status,
    stopAt: state.stopAt ?? null,
    output: textOf(state.output),
    // AWS tells no error of an execution that timed out (recorded: timeouts).
    error: state.status === 'TIMED_OUT' ? null : (state.error ?? null),
    cause: state.status === 'TIMED_OUT' ? null : (state.cause ?? null),
    wakeAt: nextDue(state) ?? null,
    isBusy: isBusy(state),
    lastEventId: state.lastEventId,
    redriveCount: state.redriveCount,
    ...(state.redriveAt !== undefined && { redriveAt: state.redriveAt }),
  }
}

const textOf = (payload: Payload | undefined) => payload?.text ?? null

/** The row with a patch put on it. */
export function patched(record: ExecutionRecord, patch: ExecutionPatch): ExecutionRecord {
  const row: Record<string, unknown> = { ...record }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete row[name]
    else if (value !== undefined) row[name] = value
  }
  return row as unknown as ExecutionRecord
}

/** Hears of each turn once it is durable. */
export interface Observer {
  committed(execution: Live, events: readonly EngineEvent[]): void
}
