/** Matchers for vitest: `import 'regente/testing/vitest'`, in a test or among `setupFiles`. */
import * as vitest from 'vitest'

import { stableOf } from './history-check.ts'
import { checks, type RunMatchers, type StateMatchers, toMatchHistory } from './matchers.ts'
import type { StableHistory } from './stable-history.ts'

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown>
    extends RunMatchers<R>,
      StateMatchers<R> {}
}

vitest.expect.extend({
  ...checks,
  /** With a history: whether it is that one. Else the snapshot's; a text tells several of a test apart. */
  toMatchHistory(received: unknown, expected?: StableHistory | string) {
    if (typeof expected === 'object') return toMatchHistory(received, expected)
    return vitest.Snapshots.toMatchSnapshot.call(this, stableOf(received), expected)
  },
})
