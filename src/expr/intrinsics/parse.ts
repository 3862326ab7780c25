/**
 * Reads an intrinsic call: `States.Name(arg, …)` with arguments in single quotes, numbers, true, false, null, paths and
 * calls, nested at most ten deep. In quotes only `\'`, `\{`, `\}` and `\\` are escapes; any other is refused (recorded:
 * scenarios/…-illegal-intrinsic-function).
 */
import { Cursor, SyntaxFault } from '../jsonpath/cursor.ts'
import { compilePath, type JsonPath } from '../jsonpath/path.ts'
import type { Argument, Call } from './ast.ts'
import { INTRINSIC_FUNCTIONS } from './table.ts'

export const NESTING_MAX = 10

const NAME = /States\.[A-Za-z0-9]+/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const WORD = /(?:true|false|null)(?![A-Za-z0-9_])/y

/** Reads the whole text as a call. Throws SyntaxFault. */
export function parseIntrinsic(text: string): Call {
  const cursor = new Cursor(text)
  cursor.skipBlanks()
  const call = readCall(cursor, 1)
  cursor.skipBlanks()
  if (!cursor.isAtEnd) cursor.fail(`unexpected character '${cursor.char}'`)
  return call
}

function readCall(cursor: Cursor, depth: number): Call {
  const start = cursor.at
  if (depth > NESTING_MAX) cursor.fail(`intrinsic functions nest at most ${NESTING_MAX} deep`)
  const name = cursor.match(NAME) ?? cursor.fail('expected an intrinsic function')
  const found = INTRINSIC_FUNCTIONS.get(name) ?? cursor.fail(`there is no intrinsic function ${name}`, start)
  const args = readArguments(cursor, depth)
  if (args.length < found.argsMin || args.length > found.argsMax)
    cursor.fail(`${name} does not take ${args.length} argument${args.length === 1 ? '' : 's'}`, start)
  return { type: 'call', name, function: found, args }
}

function readArguments(cursor: Cursor, depth: number): Argument[] {
  const args: Argument[] = []
  cursor.skipBlanks()
  cursor.need('(')
  cursor.skipBlanks()
  if (cursor.take(')')) return args
  for (;;) {
    args.push(readArgument(cursor, depth))
    cursor.skipBlanks()
    if (cursor.take(')')) return args
    cursor.need(',')
    cursor.skipBlanks()
  }
}

function readArgument(cursor: Cursor, depth: number): Argument {
  if (cursor.char === "'") return readString(cursor)
  if (cursor.char === '$') return { type: 'path', path: readPath(cursor) }
  const word = cursor.match(WORD)
  if (word !== undefined) return { type: 'constant', value: word === 'null' ? null : word === 'true' }
  const number = cursor.match(NUMBER)
  if (number !== undefined) return { type: 'constant', value: Number(number) }
  return readCall(cursor, depth + 1)
}

function readString(cursor: Cursor): Argument {
  const start = cursor.at++
  const from = cursor.at
  let hasEscapes = false
  while (cursor.char !== "'") {
    if (cursor.char === '') cursor.fail('the quote is not closed', start)
    if (cursor.char === '\\') {
      hasEscapes = true
      const escaped = cursor.text.charAt(cursor.at + 1)
      if (escaped === '' || !"\\'{}".includes(escaped)) cursor.fail(`'\\${escaped}' is not an escape`)
      cursor.at++
    }
    cursor.at++
  }
  const raw = cursor.text.slice(from, cursor.at)
  cursor.at++
  return { type: 'string', raw, value: hasEscapes ? raw.replace(/\\([\\'{}])/g, '$1') : raw }
}

/** A path ends at the comma or parenthesis that is not inside its own brackets, parentheses or quotes. */
function readPath(cursor: Cursor): JsonPath {
  const start = cursor.at
  const end = findPathEnd(cursor.text, start)
  const text = cursor.text.slice(start, end).trimEnd()
  const path = compilePath(text)
  if (!path.ok) throw new SyntaxFault(path.error.message, start + path.error.offset)
  cursor.at = end
  return path.value
}

function findPathEnd(text: string, start: number): number {
  let depth = 0
  let quote = ''
  for (let i = start; i < text.length; i++) {
    const char = text.charAt(i)
    if (quote !== '') {
      if (char === '\\') i++
      else if (char === quote) quote = ''
    } else if (depth > 0 && (char === "'" || char === '"')) quote = char
    else if (char === '[' || char === '(') depth++
    else if (depth > 0 && (char === ']' || char === ')')) depth--
    else if (depth === 0 && (char === ',' || char === ')')) return i
  }
  return text.length
}
