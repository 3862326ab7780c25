/**
 * Numbers and chance. Arguments are rounded first, halves toward +infinity (recorded: `MathAdd(-1.5, 0)` is -1), then
 * must fit 32 bits. Seeded numbers come from java.util.Random, unseeded ones from the turn's recorded draws.
 */
import { javaRandom } from '../../base/random.ts'

import { type IntrinsicFunction, integerArg, isInt32, refuse } from './function.ts'

export const mathAdd: IntrinsicFunction = {
  argsMin: 2,
  argsMax: 2,
  call(args) {
    const sum = integerArg(args, 0) + integerArg(args, 1)
    return isInt32(sum) ? sum : refuse('the sum must be between -2147483648 and 2147483647')
  },
}

/** From the first number inclusive to the second exclusive. */
export const mathRandom: IntrinsicFunction = {
  argsMin: 2,
  argsMax: 3,
  call(args, draws) {
    const [start, end] = [integerArg(args, 0), integerArg(args, 1)]
    if (start >= end) return refuse('the start must be less than the end')
    if (args.length === 2) return start + Math.floor(draws.next() * (end - start))
    return drawSeeded(integerArg(args, 2), start, end)
  },
}

/** As `Random.ints(start, end)`: a span that overflows 32 bits is met by drawing until a number falls inside. */
function drawSeeded(seed: number, start: number, end: number): number {
  const random = javaRandom(BigInt(seed))
  if (end - start < 2 ** 31) return start + random.nextInt(end - start)
  for (;;) {
    const number = random.nextInt32()
    if (number >= start && number < end) return number
  }
}

export const uuid: IntrinsicFunction = {
  argsMin: 0,
  argsMax: 0,
  call: (_args, draws) => draws.uuid(),
}
