import { expect, test } from 'vitest'

import { history } from '../../../src/history/test-history.ts'
import { foldHistory } from '../../../src/history/visits.ts'
import { variablesAfter, variablesBefore, variablesText } from './variables.ts'

const RUN = foldHistory(
  history(
    ['PassStateEntered', 0, { name: 'Set' }],
    ['PassStateExited', 1, { name: 'Set', output: '1', assignedVariables: { year: '2025', unit: '"C"' } }],
    ['MapStateEntered', 2, { name: 'Each' }],
    ['MapStateStarted', 3],
    ['MapIterationStarted', 4, { name: 'Each', index: 0 }],
    ['PassStateEntered', 5, { name: 'Do' }],
    ['PassStateExited', 6, { name: 'Do', output: '1', assignedVariables: { item: '1' } }],
    ['PassStateEntered', 7, { name: 'More' }],
    ['PassStateExited', 8, { name: 'More', output: '1' }],
    ['MapIterationSucceeded', 9, { name: 'Each', index: 0 }],
    ['MapStateSucceeded', 10],
    ['MapStateExited', 11, { name: 'Each', output: '[1]', assignedVariables: { year: '2026' } }],
  ),
)
const visit = (name: string) => {
  const found = RUN.visits.find((one) => one.name === name)
  if (!found) throw new Error(`no visit of ${name}`)
  return found
}

test('a state sees what those before it and around it assigned, not what comes after', () => {
  expect(variablesText(variablesBefore(visit('More')))).toBe('{"year":2025,"unit":"C","item":1}')
  expect(variablesText(variablesBefore(visit('Set')))).toBe('{}')
})

test('what an inner state assigned stays inside', () => {
  expect(variablesText(variablesAfter(visit('Each')))).toBe('{"year":2026,"unit":"C"}')
})
