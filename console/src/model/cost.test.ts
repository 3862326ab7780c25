import { expect, test } from 'vitest'

import { costOfChildren, costOfExpress, costOfStandard } from './cost.ts'

test('a standard execution costs by the states that it enters', () => {
  expect(costOfStandard(20_001)).toBeCloseTo(0.500_025, 9)
})

test('an Express execution costs a request, and its time in steps of a tenth of a second', () => {
  expect(costOfExpress(0)).toBeCloseTo(1e-6, 12)
  expect(costOfExpress(0.01)).toBe(costOfExpress(0.1))
  expect(costOfExpress(10)).toBeCloseTo(1e-6 + 10 * 0.0625 * 0.000_016_67, 12)
})

test('the children of a Map Run cost what some of them cost on average', () => {
  expect(costOfChildren(1_000, [1, 3])).toEqual({ count: 1_000, usd: 2_000, isExact: false })
  expect(costOfChildren(2, [1, 3])).toEqual({ count: 2, usd: 4, isExact: true })
  expect(costOfChildren(0, [])).toEqual({ count: 0, usd: 0, isExact: true })
})
