import { describe, expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'

import { mustFail, must } from '../test-scope.ts'
import { compilePath } from './path.ts'

const deep = (levels: number): Json => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as Json
const millis = (work: () => unknown): number => {
  const start = performance.now()
  work()
  return performance.now() - start
}

describe('hostile paths and data', () => {
  test('a megabyte of path text is refused or read quickly', () => {
    for (const text of [
      `$${'.a'.repeat(500_000)}`,
      `$${'['.repeat(1_000_000)}`,
      `$['${'a'.repeat(1_000_000)}']`,
      `$[${'1,'.repeat(500_000)}1]`,
      `$[?${' '.repeat(500_000)}x]`,
      `$[?(${'@.a && '.repeat(100_000)}@.a)]`,
      `$[?(@.a == ${"'".repeat(500_000)})]`,
      `$${"['".repeat(300_000)}`,
      `$[?(${'('.repeat(1_000_000)}`,
      `$[?(${'!'.repeat(1_000_000)}`,
      `$[?(@.a == ${'['.repeat(1_000_000)}`,
      `$${'[?(@'.repeat(250_000)}`,
    ])
      expect(millis(() => compilePath(text))).toBeLessThan(1000)
  })

  test('recursive descent does not recurse over deep data', () => {
    expect((must(must(compilePath('$..*')).selectIn(deep(100_000))) as Json[]).length).toBe(99_999)
  })

  test('a slice far before the start ends with a failure, soon', () => {
    expect(millis(() => mustFail(must(compilePath('$[-2147483648:1]')).selectIn([1])))).toBeLessThan(1000)
    expect(
      millis(() => mustFail(must(compilePath('$[*]..[-99999:0]')).selectIn([[[1]], [[[2]]]].concat(Array(99).fill([1]))))),
    ).toBeLessThan(3000)
  })

  test('repeated descent over deep data ends with a failure, soon', () => {
    const path = must(compilePath('$..*..*'))
    expect(millis(() => mustFail(path.selectIn(deep(3000))))).toBeLessThan(3000)
  })

  test('printing large values once per item ends with a failure, soon', () => {
    const big = (): Json => Array.from({ length: 30_000 }, (_, i) => i)
    const path = must(compilePath('$.items[?($.a =~ /(a|b)+/)]'))
    const data = { items: Array.from({ length: 30_000 }, () => 0), a: big() }
    expect(millis(() => mustFail(path.selectIn(data)))).toBeLessThan(3000)
  })

  test('a pattern that breaks backtracking engines is matched in linear time', () => {
    const path = must(compilePath('$[?(@.s =~ /(a+)+b/)]'))
    expect(millis(() => path.selectIn([{ s: 'a'.repeat(50_000) }]))).toBeLessThan(3000)
  })

  test('patterns that would need huge programs are refused or compiled quickly', () => {
    const text = `$[?(@.s =~ /${'('.repeat(4)}a{100}){100}){100}){100}/)]`
    expect(millis(() => compilePath(text))).toBeLessThan(2000)
  })

  test('comparing long texts once per item ends with a failure, soon', () => {
    const data = { items: Array.from({ length: 30_000 }, () => 0), long: 'a'.repeat(200_000), other: 'a'.repeat(200_000) }
    const path = must(compilePath('$.items[?($.long == $.other)]'))
    expect(millis(() => mustFail(path.selectIn(data)))).toBeLessThan(3000)
  })

  test('a pattern may read a whole payload once, not once per item', () => {
    const data = { items: Array.from({ length: 1000 }, () => 0), long: 'a'.repeat(200_000) }
    expect(must(must(compilePath('$[?(@.long =~ /a+b/)]')).selectIn(data))).toEqual([])
    expect(millis(() => mustFail(must(compilePath('$.items[?($.long =~ /(a|b)+c/)]')).selectIn(data)))).toBeLessThan(3000)
  })
})
