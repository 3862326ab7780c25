/** How time passes in a test. */
import { type Duration, millisecondsOf } from './duration.ts'
import { TestKitError } from './kit-error.ts'

export interface ClockSetting {
  /** `skip`: wherever all wait for time, it is there. `manual`: it moves by `run.advance` alone. `scale`: so many times as fast as the real one. */
  readonly kind: 'skip' | 'manual' | 'scale'
  readonly startMs: number
  readonly factor: number
  /** A run that waits longer is told to wait forever. */
  readonly longestMs: number
}

const START = '2026-01-01T00:00:00Z'
const LONGEST = '400 days'

export interface ClockOptions {
  readonly longest?: Duration
}

const setting = (
  kind: ClockSetting['kind'],
  start: string | number | Date,
  factor: number,
  { longest = LONGEST }: ClockOptions,
): ClockSetting => {
  const startMs = new Date(start).getTime()
  if (Number.isNaN(startMs)) throw new TestKitError(`'${String(start)}' is no instant. Write it as '2026-01-01T00:00:00Z'.`)
  return { kind, startMs, factor, longestMs: millisecondsOf(longest) }
}

export const clock = {
  /** Skips by itself: 24 hours take a millisecond. */
  virtual: (start: string | number | Date = START, options: ClockOptions = {}): ClockSetting =>
    setting('skip', start, 1, options),
  /** Stands still until `run.advance('24 hours')`. */
  manual: (start: string | number | Date = START, options: ClockOptions = {}): ClockSetting =>
    setting('manual', start, 1, options),
  /** `factor` times as fast as the real one. */
  scale(factor: number, start: string | number | Date = START, options: ClockOptions = {}): ClockSetting {
    if (!(factor > 0)) throw new TestKitError(`clock.scale takes a number above 0, not ${factor}.`)
    return setting('scale', start, factor, options)
  },
} as const
