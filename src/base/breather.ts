/** Lets the event loop serve others between two pieces of work. The only door to the loop and its clock for long work. */
import type { Slices } from './slices.ts'

/** Resolves when it is the caller's turn again. */
export interface Breathe {
  (): Promise<void>
  /** What slices are measured by, in milliseconds; the machine's own clock unless a simulation brings one. */
  readonly workedMs?: () => number
}

/**
 * One waiter goes on in each round of the event loop, the oldest first, so that many who work long at once do not add up to
 * one long silence.
 */
export function createBreather(): Breathe {
  const waiting: (() => void)[] = []
  const release = () => {
    waiting.shift()?.()
    if (waiting.length > 0) setImmediate(release)
  }
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(release)
    })
}

/** So long one works before others have their turn. */
const SLICE_MS = 8

/** Carries work out slice by slice, and breathes whenever it has taken long enough. */
export async function inSlices<T>(work: Slices<T>, breathe: Breathe): Promise<T> {
  const { workedMs = () => performance.now() } = breathe
  for (let begun = workedMs(); ; ) {
    const { done, value } = work.next()
    if (done) return value
    if (workedMs() - begun < SLICE_MS) continue
    await breathe()
    begun = workedMs()
  }
}
