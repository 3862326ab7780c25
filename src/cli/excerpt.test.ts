import { expect, test } from 'vitest'

import { excerpt } from './excerpt.ts'

test('the excerpt has the line before and a caret under the column', () => {
  const json = `{
  "StartAt": "A",
  "States": {
    "A/b": { "Type": "Pass",
      "Next": "Nowhere" }
  }
}`
  expect(excerpt(json, { line: 5, column: 7 })).toEqual([
    '  4 |     "A/b": { "Type": "Pass",',
    '  5 |       "Next": "Nowhere" }',
    '    |       ^',
  ])
})
