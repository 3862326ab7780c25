/** Whether a run's history is what it was, without what is made anew each time. */
import { type Check, failed, passed } from './check.ts'
import { runOf } from './received.ts'
import { differenceOf, isSame } from './same.ts'
import { stableHistory, type StableHistory } from './stable-history.ts'

/** Its stable history is this one, as `stableHistory(run)` gives it. */
export function toMatchHistory(received: unknown, expected: StableHistory): Check {
  const history = stableOf(received)
  if (isSame(history, expected)) return passed(() => 'Expected the history to be another than this one, and it is not.')
  return failed(() => `The history is another than expected.\n\n${differenceOf(history, expected)}`)
}

/** Of a run, or of the events of a history. Throws TestKitError. */
export const stableOf = (received: unknown): StableHistory =>
  stableHistory(Array.isArray(received) ? received : runOf(received, 'toMatchHistory'))
