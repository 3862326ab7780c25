import { expect, test } from 'vitest'

import { CliError } from './cli-error.ts'
import { membersOf, tableOf, withDates } from './output.ts'
import { durationOf } from './parameters.ts'

test('times of AWS JSON are told as texts, wherever they stand; other numbers stay', () => {
  expect(withDates({ startDate: 1.5, items: [{ creationDate: 0 }], count: 3, updateDate: 'x' })).toEqual({
    startDate: '1970-01-01T00:00:01.500Z',
    items: [{ creationDate: '1970-01-01T00:00:00.000Z' }],
    count: 3,
    updateDate: 'x',
  })
})

test('columns are as wide as they must be, and nothing steers the terminal', () => {
  expect(
    tableOf([
      ['a', 'b'],
      ['long', '\u001b[2Jx'],
    ]),
  ).toEqual(['a     b', 'long  \ufffd[2Jx'])
  expect(tableOf([])).toEqual([])
})

test('texts that are JSON are told as such', () => {
  expect(membersOf({ name: 'm', input: '{"a":1}', broken: '{', list: [] })).toEqual([
    'name: m',
    'input:',
    '  {',
    '    "a": 1',
    '  }',
    'broken: {',
    'list:',
    '  []',
  ])
})

test('a time back is a number with its unit', () => {
  expect(['30s', '10m', '2h', '1d'].map(durationOf)).toEqual([30_000, 600_000, 7_200_000, 86_400_000])
  for (const wrong of ['10', 'm', '-1m', '1w']) expect(() => durationOf(wrong)).toThrow(CliError)
})
