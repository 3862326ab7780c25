import { mock, workflow } from 'regente/testing'
import { expect, test } from 'vitest'

const open = () =>
  workflow({
    template: './template.yaml',
    mocks: { FlightFunction: mock.code(), HotelFunction: mock.code(), CarFunction: mock.code() },
  })

test('a trip is flight, hotel and car', async () => {
  const run = await (await open()).run({ id: 'T-1', to: 'Recife' })
  expect(run.output).toEqual({ trip: 'T-1', bookings: ['Flight-T-1', 'Hotel-T-1', 'Car-T-1'] })
})

test.each([
  ['Flight', 'Nothing had been booked.'],
  ['Hotel', 'Cancelled: Flight-T-1.'],
  ['Car', 'Cancelled: Hotel-T-1, Flight-T-1.'],
])('without a %s what was booked is cancelled, the last one first', async (failAt, cause) => {
  const run = await (await open()).run({ id: 'T-1', to: 'Recife', failAt })
  expect(run).toMatchObject({ status: 'FAILED', error: `${failAt}Unavailable`, cause })
})
