/**
 * The executions that this process has in memory, at most once each. One that is parked is folded from its log when somebody
 * asks for it; one whose log does not fold goes to the quarantine.
 */
import type { ArnScope } from '../base/arn.ts'
import type { Breathe } from '../base/breather.ts'
import type { ExecutionKey } from '../base/ids.ts'
import { Payload } from '../base/payload.ts'

import { type ExecutionState, newExecutionState } from '../engine/state.ts'
import type { ExecutionRecord, Store } from '../store/contract.ts'
import { isAway } from '../store/unavailable.ts'

import { type Activation, newActivation } from './activation.ts'
import { foldLog } from './fold-log.ts'
import { identityOf } from './identity.ts'
import type { Programs, Runnable } from './programs.ts'
import type { Quarantine } from './quarantine.ts'

export interface ActivationsPorts {
  readonly store: Store
  readonly programs: Programs
  readonly arnScope: ArnScope
  readonly quarantine: Quarantine
  readonly breathe: Breathe
  /** Turns of that execution may be taken here. */
  holds(key: ExecutionKey): boolean
  /** An execution was folded and nobody can have taken a turn of it yet. Throws when its state cannot go on. */
  loaded(activation: Activation): void
}

export class Activations {
  readonly #ports: ActivationsPorts
  readonly #active = new Map<ExecutionKey, Activation>()
  readonly #loading = new Map<ExecutionKey, Promise<Activation | undefined>>()

  constructor(ports: ActivationsPorts) {
    this.#ports = ports
  }

  all(): Iterable<Activation> {
    return this.#active.values()
  }

  /** Executions on their way into the memory. */
  get loading(): number {
    return this.#loading.size
  }

  find(key: ExecutionKey): Activation | undefined {
    return this.#active.get(key)
  }

  add(activation: Activation): void {
    this.#active.set(activation.record.key, activation)
  }

  forget(activation: Activation): void {
    activation.isTurning = false
    activation.alarm?.cancel()
    activation.pause?.cancel()
    if (this.#active.get(activation.record.key) === activation) this.#active.delete(activation.record.key)
  }

  /**
   * The execution in memory; folds its log when it is parked. Undefined when it is unknown, has not begun, is another node's, or
   * is closed and must not be. Rejects with the store's error, or with UnreadableLogError: the execution then stands in quarantine.
   */
  load(key: ExecutionKey, mayBeClosed = false): Promise<Activation | undefined> {
    const active = this.#active.get(key)
    if (active) return Promise.resolve(active)
    const loading = this.#loading.get(key)
    // Who finds nothing asks again: it was not to be closed, or was looked for before it had begun.
    if (loading) return loading.then((found) => found ?? this.load(key, mayBeClosed))
    const promise = this.#load(key, mayBeClosed).finally(() => this.#loading.delete(key))
    this.#loading.set(key, promise)
    return promise
  }

  async #load(key: ExecutionKey, mayBeClosed: boolean): Promise<Activation | undefined> {
    const { store } = this.#ports
    const record = await store.executionByKey(key)
    if (!record || record.type === 'EXPRESS' || (record.status !== 'RUNNING' && !(mayBeClosed && hasBegun(record))))
      return undefined
    const run = record.mapRunKey === undefined ? undefined : await store.mapRunByKey(record.mapRunKey)
    const { state, loggingConfiguration } = await this.#fold(record)
    const activation = newActivation(record, state, { loggingConfiguration, mapRunArn: run?.arn })
    // Another node may have it by now.
    if (!this.#ports.holds(key)) return undefined
    // It may have been started meanwhile.
    const active = this.#active.get(key)
    if (active) return active
    this.add(activation)
    try {
      this.#ports.loaded(activation)
    } catch (error) {
      this.forget(activation)
      throw this.#setAside(record, error)
    }
    return activation
  }

  async #fold(record: ExecutionRecord): Promise<Pick<Runnable, 'loggingConfiguration'> & { state: ExecutionState }> {
    const { store, programs, arnScope, breathe } = this.#ports
    try {
      const { program, roleArn, loggingConfiguration } = await programs.runnable(record.revisionKey)
      const identity = identityOf(record, roleArn, arnScope)
      const empty = newExecutionState(program, identity, Payload.ofText(record.input), record.startAt)
      return { state: await foldLog(store, record.key, empty, breathe), loggingConfiguration }
    } catch (error) {
      // A store that does not answer is nobody's trouble in particular: whoever needs the execution asks again.
      throw isAway(store, error) ? error : this.#setAside(record, error)
    }
  }

  #setAside({ key, arn }: ExecutionRecord, error: unknown): UnreadableLogError {
    this.#ports.quarantine.enter(key, arn, error)
    return new UnreadableLogError(arn, error)
  }
}

/** The row of a Map Run's child is there before its first turn. */
const hasBegun = ({ status, lastEventId }: ExecutionRecord): boolean =>
  lastEventId > 0 || (status !== 'PENDING' && status !== 'PENDING_REDRIVE')

/** Why an execution cannot be taken up: its log, or the revision that it runs. */
export class UnreadableLogError extends Error {
  override readonly name = 'UnreadableLogError'

  constructor(executionArn: string, cause: unknown) {
    super(`${executionArn} cannot be taken up: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
