/** JSON functions. Source: AWS developer guide, "Intrinsics for JSON data manipulation"; recorded json-manipulation-*. */
import { nestsWithin } from '../../base/json-bounds.ts'
import { isObject, type Json, setOwn } from '../../base/json.ts'
import { printsWithin } from '../../base/json-size.ts'
import { copyObject, entriesOf, parseExactly, printInOrder } from '../../base/member-order.ts'

import { type IntrinsicFunction, PRINTED_CHARS_MAX, refuse, stringArg } from './function.ts'

/** Shallow: where both have a member, the second one's wins. A deep merge is not supported by AWS. */
export const jsonMerge: IntrinsicFunction = {
  argsMin: 3,
  argsMax: 3,
  call([first = null, second = null, isDeep]) {
    if (!isObject(first) || !isObject(second)) return refuse('the first two arguments must be JSON objects')
    if (isDeep !== false) return refuse('only the shallow merging mode is supported: the third argument must be false')
    const merged: Record<string, Json> = copyObject(first)
    for (const [key, value] of entriesOf(second)) setOwn(merged, key, value)
    return merged
  },
}

/** Recorded: a blank text is null. */
export const stringToJson: IntrinsicFunction = {
  argsMin: 1,
  argsMax: 1,
  call(args) {
    const text = stringArg(args, 0)
    if (text.trim() === '') return null
    if (!nestsWithin(text)) return refuse('the JSON text nests too deeply')
    try {
      return parseExactly(text) as Json
    } catch {
      return refuse('argument 1 is not a JSON text')
    }
  },
}

export const jsonToString: IntrinsicFunction = {
  argsMin: 1,
  argsMax: 1,
  call([value = null]) {
    return printsWithin(value, PRINTED_CHARS_MAX) ? printInOrder(value) : refuse('the JSON text would be too long')
  },
}
