import { expect, test } from 'vitest'

import { VirtualClock } from '../base/clock.ts'

import { PageTokens } from './page-token.ts'

const DAY_MS = 24 * 3_600_000
const REFUSED = expect.objectContaining({ code: 'InvalidToken', status: 400, message: "Invalid Token: 'Invalid token'" })
const KEY = Buffer.alloc(32, 7)

function opened(clock = new VirtualClock(), key = KEY) {
  const tokens = new PageTokens(clock, key)
  return { clock, tokens, refuses: (token: string, list = 'list') => expect(() => tokens.open(list, token)).toThrow(REFUSED) }
}

test('a token tells the place again, whatever is in it', () => {
  const { tokens } = opened()
  for (const place of ['', '17', '1700000000000.3', 'ü\u0000"', 'a'.repeat(500)])
    expect(tokens.open('list', tokens.seal('list', place))).toBe(place)
  expect(tokens.open('list', undefined)).toBeUndefined()
})

test('a token is good for a day to the millisecond', () => {
  const { clock, tokens, refuses } = opened()
  const token = tokens.seal('list', '17')
  clock.advance(DAY_MS)
  expect(tokens.open('list', token)).toBe('17')
  clock.advance(1)
  refuses(token)
})

test('a token is of its list alone', () => {
  const { tokens, refuses } = opened()
  const token = tokens.seal('executions m FAILED', '17')
  for (const other of ['executions m ', 'executions m FAILED ', 'executions m', '']) refuses(token, other)
})

test('a token is good in the next process with the same key, and with no other', () => {
  const { clock, tokens } = opened()
  const token = tokens.seal('list', '17')
  expect(opened(clock).tokens.open('list', token)).toBe('17')
  opened(clock, Buffer.alloc(32, 8)).refuses(token)
})

test('no letter of a token can be changed', () => {
  const { tokens, refuses } = opened()
  const token = tokens.seal('list', '17')
  const body = token.indexOf('.')
  for (let i = 0; i < token.length; i++) {
    // The last letter of base64 may carry bits that mean nothing.
    if (i === body - 1 || i === token.length - 1) continue
    refuses(token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1))
  }
})

test('a place cannot be made up without the key', () => {
  const { clock, tokens, refuses } = opened()
  const [, signature = ''] = tokens.seal('list', '17').split('.')
  const forged = Buffer.from(JSON.stringify(['0', clock.now() + DAY_MS])).toString('base64url')
  refuses(`${forged}.${signature}`)
  refuses(`${forged}.`)
  refuses(forged)
})

test.each(['', '.', '..', 'x', '{}', 'AAAA.AAAA', '\u0000', '17', 'a'.repeat(3_000)])('%j is no token', (text) => {
  opened().refuses(text)
})
