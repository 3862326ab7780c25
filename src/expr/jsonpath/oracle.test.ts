/**
 * Paths and data made at random, answered as a naive reading of Jayway's rules answers them: a list of places is carried
 * from step to step. Nothing of the room is used but `compilePath`.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'
import { must } from '../test-scope.ts'
import { compilePath } from './path.ts'

interface Piece {
  readonly text: string
  readonly isDefinite: boolean
  /** What the step finds in one value. */
  readonly find: (value: Json) => Json[]
}

const isList = (value: Json): value is Json[] => Array.isArray(value)
const isMap = (value: Json): value is Record<string, Json> => typeof value === 'object' && value !== null && !isList(value)
const present = (values: (Json | undefined)[]): Json[] => values.filter((value) => value !== undefined)
const member = (value: Json, name: string): Json[] => (isMap(value) && Object.hasOwn(value, name) ? present([value[name]]) : [])
const at = (list: Json[], index: number): Json[] => present([list[index < 0 ? list.length + index : index]])
const descend = (value: Json): Json[] =>
  typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(descend)] : []

const name = fc.constantFrom('a', 'b', 'c')
const index = fc.integer({ min: -4, max: 4 })
const places = fc.integer({ min: 0, max: 4 })

const compare: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '>=': (left, right) => left >= right,
}

const piece: fc.Arbitrary<Piece> = fc.oneof(
  fc.tuple(name, fc.constantFrom('dot', 'single', 'double')).map(([key, style]) => ({
    text: { dot: `.${key}`, single: `['${key}']`, double: `["${key}"]` }[style] ?? '',
    isDefinite: true,
    find: (value: Json) => member(value, key),
  })),
  index.map((i) => ({ text: `[${i}]`, isDefinite: true, find: (value: Json) => (isList(value) ? at(value, i) : []) })),
  fc.constantFrom('.*', '[*]').map((text) => ({
    text,
    isDefinite: false,
    find: (value: Json) => (typeof value === 'object' && value !== null ? Object.values(value) : []),
  })),
  fc.tuple(index, index).map(([i, j]) => ({
    text: `[${i},${j}]`,
    isDefinite: false,
    find: (value: Json) => (isList(value) ? [...at(value, i), ...at(value, j)] : []),
  })),
  fc.tuple(places, places).map(([from, to]) => ({
    text: `[${from}:${to}]`,
    isDefinite: false,
    find: (value: Json) => (isList(value) ? value.slice(from, to) : []),
  })),
  index
    .filter((i) => i !== 0)
    .map((i) => ({
      text: i < 0 ? `[${i}:]` : `[:${i}]`,
      isDefinite: false,
      find: (value: Json) => (!isList(value) ? [] : i < 0 ? value.slice(i) : value.slice(0, i)),
    })),
  name.map((key) => ({
    text: `..${key}`,
    isDefinite: false,
    find: (value: Json) => descend(value).flatMap((each) => member(each, key)),
  })),
  fc.tuple(name, fc.constantFrom('==', '!=', '<', '>='), fc.integer({ min: 0, max: 3 })).map(([key, operator, number]) => ({
    text: `[?(@.${key} ${operator} ${number})]`,
    isDefinite: false,
    find(value: Json) {
      const judge = (item: Json): boolean => {
        const [found] = member(item, key)
        if (typeof found !== 'number') return operator === '!='
        return compare[operator]?.(found, number) === true
      }
      if (isMap(value)) return judge(value) ? [value] : []
      return isList(value) ? value.filter(judge) : []
    },
  })),
  fc.tuple(name, name).map(([first, second]) => ({
    text: `[?(@.${first} && !(@.${second}))]`,
    isDefinite: false,
    find(value: Json) {
      const judge = (item: Json) => member(item, first).length > 0 && member(item, second).length === 0
      if (isMap(value)) return judge(value) ? [value] : []
      return isList(value) ? value.filter(judge) : []
    },
  })),
)

const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: 'large' },
    fc.constantFrom<Json>(0, 1, 2, 3, null, 'x', true),
    fc.array(tie('tree'), { maxLength: 4 }) as fc.Arbitrary<Json>,
    fc.dictionary(name, tie('tree'), { noNullPrototype: true }) as fc.Arbitrary<Json>,
  ),
}))

test('a path finds what a naive walk finds, in the same order', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 4 }), tree, (pieces, data) => {
      const text = `$${pieces.map((step) => step.text).join('')}`
      const expected = pieces.reduce<Json[]>((values, step) => values.flatMap(step.find), [data])
      const found = must(compilePath(text)).selectPresent({
        input: data,
        context: () => null,
        variable: () => undefined,
        draws: { uuid: () => '', next: () => 0 },
      })
      if (!pieces.every((step) => step.isDefinite)) expect(found).toEqual({ ok: true, value: expected })
      else if (expected.length === 0) expect(found.ok).toBe(false)
      else expect(found).toEqual({ ok: true, value: expected[0] })
    }),
    { numRuns: Number(process.env['RUNS'] ?? 3000), seed: Number(process.env['SEED'] ?? 20261123) },
  )
})
