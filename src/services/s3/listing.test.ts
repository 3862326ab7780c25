import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { CONTINUATION_TOKENS, list } from './listing.ts'

const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** The obvious way: all keys, folded, cut into pages. */
function listAll(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const names = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const found = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
      return found < 0 ? `k ${key}` : `p ${key.slice(0, found + delimiter.length)}`
    })
  return [...new Set(names)].sort((a, b) => compare(a.slice(2), b.slice(2)))
}

describe('listing', () => {
  it('shows in pages what a full scan shows', () => {
    const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', '\u{10ffff}', '\uffff', '\0'), minLength: 1, maxLength: 5 })
    const request = fc.record({
      prefix: fc.constantFrom('', 'a', 'a/', '/', '\u{10ffff}'),
      delimiter: fc.constantFrom('', '/', 'b/'),
      max: fc.integer({ min: 1, max: 4 }),
    })
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 30 }), request, (keys, { prefix, delimiter, max }) => {
        const sorted = [...keys].sort(compare)
        const seen: string[] = []
        let after = ''
        for (;;) {
          const page = list({ prefix, delimiter, max, after }, (lower) =>
            sorted.filter((one) => Buffer.compare(Buffer.from(one), lower) >= 0).map((one) => ({ key: one })),
          )
          const names = [...page.entries.map((one) => `k ${one.key}`), ...page.commonPrefixes.map((one) => `p ${one}`)]
          expect(names.length).toBeLessThanOrEqual(max)
          seen.push(...names.sort((a, b) => compare(a.slice(2), b.slice(2))))
          if (page.next === undefined) break
          expect(compare(page.next, after)).toBeGreaterThan(0)
          after = CONTINUATION_TOKENS.placeOf(CONTINUATION_TOKENS.print([page.next]))
        }
        expect(seen).toEqual(listAll(sorted, prefix, delimiter))
      }),
      { numRuns: 500 },
    )
  })

  it('refuses tokens that it has not given out', () => {
    for (const token of ['x', '', 'MQ==', '!!!']) expect(() => CONTINUATION_TOKENS.parse(token)).toThrow('continuation token')
  })
})
