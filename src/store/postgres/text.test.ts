import fc from 'fast-check'
import { expect, test } from 'vitest'

import { escapeText, unescapeText } from './text.ts'

test('every text comes back as it was, and none that is kept has a NUL', () => {
  const texts = fc.string({ unit: fc.constantFrom('\0', '\u0010', '0', '1', 'a', '\u{1f600}', '\\') })
  fc.assert(
    fc.property(texts, (text) => {
      const kept = escapeText(text)
      return !kept.includes('\0') && unescapeText(kept) === text
    }),
  )
})

test('a text without them is kept as it is', () => {
  expect(escapeText('{"a": "\\u0000"}')).toBe('{"a": "\\u0000"}')
})
