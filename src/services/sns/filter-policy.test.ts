import { describe, expect, it } from 'vitest'

import { checkFilterPolicy, matchesFilter } from './filter-policy.ts'

function checked(policy: object, isBodyScope: boolean): string {
  const text = JSON.stringify(policy)
  checkFilterPolicy(text, isBodyScope)
  return text
}

const attribute = (value: string | number | string[]) =>
  Array.isArray(value)
    ? { DataType: 'String.Array', StringValue: JSON.stringify(value) }
    : { DataType: typeof value === 'number' ? 'Number' : 'String', StringValue: String(value) }

const matches = (policy: object, attributes: Record<string, string | number | string[]>) =>
  matchesFilter(checked(policy, false), false, {
    body: '',
    attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, attribute(value)])),
  })

const bodyMatches = (policy: object, body: unknown) =>
  matchesFilter(checked(policy, true), true, { body: JSON.stringify(body), attributes: new Map() })

describe('a filter policy over attributes', () => {
  it.each([
    [{ a: ['x', 'y'] }, { a: 'y' }, true],
    [{ a: ['x'] }, { a: 'X' }, false],
    [{ a: ['x'], b: ['y'] }, { a: 'x' }, false],
    [{ a: [{ prefix: 'ab' }] }, { a: 'abc' }, true],
    [{ a: [{ suffix: 'bc' }] }, { a: 'abc' }, true],
    [{ a: [{ 'equals-ignore-case': 'ABC' }] }, { a: 'abc' }, true],
    [{ a: [{ 'anything-but': ['x', 'y'] }] }, { a: 'z' }, true],
    [{ a: [{ 'anything-but': ['x', 'y'] }] }, { a: 'x' }, false],
    [{ a: [{ 'anything-but': ['x'] }] }, {}, false],
    [{ a: [{ 'anything-but': { prefix: 'or' } }] }, { a: 'order' }, false],
    [{ a: [{ numeric: ['>=', 1, '<', 3] }] }, { a: 3 }, false],
    [{ a: [{ numeric: ['=', 3] }] }, { a: 3 }, true],
    [{ a: [{ exists: false }] }, {}, true],
    [{ a: [{ exists: true }] }, { a: '' }, true],
    [{ a: [{ cidr: '10.0.0.0/24' }] }, { a: '10.0.0.255' }, true],
    [{ a: [{ cidr: '10.0.0.0/24' }] }, { a: '10.0.1.0' }, false],
    [{ a: ['x'] }, { a: ['w', 'x'] }, true],
    [{ $or: [{ a: ['x'] }, { b: ['y'] }] }, { b: 'y' }, true],
    [{ $or: [{ a: ['x'] }, { b: ['y'] }] }, { b: 'z' }, false],
  ])('%j over %j: %s', (policy, attributes, expected) => {
    expect(matches(policy, attributes as Record<string, string | number | string[]>)).toBe(expected)
  })
})

describe('a filter policy over the body', () => {
  it.each([
    [{ a: { b: ['x'] } }, { a: { b: 'x' } }, true],
    [{ a: { b: ['x'] } }, { a: [{ b: 'y' }, { b: 'x' }] }, true],
    [{ a: [null, true] }, { a: null }, true],
    [{ a: [1] }, { a: [2, 1] }, true],
    [{ a: ['x'] }, 'not an object', false],
  ])('%j over %j: %s', (policy, body, expected) => {
    expect(bodyMatches(policy, body)).toBe(expected)
  })
})

describe('a filter policy', () => {
  const three = ['x', 'y', 'z']
  const refusal = (text: string, isBodyScope: boolean) => {
    try {
      checkFilterPolicy(text, isBodyScope)
      return 'taken'
    } catch (error) {
      return error instanceof Error ? error.message.replace('Invalid parameter: ', '') : error
    }
  }

  it.each([
    ['{', 'FilterPolicy: failed to parse JSON.'],
    ['{"a":[]}', 'FilterPolicy: Empty arrays are not allowed'],
    ['{"a":[{"anything-but":[]}]}', 'FilterPolicy: Empty arrays are not allowed'],
    ['{"a":"x"}', 'FilterPolicy: "a" must be an object or an array'],
    ['{"a":[{"like":"x"}]}', 'FilterPolicy: Unrecognized match type like'],
    ['{"a":[{"prefix":1}]}', 'FilterPolicy: prefix match pattern must be a string'],
    ['{"a":{"b":"x"}}', 'FilterPolicy: "b" must be an object or an array'],
    ['{"a":{"b":["x"]}}', 'Filter policy scope MessageAttributes does not support nested filter policy'],
    [
      '{"a":["x"],"b":["x"],"c":["x"],"d":["x"],"e":["x"],"f":["x"]}',
      'FilterPolicy: Filter policy can not have more than 5 keys',
    ],
  ])('%s is refused over attributes', (text, message) => expect(refusal(text, false)).toBe(message))

  it.each([
    [[], 'Invalid member in numeric match: ]'],
    [[1], 'Invalid member in numeric match: 1'],
    [['<>', 1], 'Unrecognized numeric range operator: <>'],
    [['=', '1'], 'Value of equals must be numeric'],
    [['<', 1, '>', 0], 'Too many elements in numeric expression'],
    [['>', 1, 2, 3], 'Bad value in numeric range: 2'],
    [['>', 1, '>', 3], 'Bad numeric range operator: >'],
    [['>', 1, '<', 'x'], 'Value of < must be numeric'],
    [['>', 5, '<=', 5], 'Bottom must be less than top'],
    [['>', 1, '<=', 5, '<', 9], 'Too many terms in numeric range expression'],
  ])('is refused with the bounds %j', (numeric, message) =>
    expect(refusal(JSON.stringify({ a: [{ numeric }] }), false)).toBe(`FilterPolicy: ${message}`),
  )

  it.each([
    // 3 × 4 × 2 × 3 = 72, the example of the developer guide.
    [{ a: { b: { c: ['w', ...three] } }, d: { e: three } }, 'taken'],
    [{ a: { b: { c: [...three, ...three] } }, d: { e: [...three, 'w', 'v'] } }, 'FilterPolicy: Filter policy is too complex'],
    [{ a: { b: [...three, ...three, ...three] }, c: [...three, ...three], d: ['x'] }, 'taken'],
    [
      { a: [...three, ...three], b: [...three, ...three], c: ['x', 'y', 'z', 'w', 'v'] },
      'FilterPolicy: Filter policy is too complex',
    ],
    [{ $or: [{ a: [...three, ...three] }, { b: [...three, ...three] }], c: [...three, ...three] }, 'taken'],
  ])('is measured by its combinations: %j', (policy, expected) => expect(refusal(JSON.stringify(policy), true)).toBe(expected))
})
