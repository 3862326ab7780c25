import { expect, test } from 'vitest'

import { jsonOf, spanOf, spanOfState, stateAt } from './source.ts'

const JSON_TEXT = '{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Next":"Nowhere"}]}}}'
const YAML_TEXT = 'StartAt: A\nStates:\n  A:\n    Type: Succeed\n'

test('a place as AWS names it is found in JSON and in YAML', () => {
  const { from, to } = spanOf(JSON_TEXT, '/States/A/Choices[0]/Next')
  expect(JSON_TEXT.slice(from, to)).toBe('"Next"')
  const yaml = spanOf(YAML_TEXT, '/States/A/Type')
  expect(YAML_TEXT.slice(yaml.from, yaml.to)).toBe('Type')
})

test('what is missing is told where it is missing from', () => {
  const { from, to } = spanOf(YAML_TEXT, '/States/A/Next')
  expect(YAML_TEXT.slice(from, to)).toBe('A')
})

test('cursor and state find each other', () => {
  expect(stateAt(JSON_TEXT, JSON_TEXT.indexOf('Nowhere'))).toBe('A')
  expect(spanOfState(YAML_TEXT, 'A')?.from).toBe(YAML_TEXT.indexOf('  A:') + 2)
})

test('YAML becomes the JSON that the service takes', () => {
  expect(JSON.parse(jsonOf(YAML_TEXT))).toEqual({ StartAt: 'A', States: { A: { Type: 'Succeed' } } })
})
