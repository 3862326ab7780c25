/** For tests and benchmarks: definitions with something wrong in them, made from good ones by a seeded hand. */
import { isArray, isObject, type Json } from '../base/json.ts'
import { seededRandom } from '../base/random.ts'

const ODD: readonly Json[] = [
  ...[
    null,
    true,
    -1,
    1e308,
    '',
    '$',
    '$$',
    '$.a[*]',
    '{% $x %}',
    '{% ( %}',
    '__proto__',
    'constructor',
    '\u0000',
    'x'.repeat(2_000),
  ],
  ...[
    [],
    {},
    [[[]]],
    { Type: 'Pass' },
    { __proto__: null },
    'States.Format(',
    'arn:aws:states:::lambda:invoke.sync:2',
    'States.ALL',
  ],
]
const KEYS = [
  'Type',
  'Next',
  'States',
  'StartAt',
  'Retry',
  'Catch',
  'Choices',
  'ItemProcessor',
  'QueryLanguage',
  'Assign',
  'x.$',
  '__proto__',
]

/** A copy with `changes` places changed. The same seed gives the same copy. */
export function mutate(definition: Json, seed: string, changes: number): Json {
  const random = seededRandom(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T
  let copy = JSON.parse(JSON.stringify(definition)) as Json
  for (let i = 0; i < changes; i++) copy = change(copy, 0)
  return copy

  function change(value: Json, depth: number): Json {
    if (depth > 0 && random.next() < 0.2) return pick(ODD)
    if (isArray(value)) return changeList([...value], depth)
    if (isObject(value)) return changeObject({ ...value }, depth)
    return pick(ODD)
  }

  function changeList(list: Json[], depth: number): Json {
    const at = Math.floor(random.next() * (list.length + 1))
    if (at === list.length || random.next() < 0.2) list.splice(at, random.next() < 0.5 ? 1 : 0, pick(ODD))
    else list[at] = change(list[at] ?? null, depth + 1)
    return list
  }

  function changeObject(object: Record<string, Json>, depth: number): Json {
    const names = Object.keys(object)
    const name = names.length === 0 || random.next() < 0.2 ? pick(KEYS) : pick(names)
    if (random.next() < 0.15) delete object[name]
    else
      Object.defineProperty(object, name, {
        value: change(object[name] ?? null, depth + 1),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    return object
  }
}
