import { expect, test } from 'vitest'

import { readSource } from './source.ts'
import { cursorAt, placeOf, jsonOf } from './tree.ts'

test('values, names and their places', () => {
  const text = 'a: &x !Foo foo # c\nb:\n  c: 1\n  d: |\n    text\n\ne: *x\n"f" : \'q\'\ng:\nh: [1, {i: 2}]\n__proto__: 3\n'
  const { root, problems } = readSource(text)
  expect(problems).toEqual([])
  expect(JSON.stringify(root && jsonOf(root))).toBe(
    '{"a":"foo","b":{"c":1,"d":"text\\n"},"e":"foo","f":"q","g":null,"h":[1,{"i":2}],"__proto__":3}',
  )
  const at = (...path: (string | number)[]) => {
    const place = placeOf(root, path)
    return place && [text.slice(place.range.from, place.range.to), text.slice(place.node.from, place.node.to)]
  }
  expect(at('a')).toEqual(['a', 'foo'])
  expect(at('e')).toEqual(['e', '*x'])
  expect(at('h', 1, 'i')).toEqual(['i', '2'])
  expect(at('h', 7)).toBeUndefined()
})

test.each([
  ['brackets', '- '.concat('['.repeat(20_000), ']'.repeat(20_000))],
  ['brackets that are not closed', 'a: '.concat('['.repeat(50_000))],
  ['lists', '- '.repeat(20_000).concat('a')],
  ['names', '? '.repeat(20_000)],
])('hostile nesting of %s is refused', (_, text) => {
  expect(readSource(text)).toMatchObject({ root: undefined, problems: [{ message: 'The text is nested too deeply.' }] })
})

test('a few lines that stand for billions of values are refused', () => {
  const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`)
  expect(readSource(`l0: &l0 x\n${levels.join('\n')}\n`).problems[0]?.message).toBe('The text is too large.')
})

test.each([
  ['a: &x [*x]', 'Nothing before this alias is named x'],
  ['a: *none', 'Nothing before this alias is named none'],
  ['a: 1\nb: 2\na: 3', 'Map keys must be unique'],
  ['a: 1\n---\nb: 2', 'The text holds more than one document.'],
  ['a: [1\nb: 2', 'Flow sequence in block collection must be sufficiently indented and end with a ]'],
])('%j: %s', (text, message) => {
  expect(readSource(text).problems.map((problem) => problem.message)).toContain(message)
})

test.each([
  ['{"a": [1, {"b"', ['a', 1], 'b'],
  ['{"a": [1, {"b": ', ['a', 1, 'b'], undefined],
  ['{"a": {"x": 1 "y": 2, "z', ['a'], 'z'],
  ['{"a": {"x": , "y": {"', ['a', 'y'], ''],
  ['{"a": 1, ', [], ''],
])('a text that is not finished has places: %s', (text, path, name) => {
  expect(cursorAt(readSource(text).root, text.length)).toEqual({ path, name })
})

test('what comes behind a fault is read, too', () => {
  const text = '{"a": nothing, "b": [1,, 2], "c" 3, "d": {"e": tru}, x: 4 "f": 5]'
  const { root, problems } = readSource(text)
  expect(root && jsonOf(root)).toMatchObject({ b: [1, 2], d: { e: null }, f: 5 })
  expect(problems).toHaveLength(1)
  expect(text.slice(0, problems[0]?.to)).toBe('{"a": nothing')
})
