/**
 * Assertions for node:test, and for any runner that takes what is thrown for a failure:
 * `assertRun(run).toHaveSucceeded({ … }).toHaveVisited(['Pay'])`.
 */
import { AssertionError } from 'node:assert'

import type { StateRun } from '../run.ts'
import { TestKitError } from '../kit-error.ts'
import type { Check } from './check.ts'
import { stableOf } from './history-check.ts'
import { checks, type RunMatchers, type StateMatchers, toMatchHistory } from './matchers.ts'
import type { TestedRun } from './received.ts'

/** What node:test gives a test, as far as it is needed: `test('…', async (t) => …)`. */
export interface SnapshotContext {
  readonly assert: { snapshot(value: unknown): void }
}

/** Each throws AssertionError, or gives itself for the next. */
export interface RunAssertions extends RunMatchers<RunAssertions> {
  /** What is expected of the next is that it does not hold. */
  readonly not: RunAssertions
}

/** Each throws AssertionError, or gives itself for the next. */
export interface StateAssertions
  extends StateMatchers<StateAssertions>,
    Pick<RunMatchers<StateAssertions>, 'toHaveSucceeded' | 'toHaveFailed'> {
  /** What is expected of the next is that it does not hold. */
  readonly not: StateAssertions
}

/** Of a run. `context`: the test's own, for `toMatchHistory()`, whose snapshots node:test keeps. */
export function assertRun(run: TestedRun, context?: SnapshotContext): RunAssertions {
  return runAssertions(run, context, false)
}

/** Of a visit of a state: `assertState(run.state('Pay')).toHaveRetried(1)`. */
export function assertState(state: StateRun): StateAssertions {
  return stateAssertions(state, false)
}

function runAssertions(run: TestedRun, context: SnapshotContext | undefined, isNot: boolean): RunAssertions {
  const go = (check: Check, call: unknown): RunAssertions => {
    hold(check, isNot, call)
    return assertRun(run, context)
  }
  const assertions: RunAssertions = {
    get not() {
      return runAssertions(run, context, !isNot)
    },
    toHaveSucceeded: (output) => go(checks.toHaveSucceeded(run, output), assertions.toHaveSucceeded),
    toHaveFailed: (error, cause) => go(checks.toHaveFailed(run, error, cause), assertions.toHaveFailed),
    toHaveVisited: (states, options) => go(checks.toHaveVisited(run, states, options), assertions.toHaveVisited),
    toMatchHistory(expected) {
      if (typeof expected === 'object') return go(toMatchHistory(run, expected), assertions.toMatchHistory)
      snapshotsOf(context, isNot).snapshot(stableOf(run))
      return assertions
    },
  }
  return assertions
}

function stateAssertions(state: StateRun, isNot: boolean): StateAssertions {
  const go = (check: Check, call: unknown): StateAssertions => {
    hold(check, isNot, call)
    return assertState(state)
  }
  const assertions: StateAssertions = {
    get not() {
      return stateAssertions(state, !isNot)
    },
    toHaveSucceeded: (output) => go(checks.toHaveSucceeded(state, output), assertions.toHaveSucceeded),
    toHaveFailed: (error, cause) => go(checks.toHaveFailed(state, error, cause), assertions.toHaveFailed),
    toHaveRetried: (times) => go(checks.toHaveRetried(state, times), assertions.toHaveRetried),
    toHaveThrown: (error, cause) => go(checks.toHaveThrown(state, error, cause), assertions.toHaveThrown),
  }
  return assertions
}

/** The stack begins at the test's own line. */
function hold({ pass, message }: Check, isNot: boolean, call: unknown): void {
  if (pass !== isNot) return
  throw new AssertionError({ message: message(), ...(typeof call === 'function' && { stackStartFn: call }) })
}

function snapshotsOf(context: SnapshotContext | undefined, isNot: boolean): SnapshotContext['assert'] {
  if (isNot) throw new TestKitError('A snapshot is matched or made: not.toMatchHistory() takes a history to compare with.')
  if (context) return context.assert
  throw new TestKitError(
    "toMatchHistory() needs the test's context, which keeps its snapshots: test('…', async (t) => assertRun(run, t).toMatchHistory()).",
  )
}
