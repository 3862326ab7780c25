import { expect, test } from 'vitest'

import { readSource } from '../../source/source.ts'

import { pathOfDiagnostic, pathOfLocation } from './location.ts'

const { root } = readSource(
  '{"States": {"A/b[0]": {"Choices": [{"Next": "X"}, {"Next": "Y"}]}, "A": {"Choices": [1, {"Next": 2}]}}}',
)

test('a place in a list becomes a path', () => {
  expect(pathOfLocation(root, '/States/A/Choices[1]/Next')).toEqual(['States', 'A', 'Choices', 1, 'Next'])
})

test('a name with slashes and brackets is one key', () => {
  expect(pathOfLocation(root, '/States/A/b[0]/Choices[1]/Next')).toEqual(['States', 'A/b[0]', 'Choices', 1, 'Next'])
})

test('what the document does not have is taken as it is written', () => {
  expect(pathOfLocation(root, '/States/Z/Next')).toEqual(['States', 'Z', 'Next'])
  expect(pathOfLocation(root, '/[]')).toEqual(['[]'])
  expect(pathOfLocation(undefined, '/States')).toEqual(['States'])
})

test.each([
  ["Field 'Choices' is not supported", '/States/A', ['States', 'A', 'Choices']],
  [
    "The QueryLanguage is set to 'JSONPath', but field 'Next' is only supported for …",
    '/States/A/Choices[1]',
    ['States', 'A', 'Choices', 1, 'Next'],
  ],
  ["Field 'States' is not supported", '/', ['States']],
  ["Field 'Nothing' is not supported", '/States/A', ['States', 'A']],
  ['These fields are required: [Next]', '/States/A/Choices[1]', ['States', 'A', 'Choices', 1]],
])('what is told is found in the document: %s', (message, location, path) => {
  expect(pathOfDiagnostic(root, { message, location })).toEqual(path)
})
