import { workflow } from 'regente/testing'
import { expect, test } from 'vitest'

test('three branches look at the same numbers, and the slowest decides when it ends', async () => {
  const wf = await workflow({ template: './template.yaml' })
  const run = await wf.run({ numbers: [4, 8, 15, 16, 23] })
  expect(run.output).toEqual({ sum: 66, mean: 13.2, min: 4, max: 23, median: 15 })
  const { startAt, endAt = 0 } = run.state('Look at the numbers')
  expect(endAt - startAt).toBe(3_000)
})
