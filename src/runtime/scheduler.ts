/**
 * Wakes executions when they are due. Due times are rows; here is only the earliest of them. A page at a time and a few at
 * once, so that a crowd that is due together neither fills the memory nor holds everybody up; when the store cannot take
 * what a wake brings about, the rest waits for a growing pause.
 */
import type { Clock } from '../base/clock.ts'
import type { ExecutionKey } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import { type Instant, toInstant } from '../base/time.ts'

import type { DueExecution, Store } from '../store/contract.ts'

import { pauseAfter } from './keep-trying.ts'

const PAGE = 1_000
const AT_ONCE = 20
/** The store is asked at least this often, whatever was told. */
const LONGEST_SLEEP_MS = 60_000

export interface SchedulerPorts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  breathe(): Promise<void>
  /** Fires the timers of one execution. False: what they brought about could not be recorded. */
  wake(key: ExecutionKey): Promise<boolean>
}

export class Scheduler {
  readonly #ports: SchedulerPorts
  #alarm: { cancel(): void } | undefined
  #next: number = Number.POSITIVE_INFINITY
  #setbacks = 0
  #isRunning = false
  #isStarted = false
  #isStopped = false

  constructor(ports: SchedulerPorts) {
    this.#ports = ports
  }

  start(): void {
    this.#isStarted = true
    void this.#work()
  }

  /** More may be due than was known: shards were taken. */
  look(): void {
    if (this.#isStarted) this.dueAt(this.#ports.clock.now())
  }

  stop(): void {
    this.#isStopped = true
    this.#alarm?.cancel()
  }

  /** Something is due at `at`. */
  dueAt(at: Instant): void {
    if (at >= this.#next) return
    this.#next = at
    if (!this.#isRunning) this.#sleep()
  }

  #sleep(): void {
    if (this.#isStopped) return
    this.#alarm?.cancel()
    this.#alarm = this.#ports.clock.at(this.#next, () => void this.#work())
  }

  async #work(): Promise<void> {
    if (this.#isRunning || this.#isStopped) return
    const { store, clock, log } = this.#ports
    this.#isRunning = true
    this.#next = Number.POSITIVE_INFINITY
    const until = clock.now()
    let next: number = Number.POSITIVE_INFINITY
    try {
      const isDone = await this.#wakeAll(until)
      this.#setbacks = isDone ? 0 : this.#setbacks + 1
      // Those that were due and are so still stand in quarantine; but a clock that was set back makes them due later.
      const now = clock.now()
      if (isDone) next = (await store.nextDue(toInstant(Math.min(now, until)))) ?? Number.POSITIVE_INFINITY
    } catch (error) {
      this.#setbacks++
      if (!this.#isStopped) log.error('looking for what is due failed', { error: String(error) })
    }
    this.#isRunning = false
    const now = clock.now()
    const soonest = this.#setbacks > 0 ? now + pauseAfter(this.#setbacks) : Math.min(next, this.#next)
    this.#next = Math.min(soonest, now + LONGEST_SLEEP_MS)
    this.#sleep()
  }

  /** False: the store could not take what a wake brought about. */
  async #wakeAll(until: Instant): Promise<boolean> {
    const { store, breathe, wake } = this.#ports
    for (let after: DueExecution | undefined; ; ) {
      const due = await store.due(until, PAGE, after)
      for (let i = 0; i < due.length; i += AT_ONCE) {
        if (this.#isStopped) return true
        const woken = await Promise.all(due.slice(i, i + AT_ONCE).map(({ key }) => wake(key)))
        if (woken.includes(false)) return false
        await breathe()
      }
      after = due.at(-1)
      if (due.length < PAGE) return true
    }
  }
}
