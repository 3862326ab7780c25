import { mock, workflow } from 'regente/testing'
import { expect, test } from 'vitest'

test('each sale becomes an item of the table', async () => {
  const items: unknown[] = []
  const wf = await workflow({
    template: './template.yaml',
    mocks: {
      TransformFunction: mock.return({
        Payload: { sales: [{ saleId: 's-1', product: 'book', amount: 19.9, soldAt: '2025-03-01' }], rejected: [] },
      }),
      SalesTable: (parameters) => {
        items.push(parameters)
        return {}
      },
    },
  })
  const run = await wf.run({ bucket: 'sales-raw', key: 'sales.csv' })
  expect(run.output).toEqual({ loaded: 1, rejected: [] })
  expect(items).toEqual([
    {
      TableName: 'sales',
      Item: { saleId: { S: 's-1' }, product: { S: 'book' }, amount: { N: '19.9' }, soldAt: { S: '2025-03-01' } },
    },
  ])
})
