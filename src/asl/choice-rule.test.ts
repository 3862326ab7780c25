import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Json } from '../base/json.ts'

import { Work } from '../expr/work.ts'

import { compileChoiceTest } from './choice-rule.ts'
import { Expressions } from './expressions.ts'

const draws = { uuid: () => '', next: () => 0, now: 0 }

function judge(rule: Record<string, Json>, input: Json, work?: Work) {
  const binding = { location: '', problems: [], expressions: new Expressions(), mention: () => {} }
  const compiled = compileChoiceTest(binding, rule)
  if (!compiled) throw new Error('the rule does not compile')
  return compiled({ input, context: () => null, states: () => null, variable: () => undefined, draws, ...(work && { work }) })
}

const matches = (text: string, pattern: string) => judge({ Variable: '$', StringMatches: pattern }, text)

describe('StringMatches', () => {
  test.each([
    ['log-2024.txt', 'log-*.txt', true],
    ['log-.txt', 'log-*.txt', true],
    ['log.txt', 'log-*.txt', false],
    ['ab', 'a*b*', true],
    ['aXbYc', '*X*Y*', true],
    ['aYbXc', '*X*Y*', false],
    ['aa', 'a*a', true],
    ['a', 'a*a', false],
    ['a*b', 'a\\*b', true],
    ['axb', 'a\\*b', false],
    ['a\\b', 'a\\\\b', true],
    ['', '*', true],
    ['', '', true],
    ['aab', '*ab', true],
    ['aaab', '*aab*', true],
    ['x', '**', true],
  ])('%s against %s: %s', (text, pattern, expected) => {
    expect(matches(text, pattern)).toEqual({ ok: true, value: expected })
  })

  test('agrees with a regular expression', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 }), letters, (text, pattern) => {
        expect(matches(text, pattern)).toEqual({ ok: true, value: new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text) })
      }),
    )
  })

  test('costs what reading the texts costs, and the rules of a state share what they may do', () => {
    const work = new Work()
    const text = 'a'.repeat(250_000)
    const rule = { Variable: '$', StringMatches: `*${'a'.repeat(100_000)}b*` }
    expect(judge(rule, text, work)).toEqual({ ok: true, value: false })
    expect(work.spent).toBeLessThan(50_000)
    const outcomes = Array.from({ length: 40 }, () => judge(rule, text, work))
    expect(outcomes.at(-1)).toMatchObject({ ok: false, error: { error: 'States.Runtime' } })
  })
})
