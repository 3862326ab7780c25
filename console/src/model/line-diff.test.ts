import { expect, test } from 'vitest'

import { diffLines, foldSame } from './line-diff.ts'

const SIGNS = { same: ' ', removed: '-', added: '+', skipped: '…' }
const shown = (before: string, after: string) => diffLines(before, after).map(({ kind, text }) => SIGNS[kind] + text)

test('what both have stands once, what one has is told apart', () => {
  expect(shown('a\nb\nc', 'a\nx\nc\nd')).toEqual([' a', '-b', '+x', ' c', '+d'])
  expect(shown('a\nb\nc\nd', 'b\nd')).toEqual(['-a', ' b', '-c', ' d'])
  expect(shown('same', 'same')).toEqual([' same'])
  expect(shown('', 'a')).toEqual(['-', '+a'])
})

test('far more lines than can be compared are told as changed, between what begins and ends alike', () => {
  const many = (mark: string) => ['first', ...Array.from({ length: 3_000 }, (_, n) => `${mark}${n}`), 'last'].join('\n')
  const lines = diffLines(many('a'), many('b'))
  expect([lines[0], lines.at(-1)]).toEqual([
    { kind: 'same', text: 'first' },
    { kind: 'same', text: 'last' },
  ])
  expect(lines).toHaveLength(6_002)
})

test('lines far from any change are folded', () => {
  const parts = foldSame(diffLines('1\n2\n3\n4\n5\n6\n7', '1\n2\n3\n4\n5\n6\nx'), 1)
  expect(parts).toEqual([
    { kind: 'skipped', lines: 5 },
    { kind: 'same', text: '6' },
    { kind: 'removed', text: '7' },
    { kind: 'added', text: 'x' },
  ])
})
