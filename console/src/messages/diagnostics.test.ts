import { expect, test } from 'vitest'

import { checkDefinition } from '../../../src/asl/check.ts'
import { tellDiagnostic } from './diagnostics.ts'

const toldOf = (definition: unknown, type: 'STANDARD' | 'EXPRESS' = 'STANDARD') =>
  checkDefinition(typeof definition === 'string' ? definition : JSON.stringify(definition), { type, advice: true }).map(
    (one) => ({
      message: one.message,
      told: tellDiagnostic(one, 'pt-BR'),
    }),
  )

const inState = (state: object) => ({ StartAt: 'A', States: { A: { End: true, ...state } } })

test.each<[string, unknown]>([
  ['nothing at all', {}],
  ['a list', []],
  ['text that breaks off', '{"StartAt": "A", "States": {'],
  ['a word without quotes', '{"StartAt": A}'],
  ['a comma too many', '{"StartAt": "A",}'],
  ['states that lead nowhere', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'Z' }, B: { Type: 'Succeed' } } }],
  ['no end', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'A' } } }],
  ['fields that are unknown, missing or of a wrong type', inState({ Type: 'Wait', Foo: 1, Seconds: -1, Comment: 3 })],
  ['fields of the other language', inState({ Type: 'Pass', Output: 1 })],
  ['a resource that is none', inState({ Type: 'Task', Resource: 'no-arn' })],
  [
    'retriers out of order',
    inState({
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Retry: [{ ErrorEquals: ['States.ALL', 'X'] }, { ErrorEquals: [] }],
    }),
  ],
  [
    'a call without Retry',
    inState({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f', a: '$.x', 'b.$': 1 } }),
  ],
  ['a variable that is reserved', inState({ Type: 'Pass', Assign: { states: 1, '1x': 2 } })],
  ['a type that is none', inState({ Type: 'Nap' })],
])('%s is told in Portuguese', (_, definition) => {
  const told = toldOf(definition)
  expect(told).not.toEqual([])
  for (const { message, told: text } of told) expect(text).not.toBe(message)
})

test('a text is not quoted back, in any language', () => {
  const [found] = checkDefinition('{"StartAt": "A", "States": {', { type: 'STANDARD' })
  expect(found && tellDiagnostic(found, 'en')).toBe('Unexpected end-of-input: expected close marker for Object')
})

test('what has no words yet stays as it is', () => {
  expect(tellDiagnostic({ message: 'Something new' }, 'pt-BR')).toBe('Something new')
})
