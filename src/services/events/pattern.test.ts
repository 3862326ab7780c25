import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { matchesPattern, parsePattern } from './pattern.ts'

const event: JsonObject = {
  source: 'app.orders',
  resources: ['arn:a', 'arn:b'],
  detail: {
    state: 'Paid',
    count: 5,
    ip: '10.0.1.7',
    empty: '',
    nothing: null,
    file: 'a/b/report.csv',
    items: [
      { id: 1, kind: 'x' },
      { id: 2, kind: 'y' },
    ],
  },
}
const detail = (pattern: unknown) => matchesPattern(parsePattern(JSON.stringify({ detail: pattern })), event)

describe('a pattern matches', () => {
  it.each([
    ['an exact value', { state: ['Open', 'Paid'] }, true],
    ['no other value', { state: ['paid'] }, false],
    ['null and the empty string', { nothing: [null], empty: [''] }, true],
    ['by prefix', { state: [{ prefix: 'Pa' }] }, true],
    ['by prefix in any case', { state: [{ prefix: { 'equals-ignore-case': 'pA' } }] }, true],
    ['by suffix', { file: [{ suffix: '.csv' }] }, true],
    ['anything but', { state: [{ 'anything-but': ['Open', 'Closed'] }] }, true],
    ['not what is refused', { state: [{ 'anything-but': 'Paid' }] }, false],
    ['anything but a prefix', { state: [{ 'anything-but': { prefix: 'Pa' } }] }, false],
    ['nothing that is absent with anything-but', { other: [{ 'anything-but': 'Paid' }] }, false],
    ['a range', { count: [{ numeric: ['>', 0, '<=', 5] }] }, true],
    ['no number outside', { count: [{ numeric: ['<', 5] }] }, false],
    ['what exists', { state: [{ exists: true }] }, true],
    ['what does not exist', { other: [{ exists: false }], more: { deep: [{ exists: false }] } }, true],
    ['a network', { ip: [{ cidr: '10.0.0.0/16' }] }, true],
    ['in any case', { state: [{ 'equals-ignore-case': 'PAID' }] }, true],
    ['a wildcard', { file: [{ wildcard: 'a/*/rep*.csv' }] }, true],
    ['no wildcard whose pieces overlap', { state: [{ wildcard: 'Pai*aid' }] }, false],
    ['either of two', { $or: [{ state: ['Open'] }, { count: [5] }] }, true],
    ['neither of two', { $or: [{ state: ['Open'] }, { count: [6] }] }, false],
    ['one element of an array', { items: { id: [2], kind: ['y'] } }, true],
    ['members of one element only', { items: { id: [1], kind: ['y'] } }, false],
  ])('%s', (_, pattern, expected) => expect(detail(pattern)).toBe(expected))

  it('any of several values of the event', () =>
    expect(matchesPattern(parsePattern('{"resources":["arn:b"],"source":[{"prefix":"app."}]}'), event)).toBe(true))
})

it.each([
  '',
  '[]',
  '{}',
  '{"source":"a"}',
  '{"source":[]}',
  '{"source":[{"like":"a"}]}',
  '{"detail":{"n":[{"numeric":["~",1]}]}}',
])('the pattern %s is refused', (text) => expect(() => parsePattern(text)).toThrow('Event pattern is not valid'))

it('a long wildcard takes no long time to fail', () =>
  expect(matchesPattern({ a: [{ wildcard: `${'*a'.repeat(2_000)}b` }] }, { a: 'a'.repeat(100_000) })).toBe(false))
