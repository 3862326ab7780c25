/** One alarm for whatever is due next. It only wakes: what is due is known from the tables. */
import type { Clock } from '../../base/clock.ts'

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #set: { cancel(): void } | undefined
  #isClosed = false

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Takes the place of what was set before. Undefined: nothing is due. */
  setFor(at: number | undefined): void {
    this.#set?.cancel()
    this.#set = at === undefined || this.#isClosed ? undefined : this.#clock.after(at - this.#clock.now(), this.#ring)
  }

  close(): void {
    this.#isClosed = true
    this.#set?.cancel()
  }
}

/** The least of the times that are set. */
export function earliest(times: Iterable<number | null>): number | undefined {
  let least: number | undefined
  for (const time of times) if (time !== null && (least === undefined || time < least)) least = time
  return least
}
