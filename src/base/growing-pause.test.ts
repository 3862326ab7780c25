import { expect, test } from 'vitest'

import { growingPause } from './growing-pause.ts'

test('a pause doubles with each failure and stays at its bound, however many there are', () => {
  const bounds = { firstMs: 100, longestMs: 1_000 }
  expect([1, 2, 3, 4, 5, 6, 10_000].map((failures) => growingPause(failures, bounds))).toEqual([
    100, 200, 400, 800, 1_000, 1_000, 1_000,
  ])
})
