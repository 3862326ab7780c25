/** Every function at the largest that AWS's limits let in: each ends within what one state may do, or is refused. */
import { describe, expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'

import { must, testScope } from '../test-scope.ts'
import { Work, WORK_MAX } from '../work.ts'
import { compileIntrinsic } from './intrinsic.ts'
import { INTRINSIC_FUNCTIONS } from './table.ts'

const TEXT = 'ab,c '.repeat(50_000)
const NUMBERS = Array.from({ length: 80_000 }, (_, i) => i % 1_000)
const RECORDS = Array.from({ length: 20_000 }, (_, i) => ({ id: i % 7, s: 'x' }))
const MEMBERS = Object.fromEntries(NUMBERS.slice(0, 20_000).map((value, i) => [`k${i}`, value]))
/** 60,000 times the same 250 KB: 15 GB when it is printed. */
const SHARED = Array.from({ length: 60_000 }, () => RECORDS)

const input: Json = {
  text: TEXT,
  short: 'x'.repeat(10_000),
  numbers: NUMBERS,
  records: RECORDS,
  members: MEMBERS,
  shared: SHARED,
  json: JSON.stringify(RECORDS),
  deep: `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  base64: 'AAAA'.repeat(2_500),
}

const CALLS: Readonly<Record<string, readonly string[]>> = {
  'States.Array': [`States.Array(${Array.from({ length: 20_000 }, () => '$.numbers').join(', ')})`],
  'States.ArrayContains': ["States.ArrayContains($.records, 'no')", 'States.ArrayContains($.shared, 1)'],
  'States.ArrayGetItem': ['States.ArrayGetItem($.numbers, 79999)'],
  'States.ArrayLength': ['States.ArrayLength($.shared)'],
  'States.ArrayPartition': ['States.ArrayPartition($.numbers, 1)'],
  'States.ArrayRange': ['States.ArrayRange(1, 2147483647, 1)', 'States.ArrayRange(1, 1000, 1)'],
  'States.ArrayUnique': ['States.ArrayUnique($.records)', 'States.ArrayUnique($.shared)'],
  'States.Base64Decode': ['States.Base64Decode($.base64)', 'States.Base64Decode($.text)'],
  'States.Base64Encode': ['States.Base64Encode($.short)', 'States.Base64Encode($.text)'],
  'States.Format': [
    `States.Format('${'{}'.repeat(50_000)}'${', $.text'.repeat(50_000)})`,
    `States.Format('${'{}'.repeat(50_000)}'${', 1'.repeat(50_000)})`,
    "States.Format('{}', $.shared)",
  ],
  'States.Hash': ["States.Hash($.short, 'SHA-512')", "States.Hash($.shared, 'MD5')"],
  'States.JsonMerge': ['States.JsonMerge($.members, $.members, false)'],
  'States.JsonToString': ['States.JsonToString($.records)', 'States.JsonToString($.shared)'],
  'States.MathAdd': ['States.MathAdd(2147483647, 0)'],
  'States.MathRandom': ['States.MathRandom(-2147483648, 2147483647, 7)'],
  'States.StringSplit': ["States.StringSplit($.text, ',')", 'States.StringSplit($.text, $.text)'],
  'States.StringToJson': ['States.StringToJson($.json)', 'States.StringToJson($.deep)'],
  'States.UUID': ['States.UUID()'],
}

describe('a function at its largest', () => {
  test('is one of the table, and each of the table is tried', () => {
    expect(Object.keys(CALLS).sort()).toEqual([...INTRINSIC_FUNCTIONS.keys()].sort())
  })

  test.each(Object.entries(CALLS).flatMap(([name, calls]) => calls.map((call, i) => ({ name: `${name} ${i}`, call }))))(
    '$name does no more than a state may',
    ({ call }) => {
      const work = new Work()
      const outcome = must(compileIntrinsic(call)).evaluate({ ...testScope(input, {}, {}), work })
      // What would cost more is refused before it is done, with a name that a workflow can catch.
      if (outcome.ok) expect(work.spent).toBeLessThanOrEqual(WORK_MAX)
      else expect(outcome.error.error).toBe('States.IntrinsicFailure')
    },
  )

  test('costs its share: the same call once more and once more is cut off', () => {
    const work = new Work()
    const call = must(compileIntrinsic('States.ArrayPartition($.numbers, 1)'))
    const outcomes = Array.from({ length: 20 }, () => call.evaluate({ ...testScope(input, {}, {}), work }))
    expect(outcomes.at(0)?.ok).toBe(true)
    expect(outcomes.at(-1)).toMatchObject({ ok: false, error: { error: 'States.IntrinsicFailure' } })
  })
})
