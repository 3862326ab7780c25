import { mock, workflow } from 'regente/testing'
import { expect, test } from 'vitest'

test('the files of a year go to a function in batches of ten', async () => {
  const batches: number[] = []
  const wf = await workflow({
    template: './template.yaml',
    mocks: {
      HottestFunction: (parameters) => {
        const { Payload } = parameters as { Payload: { Items: unknown[] } }
        batches.push(Payload.Items.length)
        return { Payload: { stations: Payload.Items.length, days: 0, hottest: {} } }
      },
      ReduceFunction: mock.return({ Payload: { failedBatches: 0 } }),
    },
  })
  for (let station = 0; station < 24; station++) wf.putObject(`noaa-gsod-input/2025/${station}.csv`, '"STATION"')
  wf.putObject('noaa-gsod-results/.keep', '')
  const run = await wf.run({ year: 2025 })
  expect(run.output).toEqual({ failedBatches: 0 })
  expect(batches.toSorted()).toEqual([10, 10, 4])
})
