/** Removes closed executions after 90 days (developer guide, quotas), a part at a time. */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { toInstant } from '../base/time.ts'

import type { Store } from '../store/contract.ts'

const KEPT_MS = 90 * 24 * 3_600_000
const PERIOD_MS = 3_600_000
/** A start has other things to do first. */
const FIRST_MS = 60_000
const AT_ONCE = 1_000

export interface RetentionPorts {
  readonly store: Pick<Store, 'removeClosed'>
  readonly clock: Clock
  readonly log: Log
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
    const { store, clock, log } = this.#ports
    try {
      while (!this.#isStopped && (await store.removeClosed(toInstant(clock.now() - KEPT_MS), AT_ONCE)) === AT_ONCE);
    } catch (error) {
      log.warn('removing old executions failed', { error: String(error) })
    }
    this.#sweepAfter(PERIOD_MS)
  }
}
