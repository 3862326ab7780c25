/**
 * Which retriers and catchers took the errors of a visit, by AWS's rules on their names (engine/retry.ts). A retrier that took an
 * error has fired when the state was tried again, and is exhausted when its attempts were used up and the error went on.
 */
import { getOwn, isObject, type Json } from '../../base/json.ts'

import type { Catcher, MapState, ParallelState, TaskState } from '../../asl/program.ts'
import { findRetrier, matchesError } from '../../engine/retry.ts'
import type { Visit } from '../../history/visits.ts'

import type { VisitFailure } from './failures.ts'
import { jsonIn } from './known.ts'

export type GuardedState = TaskState | ParallelState | MapState

export interface RetrierTaken {
  readonly what: 'retried' | 'exhausted'
  /** More than one where the history does not tell which. */
  readonly retriers: readonly number[]
}

/** `isCaught`: the state was left by a catcher, so that no retrier had attempts left. */
export function retriersTaken(
  { retry }: GuardedState,
  failures: readonly VisitFailure[],
  isCaught: boolean,
): readonly RetrierTaken[] {
  const taken: RetrierTaken[] = []
  for (const [redrive, those] of Map.groupBy(failures, ({ redrive }) => redrive)) {
    const used = retry.map(() => 0)
    const isLast = redrive === failures.at(-1)?.redrive
    for (const { error, isRetried } of those) {
      const index = error === undefined ? undefined : findRetrier(retry, error)
      if (isRetried && error === undefined) taken.push({ what: 'retried', retriers: [...retry.keys()] })
      const retrier = index === undefined ? undefined : retry[index]
      if (index === undefined || !retrier) continue
      const uses = used[index] ?? 0
      const fired = { what: 'retried', retriers: [index] } as const
      if (isRetried) {
        used[index] = uses + 1
        taken.push(fired)
      } else if (uses >= retrier.maxAttempts) taken.push({ what: 'exhausted', retriers: [index] })
      else if (isCaught && isLast) {
        // What fails without an event is tried again without one.
        taken.push(...(uses === 0 ? [fired] : []), { what: 'exhausted', retriers: [index] })
      }
    }
  }
  return taken
}

/** The catcher that led to a state; several where the history does not tell which of them. */
export function catchersTaken(catchers: readonly Catcher[], error: string | undefined, to: string): readonly number[] {
  const leading = catchers.flatMap(({ next }, index) => (next === to ? [index] : []))
  if (leading.length < 2 || error === undefined) return leading
  const index = catchers.findIndex(({ errorEquals }) => matchesError(errorEquals, error))
  return leading.includes(index) ? [index] : leading
}

/**
 * The error that a visit was left with, where no event tells it (a path of its own that led nowhere): read off its output, in
 * which a catcher has put it. Undefined where the catchers that led there put it elsewhere, or nowhere.
 */
export function errorInOutput(catchers: readonly Catcher[], { output }: Visit, to: string): string | undefined {
  const leading = catchers.filter(({ next }) => next === to)
  const value = jsonIn(output)
  const errors = leading.map(({ resultPath }) => (resultPath === null ? undefined : errorAt(value, resultPath?.text ?? '$')))
  const [first] = errors
  return errors.every((error) => error === first) ? first : undefined
}

function errorAt(output: Json | undefined, path: string): string | undefined {
  let at = output
  for (const name of path.split('.').slice(1)) at = isObject(at) ? getOwn(at, name) : undefined
  const error = isObject(at) ? getOwn(at, 'Error') : undefined
  return typeof error === 'string' ? error : undefined
}
