/** Snapshots of histories by vitest: kept beside this file, which is no part of the package. */
import { expect, test } from 'vitest'

import { workflow } from '../../src/testkit/index.ts'
import '../../src/testkit/expect/vitest.ts'

const definition = {
  StartAt: 'Wait',
  States: {
    Wait: { Type: 'Wait', Seconds: 10, Next: 'Mark' },
    Mark: { Type: 'Pass', Parameters: { 'id.$': 'States.UUID()', 'n.$': '$.n' }, End: true },
  },
}

test.each([1, 2])('with the seed %i, a run is the one of the snapshot', async (seed) => {
  const run = await (await workflow({ definition, seed })).run({ n: 1 })
  expect(run).toMatchHistory()
})
