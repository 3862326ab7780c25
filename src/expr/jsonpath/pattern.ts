/**
 * Patterns of filters (`=~ /…/i`), matched against the whole text as Java's `matches()` does. RE2 matches in linear time, so
 * no pattern can stall the process; what only backtracking engines know (look-around, back-references) is refused.
 */
import { RE2JS } from 're2js'

import { readCost, SEARCH_COST } from '../regex-cost.ts'
import { SyntaxFault } from './cursor.ts'

export interface TextTest {
  (text: string): boolean
  /** Visits that a text of so many characters costs. */
  cost(length: number): number
}

const PATTERN_CHARS_MAX = 1000

/** Throws SyntaxFault for a pattern that RE2 does not read. */
export function compilePattern(source: string, ignoresCase: boolean): TextTest {
  if (source.length > PATTERN_CHARS_MAX) throw new SyntaxFault(`a pattern has at most ${PATTERN_CHARS_MAX} characters`, 0)
  try {
    const pattern = RE2JS.compile(source.replaceAll('\\/', '/'), ignoresCase ? RE2JS.CASE_INSENSITIVE : 0)
    const perCharacter = readCost(pattern.programSize())
    return Object.assign((text: string) => pattern.testExact(text), {
      cost: (length: number) => SEARCH_COST + length * perCharacter,
    })
  } catch (error) {
    throw new SyntaxFault(`the pattern /${source}/ cannot be read: ${error instanceof Error ? error.message : 'unknown'}`, 0)
  }
}
