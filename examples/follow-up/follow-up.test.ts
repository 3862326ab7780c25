import { mock, workflow } from 'regente/testing'
import { expect, test } from 'vitest'

test.each([
  [{ order_id: '1001', customer: 'Ada' }, 86_400_000],
  [{ order_id: '1001', customer: 'Ada', delay_seconds: 5 }, 5_000],
])('%j waits for %i ms', async (input, ms) => {
  const wf = await workflow({ template: './template.yaml', mocks: { FollowUps: mock.return({ MessageId: 'm-1' }) } })
  const run = await wf.run(input)
  expect(run.status).toBe('SUCCEEDED')
  const { startAt, endAt = 0 } = run.state('Wait')
  expect(endAt - startAt).toBe(ms)
})
