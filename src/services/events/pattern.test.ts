import { describe, expect, it } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { matcherOf, parsePattern } from './pattern.ts'

const matchesPattern = (pattern: JsonObject, to: JsonObject): boolean => matcherOf(to)(pattern)

const event: JsonObject = {
  source: 'app.orders',
  resources: ['arn:a', 'arn:b'],
  detail: {
    state: 'Paid',
    count: 5,
    ip: '10.0.1.7',
    empty: '',
    none: [],
    job: { state: 'done', tries: 3 },
    'flat.name': 'x',
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
    ['no list of none with exists', { none: [{ exists: true }] }, false],
    ['a list of none as absent', { none: [{ exists: false }] }, true],
    ['by a dotted name', { 'job.state': ['done'] }, true],
    ['a dotted name', { flat: { name: ['x'] } }, true],
    ['by dotted names that share a beginning', { 'job.state': ['done'], 'job.tries': [4] }, false],
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
  '{"detail":{"n":[{"numeric":[">",0,">",0]}]}}',
  '{"detail":{"n":[{"numeric":[">",5,"<",1]}]}}',
  '{"detail":{"n":[{"anything-but":{"prefix":""}}]}}',
])('the pattern %s is refused', (text) => expect(() => parsePattern(text)).toThrow('Event pattern is not valid'))

it('names with many dots take no long time', () => {
  const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`a.k${i}`, i]))
  const dots = { [`${'a.'.repeat(500_000)}a`]: 1, ...many }
  expect(matchesPattern(parsePattern('{"a":{"k7":[7]}}'), dots)).toBe(true)
})

it('a long wildcard takes no long time to fail', () =>
  expect(matchesPattern({ a: [{ wildcard: `${'*a'.repeat(2_000)}b` }] }, { a: 'a'.repeat(100_000) })).toBe(false))
