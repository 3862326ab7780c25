import { expect, test } from 'vitest'

import { align, difference } from './difference.ts'
import { differenceOf, isSame } from './same.ts'

test('lines that differ stand one below the other, with those around them', () => {
  const lines = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
  const received = lines.map((line) => (line === 'f' ? 'F' : line))
  expect(difference(lines.join('\n'), received.join('\n'))).toBe(
    ['- expected', '+ received', '', '  … 2 lines', '  c', '  d', '  e', '- f', '+ F', '  g', '  h', '  i'].join('\n'),
  )
})

test('as many as there can be are in common', () => {
  const steps = align(['Check', 'Pay', 'Ship'], ['Check', 'Wait', 'Ship', 'Bill'], (a, b) => a === b)
  expect(steps.map((step) => `${step.kind} ${step.kind === 'received' ? step.received : step.expected}`)).toEqual([
    'both Check',
    'expected Pay',
    'received Wait',
    'both Ship',
    'received Bill',
  ])
})

test('what is the same from the beginning or to the end is in common, however long it is', () => {
  const long = Array.from({ length: 5_000 }, (_, i) => `${i}`)
  expect(
    align(long, [...long.slice(0, 2_000), 'x', ...long.slice(2_000)], (a, b) => a === b).filter(({ kind }) => kind !== 'both'),
  ).toEqual([{ kind: 'received', received: 'x' }])
})

test('texts too long to be laid out are told one after the other', () => {
  const long = (mark: string) => Array.from({ length: 1_500 }, (_, i) => `${mark}${i}`).join('\n')
  expect(difference(long('a'), long('b')).split('\n')).toHaveLength(3 + 3_000)
})

test.each([
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: 1, b: 2 }, { a: 1 }, false],
  [{ a: null }, {}, false],
  [[1, 2], [1, 2, 3], false],
  [[], {}, false],
  [{ at: '2026-01-01T00:00:00.000Z' }, { at: new Date('2026-01-01') }, true],
  [{ id: 'x-1', n: 2 }, { id: expect.stringContaining('x'), n: expect.any(Number) }, true],
  [{ id: 'y-1' }, { id: expect.stringContaining('x') }, false],
  [JSON.parse('{"__proto__":{"a":1}}'), {}, false],
])('%j is what %j expects: %s', (received, expected, same) => {
  expect(isSame(received, expected)).toBe(same)
})

test('what something asymmetric agrees with is no difference', () => {
  expect(differenceOf({ n: 2, id: 'a' }, { id: expect.any(String), n: expect.any(String) })).toBe(
    ['- expected', '+ received', '', '  {', '    "id": "a",', '-   "n": "<Any<String>>"', '+   "n": 2', '  }'].join('\n'),
  )
})
