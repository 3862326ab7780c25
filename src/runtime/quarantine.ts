/**
 * Executions that cannot go on for a reason of our own: a log that does not fold, a revision that no longer compiles, a turn
 * that throws. Each stands aside with its reason and is tried again after a growing pause, or when somebody asks; nobody
 * else waits for it. In memory alone: a start finds the same ones again.
 */
import type { Clock } from '../base/clock.ts'
import { growingPause } from '../base/growing-pause.ts'
import type { ExecutionKey } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import { toInstant } from '../base/time.ts'

import type { Quarantined } from '../control/execution-port.ts'

const PAUSE = { firstMs: 1_000, longestMs: 300_000 }

interface Entry extends Quarantined {
  readonly alarm: { cancel(): void }
}

export class Quarantine {
  readonly #clock: Clock
  readonly #log: Log
  readonly #retry: (key: ExecutionKey) => Promise<void>
  readonly #entries = new Map<ExecutionKey, Entry>()

  /** `retry` takes the execution up again; it calls `enter` when that fails once more, and `leave` when it does not. */
  constructor(clock: Clock, log: Log, retry: (key: ExecutionKey) => Promise<void>) {
    this.#clock = clock
    this.#log = log
    this.#retry = retry
  }

  enter(key: ExecutionKey, executionArn: string, error: unknown): void {
    const before = this.#entries.get(key)
    before?.alarm.cancel()
    const attempts = (before?.attempts ?? 0) + 1
    const now = this.#clock.now()
    const pauseMs = growingPause(attempts, PAUSE)
    const reason = error instanceof Error ? error.message : String(error)
    this.#entries.set(key, {
      executionArn,
      reason,
      since: before?.since ?? now,
      attempts,
      retryAt: toInstant(now + pauseMs),
      alarm: this.#clock.after(pauseMs, () => void this.#retry(key)),
    })
    this.#log.error('an execution cannot go on and stands aside; it is tried again later', {
      executionArn,
      reason,
      attempts,
      retryInSeconds: pauseMs / 1000,
      stack: error instanceof Error ? error.stack : undefined,
    })
  }

  leave(key: ExecutionKey): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    entry.alarm.cancel()
    this.#entries.delete(key)
    this.#log.warn('an execution that stood aside goes on', { executionArn: entry.executionArn })
  }

  /** Executions that are nobody's trouble here any more. */
  forget(isGone: (key: ExecutionKey) => boolean): void {
    for (const [key, { alarm }] of [...this.#entries]) {
      if (!isGone(key)) continue
      alarm.cancel()
      this.#entries.delete(key)
    }
  }

  has(key: ExecutionKey): boolean {
    return this.#entries.has(key)
  }

  attemptsOf(key: ExecutionKey): number {
    return this.#entries.get(key)?.attempts ?? 0
  }

  /** Longest first. */
  list(): readonly Quarantined[] {
    return [...this.#entries.values()].map(({ alarm: _, ...entry }) => entry)
  }

  /** Tries it at once; false when it does not stand aside. Resolves when the try is over. */
  async retryNow(executionArn: string): Promise<boolean> {
    for (const [key, entry] of this.#entries) {
      if (entry.executionArn !== executionArn) continue
      entry.alarm.cancel()
      await this.#retry(key)
      return true
    }
    return false
  }

  close(): void {
    for (const { alarm } of this.#entries.values()) alarm.cancel()
  }
}
