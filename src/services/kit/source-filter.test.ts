import { expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

import { isWanted, patternsOf } from './source-filter.ts'

const refuse = (reason: string) => new WireError(400, 'InvalidParameterValueException', reason)

const filter = (...patterns: JsonObject[]) => ({ Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) })
test.each([
  [undefined, 'x', true],
  [filter({ body: { kind: ['order'] } }), '{"kind":"order"}', true],
  [filter({ body: { kind: ['order'] } }), '{"kind":"other"}', false],
  [filter({ body: { kind: ['order'] } }), 'no JSON', false],
  [filter({ body: ['x'] }), 'x', true],
  [filter({ body: ['x'] }), 'y', false],
  [filter({ body: { n: [{ numeric: ['>', 5] }] } }, { body: { kind: [{ prefix: 'o' }] } }), '{"kind":"order"}', true],
  [filter({ body: { kind: [{ exists: false }] } }), '{"other":1}', true],
])('filters %j take %s: %s', (criteria, body, isTaken) => {
  expect(isWanted({ body }, patternsOf(criteria, refuse))).toBe(isTaken)
})

test.each(['x', '[]', '{"body":{"a":[{"unknown":1}]}}', '{"body":{"a":[]}}', `{"body":["${'x'.repeat(4_096)}"]}`])(
  'the pattern %s is refused',
  (Pattern) => {
    expect(() => patternsOf({ Filters: [{ Pattern }] }, refuse)).toThrow('Invalid filter pattern definition.')
  },
)

test('patterns of a stream look into the images of its records', () => {
  const patterns = patternsOf(filter({ eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: ['order'] } } } }), refuse)
  const record = (eventName: string, kind: string) => ({ eventName, dynamodb: { NewImage: { kind: { S: kind } } } })
  expect(isWanted(record('INSERT', 'order'), patterns)).toBe(true)
  expect(isWanted(record('MODIFY', 'order'), patterns)).toBe(false)
  expect(isWanted(record('INSERT', 'other'), patterns)).toBe(false)
})
