/**
 * What AWS Step Functions adds to the language. Whole numbers are asked for by cutting the fraction off; lists are JSONata's
 * sequences, so one result stands for itself.
 * Source: developer guide, "Transforming data with JSONata"; edges as measured in floci-io/floci#2662, #2676 and #2790.
 */
import { parseJson } from '../../../base/json-bounds.ts'
import { javaRandom } from '../../../base/random.ts'
import { hashText } from '../../hash.ts'
import { BoundError, MEMORY_EXCEEDED } from '../bound-error.ts'
import { JsonataError } from '../error.ts'
import type { Run } from '../run.ts'
import { asSequence, type Callable, type MutableArray, type Value, type ValueArray } from '../value.ts'
import { builtIn } from './builtin.ts'

/** The most items `$range` was seen to give. */
const RANGE_ITEMS_MAX = 360_145

function partition(items: ValueArray, size: number, run: Run): Value {
  if (size < 0) throw new JsonataError('T0410', { token: 'partition', index: 2 })
  if (size === 0 || items.length === 0) return undefined
  run.allocateItems(items.length * 2)
  const chunks: MutableArray = []
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size))
  return asSequence(chunks)
}

function range(first: number, last: number, step: number, run: Run): Value {
  if (step === 0) return undefined
  const size = Math.floor((last - first) / step) + 1
  if (!(size > 0)) return undefined
  if (size > RANGE_ITEMS_MAX) throw new BoundError(MEMORY_EXCEEDED)
  run.allocateItems(size)
  return asSequence(Array.from({ length: size }, (_, i) => first + i * step))
}

/** Seeds are longs in Java: fractions are cut off, and what is too large stays at the largest. */
function seedOf(value: number): bigint {
  const limit = 2 ** 63
  return BigInt(Math.trunc(Math.max(-limit, Math.min(limit, value))))
}

/** The code AWS gives these refusals is not on record: an argument that does not fit is JSONata's own way to say it. */
function parse(text: string, run: Run): Value {
  run.allocateText(text.length)
  run.allocateItems(text.length / 4)
  try {
    return parseJson(text) as Value
  } catch {
    throw new JsonataError('T0410', { token: 'parse', index: 1 })
  }
}

export const awsFunctions: Readonly<Record<string, Callable>> = {
  partition: builtIn('<an:a>', 2, ([items, size], run) =>
    items === undefined || size === undefined ? undefined : partition(items as ValueArray, Math.trunc(size as number), run),
  ),
  range: builtIn('<nnn:a>', 3, ([first, last, step], run) =>
    first === undefined || last === undefined || step === undefined
      ? undefined
      : range(Math.trunc(first as number), Math.trunc(last as number), Math.trunc(step as number), run),
  ),
  hash: builtIn('<s-s:s>', 2, ([text, algorithm], run) => {
    if (text === undefined || algorithm === undefined) return undefined
    run.spend(100 + (text as string).length * 2)
    const hash = hashText(text as string, algorithm as string)
    if (hash === undefined) throw new JsonataError('T0410', { token: 'hash', index: 2 })
    return hash
  }),
  random: builtIn('<n?:n>', 1, ([seed], run) =>
    seed === undefined ? run.draws.next() : javaRandom(seedOf(seed as number)).nextDouble(),
  ),
  uuid: builtIn('<:s>', 0, (_args, run) => run.draws.uuid()),
  parse: builtIn('<s-:x>', 1, ([text], run) => (text === undefined ? undefined : parse(text as string, run))),
}
