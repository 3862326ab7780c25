import { mock, workflow } from 'regente/testing'
import { describe, expect, test } from 'vitest'

const ORDER = { orderId: '1001', item: 'book', quantity: 2, amount: 39.9, card: 'valid' }
const template = { template: './template.yaml', resource: 'OrderProcess' }

describe('with the functions of the template', () => {
  const mocks = { StockFunction: mock.code(), PaymentFunction: mock.code(), LogisticsFunction: mock.code() }

  test('an order is shipped, though the gateway is busy twice', async () => {
    const wf = await workflow({ ...template, mocks })
    const run = await wf.run(ORDER)
    expect(run.status).toBe('SUCCEEDED')
    expect(run.output).toMatchObject({ orderId: '1001', status: 'SHIPPED', shipment: { trackingNumber: 'T-1001' } })
    expect(run.state('Charge payment').retries).toBe(2)
  })

  test('a declined card gives the stock back', async () => {
    const wf = await workflow({ ...template, mocks })
    const run = await wf.run({ ...ORDER, card: 'declined' })
    expect(run).toMatchObject({ status: 'FAILED', error: 'CardDeclined' })
    expect(run.states('Release stock')).toHaveLength(1)
  })
})

describe('with mocks', () => {
  test('what is not in stock is not charged', async () => {
    const wf = await workflow({
      ...template,
      mocks: { 'Check stock': mock.return({ Payload: { isReserved: false } }) },
    })
    const run = await wf.run(ORDER)
    expect(run.output).toEqual({ orderId: '1001', status: 'OUT_OF_STOCK' })
  })

  test('the gateway is asked again after one, two and four seconds', async () => {
    const wf = await workflow({
      ...template,
      mocks: {
        StockFunction: mock.return({ Payload: { isReserved: true } }),
        'Charge payment': mock.sequence(
          mock.throw('PaymentGatewayBusy'),
          mock.throw('PaymentGatewayBusy'),
          mock.throw('PaymentGatewayBusy'),
          mock.return({ Payload: { paymentId: 'P-1' } }),
        ),
        Ship: mock.return({ Payload: { trackingNumber: 'T-1' } }),
      },
    })
    const run = await wf.run(ORDER)
    const { startAt, endAt = 0 } = run.state('Charge payment')
    expect(endAt - startAt).toBe(7_000)
  })
})
