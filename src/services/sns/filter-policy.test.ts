import { describe, expect, it } from 'vitest'

import { matchesFilter, parseFilterPolicy } from './filter-policy.ts'

const attribute = (value: string | number | string[]) =>
  Array.isArray(value)
    ? { DataType: 'String.Array', StringValue: JSON.stringify(value) }
    : { DataType: typeof value === 'number' ? 'Number' : 'String', StringValue: String(value) }

const matches = (policy: object, attributes: Record<string, string | number | string[]>) =>
  matchesFilter(parseFilterPolicy(JSON.stringify(policy), false), false, {
    body: '',
    attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, attribute(value)])),
  })

const bodyMatches = (policy: object, body: unknown) =>
  matchesFilter(parseFilterPolicy(JSON.stringify(policy), true), true, { body: JSON.stringify(body), attributes: new Map() })

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

  it('is refused when it is no policy', () => {
    expect(() => parseFilterPolicy('{', false)).toThrow('Invalid parameter: FilterPolicy: failed to parse JSON')
    expect(() => parseFilterPolicy('{"a":[{"like":"x"}]}', false)).toThrow('Unrecognized match type like')
    expect(() => parseFilterPolicy('{"a":{"b":["x"]}}', false)).toThrow('does not support nested')
  })
})
