import { expect, test } from 'vitest'

import { excerpt, locatorOf } from './source-position.ts'

const json = `{
  "StartAt": "A",
  "States": {
    "A/b": { "Type": "Pass",
      "Next": "Nowhere" }
  }
}`

test('a pointer leads to its key in JSON, escapes included', () => {
  expect(locatorOf(json)('/States/A~1b/Next')).toEqual({ line: 5, column: 7 })
})

test('a pointer to what is missing leads to what it is missing from', () => {
  expect(locatorOf(json)('/States/A~1b/End')).toEqual({ line: 4, column: 5 })
})

test('a pointer leads to its place in YAML, items of lists too', () => {
  const yaml = 'StartAt: A\nStates:\n  A:\n    Type: Choice\n    Choices:\n      - Next: B\n      - Next: C\n'
  expect(locatorOf(yaml)('/States/A/Choices/1/Next')).toEqual({ line: 7, column: 9 })
  expect(locatorOf(yaml)('')).toEqual({ line: 1, column: 1 })
})

test('the excerpt has the line before and a caret under the column', () => {
  expect(excerpt(json, { line: 5, column: 7 })).toEqual([
    '  4 |     "A/b": { "Type": "Pass",',
    '  5 |       "Next": "Nowhere" }',
    '    |       ^',
  ])
})

test('a text that cannot be read has no places', () => {
  expect(locatorOf('')('/States')).toBeUndefined()
})
