import { expect, test } from 'vitest'

import { exampleOf, guessShape, missingMembers, namesOf } from './input-schema.ts'

const SHAPE = guessShape([
  '{"year": 2025, "bucket": {"name": "in"}, "items": [{"id": "a"}]}',
  '{"year": 2026, "bucket": {"name": "in", "region": "x"}, "items": [], "note": "n"}',
  'no JSON',
])

test('what every input had is missed, what some had is not', () => {
  expect(missingMembers(SHAPE, { bucket: {} })).toEqual([
    { name: 'year', kinds: ['number'] },
    { name: 'items', kinds: ['array'] },
  ])
  expect(missingMembers(SHAPE, [1])).toEqual([])
  expect(missingMembers(guessShape([]), {})).toEqual([])
})

test('an example has what was always there', () => {
  expect(exampleOf(SHAPE)).toBe('{"year":2025,"bucket":{"name":"in"},"items":[{"id":"a"}]}')
  expect(exampleOf(guessShape(['null']))).toBe('null')
  expect(exampleOf(guessShape([]))).toBe('null')
})

test('an example keeps the digits of numbers', () => {
  const text = '{"key":35261112345678901234550010000012341000012345,"price":1.10,"list":[1e400]}'
  expect(exampleOf(guessShape([text]))).toBe(text)
})

test('names of all depths are offered, once each', () => {
  expect(namesOf(SHAPE)).toEqual(['year', 'bucket', 'items', 'note', 'name', 'region', 'id'])
})
