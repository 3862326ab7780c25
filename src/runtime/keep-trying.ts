/**
 * Carries out what must happen, however often our own store or process fails it: with a growing pause between tries, until
 * it is done or the runtime closes. What a workflow's services fail at is no business of it: that is a task's result.
 */
import type { Clock } from '../base/clock.ts'
import { growingPause } from '../base/growing-pause.ts'
import type { Log } from '../base/log.ts'

const PAUSE = { firstMs: 100, longestMs: 10_000 }

/** Milliseconds to wait after so many failures in a row of our own, from 1. */
export const pauseAfter = (failures: number): number => growingPause(failures, PAUSE)

export class KeepTrying {
  readonly #clock: Clock
  readonly #log: Log
  readonly #sleepers = new Set<() => void>()
  #isClosed = false

  constructor(clock: Clock, log: Log) {
    this.#clock = clock
    this.#log = log
  }

  /** `what` names the action in the log. Undefined: the runtime has closed before it was done. Never rejects. */
  async until<T>(what: string, action: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 1; !this.#isClosed; failures++) {
      try {
        return await action()
      } catch (error) {
        if (this.#isClosed) return undefined
        this.#log.warn(`${what} failed and is tried again`, { failures, error: String(error) })
        await this.#sleep(pauseAfter(failures))
      }
    }
    return undefined
  }

  /** What has failed may succeed now: no pause is waited for any longer. */
  tryNow(): void {
    for (const wake of [...this.#sleepers]) wake()
  }

  close(): void {
    this.#isClosed = true
    this.tryNow()
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(wake)
        alarm.cancel()
        resolve()
      }
      const alarm = this.#clock.after(ms, wake)
      this.#sleepers.add(wake)
    })
  }
}
