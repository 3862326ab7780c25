import { describe, expect, it } from 'vitest'

import { parseFilterPattern, PatternError } from './filter-pattern.ts'

const takes = (pattern: string, message: string): boolean => parseFilterPattern(pattern)(message)

describe('terms', () => {
  it.each([
    ['', 'anything', true],
    ['ERROR', '[ERROR 400] BAD REQUEST', true],
    ['ERROR', 'error', false],
    ['ERROR ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', true],
    ['ERROR ARGUMENTS', '[ERROR 400] BAD REQUEST', false],
    ['?ERROR ?ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
    ['?ERROR ?ARGUMENTS', 'fine', false],
    ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL SERVER ERROR', true],
    ['"INTERNAL SERVER ERROR"', 'INTERNAL ERROR', false],
    ['ERROR -ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', false],
    ['ERROR -ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
    ['ERROR -"BAD REQUEST"', '[ERROR 400] BAD REQUEST', false],
    ['%AUTHORIZED%', 'UNAUTHORIZED REQUEST', true],
    ['%4\\d\\d%', 'status 404', true],
    ['%4\\d\\d%', 'status 504', false],
  ])('%s on %s: %s', (pattern, message, expected) => expect(takes(pattern, message)).toBe(expected))
})

describe('JSON', () => {
  const message = JSON.stringify({
    eventType: 'UpdateTrail',
    sourceIPAddress: '111.111.111.111',
    arrayKey: ['value', 'another value'],
    objectList: [
      { name: 'a', id: 1 },
      { name: 'b', id: 2 },
    ],
    SomeObject: null,
    ThisFlag: true,
    number: 1.5,
  })
  it.each([
    ['{ $.eventType = "UpdateTrail" }', true],
    ['{ $.eventType = UpdateTrail }', true],
    ['{ $.eventType != "UpdateTrail" }', false],
    ['{ $.sourceIPAddress != 123.123.* }', true],
    ['{ $.sourceIPAddress = 111.* }', true],
    ['{ $.sourceIPAddress = %^111\\.% }', true],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.arrayKey[*] = "another*" }', true],
    ['{ $.objectList[1].id = 2 }', true],
    ['{ $.objectList[1].id >= 3 }', false],
    ['{ $.SomeObject IS NULL }', true],
    ['{ $.SomeOtherObject NOT EXISTS }', true],
    ['{ $.eventType NOT EXISTS }', false],
    ['{ $.ThisFlag IS TRUE }', true],
    ['{ $.ThisFlag IS FALSE }', false],
    ['{ $.number > 1 && $.number < 2 }', true],
    ['{ $.number > 2 || ($.ThisFlag IS TRUE && $.eventType = "Up*") }', true],
    ['{ $.__proto__ EXISTS }', false],
  ])('%s: %s', (pattern, expected) => expect(takes(pattern, message)).toBe(expected))

  it('takes no message that is not JSON', () => expect(takes('{ $.a = 1 }', 'a = 1')).toBe(false))
})

describe('fields', () => {
  const message = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
  it.each([
    ['[ip, user, username, timestamp, request, status_code, bytes > 1000]', true],
    ['[ip, user, username, timestamp, request, status_code, bytes > 2000]', false],
    ['[..., status_code = 4*, bytes]', true],
    ['[..., request = *.html*, status_code = 5*, bytes]', false],
    ['[ip, ..., status_code = 404 || status_code = 410, bytes]', true],
    ['[ip, user]', false],
  ])('%s: %s', (pattern, expected) => expect(takes(pattern, message)).toBe(expected))
})

it.each(['{ $.a = }', '{ a', '[a,', '"open', '{ $.a = 1 } x', `{ ${'('.repeat(5000)}`, '%(%'])('refuses %s', (pattern) => {
  expect(() => parseFilterPattern(pattern)).toThrow(PatternError)
})

it('matches wildcards and regular expressions without backtracking for ever', () => {
  expect(takes(`{ $.a = "${'*a'.repeat(400)}b" }`, JSON.stringify({ a: 'a'.repeat(100_000) }))).toBe(false)
  expect(takes('%^(a+)+$%', `${'a'.repeat(50_000)}!`)).toBe(false)
})
