import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { excessOf, JSON_BOUNDS, parseJsonBody } from './json-body.ts'

const bounds = (depthMax: number, membersMax: number) => ({ depthMax, membersMax })

describe('a JSON body', () => {
  test('has as many members as its objects, arrays and their keys, and is as deep as they nest', () => {
    const body = Buffer.from('{"a":[1,2,{"b":"}{[:"}],"c":{}}')
    // Three objects, one array, three keys.
    expect(excessOf(body, bounds(3, 7))).toBeUndefined()
    expect(excessOf(body, bounds(3, 6))).toBe('many')
    expect(excessOf(body, bounds(2, 7))).toBe('deep')
  })

  test('keeps its brackets within strings to itself, however long they are and wherever they break', () => {
    const text = fc.array(fc.constantFrom('"', '\\', '[', ':', 'x'.repeat(300), '"'.repeat(300), '\\\\"'), { maxLength: 20 })
    fc.assert(
      fc.property(text, (parts) => {
        const body = Buffer.from(JSON.stringify({ a: parts.join(''), b: [] }))
        expect(excessOf(body, bounds(2, 4))).toBeUndefined()
        expect(excessOf(body, bounds(2, 3))).toBe('many')
      }),
    )
  })

  test('of 3 million empty objects, or 100,000 levels, is refused unparsed', () => {
    const many = Buffer.from(`{"a":[${'{},'.repeat(3_000_000)}{}]}`)
    expect(() => parseJsonBody(many)).toThrow(`more than ${JSON_BOUNDS.membersMax} members`)
    expect(() => parseJsonBody(Buffer.from('{"a":'.repeat(100_000)))).toThrow('nested deeper than 1000 levels')
  })

  test('must be an object, or nothing', () => {
    expect(parseJsonBody(Buffer.alloc(0))).toEqual({})
    expect(() => parseJsonBody(Buffer.from('[]'))).toThrow('must be a JSON object')
    expect(() => parseJsonBody(Buffer.from('{'))).toThrow(/JSON/)
  })
})
