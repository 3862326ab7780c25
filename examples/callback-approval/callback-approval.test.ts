import { mock, workflow } from 'regente/testing'
import { expect, test } from 'vitest'

const EXPENSE = { id: 'E-7', what: 'A conference', amount: 900 }
const open = () =>
  workflow({
    template: './template.yaml',
    mocks: { Approvals: mock.callback(), Outcomes: mock.return({ MessageId: 'm-1' }) },
  })

test('a person approves, by the token', async () => {
  const run = await (await open()).start(EXPENSE)
  await run.reached('Wait for a person')
  await run.token('Wait for a person').succeed({ isApproved: true, by: 'Ana' })
  expect((await run.done()).output).toEqual({ id: 'E-7', status: 'APPROVED', by: 'Ana' })
})

test('after a day without an answer the expense has expired', async () => {
  const run = await (await open()).run(EXPENSE)
  expect(run.output).toEqual({ id: 'E-7', status: 'EXPIRED', by: 'nobody' })
  const { startAt, endAt = 0 } = run.state('Wait for a person')
  expect(endAt - startAt).toBe(86_400_000)
})
