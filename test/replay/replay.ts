/**
 * Takes a recorded execution again with today's code: folds its log, and lets every turn bring about its events anew. A turn
 * in which an execution began under another version of the engine is folded only: today's would say today's version.
 */
import { AWS_LIMITS } from '../../src/base/limits.ts'

import { fold } from '../../src/engine/apply.ts'
import type { EngineEvent } from '../../src/engine/event.ts'
import type { Signal } from '../../src/engine/signal.ts'
import type { ExecutionState } from '../../src/engine/state.ts'
import { step } from '../../src/engine/step.ts'
import { ENGINE_VERSION } from '../../src/engine/version.ts'

import { emptyState, type Expected, type Recorded, tellOf } from './recorded.ts'

export interface Replayed {
  /** What each turn brought about, as its log has it where it was folded only. */
  readonly events: readonly EngineEvent[]
  /** What the log says after each turn. */
  readonly told: readonly Expected[]
}

export function replay(recorded: Recorded): Replayed {
  const events: EngineEvent[] = []
  const told: Expected[] = []
  const parked = emptyState(recorded)
  let sequence = 0
  for (const [index, signal] of recorded.signals.entries()) {
    const kept = recorded.log.slice(sequence, sequence + (recorded.expected[index]?.events ?? 0))
    // Each turn begins where a crash would: with the log, folded.
    const live = fold(emptyState(recorded), recorded.log.slice(0, sequence))
    events.push(...(isOfOtherVersion(kept) ? kept : eventsOf(live, signal)))
    fold(parked, kept)
    sequence += kept.length
    told.push({ events: kept.length, ...tellOf(parked) })
  }
  return { events, told }
}

const eventsOf = (state: ExecutionState, signal: Signal) => step(state, forThisRun(state, signal), AWS_LIMITS).events

/** Recordings of before signals of a Map Run said for which redrive they are: they are for the one that runs. */
function forThisRun(state: ExecutionState, signal: Signal): Signal {
  if (!('mapRunArn' in signal) || Object.hasOwn(signal, 'redriveCount')) return signal
  return { ...signal, redriveCount: state.frames.get(signal.frame)?.active?.mapRun?.redriveCount ?? 0 }
}

const isOfOtherVersion = (events: readonly EngineEvent[]): boolean =>
  events.some((event) => 'engine' in event && event.engine !== ENGINE_VERSION)
