import { describe, expect, test } from 'vitest'

import type { JsonObject } from '../base/json.ts'

import { ServiceError } from '../control/service-error.ts'

import { Input } from './input.ts'

interface Given {
  name?: string
  kind?: string
  count?: number
  flag?: boolean
  nested?: { inner?: string; deep?: { text?: string } }
  items?: { key?: string; value?: string }[]
  texts?: string[]
}

const read = (given: JsonObject) => new Input<Given>(given)
/** What comes of reading, all at once. */
function problemOf(given: JsonObject, reading: (input: Input<Given>) => unknown): string | undefined {
  const input = read(given)
  try {
    reading(input)
    input.done()
    return undefined
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return `${error.code}: ${error.message}`
  }
}
const one = (problem: string) => `ValidationException: 1 validation error detected: ${problem}`

describe('a text', () => {
  const text = (value: unknown) => problemOf({ name: value } as JsonObject, (input) => input.text('name', { min: 2, max: 4 }))

  test.each(['ab', 'abcd', '名前', '😀'])('of %j is within its bounds', (value) => {
    expect(text(value)).toBeUndefined()
  })
  test('is as long as its UTF-16 units, as AWS counts', () => {
    expect(text('😀😀')).toBeUndefined()
    expect(text('😀😀a')).toBe(
      one("Value '😀😀a' at 'name' failed to satisfy constraint: Member must have length less than or equal to 4"),
    )
  })
  test.each([
    ['a', "Value 'a' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2"],
    ['', "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2"],
    ['abcde', "Value 'abcde' at 'name' failed to satisfy constraint: Member must have length less than or equal to 4"],
  ])('of %j is not', (value, problem) => {
    expect(text(value)).toBe(one(problem))
  })
  test('that is absent or null must not be null', () => {
    const problem = one("Value null at 'name' failed to satisfy constraint: Member must not be null")
    expect(text(undefined)).toBe(problem)
    expect(text(null)).toBe(problem)
  })
  test.each([5, true, [], {}])('of %j is another type', (value) => {
    expect(text(value)).toBe("SerializationException: The member 'name' must be a string.")
  })
  test('that is told is cut where it is very long', () => {
    const problem = problemOf({ name: 'x'.repeat(50_000) }, (input) => input.text('name')) ?? ''
    expect(problem.length).toBeLessThan(10_200)
  })
  test('that may be absent may be null, and a member that objects have of themselves is absent', () => {
    expect(read({ name: null }).optionalText('name')).toBeUndefined()
    expect(read({}).optionalText('constructor' as 'name')).toBeUndefined()
    expect(read(JSON.parse('{"__proto__":{"name":"x"}}') as JsonObject).optionalText('name')).toBeUndefined()
  })
})

test('a choice is one of its values, spelled as they are', () => {
  const choice = (value: string) => problemOf({ kind: value }, (input) => input.choice('kind', ['A', 'B']))
  expect(choice('A')).toBeUndefined()
  for (const value of ['a', '', 'C', 'A '])
    expect(choice(value)).toBe(
      one(`Value '${value}' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]`),
    )
  expect(problemOf({ kind: 1 }, (input) => input.choice('kind', ['A']))).toBe(
    "SerializationException: The member 'kind' must be a string.",
  )
})

test('a number is within its bounds, which are within', () => {
  const number = (value: unknown) =>
    problemOf({ count: value } as JsonObject, (input) => input.number('count', { min: 1, max: 3 }))
  for (const value of [1, 3, undefined, null]) expect(number(value)).toBeUndefined()
  expect(number(0)).toBe(
    one("Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1"),
  )
  expect(number(4)).toBe(one("Value '4' at 'count' failed to satisfy constraint: Member must have value less than or equal to 3"))
  expect(number('2')).toBe("SerializationException: The member 'count' must be a number.")
})

test('a flag is true or false', () => {
  expect(read({ flag: false }).flag('flag')).toBe(false)
  expect(read({}).flag('flag')).toBeUndefined()
  expect(problemOf({ flag: 'true' }, (input) => input.flag('flag'))).toBe(
    "SerializationException: The member 'flag' must be a boolean.",
  )
})

test('what is wrong within a structure is told with its way', () => {
  const reading = (input: Input<Given>) =>
    input.nested('nested', (nested) => {
      nested.text('inner')
      nested.nested('deep', (deep) => deep.text('text', { max: 1 }))
    })
  expect(problemOf({ nested: { deep: { text: 'ab' } } }, reading)).toBe(
    "ValidationException: 2 validation errors detected: Value null at 'nested.inner' failed to satisfy constraint: Member must not be null; Value 'ab' at 'nested.deep.text' failed to satisfy constraint: Member must have length less than or equal to 1",
  )
  expect(problemOf({ nested: [] }, reading)).toBe("SerializationException: The member 'nested' must be an object.")
  expect(problemOf({ nested: { deep: 1 } }, reading)).toBe("SerializationException: The member 'nested.deep' must be an object.")
})

describe('a list', () => {
  const reading = (input: Input<Given>) =>
    input.list('items', { item: 'Item', min: 1, max: 2 }, (item) => item.text('key', { max: 1 }))

  test('gives what each of its structures is read as', () => {
    expect(reading(read({ items: [{ key: 'a' }, { key: 'b' }] }))).toEqual(['a', 'b'])
    expect(reading(read({}))).toBeUndefined()
  })
  test('tells the place of what is wrong, from 1', () => {
    expect(problemOf({ items: [{ key: 'a' }, { key: 'bc' }] }, reading)).toBe(
      one("Value 'bc' at 'items.2.member.key' failed to satisfy constraint: Member must have length less than or equal to 1"),
    )
  })
  test('is printed as AWS prints it where it is too long or too short', () => {
    expect(problemOf({ items: [{ key: 'a', n: 1 }, { key: 'b' }, {}] }, reading)).toBe(
      "ValidationException: 2 validation errors detected: Value '[Item(key=a, n=1), Item(key=b), Item()]' at 'items' failed to satisfy constraint: Member must have length less than or equal to 2; Value null at 'items.3.member.key' failed to satisfy constraint: Member must not be null",
    )
    expect(problemOf({ items: [] }, reading)).toBe(
      one("Value '[]' at 'items' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    )
  })
  test.each([{ items: {} }, { items: [1] }, { items: ['a'] }, { items: [null] }])('is none by %j', (given) => {
    expect(problemOf(given, reading)).toBe("SerializationException: The member 'items' must be a list of objects.")
  })
  test('of texts has texts', () => {
    expect(read({ texts: ['a', ''] }).texts('texts')).toEqual(['a', ''])
    for (const texts of ['a', [1], [['a']]])
      expect(problemOf({ texts }, (input) => input.texts('texts'))).toBe(
        "SerializationException: The member 'texts' must be a list of strings.",
      )
  })
})

test('all that is wrong is told at once, in the order in which it was read', () => {
  const problem = problemOf({ kind: 'X', count: 9 }, (input) => {
    input.choice('kind', ['A'])
    input.text('name')
    input.number('count', { min: 0, max: 1 })
  })
  expect(problem).toMatch(
    /^ValidationException: 3 validation errors detected: Value 'X' at 'kind' .*; Value null at 'name' .*; Value '9' at 'count' /,
  )
})
