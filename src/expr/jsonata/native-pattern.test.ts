import { describe, expect, test } from 'vitest'

import { nativePattern } from './native-pattern.ts'

describe('the native engine takes', () => {
  test.each([/abc/, /[0-9]+/, /\s*/, /^order-[0-9]+$/, /^\d+:/, /^.*$/, /,/, /[^,]+/i])('%s', (pattern) => {
    expect(nativePattern(pattern)?.source).toBe(pattern.source)
  })

  test('code points, not halves of them', () => {
    expect('😀'.replace(nativePattern(/./) ?? /never/, 'x')).toBe('x')
  })
})

describe('RE2 takes whatever could backtrack', () => {
  test.each([
    ['groups', /(a)+/],
    ['alternatives', /a|b/],
    ['two repetitions', /^a+b+/],
    ['what follows a repetition anywhere', /a+b/],
    ['an end after a repetition anywhere', /\s+$/],
    ['an anchor that holds at each line', /^a+b/m],
    ['optional parts', /a?b/],
    ['counted parts', /a{2,5}/],
    ['lazy repetitions', /a+?/],
    ['long patterns', new RegExp('a'.repeat(200))],
  ])('%s', (_name, pattern) => {
    expect(nativePattern(pattern)).toBeUndefined()
  })
})
