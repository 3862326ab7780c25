import { expect, test } from 'vitest'

import { parseJsonExactly } from '../base/json-bounds.ts'

import { asText, spelledOf } from './parameters.ts'

test('a document goes out as it was spelled: its numbers, and its members in their order', () => {
  const text = '{"10":1.0,"2":[9007199254740993,1e3]}'
  const spelled = parseJsonExactly(`{"Message":${text}}`)
  expect(asText(spelledOf({ parameters: { Message: {} }, spelled })['Message'])).toBe(text)
})

test('what is not spelled is what it is', () => {
  expect(spelledOf({ parameters: { a: 1 } })).toEqual({ a: 1 })
  expect(asText('text')).toBe('text')
  expect(asText(null)).toBeUndefined()
})
