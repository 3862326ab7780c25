/**
 * Filter patterns: text to a predicate over messages. Three kinds: terms (`ERROR -debug ?a ?b "a phrase" %regex%`),
 * JSON (`{ $.status = 5* && $.user IS NOT NULL }`) and space-delimited fields (`[ip, ..., status = 4*, size > 1000]`).
 * Regular expressions run in linear time (re2js), so that no pattern can hold up the event loop.
 * Source: CloudWatch Logs user guide, "Filter pattern syntax for metric filters, subscription filters, filter log events".
 */
import { parseFields } from './field-pattern.ts'
import { parseJsonPattern } from './json-pattern.ts'
import { PatternError } from './pattern-reader.ts'
import { parseTermPattern } from './term-pattern.ts'

export type MessageFilter = (message: string) => boolean

/** Throws PatternError when the text is not a filter pattern. An empty pattern takes everything. */
export function parseFilterPattern(text: string): MessageFilter {
  const trimmed = text.trim()
  if (trimmed === '') return () => true
  if (trimmed.startsWith('{')) return parseJsonPattern(trimmed)
  if (trimmed.startsWith('[')) return parseFields(trimmed).matches
  return parseTermPattern(trimmed)
}

export { PatternError }
