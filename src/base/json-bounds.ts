/**
 * How deep JSON from outside may nest. Judged before parsing, so that no later walk over the value (printing, comparing,
 * JSONata) overflows the stack: some 5,000 levels break `JSON.stringify`. Every text that others wrote is parsed here.
 */
import type { Json } from './json.ts'
import { JSON_DEPTH_MAX } from './json-size.ts'
import { parseExactly, parseInOrder } from './member-order.ts'

/** Whether a JSON text nests at most JSON_DEPTH_MAX deep. */
export function nestsWithin(text: string): boolean {
  let depth = 0
  let isInString = false
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (isInString) {
      if (unit === 0x5c) i++
      else if (unit === 0x22) isInString = false
    } else if (unit === 0x22) isInString = true
    else if (unit === 0x5b || unit === 0x7b) {
      if (++depth > JSON_DEPTH_MAX) return false
    } else if (unit === 0x5d || unit === 0x7d) depth--
  }
  return true
}

/** `JSON.parse` for texts that others wrote. Throws SyntaxError, also where the text nests deeper than JSON_DEPTH_MAX. */
export function parseJson(text: string): Json {
  refuseDepth(text)
  return parseInOrder(text) as Json
}

/** The same with its numbers as they are spelled (`numeral.ts`), for what is only passed on. */
export function parseJsonExactly(text: string): Json {
  refuseDepth(text)
  return parseExactly(text) as Json
}

function refuseDepth(text: string): void {
  if (!nestsWithin(text)) throw new SyntaxError(`JSON is nested deeper than ${JSON_DEPTH_MAX} levels`)
}
