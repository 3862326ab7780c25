import { expect, test } from 'vitest'

import { concurrencyOf, isIntolerable, type MapRunLimits } from './tolerance.ts'

const limits = (over: Partial<MapRunLimits> = {}): MapRunLimits => ({
  maxConcurrency: 0,
  toleratedFailureCount: 0,
  toleratedFailurePercentage: 0,
  ...over,
})

test('without tolerance the first failure is one too many', () => {
  expect(isIntolerable(limits(), 0, undefined)).toBe(false)
  expect(isIntolerable(limits(), 1, undefined)).toBe(true)
})

test('the percentage is of all items, judged when all are known', () => {
  const five = limits({ toleratedFailurePercentage: 5 })
  expect(isIntolerable(five, 5, 100)).toBe(false)
  expect(isIntolerable(five, 6, undefined)).toBe(false)
  expect(isIntolerable(five, 6, 100)).toBe(true)
})

test('the count decides as soon as it is passed', () => {
  const two = limits({ toleratedFailureCount: 2, toleratedFailurePercentage: 50 })
  expect(isIntolerable(two, 2, undefined)).toBe(false)
  expect(isIntolerable(two, 3, undefined)).toBe(true)
})

test('no more children run than MaxConcurrency says, nor than AWS allows', () => {
  expect(concurrencyOf(limits({ maxConcurrency: 2 }))).toBe(2)
  expect(concurrencyOf(limits())).toBe(10_000)
  expect(concurrencyOf(limits({ maxConcurrency: 20_000 }))).toBe(10_000)
})
