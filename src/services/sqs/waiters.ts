/**
 * Long polls. A receiver that finds nothing waits here until a message turns visible, its time is over, or it hangs up.
 * One alarm per queue that has waiters, set to the next instant at which a message turns visible; no polling.
 */
import { Alarm } from '../../base/alarm.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

interface Waiter {
  /** True when it got something, so that it need not wait any more. */
  readonly attempt: () => boolean
  readonly finish: () => void
  readonly fail: (error: unknown) => void
}

export class Waiters {
  readonly #tools: { readonly clock: Clock; readonly log: Log }
  readonly #nextVisibleAt: (queue: number) => number | undefined
  readonly #byQueue = new Map<number, Set<Waiter>>()
  readonly #alarms = new Map<number, Alarm>()

  constructor(tools: { readonly clock: Clock; readonly log: Log }, nextVisibleAt: (queue: number) => number | undefined) {
    this.#tools = tools
    this.#nextVisibleAt = nextVisibleAt
  }

  /** Resolves when `attempt` has succeeded, or after `waitMs`, or when `signal` aborts. Rejects with what `attempt` throws. */
  wait(queue: number, waitMs: number, signal: AbortSignal, attempt: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return resolve()
      const timeout = this.#tools.clock.after(waitMs, () => waiter.finish())
      const leave = (): void => {
        timeout.cancel()
        signal.removeEventListener('abort', waiter.finish)
        this.#leave(queue, waiter)
      }
      const waiter: Waiter = {
        attempt,
        finish: () => {
          leave()
          resolve()
        },
        fail: (error) => {
          leave()
          reject(error)
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
      try {
        if (!waiter.attempt()) break
        waiter.finish()
      } catch (error) {
        // Its own request fails, not that of whoever woke it.
        waiter.fail(error)
      }
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
    this.#alarms.get(queue)?.close()
    this.#alarms.delete(queue)
  }

  #setAlarm(queue: number): void {
    if (!this.#byQueue.has(queue)) return
    const known = this.#alarms.get(queue)
    const alarm = known ?? new Alarm({ ...this.#tools, complaint: 'receivers could not be woken', work: () => this.wake(queue) })
    if (!known) this.#alarms.set(queue, alarm)
    alarm.setFor(this.#nextVisibleAt(queue))
  }
}
