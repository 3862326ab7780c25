import { expect, test } from 'vitest'

import { readCsv } from './csv.ts'

test('cells may hold delimiters, line ends and quotes', () => {
  expect(readCsv('a,b\r\n"x, ""y""","1\n2"\n', ',', 10)).toEqual([
    ['a', 'b'],
    ['x, "y"', '1\n2'],
  ])
})

test('no more rows than asked for; an unfinished last row is one', () => {
  expect(readCsv('1\n2\n3\n4', ',', 2)).toEqual([['1'], ['2']])
  expect(readCsv('1\t2\n"3', '\t', 9)).toEqual([['1', '2'], ['3']])
  expect(readCsv('', ',', 9)).toEqual([])
})
