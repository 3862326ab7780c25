import { expect, it } from 'vitest'

import { packRows, unpackRows } from './row-batch.ts'

const back = (rows: Parameters<typeof packRows>[0]) => Array.from(unpackRows(packRows(rows)), (row) => [...row])

it('gives back the rows that it was given', () => {
  const rows = [
    [1, 'a', null, 'x'],
    [2, 'a', null, null],
    [3, 'a', 5, 'x'],
  ]
  expect(back(rows)).toEqual(rows)
})

it('sends a column once in which all rows are alike', () => {
  const { first, places, values } = packRows([
    ['arn', 1, null],
    ['arn', 2, null],
  ])
  expect({ first, places, values }).toEqual({ first: ['arn', 1, null], places: [1], values: [1, 2] })
})

it('has none of none, and one of one', () => {
  expect(back([])).toEqual([])
  expect(back([['only', null]])).toEqual([['only', null]])
})
