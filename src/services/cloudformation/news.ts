/** Who waits in this process for something to be put at a link. It carries nothing: whoever is woken looks for himself. */
import type { Clock } from '../../base/clock.ts'
import { deferred } from '../../base/deferred.ts'

export class News {
  readonly #clock: Clock
  readonly #waiting = new Map<string, Set<() => void>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  tell(id: string): void {
    for (const wake of this.#waiting.get(id) ?? []) wake()
  }

  /** Resolves when there is news, or at `dueMs`. Rejects with the signal's reason. */
  async of(id: string, dueMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = deferred<void>()
    const stop = () => reject(signal.reason)
    const alarm = this.#clock.at(dueMs, resolve)
    const waiting = this.#waiting.get(id) ?? new Set()
    this.#waiting.set(id, waiting.add(resolve))
    signal.addEventListener('abort', stop)
    try {
      await promise
    } finally {
      alarm.cancel()
      signal.removeEventListener('abort', stop)
      waiting.delete(resolve)
      if (waiting.size === 0) this.#waiting.delete(id)
    }
  }
}
