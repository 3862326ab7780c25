import { describe, expect, test } from 'vitest'

import { diffLines } from '../expect/difference.ts'
import { diffOf, lacking } from './compare.ts'

describe('what is lacking', () => {
  test.each([
    [{ a: 1 }, undefined, ['it is not there; expected is {"a":1}']],
    [{ a: { b: 2 } }, { a: { b: 3 } }, ['a.b is 3; expected is 2']],
    [{ a: [1, 2] }, { a: [1] }, ['a has 1 items; expected are 2']],
    [{ a: [{ b: 1 }] }, { a: [{ c: 1 }] }, ['a[0].b is not there; expected is 1']],
    [{ toString: 1 }, {}, ['toString is not there; expected is 1']],
    [{ a: [{ b: 1 }] }, { a: [{ b: 1, c: 2 }], d: 3 }, []],
    [null, null, []],
  ])('%j of %j', (wanted, given, lines) => {
    expect(lacking(wanted, given)).toEqual(lines)
  })
})

describe('a difference', () => {
  test('shows what changed, some lines around it, and nothing of the order of members', () => {
    const wanted = { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 }
    expect(diffOf(wanted, { ...wanted, f: 0, a: 1 })).toEqual([
      '  …',
      '    "d": 4,',
      '    "e": 5,',
      '-   "f": 6,',
      '+   "f": 0,',
      '    "g": 7',
      '  }',
    ])
    expect(diffOf({ a: 1, b: 2 }, { b: 2, a: 1 }).some((line) => /^[-+]/.test(line))).toBe(false)
  })

  test('to nothing', () => {
    expect(diffOf(1, undefined)).toEqual(['- 1', '+ nothing'])
  })

  test('keeps what both have in common', () => {
    expect(diffLines(['a', 'b', 'c'], ['a', 'x', 'c', 'd'])).toEqual(['  a', '- b', '+ x', '  c', '+ d'])
  })

  test('of very many lines is told without looking for what they share', () => {
    const many = (text: string) => Array.from({ length: 2_000 }, (_, i) => `${text}${i}`)
    expect(diffLines(many('a'), many('b'))).toHaveLength(4_000)
  })
})
