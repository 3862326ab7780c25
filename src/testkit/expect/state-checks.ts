/** What the attempts of one visit of a state came to. */
import type { StateRun } from '../run.ts'
import { TestKitError } from '../kit-error.ts'
import { type Check, failed, passed } from './check.ts'
import { reasonOf } from './outcome-checks.ts'
import { reasonText, stateOf } from './received.ts'
import { fits, type Pattern } from './same.ts'

/** Its work was begun again so often; at all, where no number is given. */
export function toHaveRetried(received: unknown, times?: number): Check {
  const state = stateOf(received, 'toHaveRetried')
  const { path, retries } = state
  if (times !== undefined && !(Number.isInteger(times) && times >= 0))
    throw new TestKitError(`toHaveRetried takes how often: toHaveRetried(2). It was given ${times}.`)
  const wanted = times === undefined ? 'have retried' : `have retried ${timesText(times)}`
  if (times === undefined ? retries > 0 : retries === times)
    return passed(() => `Expected ${path} not to ${wanted}, and it has.${attemptsText(state)}`)
  const did = retries === 0 ? 'it did not retry' : `it retried ${timesText(retries)}`
  return failed(() => `Expected ${path} to ${wanted}, and ${did}.${attemptsText(state)}`)
}

/** One of its attempts failed with this error, and this cause where it is given. */
export function toHaveThrown(received: unknown, error?: Pattern, cause?: Pattern): Check {
  const state = stateOf(received, 'toHaveThrown')
  const wanted = reasonOf(error, cause)
  const found = failuresOf(state).find((one) => fits(one.error, error) && fits(one.cause, cause))
  if (found)
    return passed(
      () => `Expected ${state.path} not to have thrown ${wanted}, and it has: ${reasonText(found.error, found.cause)}`,
    )
  return failed(() => `Expected ${state.path} to have thrown ${wanted}.${attemptsText(state)}`)
}

/** Of its attempts, and what it failed with itself: a Fail, a Map whose item failed, an expression. */
function failuresOf({ thrown, error, cause = '' }: StateRun): StateRun['thrown'] {
  if (error === undefined || thrown.some((one) => one.error === error && one.cause === cause)) return thrown
  return [...thrown, { error, cause }]
}

function attemptsText(state: StateRun): string {
  const failures = failuresOf(state)
  if (failures.length === 0) return `\n\nNo attempt of it failed; it ${ENDS[state.status]}.`
  const lines = failures.map(({ error, cause }, i) => `  ${i + 1}. ${reasonText(error, cause)}`)
  return `\n\nIt threw:\n${lines.join('\n')}\nIn the end it ${ENDS[state.status]}.`
}

const ENDS: Readonly<Record<StateRun['status'], string>> = {
  running: 'is still running',
  succeeded: 'succeeded',
  caught: 'failed, which was caught',
  failed: 'failed',
  aborted: 'was aborted',
}

const timesText = (n: number): string => (n === 1 ? 'once' : `${n} times`)
