import { expect, test } from 'vitest'

import { indented, isSameJson, objectText } from './json-text.ts'

test('a text is laid out without a change of what it says', () => {
  expect(indented('{"key":35261112345678901234550010000012341000012345,"price":1.10,"huge":1e400,"a":1,"a":2}')).toBe(
    '{\n  "key": 35261112345678901234550010000012341000012345,\n  "price": 1.10,\n  "huge": 1e400,\n  "a": 1,\n  "a": 2\n}',
  )
  expect(indented('{"a":')).toBe('{"a":')
  expect(indented('')).toBe('')
})

test('an object is made of texts as they are', () => {
  expect(
    objectText([
      ['n', '12345678901234567890'],
      ['s', '"x"'],
      ['none', 'oh'],
    ]),
  ).toBe('{"n":12345678901234567890,"s":"x","none":"oh"}')
})

test('texts hold the same whatever the order of their members; a last digit is a difference', () => {
  expect(isSameJson('{"a":1,"b":[1, 2]}', '{"b":[1.0,2],"a":1}')).toBe(true)
  expect(isSameJson('{"b":[1,2]}', '{"b":[2,1]}')).toBe(false)
  expect(isSameJson('12345678901234567890', '12345678901234567891')).toBe(false)
  expect(isSameJson('no', 'no')).toBe(true)
  expect(isSameJson('no', 'yes')).toBe(false)
})
