/**
 * One turn of an execution: the machine takes a step, what it tells is made durable, and only then do observers hear of it and
 * its commands leave. Whose turn it is and what becomes of a signal that was not recorded is for the driver to say.
 */
import { assertNever } from '../base/assert.ts'
import type { Breathe } from '../base/breather.ts'
import type { Clock } from '../base/clock.ts'
import type { StateMachineKey } from '../base/ids.ts'
import type { Limits } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import type { Entropy } from '../base/random.ts'
import { toInstant } from '../base/time.ts'

import type { Command } from '../engine/command.ts'
import type { EngineEvent } from '../engine/event.ts'
import { newExecutionState } from '../engine/state.ts'
import { pendingCommands, type Step, step } from '../engine/step.ts'
import type { ExecutionPatch, Store, TurnRecord } from '../store/contract.ts'
import { withPatch } from '../store/patch.ts'
import { isAway } from '../store/unavailable.ts'

import { type Activation, changesOf, type Envelope, type Observer, patchOf, tellObserver, timeOf } from './activation.ts'
import { foldLog } from './fold-log.ts'
import type { KeepTrying } from './keep-trying.ts'
import type { Quarantine } from './quarantine.ts'
import type { Round } from './round.ts'
import { commitTurn, findTurn, type Found, isInLog } from './turn-log.ts'

export interface TurnPorts {
  readonly store: Store
  readonly clock: Clock
  readonly entropy: Entropy
  readonly log: Log
  readonly limits: Limits
  /** What a turn may do, in units of `expr/work.ts`; the engine's own bound unless told. */
  readonly turnWorkMax?: number | undefined
  readonly observer: Observer
  readonly keepTrying: KeepTrying
  readonly breathe: Breathe
  isDeleting(key: StateMachineKey): boolean
  /** Carries a command out; its results come back as signals. */
  dispatch(activation: Activation, command: Command): void
}

/**
 * `taken`: durable, if there was anything to tell. `lost`: not in the log. `unsettled`: it may be in the log or not, and nothing
 * can be read; the next turn reads it back. `fenced`: another node has the execution. `threw`: a bug of ours, which the log knows
 * nothing of.
 */
export type Turn =
  | { readonly kind: 'taken'; readonly step: Step }
  | { readonly kind: 'lost' }
  | { readonly kind: 'unsettled' }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'threw'; readonly error: unknown }

export type StartOutcome = 'started' | 'name-taken' | 'machine-gone' | 'lost' | 'fenced'

const NOTHING: Step = { events: [], commands: [], isUnfinished: false, work: 0 }

export class TurnTaker {
  readonly #ports: TurnPorts
  readonly #quarantine: Quarantine
  readonly #round: Round

  constructor(ports: TurnPorts, quarantine: Quarantine, round: Round) {
    this.#ports = ports
    this.#quarantine = quarantine
    this.#round = round
  }

