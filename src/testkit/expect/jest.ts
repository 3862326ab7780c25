/**
 * Matchers for Jest: `import 'regente/testing/jest'`, in a test or among `setupFilesAfterEnv`. Where Jest has no globals (`injectGlobals: false`):
 * `expect.extend(matchers)` with the `expect` of `@jest/globals`.
 */
import { messageOf, TestKitError } from '../kit-error.ts'
import { type Check, failed, passed } from './check.ts'
import { stableOf } from './history-check.ts'
import { checks, type RunMatchers, type StateMatchers, toMatchHistory } from './matchers.ts'
import type { StableHistory } from './stable-history.ts'

declare global {
  /** The interface of @types/jest, whose parameters these must be. */
  namespace jest {
    interface Matchers<R, T> extends RunMatchers<R>, StateMatchers<R> {}
  }
}

interface JestExpect {
  (value: unknown): { toMatchSnapshot(hint?: string): void }
  extend(matchers: object): void
}

const globals: { readonly expect?: JestExpect } = globalThis as object

export const matchers = {
  ...checks,
  /** With a history: whether it is that one. Else the snapshot's; a text tells several of a test apart. */
  toMatchHistory(this: { readonly isNot?: boolean }, received: unknown, expected?: StableHistory | string): Check {
    if (typeof expected === 'object') return toMatchHistory(received, expected)
    if (this.isNot === true)
      throw new TestKitError('A snapshot is matched or made: not.toMatchHistory() takes a history to compare with.')
    return snapshotCheck(stableOf(received), expected)
  },
} as const

/** Jest numbers snapshots by the test that runs, whoever asks for them. */
function snapshotCheck(history: StableHistory, hint: string | undefined): Check {
  if (!globals.expect)
    throw new TestKitError(
      "toMatchHistory() finds no global 'expect' whose snapshots it could use. Give it a history: toMatchHistory({ … }).",
    )
  try {
    const expectation = globals.expect(history)
    if (hint === undefined) expectation.toMatchSnapshot()
    else expectation.toMatchSnapshot(hint)
    return passed(() => 'The history is the one of the snapshot.')
  } catch (error) {
    return failed(() => messageOf(error))
  }
}

globals.expect?.extend(matchers)
