/**
 * Work that rings by itself: at a due time, or as soon as somebody asks. What it throws ends here: it is told, and the work
 * is done again after a pause that grows, so that a full disk delays and neither ends the process nor makes it spin.
 * The work finds out for itself what there is to do; an alarm carries nothing.
 */
import type { Clock } from './clock.ts'
import { growingPause } from './growing-pause.ts'
import type { Log } from './log.ts'

export interface AlarmOptions {
  readonly clock: Clock
  readonly log: Log
  /** What the log says of a failure: `schedules could not be fired`. */
  readonly complaint: string
  readonly work: () => void
}

const PAUSE = { firstMs: 100, longestMs: 5_000 }

export class Alarm {
  readonly #options: AlarmOptions
  #set: { cancel(): void } | undefined
  #failures = 0
  #isClosed = false

  constructor(options: AlarmOptions) {
    this.#options = options
  }

  /** Takes the place of what was set before. Undefined: nothing is due. After a failure the pause comes first. */
  setFor(at: number | undefined): void {
    if (this.#isClosed || this.#failures > 0) return
    this.#wait(at === undefined ? undefined : this.#options.clock.at(at, () => this.#run()))
  }

  /** Does the work now, unless it is closed or pauses after a failure. Never throws. */
  ring(): void {
    if (!this.#isClosed && this.#failures === 0) this.#run()
  }

  close(): void {
    this.#isClosed = true
    this.#wait(undefined)
  }

  #wait(next: { cancel(): void } | undefined): void {
    this.#set?.cancel()
    this.#set = next
  }

  #run(): void {
    const { clock, log, complaint, work } = this.#options
    const failures = this.#failures
    this.#failures = 0
    this.#wait(undefined)
    try {
      work()
    } catch (error) {
      const pauseMs = growingPause(failures + 1, PAUSE)
      log.error(complaint, { error: String(error), againInMs: pauseMs })
      this.#wait(clock.after(pauseMs, () => this.#run()))
      this.#failures = failures + 1
    }
  }
}
