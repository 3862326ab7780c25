import { expect, test } from 'vitest'

import { readJson } from './json.ts'
import { printJson } from './print-json.ts'

function print(text: string): string {
  const { root } = readJson(text)
  return root ? printJson(root, text) : ''
}

test('numbers keep their spelling, members their order, and stay twice where they stand twice', () => {
  const text = '{"nfe":35261112345678901234550010000012341000012345,"price":1.10,"zero":-0,"e":1E5,"10":[],"2":{},"e":1e400}'
  expect(print(text).replaceAll(/\s/g, '')).toBe(text)
  expect(print('{"b":[1,{}]}')).toBe('{\n  "b": [\n    1,\n    {}\n  ]\n}')
})
