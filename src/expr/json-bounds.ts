/**
 * Bounds on JSON values that expressions build. A value may hold the same part many times by reference, so its printed size
 * can be far beyond its size in memory: ask here before printing.
 */
import { isArray, isObject, type Json } from '../base/json.ts'

/** Whether the value's JSON text has at most about `charsMax` characters. Stops counting as soon as it knows. */
export function printsWithin(value: Json, charsMax: number): boolean {
  let room = charsMax
  const stack: Json[] = [value]
  for (let item = stack.pop(); item !== undefined && room >= 0; item = stack.pop()) {
    if (typeof item === 'string') room -= item.length + 2
    else if (isArray(item)) {
      room -= item.length + 2
      if (room >= 0) for (const member of item) stack.push(member)
    } else if (isObject(item)) {
      for (const key of Object.keys(item)) room -= key.length + 4
      if (room >= 0) for (const member of Object.values(item)) stack.push(member)
    } else room -= 2
  }
  return room >= 0
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
