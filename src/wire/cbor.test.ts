import { describe, expect, test } from 'vitest'

import { CborError, decodeCbor, encodeCbor } from './cbor.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
const anyNumber = () => 'any' as const

describe('CBOR', () => {
  test.each([
    ['00', 0],
    ['1817', 23],
    ['1903e8', 1000],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['3903e7', -1000],
    ['f93c00', 1],
    ['f90001', 2 ** -24],
    ['fa47c35000', 100_000],
    ['fb3ff199999999999a', 1.1],
    ['f4', false],
    ['f6', null],
    ['f7', null],
    ['6449455446', 'IETF'],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['43010203', 'AQID'],
    ['5f42010243030405ff', 'AQIDBAU='],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['c11a514b67b0', 1363896240],
  ])('reads %s', (bytes, value) => {
    expect(decodeCbor(hex(bytes))).toEqual(value)
  })

  test('reads what is no number as such', () => {
    expect(decodeCbor(hex('f97e00'))).toBeNaN()
    expect(decodeCbor(hex('f9fc00'))).toBe(Number.NEGATIVE_INFINITY)
  })

  test.each(['', '18', 'ff', '62', 'a10101', '9f01', '0000', 'fc', '1c', '9b7fffffffffffffff', `${'81'.repeat(70)}00`])(
    'refuses %s',
    (bytes) => {
      expect(() => decodeCbor(hex(bytes))).toThrow(CborError)
    },
  )

  test('writes what it reads, and times under a tag', () => {
    const value = { a: [1, -1, 1.5, 300, 70_000, 2 ** 40, -(2 ** 40)], b: { c: 'ü', d: null, e: true }, long: 'x'.repeat(300) }
    expect(decodeCbor(encodeCbor(value, anyNumber))).toEqual(value)
    const timed = encodeCbor({ At: 1363896240, Ats: [1.5], Other: 1 }, (name) => (name.startsWith('At') ? 'time' : 'any'))
    expect(timed.toString('hex')).toContain('c11a514b67b0')
    expect(timed.toString('hex')).toContain('c1fb3ff8000000000000')
    expect(decodeCbor(timed)).toEqual({ At: 1363896240, Ats: [1.5], Other: 1 })
    expect(encodeCbor({ a: 1 }, () => 'double').toString('hex')).toBe('a16161fb3ff0000000000000')
  })
})
