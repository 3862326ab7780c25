import { type Instant, toInstant } from './time.ts'

/** Tells the time and wakes at a time. The only door to the real clock; tests hand in a virtual one. */
export interface Clock {
  now(): Instant
  /** Calls back once, not before `delayMs` have passed. The handle cancels. */
  after(delayMs: number, callback: () => void): { cancel(): void }
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => toInstant(Date.now()),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_TIMEOUT_MS))
    return { cancel: () => clearTimeout(timer) }
  },
}

/** A clock that moves only when told: a 24-hour Wait takes a millisecond. */
export class VirtualClock implements Clock {
  #now: number
  #alarms: { at: number; order: number; callback: () => void }[] = []
  #order = 0

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs
  }

  now(): Instant {
    return toInstant(this.#now)
  }

  after(delayMs: number, callback: () => void): { cancel(): void } {
    const alarm = { at: this.#now + Math.max(0, delayMs), order: this.#order++, callback }
    this.#alarms.push(alarm)
    return { cancel: () => void (this.#alarms = this.#alarms.filter((other) => other !== alarm)) }
  }

  /** When the next alarm rings, if one is set. */
  nextAlarm(): Instant | undefined {
    return this.#alarms.length === 0 ? undefined : toInstant(Math.min(...this.#alarms.map((alarm) => alarm.at)))
  }

  /** Corrects the wall clock by `ms`, forward or back: what was set rings after as much time as before. */
  correct(ms: number): void {
    this.#now += ms
    for (const alarm of this.#alarms) alarm.at += ms
  }

  /** Moves on by `ms`, ringing the alarms on the way in the order of their times. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const due = this.#alarms.filter((alarm) => alarm.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0]
      if (!due) break
      this.#alarms = this.#alarms.filter((other) => other !== due)
      this.#now = Math.max(this.#now, due.at)
      due.callback()
    }
    this.#now = end
  }
}
