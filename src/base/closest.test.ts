import { expect, test } from 'vitest'

import { closest, editDistance } from './closest.ts'

test('a slip is guessed: a letter, or two that changed places; another name is not', () => {
  expect(closest('Pya', ['Ship', 'Pay'])).toBe('Pay')
  expect(closest('Finsh', ['Start', 'Finish'])).toBe('Finish')
  expect(closest('Else', ['Finish'])).toBeUndefined()
})

test('a distance counts letters', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3)
  expect(editDistance('ab', 'ba')).toBe(1)
  expect(editDistance('', 'abc')).toBe(3)
})
