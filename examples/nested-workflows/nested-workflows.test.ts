import { mock, workflow } from 'regente/testing'
import { expect, test } from 'vitest'

test('each order is packed by a child', async () => {
  const child = await workflow({ template: './template.yaml', resource: 'PackOrder' })
  const wf = await workflow({
    template: './template.yaml',
    resource: 'PackOrders',
    mocks: {
      // What the child would answer, it answers.
      PackOrder: async (parameters) => {
        const { Input, StateMachineArn } = parameters as { Input: unknown; StateMachineArn: string }
        const { executionArn: ExecutionArn, status: Status, output: Output } = await child.run(Input)
        return { ExecutionArn, StateMachineArn, StartDate: '2026-01-01T00:00:00Z', Status, Output }
      },
      Audit: mock.return({ ExecutionArn: 'arn:aws:states:us-east-1:000000000000:execution:PackingAudit:a', StartDate: '2026-01-01T00:00:00Z' }),
    },
  })
  const run = await wf.run({
    orders: [
      { id: '1', item: 'lamp', quantity: 1 },
      { id: '2', item: 'books', quantity: 3 },
    ],
  })
  expect(run.output).toMatchObject({
    packed: [
      { id: '1', box: 'Box for 1 lamp' },
      { id: '2', box: 'Box for 3 books' },
    ],
  })
})
