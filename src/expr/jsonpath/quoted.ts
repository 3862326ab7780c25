/** Quoted texts inside paths and filters: either quote, backslash escapes as Jayway reads them. */
import type { Cursor } from './cursor.ts'

const CONTROL: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** Reads a quoted text whose opening quote stands at the cursor. */
export function readQuoted(cursor: Cursor): string {
  const start = cursor.at
  const quote = cursor.char
  cursor.at++
  const parts: string[] = []
  let from = cursor.at
  for (;;) {
    const char = cursor.char
    if (char === '') cursor.fail('the quote is not closed', start)
    if (char === quote) break
    if (char === '\\') {
      parts.push(cursor.text.slice(from, cursor.at))
      cursor.at++
      parts.push(readEscape(cursor))
      from = cursor.at
    } else cursor.at++
  }
  parts.push(cursor.text.slice(from, cursor.at))
  cursor.at++
  return parts.join('')
}

const FOUR_HEX = /[0-9a-fA-F]{4}/y

function readEscape(cursor: Cursor): string {
  const char = cursor.char
  if (char === '') cursor.fail('the text ends in an escape')
  cursor.at++
  if (char !== 'u') return CONTROL[char] ?? char
  const hex = cursor.match(FOUR_HEX) ?? cursor.fail('an escape \\u needs four hexadecimal digits')
  return String.fromCharCode(Number.parseInt(hex, 16))
}
