/** Who waits for the end of which execution: told once, with the row as it is then. */
import type { ExecutionKey } from '../base/ids.ts'

import type { ExecutionRecord } from '../store/contract.ts'

type Ended = (record: ExecutionRecord) => void

export class AwaitedEnds {
  readonly #waiting = new Map<ExecutionKey, Set<Ended>>()

  /** Executions whose end somebody waits for. */
  get size(): number {
    return this.#waiting.size
  }

  /** Calls back once. The answer takes the wish back. */
  add(key: ExecutionKey, tell: Ended): () => void {
    const waiting = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, waiting.add(tell))
    return () => {
      if (waiting.delete(tell) && waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key)
    }
  }

  /** `row` is asked for only where somebody waits. */
  tell(key: ExecutionKey, row: () => ExecutionRecord): void {
    const waiting = this.#waiting.get(key)
    if (!waiting) return
    this.#waiting.delete(key)
    const record = row()
    for (const tell of waiting) tell(record)
  }
}
