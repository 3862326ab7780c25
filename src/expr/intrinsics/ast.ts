/** An intrinsic call as read, before its functions are looked at by the evaluator. */
import type { JsonPath } from '../jsonpath/path.ts'
import type { IntrinsicFunction } from './function.ts'

export interface Call {
  readonly type: 'call'
  readonly name: string
  readonly function: IntrinsicFunction
  readonly args: readonly Argument[]
}

export type Argument =
  | Call
  | { readonly type: 'path'; readonly path: JsonPath }
  | { readonly type: 'string'; readonly value: string; readonly raw: string }
  | { readonly type: 'constant'; readonly value: null | boolean | number }
