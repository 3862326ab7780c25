import { expect, test } from 'vitest'

import { withPatch } from './patch.ts'

interface Row {
  readonly a: number
  readonly b?: string
  readonly isOn?: boolean
}
const ROW: Row = { a: 1, b: 'b' }

test('a patch changes the members that it has, and leaves the record that it was made from', () => {
  expect(withPatch(ROW, { a: 2, isOn: false })).toEqual({ a: 2, b: 'b', isOn: false })
  expect(withPatch(ROW, { a: 0, b: '' })).toEqual({ a: 0, b: '' })
  expect(ROW).toEqual({ a: 1, b: 'b' })
})

test('null takes a member away, and undefined leaves it', () => {
  expect(Object.keys(withPatch(ROW, { b: null }))).toEqual(['a'])
  expect(withPatch(ROW, { a: undefined, b: undefined })).toEqual(ROW)
  expect(Object.keys(withPatch(ROW, { isOn: null }))).toEqual(['a', 'b'])
})
