/** Workflows without an end, and many runs of one workflow. */
import { expect, test } from 'vitest'

import { mock, workflow } from './index.ts'

const CYCLE = {
  StartAt: 'Count',
  States: {
    Count: { Type: 'Pass', Parameters: { 'n.$': 'States.MathAdd($.n, 1)' }, Next: 'Enough' },
    Enough: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericLessThan: 0, Next: 'End' }], Default: 'Count' },
    End: { Type: 'Succeed' },
  },
}

test('a cycle that never waits fails at 25,000 events, as on AWS', async () => {
  const begun = performance.now()
  const run = await (await workflow({ definition: CYCLE })).run({ n: 0 })
  expect(run).toMatchObject({ status: 'FAILED', error: 'States.Runtime' })
  expect(run.cause).toMatch(/25,?000/)
  expect(run.history()).toHaveLength(25_000)
  expect(performance.now() - begun).toBeLessThan(5_000)
})

test('an Express one is told to have no end, and where it goes round', async () => {
  const wf = await workflow({ definition: CYCLE, type: 'EXPRESS', transitions: 5_000 })
  await expect(wf.run({ n: 0 })).rejects.toThrow(
    /has entered 5,000 states, and goes round (?:Count, Enough|Enough, Count): a cycle without an end\? workflow\(\{ transitions \}\)/,
  )
})

test('what a run leaves behind is let go of when it is over', async () => {
  const call = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f' }, End: true }
  const wf = await workflow({
    definition: { StartAt: 'Pay', States: { Pay: call } },
    mocks: { f: mock.sequence(mock.return({ Payload: 1 })) },
  })
  expect((await wf.run({}, { name: 'first' })).status).toBe('SUCCEEDED')
  await expect(wf.run({ other: true }, { name: 'first' })).rejects.toThrow('Already Exists')
  for (let n = 0; n < 150; n++) await wf.run()
  // The name is free again, and so is the sequence of its mock.
  expect((await wf.run({ other: true }, { name: 'first' })).status).toBe('SUCCEEDED')
})
