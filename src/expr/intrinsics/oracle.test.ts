/**
 * Intrinsic calls made at random, nested, answered as naive versions of the functions answer them. Each generated call
 * carries its text and its value, worked out beside it.
 */
import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'
import { must, testScope } from '../test-scope.ts'
import { compileIntrinsic } from './intrinsic.ts'

interface Known<T = Json> {
  readonly text: string
  readonly value: T
}

const input = { n: 7, text: 'a,b;c', list: [1, 2, 2, 'x', { k: [1] }, { k: [1] }], map: { p: 1, q: [true] }, none: null }

const quote = (text: string): string => `'${text.replace(/[\\']/g, (char) => `\\${char}`)}'`
const call = <T>(name: string, args: readonly Known<Json>[], value: T): Known<T> => ({
  text: `States.${name}(${args.map(({ text }) => text).join(', ')})`,
  value,
})

const same = (a: Json, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b)
/** As MIME has it: lines of 76 characters. */
const mime = (text: string): string =>
  Buffer.from(text, 'utf8')
    .toString('base64')
    .replace(/.{76}(?=.)/g, '$&\r\n')

const word = fc.string({ unit: fc.constantFrom('a', 'b', ',', ';', ' ', "'", 'é', '😀'), maxLength: 8 })

type Kinds = {
  number: Known<number>
  text: Known<string>
  list: Known<Json[]>
  map: Known<Record<string, Json>>
  any: Known
}

const kinds = fc.letrec<Kinds>((tie): fc.LetrecValue<Kinds> => {
  const number = tie('number')
  const text = tie('text')
  const list = tie('list')
  const map = tie('map')
  const any = tie('any')
  const small = fc.integer({ min: 1, max: 5 }).map((n): Known<number> => ({ text: String(n), value: n }))
  return {
    number: fc.oneof(
      { maxDepth: 3 },
      fc.integer({ min: -1000, max: 1000 }).map((n) => ({ text: String(n), value: n })),
      fc.constant({ text: '$.n', value: input.n }),
      fc.tuple(number, number).map((args) => call('MathAdd', args, args[0].value + args[1].value)),
      list.map((of) => call('ArrayLength', [of], of.value.length)),
    ),
    text: fc.oneof(
      { maxDepth: 3 },
      word.map((raw) => ({ text: quote(raw), value: raw })),
      fc.constant({ text: '$.text', value: input.text }),
      fc.tuple(text, number).map(([a, b]) => call('Format', [{ text: "'<{}|{}>'", value: '' }, a, b], `<${a.value}|${b.value}>`)),
      text.map((of) => call('Base64Encode', [of], mime(of.value))),
      text.map((of) => call('Base64Decode', [call('Base64Encode', [of], '')], of.value)),
      fc.tuple(text, fc.constantFrom('MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512')).map(([of, algorithm]) => {
        const digest = createHash(algorithm.replace('-', '').toLowerCase()).update(of.value, 'utf8').digest('hex')
        return call('Hash', [of, { text: quote(algorithm), value: algorithm }], digest)
      }),
      any.map((of) => call('JsonToString', [of], JSON.stringify(of.value))),
    ),
    list: fc.oneof(
      { maxDepth: 3 },
      fc.constant<Known<Json[]>>({ text: '$.list', value: input.list }),
      fc.array(any, { maxLength: 3 }).map((args) =>
        call(
          'Array',
          args,
          args.map(({ value }) => value),
        ),
      ),
      fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), small).map(([first, last, step]) => {
        const range: number[] = []
        for (let n = first; n <= last; n += step.value) range.push(n)
        return call(
          'ArrayRange',
          [{ text: String(first), value: first }, { text: String(last), value: last }, step],
          range as Json[],
        )
      }),
      fc.tuple(list, small).map(([of, size]) => {
        const chunks: Json[] = []
        for (let i = 0; i < of.value.length; i++) {
          if (i % size.value === 0) chunks.push([])
          ;(chunks.at(-1) as Json[]).push(of.value[i] as Json)
        }
        return call('ArrayPartition', [of, size], chunks)
      }),
      list.map((of) =>
        call(
          'ArrayUnique',
          [of],
          of.value.filter((item, i) => of.value.findIndex((other) => same(other, item)) === i),
        ),
      ),
      fc.tuple(text, fc.constantFrom(',', ';', ',; ', 'a')).map(([of, marks]) => {
        let parts = [of.value]
        for (const mark of marks) parts = parts.flatMap((part) => part.split(mark))
        return call('StringSplit', [of, { text: quote(marks), value: marks }], parts.filter((part) => part !== '') as Json[])
      }),
    ),
    map: fc.oneof(
      { maxDepth: 2 },
      fc.constant<Known<Record<string, Json>>>({ text: '$.map', value: input.map }),
      fc.tuple(map, map).map(([a, b]) => call('JsonMerge', [a, b, { text: 'false', value: false }], { ...a.value, ...b.value })),
    ),
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constant<Known>({ text: '$.none', value: null }),
      number,
      text,
      list,
      map,
      fc.tuple(list, any).map(([of, item]) =>
        call(
          'ArrayContains',
          [of, item],
          of.value.some((each) => same(each, item.value)),
        ),
      ),
      any.map((of) => call('StringToJson', [call('JsonToString', [of], '')], of.value)),
      list
        .filter((of) => of.value.length > 0)
        .map((of) => call('ArrayGetItem', [of, { text: '0', value: 0 }], of.value[0] as Json)),
    ),
  }
})

/** Calls nested deeper than AWS allows are another test's matter. */
const nesting = (text: string): number => {
  let depth = 0
  let deepest = 0
  for (const char of text.replace(/'(?:[^'\\]|\\.)*'/g, '')) {
    if (char === '(') deepest = Math.max(deepest, ++depth)
    else if (char === ')') depth--
  }
  return deepest
}

test('a call gives what the naive functions give', () => {
  const calls = fc.oneof(kinds.number, kinds.text, kinds.list, kinds.map, kinds.any) as fc.Arbitrary<Known>
  fc.assert(
    fc.property(
      calls.filter(({ text }) => text.startsWith('States.') && nesting(text) <= 10),
      ({ text, value }) => {
        expect(must(must(compileIntrinsic(text)).evaluate(testScope(input)))).toEqual(value)
      },
    ),
    { numRuns: Number(process.env['RUNS'] ?? 2000), seed: Number(process.env['SEED'] ?? 20261123) },
  )
})
