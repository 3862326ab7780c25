/**
 * New children of a Map Run that ask nothing of the world: the one turn of such a child is taken before anything of it is
 * written, so that it is written once, with its end, in the commit that tells that it was made. Nothing has left before that:
 * of a turn that is not durable then, nobody knows. A child that asks for anything is started as any execution is.
 */
import type { ArnScope, MapRunArn } from '../base/arn.ts'
import type { Limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { Payload } from '../base/payload.ts'
import type { Entropy } from '../base/random.ts'

import type { EngineEvent } from '../engine/event.ts'
import { type ExecutionIdentity, newExecutionState } from '../engine/state.ts'
import { step } from '../engine/step.ts'
import type { ExecutionRecord } from '../store/contract.ts'
import { withPatch } from '../store/patch.ts'

import { type Observer, patchOf } from './activation.ts'
import { identityOf } from './identity.ts'
import type { Runnable } from './programs.ts'

export interface AtOncePorts {
  readonly entropy: Entropy
  readonly limits: Limits
  readonly turnWorkMax?: number | undefined
  readonly arnScope: ArnScope
  readonly observer: Observer
  readonly log: Log
}

export interface EndedAtOnce {
  readonly record: ExecutionRecord
  readonly events: readonly EngineEvent[]
  /** What it has cost, in units of `expr/work.ts`. */
  readonly work: number
  /** To be called when it is durable. Never throws. */
  tell(): void
}

/** Undefined: the child is to be started. */
export type RunAtOnce = (child: ExecutionRecord) => EndedAtOnce | undefined

/** For the children of one run. After the first that does not end at once none is tried: its siblings do the same, mostly. */
export function runAtOnceOf(ports: AtOncePorts, runnable: Runnable, mapRunArn: MapRunArn): RunAtOnce {
  const { entropy, limits, turnWorkMax, arnScope, observer, log } = ports
  const { program, roleArn, loggingConfiguration } = runnable
  let sibling: ExecutionIdentity | undefined
  let isWorthTrying = true
  return (child) => {
    if (!isWorthTrying) return undefined
    isWorthTrying = false
    sibling ??= identityOf(child, roleArn, arnScope)
    const identity = { ...sibling, executionArn: child.arn, executionName: child.name }
    const state = newExecutionState(program, identity, Payload.ofText(child.input), child.startAt)
    const { events, commands, work } = step(
      state,
      { type: 'Start', at: state.startAt, seed: entropy.seed() },
      limits,
      turnWorkMax,
    )
    if (state.status === 'RUNNING' || commands.length > 0) return undefined
    isWorthTrying = true
    const record = withPatch(child, patchOf(state))
    const tell = () => {
      try {
        observer.committed({ record: child, state, loggingConfiguration, mapRunArn }, events)
      } catch (error) {
        log.error('an observer threw', { error: String(error), stack: (error as Error).stack })
      }
    }
    return { record, events, work, tell }
  }
}
