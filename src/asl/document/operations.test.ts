import { expect, test } from 'vitest'

import { Document } from './document.ts'
import { type Edit, insertState, reconnect, removeState, renameState } from './operations.ts'

const JSON_TEXT = `{
  "StartAt": "A",
  "States": {
    "A": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "B",
           "Catch": [ {"ErrorEquals": ["States.ALL"], "Next": "F"} ] },
    "B": {"Type": "Choice", "Choices": [{"Variable": "$.A", "IsPresent": true, "Next": "P"}], "Default": "A"},
    "P": {
      "Type": "Parallel",
      "Branches": [{"StartAt": "X", "States": {"X": {"Type": "Pass", "Result": {"Next": "A"}, "End": true}}}],
      "End": true
    },
    "F": {"Type": "Fail"}
  }
}
`

const YAML_TEXT = `# a machine
StartAt: A   # first
States:
  # what A does
  A:
    Type: Pass
    Next: "B" # then B
  B:
    Type: Wait
    Seconds: 5
    Next: 'C'

  # the end
  C: {Type: Succeed}
`

const text = (edit: Edit): string => {
  if (!edit.ok) throw new Error(edit.error.message)
  return edit.value.document.text
}
const code = (edit: Edit): string => (edit.ok ? 'ok' : edit.error.code)
const json = Document.parse(JSON_TEXT)
const yaml = Document.parse(YAML_TEXT)

test('a state is renamed with all references of its block, and nothing else is touched', () => {
  expect(text(renameState(json, '/States/A', 'Call "it"'))).toBe(
    JSON_TEXT.replace('"StartAt": "A"', '"StartAt": "Call \\"it\\""')
      .replace('"A": { "Type"', '"Call \\"it\\"": { "Type"')
      .replace('"Default": "A"', '"Default": "Call \\"it\\""'),
  )
  expect(text(renameState(json, '/States/P', 'Q'))).toBe(JSON_TEXT.replace('"P"}]', '"Q"}]').replace('"P": {', '"Q": {'))
  expect(text(renameState(json, '/States/F', 'Failed'))).toBe(
    JSON_TEXT.replace('"Next": "F"', '"Next": "Failed"').replace('"F": {', '"Failed": {'),
  )
})

test('quotes of YAML are kept, and added where a name needs them', () => {
  expect(text(renameState(yaml, '/States/B', "it's: b"))).toBe(
    YAML_TEXT.replace('"B"', '"it\'s: b"').replace('  B:', '  "it\'s: b":'),
  )
  expect(text(renameState(yaml, '/States/C', "it's c"))).toBe(
    YAML_TEXT.replace("'C'", "'it''s c'").replace('  C:', '  "it\'s c":'),
  )
})

test('a name that is taken, anywhere in the machine, or none, is refused', () => {
  expect(code(renameState(json, '/States/A', 'X'))).toBe('NAME_TAKEN')
  expect(code(renameState(json, '/States/A', ''))).toBe('INVALID_NAME')
  expect(code(renameState(json, '/States/A', 'x'.repeat(81)))).toBe('INVALID_NAME')
  expect(code(renameState(json, '/States/Z', 'Y'))).toBe('NOT_FOUND')
  const Inner = { StartAt: 'X', States: { X: { Type: 'Pass', End: true } } }
  const map = { Type: 'Map', ItemProcessor: Inner }
  expect(code(insertState(json, 'M', map, { kind: 'next', state: '/States/A' }))).toBe('NAME_TAKEN')
})

test('a state is inserted on any connection, laid out as its neighbours', () => {
  const pass = { Type: 'Pass', Result: { a: [1] } }
  expect(text(insertState(json, 'N', pass, { kind: 'next', state: '/States/A' }))).toBe(
    JSON_TEXT.replace('"Next": "B"', '"Next": "N"').replace(
      '"F"} ] },\n',
      '"F"} ] },\n    "N": {\n      "Type": "Pass",\n      "Result": {\n        "a": [\n          1\n        ]\n      },\n      "Next": "B"\n    },\n',
    ),
  )
  expect(text(insertState(json, 'N', { Type: 'Pass' }, { kind: 'next', state: '/States/P/Branches/0/States/X' }))).toBe(
    JSON_TEXT.replace('"End": true}}}', '"Next": "N"}, "N": {"Type": "Pass", "End": true}}}'),
  )
  expect(text(insertState(json, 'N', { Type: 'Pass' }, { kind: 'start', block: '/States/P/Branches/0' }))).toBe(
    JSON_TEXT.replace('{"StartAt": "X", "States": {', '{"StartAt": "N", "States": {"N": {"Type": "Pass", "Next": "X"}, '),
  )
  expect(text(insertState(json, 'N', { Type: 'Pass' }, { kind: 'choice', state: '/States/B', index: 0 }))).toContain(
    '"IsPresent": true, "Next": "N"}',
  )
  expect(text(insertState(json, 'N', { Type: 'Pass' }, { kind: 'catch', state: '/States/A', index: 0 }))).toContain(
    '["States.ALL"], "Next": "N"}',
  )
})

