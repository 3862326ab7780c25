import { expect, test } from 'vitest'

import { keysOfLocation, toPointer } from './aws-location.ts'
import { editDistance, hintFor } from './hints.ts'

const document = { States: { 'A/b[0]': { Choices: [{ Next: 'X' }, { Next: 'Y' }] }, A: { Next: 'B' }, Finish: {} } }

test('a place in a list becomes a pointer', () => {
  expect(toPointer(keysOfLocation('/States/A/Next', document))).toBe('/States/A/Next')
  expect(toPointer(keysOfLocation('/States/A/Choices[1]/Next', { States: { A: { Choices: [1, { Next: 2 }] } } }))).toBe(
    '/States/A/Choices/1/Next',
  )
})

test('a name with slashes and brackets is one key', () => {
  expect(keysOfLocation('/States/A/b[0]/Choices[1]/Next', document)).toEqual(['States', 'A/b[0]', 'Choices', '1', 'Next'])
})

test('what the document does not have is taken as it is written', () => {
  expect(keysOfLocation('/States/Z/Next', document)).toEqual(['States', 'Z', 'Next'])
  expect(keysOfLocation('/[]', document)).toEqual(['[]'])
})

test('a slip in a name is guessed, another name is not', () => {
  expect(hintFor('MISSING_TRANSITION_TARGET', "Missing 'Next' target: Finsh", document)).toContain('Add a state')
  expect(hintFor('MISSING_TRANSITION_TARGET', 'Missing target "Finsh"', document)).toBe('Did you mean "Finish"?')
  expect(hintFor('MISSING_TRANSITION_TARGET', 'Missing target "Elsewhere"', document)).toContain('Add a state')
  expect(editDistance('kitten', 'sitting')).toBe(3)
})
