import { expect, test } from 'vitest'

import { findLines, jsonLines, linesAround, pathText, shownLines } from './json-lines.ts'

const TEXT = '{"orders":[{"id":12345678901234567890},{"id":2,"a b":"x"}],"none":{}}'
const lines = jsonLines(TEXT) ?? []

test('a document is read line by line, its numbers as they are written', () => {
  expect(
    lines.map(({ depth, name, text, hasComma }) => `${' '.repeat(depth)}${name ?? ''}${text}${hasComma ? ',' : ''}`),
  ).toEqual([
    '{',
    ' "orders"[',
    '  {',
    '   "id"12345678901234567890',
    '  },',
    '  {',
    '   "id"2,',
    '   "a b""x"',
    '  }',
    ' ],',
    ' "none"{}',
    '}',
  ])
  expect(jsonLines('oh')).toBeUndefined()
})

test('what is folded hides what it holds, and its end', () => {
  expect(shownLines(lines, new Set([1]))).toEqual([0, 1, 10, 11])
  expect(shownLines(lines, new Set([2, 5]))).toEqual([0, 1, 2, 5, 9, 10, 11])
})

test('a search finds names and values, and what is to be opened for a line', () => {
  expect(findLines(lines, 'ID')).toEqual([3, 6])
  expect(findLines(lines, '678901')).toEqual([3])
  expect(findLines(lines, '')).toEqual([])
  expect(linesAround(lines, 6)).toEqual([0, 1, 5])
})

test('each line knows its path', () => {
  expect(pathText(lines[3]?.path ?? fail())).toBe('$.orders[0].id')
  expect(pathText(lines[7]?.path ?? fail())).toBe("$.orders[1]['a b']")
})

function fail(): never {
  throw new Error('there is no such line')
}