test('in YAML a state is inserted by lines, and comments stay with what they are about', () => {
  expect(text(insertState(yaml, 'N', { Type: 'Pass', Result: 'a\nb\n' }, { kind: 'next', state: '/States/B' }))).toBe(
    YAML_TEXT.replace("'C'\n", "'N'\n  N:\n    Type: Pass\n    Result: |\n      a\n      b\n    Next: C\n"),
  )
  expect(text(insertState(yaml, 'New', { Type: 'Pass' }, { kind: 'start', block: '' }))).toBe(
    YAML_TEXT.replace('StartAt: A', 'StartAt: New').replace('  # what', '  New:\n    Type: Pass\n    Next: A\n  # what'),
  )
})

test('a block that is empty gets its first state', () => {
  const state = { Type: 'Pass' }
  const start = { kind: 'start', block: '' } as const
  expect(text(insertState(Document.parse('{"States": {}}'), 'A', state, start))).toBe(
    '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}',
  )
  expect(text(insertState(Document.parse('StartAt: ""\nStates: {}\n'), 'A', state, start))).toBe(
    'StartAt: "A"\nStates:\n  A:\n    Type: Pass\n    End: true\n',
  )
  expect(text(insertState(Document.parse('{\n\t"StartAt": "",\n\t"States": {}\n}'), 'A', state, start))).toBe(
    '{\n\t"StartAt": "A",\n\t"States": {\n\t\t"A": {\n\t\t\t"Type": "Pass",\n\t\t\t"End": true\n\t\t}\n\t}\n}',
  )
})

test('what leads to a state that is removed leads to where it went on, or ends', () => {
  expect(text(removeState(yaml, '/States/B'))).toBe(
    YAML_TEXT.replace('"B"', '"C"').replace("  B:\n    Type: Wait\n    Seconds: 5\n    Next: 'C'\n", ''),
  )
  expect(text(removeState(yaml, '/States/C'))).toBe(
    YAML_TEXT.replace("Next: 'C'", 'End: true').replace('  C: {Type: Succeed}\n', ''),
  )
  expect(text(removeState(json, '/States/B', { withUnreachable: true }))).not.toContain('"B"')
})

test('what cannot be reconnected is not removed', () => {
  expect(code(removeState(json, '/States/F'))).toBe('CANNOT_CONNECT')
  expect(code(removeState(json, '/States/A'))).toBe('WOULD_STRAND')
  expect(code(removeState(json, '/States/P'))).toBe('CANNOT_CONNECT')
  expect(code(removeState(json, '/States/P/Branches/0/States/X'))).toBe('CANNOT_CONNECT')
})

test('a connection is led elsewhere, or to the end', () => {
  expect(text(reconnect(json, { kind: 'default', state: '/States/B' }, 'F'))).toBe(
    JSON_TEXT.replace('"Default": "A"', '"Default": "F"'),
  )
  expect(text(reconnect(json, { kind: 'next', state: '/States/A' }, undefined))).toBe(
    JSON_TEXT.replace('"Next": "B",', '"End": true,'),
  )
  expect(text(reconnect(json, { kind: 'next', state: '/States/P' }, 'F'))).toBe(
    JSON_TEXT.replace('      "End": true\n', '      "Next": "F"\n'),
  )
  expect(code(reconnect(json, { kind: 'next', state: '/States/A' }, 'X'))).toBe('NOT_FOUND')
  expect(code(reconnect(json, { kind: 'catch', state: '/States/A', index: 0 }, undefined))).toBe('CANNOT_CONNECT')
  expect(code(reconnect(json, { kind: 'next', state: '/States/B' }, 'F'))).toBe('CANNOT_CONNECT')
})

test('what stands behind an alias, or twice, is left alone', () => {
  const aliased = 'StartAt: A\nStates:\n  A: &a\n    Type: Pass\n    Next: B\n  C: *a\n  B: {Type: Succeed}\n'
  expect(code(renameState(Document.parse(aliased), '/States/B', 'D'))).toBe('NOT_EDITABLE')
  const twice = '{"StartAt": "A", "States": {"A": {"Type": "Fail"}, "A": {"Type": "Succeed"}}}'
  expect(code(renameState(Document.parse(twice), '/States/A', 'D'))).toBe('NOT_EDITABLE')
  expect(code(renameState(Document.parse('{"States": {"A": {}}'), '/States/A', 'D'))).toBe('NOT_EDITABLE')
})
