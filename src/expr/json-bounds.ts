/** Bounds on JSON texts that come in, and on values that causes show. */
import type { Json } from '../base/json.ts'
import { JSON_DEPTH_MAX, printsWithin } from '../base/json-size.ts'

/** Whether a JSON text nests at most JSON_DEPTH_MAX deep: judged before parsing, so that no later walk overflows. */
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

/** Longest value that a cause shows; AWS cuts causes at 32,768 characters anyway. */
const SHOWN_CHARS_MAX = 1024 * 1024

/** The value's JSON text for a cause, or an ellipsis where printing it would take too much time, memory or stack. */
export function showJson(value: Json): string {
  if (!printsWithin(value, SHOWN_CHARS_MAX)) return '…'
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (error instanceof RangeError) return '…'
    throw error
  }
}
