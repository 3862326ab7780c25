/**
 * `States.Format` and `States.StringSplit`. Format prints values as Java does (`{Arg1=1, Arg2=[]}`, recorded); in its
 * template `\{`, `\}`, `\'` and `\\` stand for themselves. StringSplit takes each character of its second argument for a
 * delimiter and drops empty parts, as java.util.StringTokenizer does.
 */
import { javaText } from '../java-text.ts'
import { type IntrinsicFunction, PRINTED_CHARS_MAX, refuse, stringArg } from './function.ts'

export const format: IntrinsicFunction = {
  argsMin: 1,
  argsMax: Number.POSITIVE_INFINITY,
  call(args, _draws, raw) {
    const pieces = splitTemplate(raw[0] ?? stringArg(args, 0))
    if (pieces.length !== args.length) return refuse('number of arguments do not match the occurrences of {}')
    const parts: string[] = []
    let room = PRINTED_CHARS_MAX
    for (const [i, piece] of pieces.entries()) {
      const value = i === 0 ? '' : javaText(args[i] ?? null, room)
      room -= piece.length + (value?.length ?? 0)
      if (value === undefined || room < 0) return refuse('the text would be too long')
      parts.push(value, piece)
    }
    return parts.join('')
  },
}

/** The literal pieces around each `{}`; their number is one more than that of the placeholders. */
function splitTemplate(template: string): string[] {
  const pieces: string[] = []
  let piece = ''
  let from = 0
  for (const { index, 0: mark } of template.matchAll(MARKS)) {
    piece += template.slice(from, index)
    from = index + mark.length
    if (mark.startsWith('\\')) piece += mark.charAt(1)
    else if (mark === '{') refuse("matching '}' not found for '{'")
    else if (mark === '}') refuse("matching '{' not found for '}'")
    else {
      pieces.push(piece)
      piece = ''
    }
  }
  pieces.push(piece + template.slice(from))
  return pieces
}

/** A placeholder, an escaped character, or a brace that stands alone. */
const MARKS = /\\[\\{}']|\{\}|[{}]/g

export const stringSplit: IntrinsicFunction = {
  argsMin: 2,
  argsMax: 2,
  call(args) {
    const text = stringArg(args, 0)
    const delimiters = new Set(stringArg(args, 1))
    const parts: string[] = []
    let part = ''
    for (const char of text) {
      if (!delimiters.has(char)) part += char
      else if (part !== '') {
        parts.push(part)
        part = ''
      }
    }
    if (part !== '') parts.push(part)
    return parts
  },
}
