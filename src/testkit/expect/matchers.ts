/** The checks by the names that tests call them, and what a runner says of them to TypeScript. No runner is needed here. */
import { toMatchHistory } from './history-check.ts'
import { toHaveFailed, toHaveSucceeded } from './outcome-checks.ts'
import type { Pattern } from './same.ts'
import type { StableHistory } from './stable-history.ts'
import { toHaveRetried, toHaveThrown } from './state-checks.ts'
import { toHaveVisited, type VisitedOptions } from './way.ts'

/** All but `toMatchHistory`, which each runner has with its own snapshots. */
export const checks = { toHaveSucceeded, toHaveFailed, toHaveVisited, toHaveRetried, toHaveThrown } as const

export { toMatchHistory }

/** Of a run: `expect(await wf.run({ … }))`. */
export interface RunMatchers<R> {
  /** It succeeded, with this output where one is given. */
  toHaveSucceeded(output?: unknown): R
  /** It failed, timed out or was aborted; with this error and cause where they are given. */
  toHaveFailed(error?: Pattern, cause?: Pattern): R
  /** It visited these states (`Pay`, `Each/Ship`, `Each[2]/Ship`) in this order; `{ exact: true }`: and no others. */
  toHaveVisited(states: string | readonly string[], options?: VisitedOptions): R
  /** Its history is the one of the snapshot, or the one given, but for what is made anew each time. */
  toMatchHistory(expected?: StableHistory | string): R
}

/** Of a visit of a state: `expect(run.state('Pay'))`. */
export interface StateMatchers<R> {
  /** It retried so often; at all, where no number is given. */
  toHaveRetried(times?: number): R
  /** One of its attempts failed with this error, and this cause where it is given. */
  toHaveThrown(error?: Pattern, cause?: Pattern): R
}
