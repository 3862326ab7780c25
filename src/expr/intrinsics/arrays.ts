/** Array functions. Source: AWS developer guide, "Intrinsics for arrays"; recorded answers in intrinsic_functions/array-*. */
import { deepEqual, type Json } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { arrayArg, type IntrinsicFunction, integerArg, measuredArrayArg, refuse } from './function.ts'

const RANGE_ITEMS_MAX = 1000

export const array: IntrinsicFunction = {
  argsMin: 0,
  argsMax: Number.POSITIVE_INFINITY,
  call: (args) => args,
}

export const arrayPartition: IntrinsicFunction = {
  argsMin: 2,
  argsMax: 2,
  call(args) {
    const items = arrayArg(args, 0)
    const size = integerArg(args, 1)
    if (size < 1) refuse('the chunk size must be a non-zero, positive integer')
    const chunks: Json[] = []
    for (let i = 0; i < items.length; i += size) chunks.push(items.slice(i, i + size))
    return chunks
  },
}

export const arrayContains: IntrinsicFunction = {
  argsMin: 2,
  argsMax: 2,
  call: (args) => measuredArrayArg(args, 0).some((item) => deepEqual(item, args[1] ?? null)),
}

export const arrayRange: IntrinsicFunction = {
  argsMin: 3,
  argsMax: 3,
  call(args) {
    const [first, last, step] = [integerArg(args, 0), integerArg(args, 1), integerArg(args, 2)]
    if (step === 0) refuse('the increment must not be zero')
    const count = Math.max(0, Math.floor((last - first) / step) + 1)
    if (count > RANGE_ITEMS_MAX) refuse(`the range has more than ${RANGE_ITEMS_MAX} items`)
    return Array.from({ length: count }, (_, i) => first + i * step)
  },
}

export const arrayGetItem: IntrinsicFunction = {
  argsMin: 2,
  argsMax: 2,
  call(args) {
    const item = arrayArg(args, 0)[integerArg(args, 1)]
    return item === undefined ? refuse('the index is out of the bounds of the array') : item
  },
}

export const arrayLength: IntrinsicFunction = {
  argsMin: 1,
  argsMax: 1,
  call: (args) => arrayArg(args, 0).length,
}

/** The first of equal items stays where it is. */
export const arrayUnique: IntrinsicFunction = {
  argsMin: 1,
  argsMax: 1,
  call(args) {
    const seen = new Set<string>()
    return measuredArrayArg(args, 0).filter((item) => {
      const text = stableJson(item)
      if (seen.has(text)) return false
      seen.add(text)
      return true
    })
  },
}
