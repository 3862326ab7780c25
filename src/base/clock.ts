import { type Instant, toInstant } from './time.ts'

/** Tells the time and wakes at a time. The only door to the real clock; tests hand in a virtual one. */
export interface Clock {
  now(): Instant
  /** Whole milliseconds since some instant of the past: how long something takes, whatever clock is set meanwhile. */
  elapsed(): number
  /** Calls back once, not before `delayMs` have passed. The handle cancels. For time-outs: a clock that is set moves none. */
  after(delayMs: number, callback: () => void): { cancel(): void }
  /** Calls back once, not before `now()` has come to `at`. For due times: a clock that is set moves them along. */
  at(at: number, callback: () => void): { cancel(): void }
}

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1
/** A timer so late was not held up by work: the process was stopped (SIGSTOP, a paused machine). */
const STOPPED_MS = 500
/** What arrived while the process was stopped is read meanwhile: an answer that is there already is not late. */
const HEARING_MS = 100
/** How late a due time may be after the clock was set forward, or the machine slept. */
const CLOCK_CHECK_MS = 5_000

export const systemClock: Clock = {
  now: () => toInstant(Date.now()),
  elapsed: () => Math.floor(performance.now()),
  after(delayMs, callback) {
    const waitMs = Math.min(Math.max(0, delayMs), LONGEST_TIMEOUT_MS)
    const dueAt = performance.now() + waitMs
    let timer = setTimeout(() => {
      if (performance.now() - dueAt < STOPPED_MS) callback()
      else timer = setTimeout(callback, HEARING_MS)
    }, waitMs)
    return { cancel: () => clearTimeout(timer) }
  },
  at(at, callback) {
    let alarm: { cancel(): void }
    const look = (): void => {
      const leftMs = at - Date.now()
      if (leftMs <= 0) callback()
      else alarm = systemClock.after(Math.min(leftMs, CLOCK_CHECK_MS), look)
    }
    alarm = systemClock.after(Math.min(at - Date.now(), CLOCK_CHECK_MS), look)
    return { cancel: () => alarm.cancel() }
  },
}

/** A clock that moves only when told: a 24-hour Wait takes a millisecond. */
export class VirtualClock implements Clock {
  #now: number
  #corrected = 0
  #alarms: { at: number; order: number; isDueTime: boolean; callback: () => void }[] = []
  #order = 0

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs
  }

  now(): Instant {
    return toInstant(this.#now)
  }

  elapsed(): number {
    return this.#now - this.#corrected
  }

  after(delayMs: number, callback: () => void): { cancel(): void } {
    return this.#set(this.#now + Math.max(0, delayMs), false, callback)
  }

  at(at: number, callback: () => void): { cancel(): void } {
    return this.#set(Math.max(this.#now, at), true, callback)
  }

  /** When the next alarm has rung, if one is set: in whole milliseconds, as is the time. */
  nextAlarm(): Instant | undefined {
    return this.#alarms.length === 0 ? undefined : toInstant(Math.ceil(Math.min(...this.#alarms.map((alarm) => alarm.at))))
  }

  /** Somebody sets the clock, forward or back: time-outs take as long as they would have, due times stay where they are. */
  correct(ms: number): void {
    this.#now += ms
    this.#corrected += ms
    for (const alarm of this.#alarms) if (!alarm.isDueTime) alarm.at += ms
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

  #set(at: number, isDueTime: boolean, callback: () => void): { cancel(): void } {
    const alarm = { at, order: this.#order++, isDueTime, callback }
    this.#alarms.push(alarm)
    return { cancel: () => void (this.#alarms = this.#alarms.filter((other) => other !== alarm)) }
  }
}
