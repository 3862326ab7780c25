/**
 * Long polls. A receiver that finds nothing waits here until a message turns visible, its time is over, or it hangs up.
 * One alarm per queue that has waiters, set to the next instant at which a message turns visible; no polling.
 */
import type { Clock } from '../../base/clock.ts'

interface Waiter {
  /** True when it got something, so that it need not wait any more. */
  readonly attempt: () => boolean
  readonly finish: () => void
}

export class Waiters {
  readonly #clock: Clock
  readonly #nextVisibleAt: (queue: number) => number | undefined
  readonly #byQueue = new Map<number, Set<Waiter>>()
  readonly #alarms = new Map<number, { cancel(): void }>()

  constructor(clock: Clock, nextVisibleAt: (queue: number) => number | undefined) {
    this.#clock = clock
    this.#nextVisibleAt = nextVisibleAt
  }

  /** Resolves when `attempt` has succeeded, or after `waitMs`, or when `signal` aborts. */
  wait(queue: number, waitMs: number, signal: AbortSignal, attempt: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const timeout = this.#clock.after(waitMs, () => waiter.finish())
      const waiter: Waiter = {
        attempt,
        finish: () => {
          timeout.cancel()
          signal.removeEventListener('abort', waiter.finish)
          this.#leave(queue, waiter)
          resolve()
        },
      }
      signal.addEventListener('abort', waiter.finish, { once: true })
      const waiting = this.#byQueue.get(queue)
      if (waiting) waiting.add(waiter)
      else this.#byQueue.set(queue, new Set([waiter]))
      this.#setAlarm(queue)
    })
  }

  /** Something in the queue turned visible, or will at another time than before. The longest waiting are served first. */
  wake(queue: number): void {
    for (const waiter of this.#byQueue.get(queue) ?? []) {
      if (!waiter.attempt()) break
      waiter.finish()
    }
    this.#setAlarm(queue)
  }

  /** Sends all waiters of a queue (or of all queues) away with nothing. */
  release(queue?: number): void {
    for (const [id, waiting] of [...this.#byQueue]) {
      if (queue === undefined || id === queue) for (const waiter of [...waiting]) waiter.finish()
    }
  }

  #leave(queue: number, waiter: Waiter): void {
    const waiting = this.#byQueue.get(queue)
    waiting?.delete(waiter)
    if (waiting?.size !== 0) return
    this.#byQueue.delete(queue)
    this.#alarms.get(queue)?.cancel()
    this.#alarms.delete(queue)
  }

  #setAlarm(queue: number): void {
    if (!this.#byQueue.has(queue)) return
    this.#alarms.get(queue)?.cancel()
    this.#alarms.delete(queue)
    const at = this.#nextVisibleAt(queue)
    if (at === undefined) return
    this.#alarms.set(
      queue,
      this.#clock.after(at - this.#clock.now(), () => this.wake(queue)),
    )
  }
}
