/** All intrinsic functions by name. Source: AWS developer guide, "Intrinsic functions for JSONPath states". */
import * as arrays from './arrays.ts'
import * as encoding from './encoding.ts'
import type { IntrinsicFunction } from './function.ts'
import * as json from './json.ts'
import * as math from './math.ts'
import * as strings from './strings.ts'

export const INTRINSIC_FUNCTIONS: ReadonlyMap<string, IntrinsicFunction> = new Map([
  ['States.Array', arrays.array],
  ['States.ArrayContains', arrays.arrayContains],
  ['States.ArrayGetItem', arrays.arrayGetItem],
  ['States.ArrayLength', arrays.arrayLength],
  ['States.ArrayPartition', arrays.arrayPartition],
  ['States.ArrayRange', arrays.arrayRange],
  ['States.ArrayUnique', arrays.arrayUnique],
  ['States.Base64Decode', encoding.base64Decode],
  ['States.Base64Encode', encoding.base64Encode],
  ['States.Format', strings.format],
  ['States.Hash', encoding.hash],
  ['States.JsonMerge', json.jsonMerge],
  ['States.JsonToString', json.jsonToString],
  ['States.MathAdd', math.mathAdd],
  ['States.MathRandom', math.mathRandom],
  ['States.StringSplit', strings.stringSplit],
  ['States.StringToJson', json.stringToJson],
  ['States.UUID', math.uuid],
])
