import { expect, test } from 'vitest'

import { mock, workflow } from '../index.ts'
import { stableHistory } from './stable-history.ts'
import './vitest.ts'

const definition = {
  StartAt: 'Pay',
  States: {
    Pay: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'charge' },
      OutputPath: '$.Payload',
      Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }],
      End: true,
    },
  },
}
const paid = () =>
  workflow({ definition, mocks: { Pay: mock.sequence(mock.throw('Busy'), mock.return({ Payload: { id: 1 } })) } })

test('the matchers fail with what is told', async () => {
  const run = await (await paid()).run()
  expect(() => expect(run).toHaveSucceeded({ id: 2 })).toThrow('-   "id": 2\n+   "id": 1')
  expect(() => expect(run).not.toHaveSucceeded()).toThrow('Expected the run not to have succeeded, and it has.')
  expect(() => expect(run.state('Pay')).toHaveRetried(0)).toThrow('Expected Pay to have retried 0 times, and it retried once.')
  expect(() => expect(run).toMatchHistory({ events: [] })).toThrow('The history is another than expected.')
  expect(() => expect(run).not.toMatchHistory()).toThrow('cannot be used with "not"')
  await expect(expect(paid().then((wf) => wf.run())).resolves.toHaveFailed('Busy')).rejects.toThrow(
    'Expected the run to have failed',
  )
})

test('and hold', async () => {
  const run = await (await paid()).run()
  expect(run).toHaveSucceeded({ id: expect.any(Number) })
  expect(run).not.toHaveFailed()
  expect(run).toHaveVisited(['Pay'], { exact: true })
  expect(run.state('Pay')).toHaveRetried(1)
  expect(run.state('Pay')).toHaveThrown('Busy')
  expect(run).toMatchHistory(stableHistory(run))
})
