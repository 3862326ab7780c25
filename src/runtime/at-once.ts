/**
 * New children of a Map Run that ask nothing of the world: the one turn of such a child is taken before anything of it is
 * written, so that it is written once, with its end, in the commit that tells that it was made. Nothing has left before that:
 * of a turn that is not durable then, nobody knows. A child that asks for anything is started as any execution is.
 */
import type { ArnScope } from '../base/arn.ts'
import { assertNever } from '../base/assert.ts'
import type { Limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { Payload } from '../base/payload.ts'
import type { Entropy } from '../base/random.ts'

import type { Program, State } from '../asl/program.ts'
import type { EngineEvent } from '../engine/event.ts'
import type { MapRunRequest } from '../engine/map-run/state.ts'
import { type ExecutionIdentity, newExecutionState } from '../engine/state.ts'
import { step } from '../engine/step.ts'
import type { ExecutionRecord } from '../store/contract.ts'
import { withPatch } from '../store/patch.ts'

import { type Observer, patchOf, tellObserver } from './activation.ts'
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

/** For the children of one run. After the first that is too much for one turn none is tried: its siblings are so too, mostly. */
export function runAtOnceOf(ports: AtOncePorts, runnable: Runnable, { mapRunArn, mapState }: MapRunRequest): RunAtOnce {
  const { entropy, limits, turnWorkMax, arnScope } = ports
  const { program, roleArn, loggingConfiguration } = runnable
  let sibling: ExecutionIdentity | undefined
  let isWorthTrying = asksNothing(program, mapState)
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
    const tell = () => tellObserver(ports, { record: child, state, loggingConfiguration, mapRunArn }, events)
    return { record, events, work, tell }
  }
}

/** Whether no state that a child can come to makes a call, takes a while or starts a Map Run. */
function asksNothing({ states }: Program, mapState: string): boolean {
  const map = states.get(mapState)
  if (map?.type !== 'Map') return false
  const names = new Set([map.processor.startAt])
  // Those that are found on the way are visited too.
  for (const name of names) {
    const state = states.get(name)
    if (!state) return false
    const following = followingOf(state)
    if (!following) return false
    for (const next of following) if (next !== undefined) names.add(next)
  }
  return true
}

/** Where a state may lead, blocks within it included. Undefined: it asks for something. */
function followingOf(state: State): readonly (string | undefined)[] | undefined {
  switch (state.type) {
    case 'Task':
    case 'Wait':
      return undefined
    case 'Pass':
      return [state.next]
    case 'Choice':
      return [...state.choices.map(({ next }) => next), state.default]
    case 'Succeed':
    case 'Fail':
      return []
    case 'Parallel':
      if (state.retry.length > 0) return undefined
      return [state.next, ...state.catch.map(({ next }) => next), ...state.branches.map(({ startAt }) => startAt)]
    case 'Map':
      if (state.retry.length > 0 || state.distributed) return undefined
      return [state.next, ...state.catch.map(({ next }) => next), state.processor.startAt]
    default:
      return assertNever(state, 'state type')
  }
}
