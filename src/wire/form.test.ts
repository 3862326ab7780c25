import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { formPairs } from './form.ts'

describe('a form', () => {
  test('is read as the standard says, broken escapes and broken UTF-8 too', () => {
    // ASCII alone: Node's own reader loses other characters beside a broken escape.
    const part = fc.oneof(fc.string(), fc.constantFrom('%', '%4', '%41', '%zz', '%ff', '%e2%82%ac', '+', '=', '&', 'a'))
    const form = fc.array(part, { maxLength: 12 }).map((parts) => parts.join('').toWellFormed())
    fc.assert(
      fc.property(form, (text) => {
        expect([...formPairs(text)]).toEqual(standard(text))
      }),
    )
  })

  test('of half a million names without a value is read no slower than one with values', () => {
    const secondsOf = (text: string) => {
      const startedAt = performance.now()
      for (const _ of formPairs(text));
      return performance.now() - startedAt
    }
    // URLSearchParams needs a hundred times longer for the first one.
    expect(secondsOf('a&'.repeat(500_000))).toBeLessThan(20 * secondsOf('a=1&'.repeat(500_000)) + 500)
  })

  test('is read no further than its reader wants', () => {
    const pairs = formPairs('a=1&b=2&c=3')
    expect([pairs.next().value, pairs.next().value]).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
  })
})

/** `URLSearchParams` takes a leading question mark away, which is no part of a form. */
const standard = (text: string) => [...new URLSearchParams(`?${text}`)]
