import { expect, test } from 'vitest'

import { stateText, usesChance } from './state-text.ts'

test('a state is found wherever it stands, and is told as it is written', () => {
  const inner = '{"Type":"Pass","Result":{"n":12345678901234567890,"price":1.10},"End":true}'
  const definition = `{"StartAt":"M","States":{"M":{"Type":"Map","ItemProcessor":{"StartAt":"P","States":{"P": ${inner}}},"End":true}}}`
  expect(stateText(definition, 'P')).toBe(inner)
  expect(stateText(definition, 'Q')).toBeUndefined()
  expect(stateText('no', 'P')).toBeUndefined()
})

test.each([
  ['"id.$":"States.UUID()"', true],
  ['"{% $uuid() %}"', true],
  ['"{% $now() %}"', true],
  ['"States.Format(\'{}\', $.now)"', false],
  ['"{% $nowhere %}"', false],
])('%s: %s', (text, expected) => expect(usesChance(text)).toBe(expected))
