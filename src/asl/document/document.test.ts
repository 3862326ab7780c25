import { expect, test } from 'vitest'

import { Document } from './document.ts'

const JSON_TEXT = `{
  "StartAt": "A",
  "States": {
    "A/b": { "Type": "Pass",
      "Next": "Nowhere" }
  }
}`
const YAML_TEXT =
  'StartAt: A\nStates:\n  A:\n    Type: Choice\n    Choices:\n      - Next: B\n      - Next: C\n  B:\n    Type: Succeed\n'

test('a pointer leads to its name in JSON and in YAML', () => {
  expect(Document.parse(JSON_TEXT).positionOf('/States/A~1b/Next')).toEqual({ line: 5, column: 7 })
  expect(Document.parse(YAML_TEXT).positionOf('/States/A/Choices/1/Next')).toEqual({ line: 7, column: 9 })
  expect(Document.parse(YAML_TEXT).positionOf('')).toEqual({ line: 1, column: 1 })
})

test('a pointer to what is missing leads to what it is missing from', () => {
  expect(Document.parse(JSON_TEXT).positionOf('/States/A~1b/End')).toEqual({ line: 4, column: 5 })
})

test('a text that is empty has no places', () => {
  expect(Document.parse('').positionOf('/States')).toBeUndefined()
  expect(Document.parse('').pointerAt(0)).toBe('')
})

test('an offset leads to its pointer, on a name and on a value', () => {
  const document = Document.parse(JSON_TEXT)
  expect(document.pointerAt(JSON_TEXT.indexOf('Nowhere'))).toBe('/States/A~1b/Next')
  expect(document.pointerAt(JSON_TEXT.indexOf('Next'))).toBe('/States/A~1b/Next')
  expect(document.pointerAt(JSON_TEXT.indexOf('"A/b"') - 2)).toBe('/States')
})

test('YAML becomes the JSON that the service takes; JSON stays as it is', () => {
  expect(JSON.parse(Document.parse('StartAt: A\nStates:\n  A:\n    Type: Succeed\n').json)).toEqual({
    StartAt: 'A',
    States: { A: { Type: 'Succeed' } },
  })
  expect(Document.parse(' {"a" :1,').json).toBe(' {"a" :1,')
})

test('a state that is nested is found within its container, and data of the same look is none', () => {
  const inner = { StartAt: 'B', States: { B: { Type: 'Pass', Result: { States: { C: 1 } } } } }
  const text = JSON.stringify({ StartAt: 'M', States: { M: { Type: 'Map', ItemProcessor: inner } } })
  const document = Document.parse(text)
  expect(document.stateAt(text.indexOf('"C"'))?.name).toBe('B')
  expect(document.stateAt(text.indexOf('ItemProcessor'))?.name).toBe('M')
  expect(document.stateAt(text.indexOf('StartAt'))).toBeUndefined()
})
