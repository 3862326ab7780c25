/** An execution that this process has in memory: its state, its mailbox, and what works for it outside. */
import type { MapRunArn } from '../base/arn.ts'
import type { Clock } from '../base/clock.ts'
import type { TaskId } from '../base/ids.ts'
import { describeBug, type Log } from '../base/log.ts'
import type { Payload } from '../base/payload.ts'
import { type Instant, toInstant } from '../base/time.ts'

import type { EngineEvent } from '../engine/event.ts'
import type { SignalBody } from '../engine/signal.ts'
import { type ExecutionState, isBusy, nextDue } from '../engine/state.ts'
import type { ExecutionPatch, ExecutionRecord, TurnRecord } from '../store/contract.ts'

export interface Activation {
  readonly record: ExecutionRecord
  /** Replaced when the log is folded anew. */
  state: ExecutionState
  /** The state may be ahead of the log: it is folded before the next turn. */
  isStale: boolean
  /** A turn that is in the log or not: nobody has heard of it, and what the log asks for may not be in anybody's hands. */
  unsettled: TurnRecord | undefined
  /** What the row says since the last turn that was taken here; undefined where none was, or its outcome was not known. */
  rowSays: ExecutionPatch | undefined
  /** It was loaded running, or has taken a turn: its end is news. One that was loaded closed tells nobody its old end. */
  hasRun: boolean
  readonly loggingConfiguration: string | undefined
  readonly mapRunArn: MapRunArn | undefined
  /** Express executions live here alone; of a Map Run's child the row is written at its end. */
  readonly isExpress: boolean
  /** When it was begun here, by `elapsed` of the clock. */
  bornAt: number
  readonly mailbox: Envelope[]
  /** What must arrive and could not be made durable; posted again when the pause is over. */
  readonly held: Envelope[]
  /** Turns in a row that could not be made durable. */
  setbacks: number
  isTurning: boolean
  /** It was taken out of the memory as it stood: whoever has the execution now goes on with it, and nothing of this comes after. */
  isDropped: boolean
  /** Those whose result is not durable yet, by task. */
  readonly calls: Map<TaskId, Call>
  /** The next due time of an Express execution. */
  alarm: { cancel(): void } | undefined
  /** The end of the pause after a setback. */
  pause: { cancel(): void } | undefined
}

/** A call for a task. */
export interface Call {
  /** Gives it up; the reason says what becomes of its job. */
  abort(reason?: string): void
  /** Resolves once what the service has said first (no more than that it took the job, perhaps) is in the mailbox, or will never be. */
  readonly heard: Promise<void>
}

/**
 * What became of a signal. `durable`: what it brought about is in the log. `refused`: the machine had no use for it, as
 * its log stands (a late answer, a second stop). `lost`: it is not in the log, and whoever sent it may send it again.
 */
export type Fate = 'durable' | 'refused' | 'lost'

const IS_LOST = { durable: false, refused: false, lost: true } satisfies Record<Fate, boolean>

/** Whether a signal is not in the log, so that its sender may send it again. */
export const isLost = (fate: Fate): boolean => IS_LOST[fate]

/** How a signal follows from the state when its turn comes, all of which is durable then; undefined: it is refused. */
export type SignalOf = (state: ExecutionState) => SignalBody | undefined

export interface Envelope {
  readonly signal: SignalBody | SignalOf
  /** The turn is not told an earlier instant, whatever the clock says. */
  readonly notBefore?: Instant
  /** Nobody would send it again: it is kept until it is durable or refused. */
  readonly mustArrive: boolean
  readonly settle?: ((fate: Fate) => void) | undefined
}

export function newActivation(
  record: ExecutionRecord,
  state: ExecutionState,
  more: { loggingConfiguration?: string | undefined; mapRunArn?: MapRunArn | undefined },
): Activation {
  return {
    record,
    state,
    isStale: false,
    unsettled: undefined,
    rowSays: undefined,
    hasRun: state.status === 'RUNNING',
    loggingConfiguration: more.loggingConfiguration,
    mapRunArn: more.mapRunArn,
    isExpress: record.type === 'EXPRESS',
    bornAt: 0,
    mailbox: [],
    held: [],
    setbacks: 0,
    isTurning: false,
    isDropped: false,
    calls: new Map(),
    alarm: undefined,
    pause: undefined,
  }
}

/** An Express execution of nobody's Map Run is in no log: it lives here, whoever holds its shard, and ends with this process. */
export const livesHereAlone = ({ isExpress, record }: Activation): boolean => isExpress && record.mapRunKey === undefined

/** The time of an execution. An Express one lives here alone: it is as old as it has lived, and a clock that is set moves none of its timers. */
export function timeOf({ state, isExpress, bornAt }: Activation, clock: Clock): Instant {
  return isExpress ? toInstant(state.startAt + clock.elapsed() - bornAt) : clock.now()
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

/** What of it the row does not say yet. Most turns move little, and what is written anew costs its indexes too. */
export function changesOf(patch: ExecutionPatch, rowSays: ExecutionPatch | undefined): ExecutionPatch {
  if (!rowSays) return patch
  const changes = Object.entries(patch).filter(([member, value]) => value !== rowSays[member as keyof ExecutionPatch])
  return Object.fromEntries(changes)
}

const textOf = (payload: Payload | undefined) => payload?.text ?? null

/** Whose turn it was. */
export type Observed = Pick<Activation, 'record' | 'state' | 'loggingConfiguration' | 'mapRunArn'>

/** Hears of each turn once it is durable. */
export interface Observer {
  committed(execution: Observed, events: readonly EngineEvent[]): void
}

/** Never throws: an observer's bug is nobody else's. */
export function tellObserver(
  { observer, log }: { readonly observer: Observer; readonly log: Log },
  execution: Observed,
  events: readonly EngineEvent[],
): void {
  try {
    observer.committed(execution, events)
  } catch (error) {
    log.error('an observer threw', describeBug(error))
  }
}
