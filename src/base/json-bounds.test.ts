import { expect, test } from 'vitest'

import { nestsWithin, parseJson } from './json-bounds.ts'
import { JSON_DEPTH_MAX } from './json-size.ts'

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

test('a text of 1,000 levels is parsed, one of 1,001 is no JSON', () => {
  expect(JSON.stringify(parseJson(nested(JSON_DEPTH_MAX)))).toBe(nested(JSON_DEPTH_MAX))
  expect(() => parseJson(nested(JSON_DEPTH_MAX + 1))).toThrow(SyntaxError)
  expect(() => parseJson('{"a":'.repeat(100_000))).toThrow('nested deeper than 1000 levels')
})

test('brackets within strings, and escaped quotes, are no nesting', () => {
  expect(nestsWithin(JSON.stringify(`"${'['.repeat(5_000)}\\`))).toBe(true)
  expect(parseJson('[[],[],{"a":[]}]')).toEqual([[], [], { a: [] }])
})

test('what is no JSON at all is told as ever', () => expect(() => parseJson('{')).toThrow(SyntaxError))
