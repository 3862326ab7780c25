/**
 * Wakes executions when they are due. Due times are rows; here is only the earliest of them. A thousand at a time, so that
 * a crowd that is due at once does not fill the memory.
 */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Instant } from '../base/time.ts'

import type { ExecutionKey, Store } from '../store/contract.ts'

const BATCH = 1_000
/** Looked at least this often, whatever was told: a clock that jumps is noticed. */
const LONGEST_SLEEP_MS = 60_000

export class Scheduler {
  readonly #store: Store
  readonly #clock: Clock
  readonly #log: Log
  readonly #wake: (key: ExecutionKey) => Promise<unknown>
  #alarm: { cancel(): void } | undefined
  #next: number = Number.POSITIVE_INFINITY
  #isRunning = false
  #isStopped = false

  constructor(store: Store, clock: Clock, log: Log, wake: (key: ExecutionKey) => Promise<unknown>) {
    this.#store = store
    this.#clock = clock
    this.#log = log
    this.#wake = wake
  }

  start(): void {
    void this.#work()
  }

  stop(): void {
    this.#isStopped = true
    this.#alarm?.cancel()
  }

  /** Something is due at `at`. */
  dueAt(at: Instant): void {
    if (at < this.#next && !this.#isRunning) this.#sleepUntil(at)
    else if (at < this.#next) this.#next = at
  }

  #sleepUntil(at: number): void {
    if (this.#isStopped) return
    this.#alarm?.cancel()
    this.#next = at
    const delay = Math.min(Math.max(0, at - this.#clock.now()), LONGEST_SLEEP_MS)
    this.#alarm = this.#clock.after(delay, () => void this.#work())
  }

  async #work(): Promise<void> {
    if (this.#isRunning || this.#isStopped) return
    this.#isRunning = true
    this.#next = Number.POSITIVE_INFINITY
    let next: number = Number.POSITIVE_INFINITY
    try {
      for (let woken = BATCH; woken === BATCH && !this.#isStopped; ) {
        const due = await this.#store.due(this.#clock.now(), BATCH)
        await Promise.all(due.map((key) => this.#wake(key)))
        woken = due.length
      }
      if (!this.#isStopped) next = (await this.#store.nextDue()) ?? Number.POSITIVE_INFINITY
    } catch (error) {
      if (!this.#isStopped) this.#log.error('looking for what is due failed', { error: String(error) })
      next = this.#clock.now() + 1_000
    } finally {
      this.#isRunning = false
    }
    this.#sleepUntil(Math.min(next, this.#next, this.#clock.now() + LONGEST_SLEEP_MS))
  }
}
