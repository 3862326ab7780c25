import { expect, test } from 'vitest'

import { hintFor } from './hints.ts'

test('a slip in a name is guessed, another name is not', () => {
  const document = { States: { A: { Next: 'B' }, Finish: {} } }
  expect(hintFor('MISSING_TRANSITION_TARGET', "Missing 'Next' target: Finsh", document)).toContain('Add a state')
  expect(hintFor('MISSING_TRANSITION_TARGET', 'Missing target "Finsh"', document)).toBe('Did you mean "Finish"?')
  expect(hintFor('MISSING_TRANSITION_TARGET', 'Missing target "Elsewhere"', document)).toContain('Add a state')
})
