/**
 * State machines that are being deleted: their executions end at their next transition, and the last of them takes the machine
 * with it. Until then its name is not free. Source: API reference, DeleteStateMachine.
 * A machine is known here before the store is told: whoever starts an execution from then on is refused, and starts that were on
 * their way are in the store before the deletion is, so that what runs is seen.
 */
import type { StateMachineKey } from '../base/ids.ts'

import type { ExecutionRecord, Store } from '../store/contract.ts'

import type { KeepTrying } from './keep-trying.ts'

export class Deletions {
  readonly #store: Store
  readonly #keepTrying: KeepTrying
  readonly #machines = new Set<StateMachineKey>()
  /** Those of which the store does not know yet. */
  readonly #beginning = new Set<StateMachineKey>()

  constructor(store: Store, keepTrying: KeepTrying) {
    this.#store = store
    this.#keepTrying = keepTrying
  }

  get size(): number {
    return this.#machines.size
  }

  isDeleting(key: StateMachineKey): boolean {
    return this.#machines.has(key)
  }

  /** Takes up what a process before this one, or another node, has begun. */
  async open(): Promise<void> {
    const known = [...this.#machines].filter((key) => !this.#beginning.has(key))
    const deleting = await this.#store.deletingMachines()
    for (const key of known) if (!deleting.includes(key)) this.#machines.delete(key)
    for (const key of deleting) {
      this.#machines.add(key)
      await this.#removeIfIdle(key)
    }
  }

  /** Durable when it resolves: the machine is gone, or goes with its last execution. */
  async begin(key: StateMachineKey): Promise<void> {
    const isKnown = this.isDeleting(key)
    this.#machines.add(key)
    this.#beginning.add(key)
    try {
      await this.#store.setStateMachineStatus(key, 'DELETING')
    } catch (error) {
      if (!isKnown) this.#machines.delete(key)
      throw error
    } finally {
      this.#beginning.delete(key)
    }
    try {
      await this.#removeIfIdle(key)
    } catch (error) {
      // It is begun, whatever the caller is told: nobody need ask again.
      this.#removeLater(key)
      throw error
    }
  }

  /** Children of Map Runs end before their parents, which are counted. */
  ended({ stateMachineKey, mapRunKey }: ExecutionRecord): void {
    if (mapRunKey !== undefined || !this.isDeleting(stateMachineKey)) return
    this.#removeLater(stateMachineKey)
  }

  #removeLater(key: StateMachineKey): void {
    void this.#keepTrying.until('deleting a state machine', () => this.#removeIfIdle(key))
  }

  async #removeIfIdle(key: StateMachineKey): Promise<void> {
    const running = await this.#store.executions({ stateMachineKey: key, status: 'RUNNING' }, 1)
    if (running.rows.length > 0) return
    await this.#store.deleteStateMachine(key)
    this.#machines.delete(key)
  }
}
