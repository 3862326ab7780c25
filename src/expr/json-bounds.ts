/** The JSON text of a value for a cause. */
import type { Json } from '../base/json.ts'
import { printsWithin } from '../base/json-size.ts'
import { printInOrder } from '../base/member-order.ts'

/** Longest value that a cause shows; AWS cuts causes at 32,768 characters anyway. */
const SHOWN_CHARS_MAX = 1024 * 1024

/** The value's JSON text for a cause, or an ellipsis where printing it would take too much time, memory or stack. */
export function showJson(value: Json): string {
  if (!printsWithin(value, SHOWN_CHARS_MAX)) return '…'
  try {
    return printInOrder(value)
  } catch (error) {
    if (error instanceof RangeError) return '…'
    throw error
  }
}
