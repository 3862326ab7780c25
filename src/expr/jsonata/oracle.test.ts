/**
 * Expressions made at random, over data made at random, answered as the language's own implementation answers them.
 * The oracle is release 2.2.2 of the `jsonata` package: where it differs from 2.0.6 the generator does not go.
 */
import fc from 'fast-check'
import reference from 'jsonata-latest'
import { describe, expect, it } from 'vitest'

import type { Json } from '../../base/json.ts'
import { parseJsonata } from './ast.ts'
import { compileProgram } from './program.ts'
import { toJson } from './result.ts'
import type { Value } from './value.ts'

const names = fc.constantFrom('a', 'b', 'c', 'list')
const scalars = fc.oneof(fc.integer({ min: -3, max: 9 }), fc.constantFrom('', 'x', 'yy', 'x,y'), fc.boolean(), fc.constant(null))

const { data } = fc.letrec<{ data: Json }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4 },
    scalars as fc.Arbitrary<Json>,
    fc.dictionary(names, tie('data'), { maxKeys: 4 }) as fc.Arbitrary<Json>,
    fc.array(tie('data'), { maxLength: 4 }) as fc.Arbitrary<Json>,
  ),
}))
const documents = fc.record({ a: data, b: data, c: data, list: fc.array(data, { maxLength: 4 }) }) as fc.Arbitrary<Json>

const { expression } = fc.letrec<{ expression: string; path: string }>((tie) => {
  const inner = tie('expression')
  const path = tie('path')
  const form = (parts: readonly fc.Arbitrary<string>[], build: (...texts: string[]) => string) =>
    fc.tuple(...parts).map((texts) => build(...texts))
  return {
    path: fc.oneof(
      { maxDepth: 3 },
      names,
      form([path, names], (p, n) => `${p}.${n}`),
      form([path, inner], (p, e) => `${p}[${e}]`),
      form([path], (p) => `${p}[]`),
      form([path, fc.constantFrom('0', '1', '-1')], (p, i) => `${p}[${i}]`),
      form([path, inner], (p, e) => `${p}.(${e})`),
      form([path], (p) => `${p}.*`),
      form([path, names], (p, n) => `${p}.{"k": ${n}}`),
      form([path, names], (p, n) => `${p}.[${n}]`),
      form([path, names], (p, n) => `${p}#$i.{"i": $i, "v": ${n}}`),
      form([path, names], (p, n) => `${p}@$v.$v.${n}`),
    ),
    expression: fc.oneof(
      { maxDepth: 4 },
      path,
      fc.constantFrom('1', '0', '"x"', '"yy"', 'true', 'false', 'null', '$'),
      form(
        [inner, inner, fc.constantFrom('+', '-', '*', '=', '!=', '<', '>=', '&', 'and', 'or', 'in')],
        (a, b, op) => `(${a} ${op} ${b})`,
      ),
      form([inner, inner, inner], (a, b, c) => `(${a} ? ${b} : ${c})`),
      form([inner, inner], (a, b) => `[${a}, ${b}]`),
      form([inner, inner], (a, b) => `{"p": ${a}, "q": ${b}}`),
      form([inner, inner], (a, b) => `($x := ${a}; [$x, ${b}, $x])`),
      form(
        [
          fc.constantFrom(
            '$count',
            '$exists',
            '$string',
            '$keys',
            '$boolean',
            '$not',
            '$distinct',
            '$reverse',
            '$type',
            '$spread',
          ),
          inner,
        ],
        (f, a) => `${f}(${a})`,
      ),
      form(
        [fc.constantFrom('$sum', '$max', '$min', '$average', '$length', '$uppercase', '$number', '$abs', '$sort'), inner],
        (f, a) => `${f}(${a})`,
      ),
      form([inner, inner], (a, b) => `$append(${a}, ${b})`),
      form([inner, inner], (a, b) => `$map(${a}, function($v, $i) { ${b.includes('$i') ? '$v' : `[$v, $i]`} })`),
      form([inner, inner], (a, b) => `$filter(${a}, function($v) { $v = ${b} })`),
      form([inner], (a) => `$reduce(${a}, function($p, $v) { $string($p) & $string($v) })`),
      form([inner], (a) => `(${a} ~> $count())`),
      form([path, names], (p, n) => `${p}{$string(${n}): $count($)}`),
      form([path, names], (p, n) => `${p}^(${n})`),
    ),
  }
})

const draws = { uuid: () => '', next: () => 0.5, now: 0 }

function ours(text: string, input: Json): unknown {
  const parsed = parseJsonata(text)
  if (!parsed.ok) return { code: 'an error' }
  const computed = compileProgram(parsed.value).run({ variable: () => undefined, draws, limits: { depth: 500 } }, input as Value)
  if (!computed.ok) return { code: 'an error' }
  return { value: clean(toJson(computed.value)) }
}

async function theirs(text: string, input: Json): Promise<unknown> {
  try {
    return { value: clean(await reference(text).evaluate(input)) }
  } catch (thrown) {
    // It evaluates the parts of an array side by side, so which of two errors comes first is chance.
    return { code: (thrown as { code?: string }).code && 'an error' }
  }
}

const clean = (value: unknown): unknown =>
  value === undefined || typeof value === 'symbol' ? undefined : JSON.parse(JSON.stringify(value))

describe('random expressions', () => {
  it('give what the language gives', async () => {
    await fc.assert(
      fc.asyncProperty(expression, documents, async (text, input) => {
        const mine = ours(text, structuredClone(input))
        const theirInput = structuredClone(input)
        const expected = await theirs(text, theirInput)
        // The oracle adds undefined to empty arrays of its input when it groups them.
        fc.pre(JSON.stringify(theirInput) === JSON.stringify(input))
        // An exception without a code is a defect of the oracle.
        fc.pre(!(typeof expected === 'object' && expected !== null && 'code' in expected && expected.code === undefined))
        expect(mine).toEqual(expected)
      }),
      {
        endOnFailure: true,
        numRuns: Number(process.env['RUNS'] ?? 500),
        seed: Number(process.env['SEED'] ?? 20261123),
      },
    )
  })
})
