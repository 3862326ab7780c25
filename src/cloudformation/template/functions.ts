/** The functions of a template, found wherever they are written. */
import { isArray, isObject, type Json } from '../../base/json.ts'

export interface FunctionCall {
  /** `Ref`, `Condition`, `Fn::…` */
  readonly name: string
  readonly argument: Json
}

/** Each with its argument, the outer ones first. Of what looks like one but has siblings, none. */
export function* functionsIn(value: Json): Generator<FunctionCall> {
  if (isArray(value)) {
    for (const item of value) yield* functionsIn(item)
  } else if (isObject(value)) {
    const entries = Object.entries(value)
    const [first] = entries
    if (entries.length === 1 && first !== undefined && /^(?:Ref|Condition)$|^Fn::/.test(first[0]))
      yield { name: first[0], argument: first[1] }
    for (const [, member] of entries) yield* functionsIn(member)
  }
}