  /** The first turn of an execution. Rejects with a bug in it. */
  async takeFirst(activation: Activation, isRowThere: boolean): Promise<{ outcome: StartOutcome; step: Step }> {
    const { state, record, isExpress } = activation
    const { entropy, limits, turnWorkMax, isDeleting } = this.#ports
    // A child is not asked for the machine: its parent is counted among those that it waits for.
    if (!isExpress && !isRowThere && isDeleting(record.stateMachineKey)) return { outcome: 'machine-gone', step: NOTHING }
    const first = step(state, { type: 'Start', at: state.startAt, seed: entropy.seed() }, limits, turnWorkMax)
    this.#round.count(first.work)
    return { outcome: await this.#commitFirst(activation, first.events, isRowThere), step: first }
  }

  /** Never rejects. */
  async take(activation: Activation, { signal, notBefore }: Envelope): Promise<Turn> {
    if (activation.isStale && !(await this.#readBack(activation))) return { kind: 'lost' }
    const { sequence, status } = activation.state
    let taken = NOTHING
    try {
      const { clock, entropy, limits, turnWorkMax, isDeleting } = this.#ports
      const isLast = isDeleting(activation.record.stateMachineKey)
      const body = typeof signal === 'function' ? signal(activation.state) : signal
      const at = toInstant(Math.max(timeOf(activation, clock), notBefore ?? 0))
      const more = { at, seed: entropy.seed(), ...(isLast && { isMachineDeleting: true as const }) }
      if (body) taken = step(activation.state, { ...body, ...more }, limits, turnWorkMax)
    } catch (error) {
      return { kind: 'threw', error }
    }
    this.#round.count(taken.work)
    const { events } = taken
    if (events.length === 0) return { kind: 'taken', step: taken }
    if (activation.isExpress) {
      const isOver = status === 'RUNNING' && activation.state.status !== 'RUNNING'
      return isOver && !(await this.#closeExpress(activation)) ? { kind: 'fenced' } : { kind: 'taken', step: taken }
    }
    const { key, input } = activation.record
    const says = patchOf(activation.state)
    const turn = { key, input, patch: changesOf(says, activation.rowSays), sequence, events }
    const kind = await this.#commit(activation, turn, says)
    return kind === 'taken' ? { kind, step: taken } : { kind }
  }

  /** Lets the observers hear of a turn that is durable. */
  tell(activation: Activation, events: readonly EngineEvent[]): void {
    if (events.length > 0) tellObserver(this.#ports, activation, events)
  }

  /** Lets the commands of a turn out that is durable. */
  dispatch(activation: Activation, commands: readonly Command[]): void {
    for (const command of commands) {
      try {
        this.#ports.dispatch(activation, command)
      } catch (error) {
        this.#quarantine.enter(activation.record.key, activation.record.arn, error)
      }
    }
  }

  /** Dispatches what the log asks for and nobody has in hand. Throws when the state cannot tell. */
  attend(activation: Activation): void {
    const { clock, entropy, limits } = this.#ports
    activation.unsettled = undefined
    for (const command of pendingCommands(activation.state, clock.now(), entropy.seed(), limits)) {
      if (command.type !== 'RunTask' || !activation.calls.has(command.task)) this.#ports.dispatch(activation, command)
    }
  }

  async #commit(
    activation: Activation,
    turn: TurnRecord,
    says: ExecutionPatch,
  ): Promise<'taken' | 'lost' | 'unsettled' | 'fenced'> {
    const { store, log } = this.#ports
    const outcome = await commitTurn(store, log, activation.record.arn, turn)
    activation.rowSays = outcome === 'committed' ? says : undefined
    if (outcome === 'committed') return 'taken'
    activation.isStale = true
    switch (outcome) {
      case 'there':
      case 'absent':
        if (await this.#readBack(activation)) return outcome === 'there' ? 'taken' : 'lost'
        break
      case 'unknown':
        break
      case 'fenced':
        return 'fenced'
      case 'stale':
      case 'name-taken':
      case 'machine-gone':
        return 'lost'
      default:
        return assertNever(outcome, 'outcome of a commit')
    }
    activation.unsettled = turn
    return 'unsettled'
  }

  async #commitFirst(activation: Activation, events: readonly EngineEvent[], isRowThere: boolean): Promise<StartOutcome> {
    const { state, record, isExpress } = activation
    const { store, log } = this.#ports
    if (isExpress) {
      return state.status === 'RUNNING' || (await this.#closeExpress(activation)) ? 'started' : 'fenced'
    }
    const patch = patchOf(state)
    const turn: TurnRecord = isRowThere
      ? { key: record.key, input: record.input, patch: { ...patch, startAt: state.startAt }, sequence: 0, events }
      : { key: record.key, create: withPatch(record, patch), ofMachine: record.stateMachineKey, sequence: 0, events }
    const outcome = await commitTurn(store, log, record.arn, turn)
    switch (outcome) {
      case 'committed':
        activation.rowSays = patch
        return 'started'
      case 'name-taken':
      case 'machine-gone':
        return outcome
      case 'fenced':
        return 'fenced'
      case 'stale':
        // Another attempt at the same start may have made just this turn.
        return this.#settleFirst(activation, turn, await findTurn(store, log, record.arn, turn))
      case 'there':
      case 'absent':
      case 'unknown':
        return this.#settleFirst(activation, turn, outcome)
      default:
        return assertNever(outcome, 'outcome of a commit')
    }
  }

  /** What a start has come to whose commit failed, by what the log has of it. */
  async #settleFirst(activation: Activation, turn: TurnRecord, found: Found): Promise<StartOutcome> {
    activation.isStale = true
    if (found === 'absent') return 'lost'
    if (found === 'there' && (await this.#readBack(activation))) return 'started'
    activation.unsettled = turn
    return 'lost'
  }

  /**
   * Folds the log anew into the activation; what is found in it of an unsettled turn is told now. False when it cannot be read or
   * folded. Never rejects.
   */
  async #readBack(activation: Activation): Promise<boolean> {
    const { record, state, unsettled } = activation
    const { store, breathe } = this.#ports
    try {
      const isThere = unsettled !== undefined && (await isInLog(store, unsettled))
      const empty = newExecutionState(state.program, state.identity, state.input, record.startAt)
      activation.state = await foldLog(store, record.key, empty, breathe)
      // Another node carries out what its log asks for.
      if (activation.isDropped) return false
      activation.isStale = false
      if (!unsettled) return true
      activation.hasRun = true
      if (isThere) this.tell(activation, unsettled.events)
      this.attend(activation)
      return true
    } catch (error) {
      activation.isStale = true
      // A store that does not answer is nobody's trouble in particular: whoever needs the state asks again.
      if (!isAway(store, error)) this.#quarantine.enter(record.key, record.arn, error)
      return false
    }
  }

  /** The row of an Express child is written when it ends; other Express executions leave none. False: another node has it. */
  async #closeExpress(activation: Activation): Promise<boolean> {
    const { record, state } = activation
    if (record.mapRunKey === undefined) return true
    const { key, input } = record
    const turn = { key, input, patch: { ...patchOf(state), startAt: state.startAt }, sequence: 0, events: [] }
    const { keepTrying, store } = this.#ports
    const outcomes = await keepTrying.until('writing the end of a Map Run’s child', async () =>
      activation.isDropped ? undefined : store.commit([turn]),
    )
    return !activation.isDropped && outcomes?.[0] !== 'fenced'
  }
}
