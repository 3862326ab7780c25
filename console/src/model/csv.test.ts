import { expect, test } from 'vitest'

import { readCsv } from './csv.ts'

test('cells may hold delimiters, line ends and quotes', () => {
  expect(readCsv('a,b\r\n"x, ""y""","1\n2"\n', ',', 10)).toEqual([
    { line: 1, cells: ['a', 'b'] },
    { line: 2, cells: ['x, "y"', '1\n2'] },
  ])
})

test('no more rows than asked for; an unfinished last row is one', () => {
  const cells = (...given: Parameters<typeof readCsv>) => readCsv(...given).map((row) => row.cells)
  expect(cells('1\n2\n3\n4', ',', 2)).toEqual([['1'], ['2']])
  expect(cells('1\t2\n"3', '\t', 9)).toEqual([['1', '2'], ['3']])
  expect(readCsv('', ',', 9)).toEqual([])
})

test('a row tells the line at which it begins, also behind one that takes several', () => {
  expect(readCsv('h\n"a\nb\nc"\nd\n', ',', 9).map(({ line }) => line)).toEqual([1, 2, 5])
})
