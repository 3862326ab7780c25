import { expect, test } from 'vitest'

import { positionAt } from './position.ts'

test('lines end at LF, CR LF or CR', () => {
  const text = 'a\nb\r\nc\rd'
  expect(positionAt(text, 0)).toEqual({ offset: 0, line: 1, column: 1 })
  expect(positionAt(text, 2)).toEqual({ offset: 2, line: 2, column: 1 })
  expect(positionAt(text, 5)).toEqual({ offset: 5, line: 3, column: 1 })
  expect(positionAt(text, 7)).toEqual({ offset: 7, line: 4, column: 1 })
})

test('an offset past the end is the end', () => {
  expect(positionAt('ab', 9)).toEqual({ offset: 2, line: 1, column: 3 })
})
