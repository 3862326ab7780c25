/** A text that a caller hands in as JSON. What is wrong with one is told in the words of the parser that AWS runs. */
import { nestsWithin } from '../base/json-bounds.ts'

import { findJsonSyntaxError, jacksonLocation } from '../source/json.ts'

/** Why the text is no JSON, or undefined. */
export function jsonProblem(text: string): string | undefined {
  if (!nestsWithin(text)) return 'The input is nested too deeply.'
  try {
    JSON.parse(text)
    return undefined
  } catch {
    const problem = findJsonSyntaxError(text)
    return `${problem.message}\n at ${jacksonLocation(text, problem)}`
  }
}
