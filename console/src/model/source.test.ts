import { expect, test } from 'vitest'

import { jsonOf, openSource } from './source.ts'

const JSON_TEXT = '{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Next":"Nowhere"}]}}}'
const YAML_TEXT = 'StartAt: A\nStates:\n  A:\n    Type: Succeed\n'

test('a place as AWS names it is found in JSON and in YAML', () => {
  const { from, to } = openSource(JSON_TEXT).spanOf('/States/A/Choices[0]/Next')
  expect(JSON_TEXT.slice(from, to)).toBe('"Next"')
  const yaml = openSource(YAML_TEXT).spanOf('/States/A/Type')
  expect(YAML_TEXT.slice(yaml.from, yaml.to)).toBe('Type')
})

test('what is missing is told where it is missing from', () => {
  const { from, to } = openSource(YAML_TEXT).spanOf('/States/A/Next')
  expect(YAML_TEXT.slice(from, to)).toBe('A')
})

test('cursor and state find each other', () => {
  expect(openSource(JSON_TEXT).stateAt(JSON_TEXT.indexOf('Nowhere'))).toBe('A')
  expect(openSource(YAML_TEXT).spanOfState('A')?.from).toBe(YAML_TEXT.indexOf('  A:') + 2)
})

test('YAML becomes the JSON that the service takes', () => {
  expect(JSON.parse(jsonOf(YAML_TEXT))).toEqual({ StartAt: 'A', States: { A: { Type: 'Succeed' } } })
})

test('a state that is nested is found within its container, and data of the same look is none', () => {
  const inner = { StartAt: 'B', States: { B: { Type: 'Pass', Result: { States: { C: 1 } } } } }
  const text = JSON.stringify({ StartAt: 'M', States: { M: { Type: 'Map', ItemProcessor: inner } } })
  expect(openSource(text).stateAt(text.indexOf('"C"'))).toBe('B')
  expect(openSource(text).stateAt(text.indexOf('ItemProcessor'))).toBe('M')
})

test('a text that is not finished has places, too', () => {
  const text = '{"States": {"A": {"Type": "Pass", "Ne'
  expect(openSource(text).placeAt(text.length)).toMatchObject({ path: ['States', 'A'], key: 'N' })
})
