import { expect, test } from 'vitest'

import { findDuplicateKeys } from './duplicate-keys.ts'

test('a member that stands twice is found with the place of its object', () => {
  const text = '{"States": {"A": {"Type": "Pass", "Type": "Wait"}, "L": [{"x": 1}, {"y": {"z": 1, "z": 2}}]}}'
  expect(findDuplicateKeys(text)).toEqual([
    { key: 'Type', at: '/States/A' },
    { key: 'z', at: '/States/L[1]/y' },
  ])
})

test('names are compared as they are read, and texts with marks in them are no members', () => {
  expect(findDuplicateKeys('{"a\\u0062": "{\\"ab\\": 1, \\\\", "ab": [",", ":"]}')).toEqual([{ key: 'ab', at: '/' }])
})

test('a text of ten million characters takes no stack', () => {
  expect(findDuplicateKeys(JSON.stringify({ a: '\\'.repeat(5_000_000), b: 'x'.repeat(10_000_000) }))).toEqual([])
})
