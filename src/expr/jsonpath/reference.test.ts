import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { isObject, type Json } from '../../base/json.ts'

import { mustFail, must } from '../test-scope.ts'
import { compileReferencePath } from './reference.ts'

const write = (path: string, target: Json, value: Json) => must(compileReferencePath(path)).write(target, value)

describe('a write at a reference path', () => {
  test.each<[string, Json, Json]>([
    ['$', { a: 1 }, 'v'],
    ['$.b', { a: 1 }, { a: 1, b: 'v' }],
    ['$.a', { a: 1 }, { a: 'v' }],
    ['$.x.y.z', { a: 1 }, { a: 1, x: { y: { z: 'v' } } }],
    ["$['x']['y z']", {}, { x: { 'y z': 'v' } }],
    ['$.list[1].n', { list: [0, { m: 1 }] }, { list: [0, { m: 1, n: 'v' }] }],
    ['$[0]', [1, 2], ['v', 2]],
    ['$[-1]', [1, 2], [1, 'v']],
  ])('%s', (path, target, expected) => {
    const before = JSON.stringify(target)
    expect(write(path, target, 'v')).toEqual({ ok: true, value: expected })
    expect(JSON.stringify(target)).toBe(before)
  })

  test.each<[string, Json, string]>([
    ['$.x', [1], 'Unable to apply step "x" to input [1]'],
    ['$.a.b', { a: 'text' }, 'Unable to apply step "b" to input {"a":"text"}'],
    ['$.a[2]', { a: [1] }, 'Unable to apply step "[2]" to input {"a":[1]}'],
    ['$.a[0]', {}, 'Unable to apply step "[0]" to input {}'],
    ['$.a.b', { a: null }, 'Unable to apply step "b" to input {"a":null}'],
  ])('%s cannot be applied', (path, target, cause) => {
    expect(mustFail(write(path, target, 1))).toEqual({ error: 'States.ReferencePathConflict', cause })
  })

  test('shares everything beside the path', () => {
    const target = { a: { x: 1 }, b: { y: [1] } }
    const result = must(write('$.a.z', target, 1)) as typeof target
    expect(result.b).toBe(target.b)
  })

  test('never reaches a prototype', () => {
    const result = must(write('$.__proto__.polluted', {}, true)) as object
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    expect(Object.hasOwn(result, '__proto__')).toBe(true)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('only single names and indexes make a reference path', () => {
    for (const text of ['$.a[*]', '$..a', '$.a[0:1]', '$.a[0,1]', '$.a[?(@.b)]', "$['a','b']"])
      expect(mustFail(compileReferencePath(text)).message).toBe('Value is not a Reference Path')
  })
})

/** What a write should be, said naively: copy all, then assign. */
function naiveWrite(target: Json, keys: readonly string[], value: Json): Json | undefined {
  const [key, ...rest] = keys
  if (key === undefined) return value
  if (!isObject(target)) return undefined
  const child = naiveWrite(Object.hasOwn(target, key) ? (target[key] as Json) : {}, rest, value)
  return child === undefined ? undefined : { ...target, [key]: child }
}

test('writes and reads agree with a naive version', () => {
  const name = fc.constantFrom('a', 'b', 'c')
  const tree = fc.letrec<{ node: Json }>((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.array(tie('node'), { maxLength: 2 }), fc.dictionary(name, tie('node'))),
  })).node
  fc.assert(
    fc.property(tree, fc.array(name, { maxLength: 4 }), fc.integer(), (target, keys, value) => {
      const path = must(compileReferencePath(`$${keys.map((key) => `.${key}`).join('')}`))
      const written = path.write(target, value)
      const expected = naiveWrite(target, keys, value)
      if (expected === undefined) expect(written.ok).toBe(false)
      else {
        expect(written).toEqual({ ok: true, value: expected })
        expect(path.selectIn(must(written))).toEqual({ ok: true, value })
      }
    }),
  )
})
