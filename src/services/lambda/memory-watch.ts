/**
 * Looks at the memory of processes while they serve an invocation: one watch for all of them. Of very many it looks at some in
 * each round, so that no round holds the event loop.
 */
import type { Clock } from '../../base/clock.ts'

import { residentMb } from './memory.ts'

const PAUSE_MS = 50
/** Some 20 µs each. */
const LOOKS_MAX = 50

export class MemoryWatch {
  readonly #clock: Clock
  /** By process; the one that was looked at last is at the end. */
  readonly #watched = new Map<number, (mb: number) => void>()
  #alarm: { cancel(): void } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `onLook` hears the megabytes that the process holds, with all that it has started. Until it is left. */
  watch(pid: number, onLook: (mb: number) => void): void {
    this.#watched.set(pid, onLook)
    this.#alarm ??= this.#clock.after(PAUSE_MS, () => this.#round())
  }

  leave(pid: number): void {
    this.#watched.delete(pid)
  }

  close(): void {
    this.#watched.clear()
    this.#alarm?.cancel()
  }

  #round(): void {
    this.#alarm = undefined
    const round = [...this.#watched.entries()].slice(0, LOOKS_MAX)
    for (const [pid, onLook] of round) {
      this.#watched.delete(pid)
      this.#watched.set(pid, onLook)
      const mb = residentMb(pid)
      if (mb !== undefined) onLook(mb)
    }
    if (this.#watched.size > 0) this.#alarm = this.#clock.after(PAUSE_MS, () => this.#round())
  }
}
