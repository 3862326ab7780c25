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
    let text = ''
    for (const [i, piece] of pieces.entries()) {
      const value = i === 0 ? '' : javaText(args[i] ?? null, PRINTED_CHARS_MAX)
      if (value === undefined || text.length + value.length + piece.length > PRINTED_CHARS_MAX)
        return refuse('the text would be too long')
      text += value + piece
    }
    return text
  },
}

/** The literal pieces around each `{}`; their number is one more than that of the placeholders. */
function splitTemplate(template: string): string[] {
  const pieces: string[] = []
  let piece = ''
  for (let i = 0; i < template.length; i++) {
    const char = template.charAt(i)
    if (char === '\\' && "\\{}'".includes(template.charAt(i + 1)) && i + 1 < template.length) piece += template.charAt(++i)
    else if (char === '{') {
      if (template.charAt(i + 1) !== '}') refuse("matching '}' not found for '{'")
      i++
      pieces.push(piece)
      piece = ''
    } else if (char === '}') refuse("matching '{' not found for '}'")
    else piece += char
  }
  pieces.push(piece)
  return pieces
}

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
