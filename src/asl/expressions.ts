/**
 * The expressions of one definition, each text compiled once: rules and compiler meet the same ones, and a field may hold
 * thousands. Compiled ahead, in slices, because that is most of the time that a definition takes.
 */
import { isArray, isObject, type Json, type JsonObject } from '../base/json.ts'
import type { Slices } from '../base/slices.ts'

import { compileExpression } from '../expr/expression.ts'
import { compileJsonata } from '../expr/jsonata/expression.ts'
import { isJsonataText, jsonataSource } from '../expr/jsonata/template.ts'
import { compilePath } from '../expr/jsonpath/path.ts'

export class Expressions {
  /** What stands between the delimiters. */
  readonly jsonata = once(compileJsonata)
  readonly path = once(compilePath)
  /** A path or an intrinsic call. */
  readonly expression = once(compileExpression)
}

function once<R>(compile: (text: string) => R): (text: string) => R {
  const compiled = new Map<string, R>()
  return (text) => {
    const known = compiled.get(text)
    if (known !== undefined) return known
    const made = compile(text)
    compiled.set(text, made)
    return made
  }
}

/** Compiles whatever in a document looks like an expression; a mistake costs some time and nothing else. */
export function* compileAhead(document: JsonObject, expressions: Expressions): Slices<void> {
  const stack: Json[] = [document]
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (isArray(value)) for (const item of value) stack.push(item)
    else if (isObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        if (typeof member !== 'string') stack.push(member)
        else if (name.endsWith('.$')) expressions.expression(member)
        else if (isJsonataText(member)) expressions.jsonata(jsonataSource(member))
        else if (member.startsWith('$')) expressions.path(member)
        else continue
        yield
      }
    } else if (isJsonataText(value) && typeof value === 'string') {
      expressions.jsonata(jsonataSource(value))
      yield
    }
  }
}
