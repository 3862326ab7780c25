/**
 * Removes what has closed when its time is over: 90 days (developer guide, quotas), or what the server or a state machine's tag
 * says. A machine at a time, a part at a time.
 * 1. With an archive nothing is removed before it is there. What could not be written is kept, told, and tried an hour later; one
 *    machine that fails does not keep the others'.
 * 2. An execution that was redriven in between is kept; it will be in the archive once more when it has closed again.
 */
import type { Clock } from '../base/clock.ts'
import { type ExecutionKey, type StateMachineKey, toStateMachineKey } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import { type Instant, toInstant } from '../base/time.ts'

import type { Store } from '../store/contract.ts'

/** A tag of a state machine: for how many days its executions are kept when they have closed. */
export const RETENTION_TAG = 'regente:retention-days'
const DAYS_MAX = 3_650
const DAY_MS = 24 * 3_600_000
const PERIOD_MS = 3_600_000
/** A start has other things to do first. */
const FIRST_MS = 60_000
const AT_ONCE = 1_000
const MACHINES_AT_ONCE = 100

export const RETENTION_DAYS = 90

/** Where executions go before they are removed. Resolves when all of them are there, whole; rejects when one may not be. */
export type Archive = (executions: readonly ExecutionKey[]) => Promise<void>

export interface RetentionPorts {
  readonly store: Pick<Store, 'machinesWithExecutions' | 'closedExecutions' | 'removeClosed' | 'machinesWithTag'>
  readonly clock: Clock
  readonly log: Log
  /** Days for which a closed execution is kept whose machine says nothing else. */
  readonly days: number
  readonly archive?: Archive | undefined
}

export class Retention {
  readonly #ports: RetentionPorts
  #alarm: { cancel(): void } | undefined
  #isStopped = false

  constructor(ports: RetentionPorts) {
    this.#ports = ports
  }

  start(): void {
    this.#sweepAfter(FIRST_MS)
  }

  stop(): void {
    this.#isStopped = true
    this.#alarm?.cancel()
  }

  #sweepAfter(ms: number): void {
    if (!this.#isStopped) this.#alarm = this.#ports.clock.after(ms, () => void this.#sweep())
  }

  async #sweep(): Promise<void> {
    const { store, log } = this.#ports
    const failures: unknown[] = []
    try {
      const tagged = await store.machinesWithTag(RETENTION_TAG)
      for (let after: StateMachineKey | undefined = toStateMachineKey(0); after !== undefined && !this.#isStopped; ) {
        const machines: readonly StateMachineKey[] = await store.machinesWithExecutions(after, MACHINES_AT_ONCE)
        for (const machine of machines)
          await this.#sweepMachine(machine, this.#daysOf(machine, tagged.get(machine))).catch((error) => failures.push(error))
        after = machines.length < MACHINES_AT_ONCE ? undefined : machines.at(-1)
      }
    } catch (error) {
      failures.push(error)
    }
    if (failures.length > 0) log.warn('removing old executions failed', { times: failures.length, error: String(failures[0]) })
    this.#sweepAfter(PERIOD_MS)
  }

  async #sweepMachine(machine: StateMachineKey, days: number): Promise<void> {
    const { store, clock } = this.#ports
    const before = toInstant(clock.now() - days * DAY_MS)
    while (!this.#isStopped) {
      const closed = await store.closedExecutions(machine, before, AT_ONCE)
      if (closed.length > 0) await this.#remove(closed, before)
      if (closed.length < AT_ONCE) return
    }
  }

  async #remove(closed: readonly ExecutionKey[], before: Instant): Promise<void> {
    const { store, archive } = this.#ports
    await archive?.(closed)
    await store.removeClosed(closed, before)
  }

  #daysOf(machine: StateMachineKey, tag: string | undefined): number {
    const days = tag === undefined ? undefined : parseDays(tag)
    if (tag !== undefined && days === undefined)
      this.#ports.log.warn(`the tag ${RETENTION_TAG} of a state machine is not a number of days from 1 to ${DAYS_MAX}`, {
        machine,
        tag,
      })
    return days ?? this.#ports.days
  }
}

/** Undefined: no whole number of days that there can be. */
function parseDays(text: string): number | undefined {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0
  return days >= 1 && days <= DAYS_MAX ? days : undefined
}
