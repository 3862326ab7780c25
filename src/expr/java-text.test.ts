import { expect, test } from 'vitest'

import { javaNumber, javaText } from './java-text.ts'

test('values print as Java maps and lists do', () => {
  expect(javaText({ Arg1: 1, Arg2: [] }, 100)).toBe('{Arg1=1, Arg2=[]}')
  expect(javaText([{ a: null }, 'x', true], 100)).toBe('[{a=null}, x, true]')
})

test('a text beyond the bound is undefined', () => {
  expect(javaText(['x'.repeat(50)], 40)).toBeUndefined()
})

test('numbers print as Java prints them', () => {
  expect([1, 1.1, -0.5, 0.0001, 1.5e-7, 12345678.5, 1e20, 1e21].map(javaNumber)).toEqual([
    '1',
    '1.1',
    '-0.5',
    '1.0E-4',
    '1.5E-7',
    '1.23456785E7',
    '100000000000000000000',
    '1.0E21',
  ])
})
