/** A text that a caller hands in as JSON. What is wrong with one is told in the words of the parser that AWS runs. */
import { nestsWithin } from '../base/json-bounds.ts'
import { fitOf } from '../base/json-size.ts'
import type { Json } from '../base/json.ts'

import { findJsonSyntaxError, jacksonLocation } from '../source/json.ts'

/** Why the text is no JSON, or undefined. */
export function jsonProblem(text: string): string | undefined {
  try {
    // JSON.parse takes any depth, and the value is faster to walk than its text.
    return isDeep(JSON.parse(text) as Json) ? TOO_DEEP : undefined
  } catch {
    if (!nestsWithin(text)) return TOO_DEEP
    const problem = findJsonSyntaxError(text)
    return `${problem.message}\n at ${jacksonLocation(text, problem)}`
  }
}

const TOO_DEEP = 'The input is nested too deeply.'
const isDeep = (value: Json): boolean => fitOf(value, Number.POSITIVE_INFINITY) === 'deep'
