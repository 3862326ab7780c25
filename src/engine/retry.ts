/**
 * Decides whether a failed attempt is tried again, and when. Pure: chance is handed in.
 * Source: Amazon States Language, "Retrying after error"; developer guide, "Error handling": the delay is
 * interval x rate^(n-1), capped by MaxDelaySeconds, then drawn from [0, delay] where JitterStrategy is FULL.
 */
import { ErrorName } from '../base/error-names.ts'

import type { Catcher, Retrier } from '../asl/program.ts'

/** The index of the first retrier that takes `error`, whether or not attempts are left; undefined when none does. */
export function findRetrier(retriers: readonly Retrier[], error: string): number | undefined {
  const index = retriers.findIndex((retrier) => matchesError(retrier.errorEquals, error))
  return index < 0 ? undefined : index
}

/** Seconds until attempt number `used + 1` of this retrier; undefined when its attempts are used up. */
export function retryDelay(retrier: Retrier, used: number, uniform: () => number): number | undefined {
  if (used >= retrier.maxAttempts) return undefined
  const grown = retrier.intervalSeconds * retrier.backoffRate ** used
  const delay = Math.min(grown, retrier.maxDelaySeconds ?? Number.POSITIVE_INFINITY, LONGEST_DELAY_SECONDS)
  return retrier.jitterStrategy === 'FULL' ? delay * uniform() : delay
}

/** A year: no execution lives longer (developer guide, quotas). */
const LONGEST_DELAY_SECONDS = 31_622_400

export function findCatcher(catchers: readonly Catcher[], error: string): Catcher | undefined {
  return catchers.find((catcher) => matchesError(catcher.errorEquals, error))
}

/**
 * States.ALL takes everything but States.Runtime (recorded: a Catch of States.DataLimitExceeded by States.ALL does fire for
 * a task's result); States.TaskFailed everything but timeouts; a missed heartbeat answers to both of its names.
 */
export function matchesError(errorEquals: readonly string[], error: string): boolean {
  if (error === ErrorName.Runtime) return false
  return errorEquals.some((name) => {
    if (name === ErrorName.All || name === error) return true
    if (name === ErrorName.TaskFailed) return error !== ErrorName.Timeout && error !== ErrorName.HeartbeatTimeout
    return name === ErrorName.Timeout && error === ErrorName.HeartbeatTimeout
  })
}
