import { describe, expect, test } from 'vitest'

import { arrayOf, BinaryArray, type ElementType } from './binary-array.ts'

describe('an array in binary format', () => {
  test('has dimensions, the type and each element with its length', () => {
    expect(arrayOf('text', ['é', null, '']).toString('hex')).toBe(
      ['00000001', '00000001', '00000019', '00000003', '00000001', '00000002', 'c3a9', 'ffffffff', '00000000'].join(''),
    )
    expect(arrayOf('int8', [-1, Number.MAX_SAFE_INTEGER]).subarray(20).toString('hex')).toBe(
      '00000008ffffffffffffffff00000008001fffffffffffff',
    )
    expect(arrayOf('bool', [true, false]).subarray(20).toString('hex')).toBe('00000001010000000100')
    expect(arrayOf('int4', []).toString('hex')).toBe('000000000000000000000017')
  })

  test('grows with what is put in', () => {
    const array = new BinaryArray('text', 1)
    for (let i = 0; i < 1_000; i++) array.push('x'.repeat(i))
    expect(array.count).toBe(1_000)
    expect(array.toBuffer()).toHaveLength(20 + 1_000 * 4 + (1_000 * 999) / 2)
  })

  test.each<[ElementType, unknown]>([
    ['int4', 2 ** 31],
    ['int4', 1.5],
    ['int8', 2 ** 53],
    ['int8', Number.NaN],
    ['text', 7],
    ['text', {}],
    ['bool', 1],
    ['float8', '1'],
  ])('of %s refuses %s', (type, value) => {
    expect(() => arrayOf(type, [value])).toThrow(`a column of ${type} holds no`)
  })
})
