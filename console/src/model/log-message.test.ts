import { expect, test } from 'vitest'

import { prettyMessage } from './log-message.ts'

test('JSON is indented, alone or at the end of a line', () => {
  expect(prettyMessage('{"a":1}')).toBe('{\n  "a": 1\n}')
  expect(prettyMessage('INFO {"a":1}\n')).toBe('INFO \n{\n  "a": 1\n}')
})

test('what is no JSON stays as it is', () => {
  for (const text of ['plain', 'START [1', '<img> {x}']) expect(prettyMessage(text)).toBe(text)
})
