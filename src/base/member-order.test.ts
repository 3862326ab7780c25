import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { type Json, setOwn } from './json.ts'
import { copyObject, entriesOf, keysOf, parseInOrder, printInOrder, valuesOf } from './member-order.ts'

const parse = (text: string): Record<string, Json> => parseInOrder(text) as Record<string, Json>

describe('names like numbers', () => {
  test('stand where the document has them', () => {
    const value = parse('{"b":1,"10":2,"2":{"1":true,"0":[{"z":1,"3":2}]},"a":4}')
    expect(keysOf(value)).toEqual(['b', '10', '2', 'a'])
    expect(valuesOf(value)[1]).toBe(2)
    expect(entriesOf(value)[0]).toEqual(['b', 1])
    expect(printInOrder(value)).toBe('{"b":1,"10":2,"2":{"1":true,"0":[{"z":1,"3":2}]},"a":4}')
    expect(printInOrder([value['2']])).toBe('[{"1":true,"0":[{"z":1,"3":2}]}]')
  })

  test('stand where they are set, and keep their place when they are set again', () => {
    const made: Record<string, Json> = {}
    for (const name of ['x', '7', 'y', '3', 'x', '7']) setOwn(made, name, name)
    expect(keysOf(made)).toEqual(['x', '7', 'y', '3'])
    delete made['y']
    setOwn(made, 'z', 1)
    expect(printInOrder(copyObject(made))).toBe('{"x":"x","7":"7","3":"3","z":1}')
  })

  test('that stand twice count once', () => {
    expect(printInOrder(parse('{"b":{"2":0,"1":0},"2":1,"b":{"9":0,"8":{"5":1,"4":2}},"1":2}'))).toBe(
      '{"b":{"9":0,"8":{"5":1,"4":2}},"2":1,"1":2}',
    )
  })
})

test('a document is printed as it was, whatever its names and texts', () => {
  const name = fc.oneof(fc.constantFrom('1', '2', '10', '01', '4294967294', '4294967295', '-1', '1.5', '"2":'), fc.string())
  const tree = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('1', 'null', '""', '"{\\"2\\":1}"', '"\\\\"'),
      fc.array(tie('node'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
      fc
        .uniqueArray(fc.tuple(name, tie('node')), { maxLength: 5, selector: ([each]) => each })
        .map((members) => `{${members.map(([each, value]) => `${JSON.stringify(each)}:${value}`).join(',')}}`),
    ),
  })).node
  fc.assert(
    fc.property(tree, (text) => {
      expect(printInOrder(parseInOrder(text))).toBe(text)
    }),
    { numRuns: 1000 },
  )
})
