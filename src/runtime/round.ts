/**
 * What turns have cost in this round of the event loop. Many small turns at once would add up to a long silence: past their
 * share of a round they wait for the next.
 */
import type { Breathe } from '../base/breather.ts'

/** In units of `expr/work.ts`; some 10 ms: less than what anybody notices, and room for a crowd of short turns. */
const ROUND_WORK_MAX = 120_000

export class Round {
  readonly #breathe: Breathe
  #worked = 0
  #isCounting = false

  constructor(breathe: Breathe) {
    this.#breathe = breathe
  }

  /** Whoever would take a turn lets the event loop serve others first. */
  get isFull(): boolean {
    return this.#worked >= ROUND_WORK_MAX
  }

  count(work: number): void {
    this.#worked += work
    if (this.#isCounting) return
    this.#isCounting = true
    void this.#breathe().then(() => {
      this.#worked = 0
      this.#isCounting = false
    })
  }
}
