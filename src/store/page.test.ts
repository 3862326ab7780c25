import { expect, test } from 'vitest'

import { pageOf } from './page.ts'

const page = (count: number, limit: number) =>
  pageOf(
    Array.from({ length: count }, (_, i) => i + 1),
    limit,
    (last) => `after ${last}`,
  )

test('one row more than asked for tells that there is a next page, which begins after the last row of this one', () => {
  expect(page(3, 2)).toEqual({ rows: [1, 2], next: 'after 2' })
})

test.each([
  [2, 2],
  [1, 2],
  [0, 2],
])('%d rows of %d asked for are the last page', (count, limit) => {
  expect(page(count, limit)).toEqual({ rows: [1, 2].slice(0, count) })
})
