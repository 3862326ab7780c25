/**
 * What is offered where the cursor is, spelled so that the text stays whole whatever is taken: within quotes no second pair,
 * within `{% %}` an expression's words alone, and what is replaced reaches to the end of the value that stands there.
 */
import { stringify } from 'yaml'

import { Document } from '../../../src/asl/document/document.ts'
import { placeOf, type Range, type ScalarNode } from '../../../src/source/tree.ts'
import type { LocalKind } from './call-arguments.ts'
import { type Candidate, type Candidates, candidatesAt, wordsOfExpression } from './candidates.ts'

export interface Offer {
  readonly label: string
  readonly kind: Candidate['kind']
  /** Takes the place of the range. */
  readonly text: string
}

export interface Offers extends Range {
  readonly options: readonly Offer[]
  /** Of these the names that are here come first, spelled by `quote`. */
  readonly locals: LocalKind | undefined
  readonly quote: Quote
}

/** How a value is spelled at the place. */
export type Quote = 'within double quotes' | 'within single quotes' | 'JSON' | 'YAML'

/** Undefined where nothing can be offered. */
export function offersAt(document: Document, offset: number): Offers | undefined {
  const { source, text } = document
  const { path, name } = document.cursorAt(offset)
  if (source.notation === 'YAML' && name !== undefined) {
    if (isComment(text, offset)) return undefined
    if (isBlankLine(text, offset)) return keysAt(document, offset, candidatesAt(withName(text, offset), offset + 1))
  }
  if (name !== undefined) return isBeside(text, offset) ? undefined : keysAt(document, offset, candidatesAt(document, offset))
  const node = placeOf(source.root, path)?.node
  if (node?.kind === 'scalar') return valuesOf(document, offset, node)
  if (node && node.to > node.from) return undefined
  const { from } = wordBefore(text, offset)
  return valuesAt(document, offset, { from, to: offset }, source.notation)
}

/** Behind a mark that is not within quotes. */
const isComment = (text: string, offset: number): boolean =>
  /(?:^|\s)#/.test(outsideStrings(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)))

const isBlankLine = (text: string, offset: number): boolean =>
  /(?:^|\n)[ \t]*$/.test(text.slice(0, offset)) && /^[ \t]*(?:\r?\n|$)/.test(text.slice(offset))

/** Whose member an empty line of YAML may hold shows when there is one. */
const withName = (text: string, offset: number): Document =>
  Document.parse(`${text.slice(0, offset)}_: ${text.slice(offset)}`, 'YAML')

/** Right behind what closes, or before what opens an object or a list: nothing may be written there. */
const isBeside = (text: string, offset: number): boolean =>
  /[}\]]/.test(text.charAt(offset - 1)) || /[{[]/.test(text.charAt(offset))

function keysAt({ text, source }: Document, offset: number, { options, locals }: Candidates): Offers {
  const isJson = source.notation === 'JSON'
  const quoted = quotesAround(text, offset)
  if (quoted) {
    const quote = 'within double quotes'
    return { ...quoted, locals, quote, options: options.map((one) => offer(one, spell(one.label, quote))) }
  }
  const { from } = wordBefore(text, offset)
  // A member that is put behind another one begins with its comma.
  const before = text.slice(0, from).trimEnd().at(-1) ?? ''
  const comma = isJson && !'{,['.includes(before) ? ', ' : ''
  const indent = /[ \t]*$/.exec(text.slice(text.lastIndexOf('\n', from - 1) + 1, from))?.[0] ?? ''
  const member = ({ label, insert }: Candidate): string => {
    if (insert === undefined) return isJson ? `${comma}${JSON.stringify(label)}: ` : `${label}: `
    const whole = isJson
      ? `${comma}${JSON.stringify(label)}: ${JSON.stringify(insert, null, 2)}`
      : stringify({ [label]: insert }).trimEnd()
    return whole.replaceAll('\n', `\n${indent}`)
  }
  return { from, to: offset, locals, quote: source.notation, options: options.map((one) => offer(one, member(one))) }
}

/** Of a name in double quotes around the offset: what stands between them. A line's end closes them, too. */
function quotesAround(text: string, offset: number): Range | undefined {
  const lineFrom = text.lastIndexOf('\n', offset - 1) + 1
  const before = /"((?:[^"\\]|\\.)*)$/.exec(outsideStrings(text.slice(lineFrom, offset)))
  if (!before) return undefined
  const from = offset - (before[1]?.length ?? 0)
  const rest = /^(?:[^"\\\n]|\\.)*/.exec(text.slice(offset))?.[0] ?? ''
  // Without the closing quote, the rest of the line is not the name's.
  return { from, to: text[offset + rest.length] === '"' ? offset + rest.length : offset }
}

/** Whole strings of the line are blanked out: a quote that is left opens one. */
const outsideStrings = (line: string): string => line.replaceAll(/"(?:[^"\\]|\\.)*"/g, (whole) => ' '.repeat(whole.length))

function valuesOf(document: Document, offset: number, node: ScalarNode): Offers | undefined {
  const { text, source } = document
  const written = text.slice(node.from, node.to)
  const mark = /^["']/.exec(written)?.[0]
  const isClosed = mark !== undefined && written.length > 1 && written.endsWith(mark)
  if (mark !== undefined && (offset === node.from || (isClosed && offset === node.to))) return undefined
  const expression = expressionAt(text.slice(node.from, offset))
  if (expression !== undefined) {
    const rest = /^[\w.]*/.exec(text.slice(offset, node.to))?.[0] ?? ''
    const options = wordsOfExpression(document).map((one) => offer(one, one.label))
    const quote = quoteOf(mark, source.notation)
    return { from: offset - expression.length, to: offset + rest.length, options, locals: undefined, quote }
  }
  if (mark === undefined) {
    // Room for a value, or for more of the line.
    const isEmpty = written.trim() === ''
    const range = isEmpty
      ? { from: wordBefore(text, offset).from, to: offset }
      : { from: node.from, to: Math.max(node.to, offset) }
    return valuesAt(document, offset, range, source.notation)
  }
  return valuesAt(document, offset, { from: node.from + 1, to: isClosed ? node.to - 1 : offset }, quoteOf(mark, source.notation))
}

function valuesAt(document: Document, offset: number, range: Range, quote: Quote): Offers {
  const { options, locals } = candidatesAt(document, offset)
  return { ...range, locals, quote, options: options.map((one) => offer(one, spell(one.label, quote))) }
}

/** The word before the cursor, where that stands within an expression that is not closed. */
function expressionAt(before: string): string | undefined {
  if (before.lastIndexOf('{%') <= before.lastIndexOf('%}')) return undefined
  return /[$\w.]*$/.exec(before.slice(before.lastIndexOf('{%') + 2))?.[0] ?? ''
}

const quoteOf = (mark: string | undefined, notation: 'JSON' | 'YAML'): Quote =>
  mark === undefined ? notation : mark === '"' ? 'within double quotes' : 'within single quotes'

export function spell(value: string, quote: Quote): string {
  switch (quote) {
    case 'within double quotes':
      return JSON.stringify(value).slice(1, -1)
    case 'within single quotes':
      return value.replaceAll("'", "''")
    case 'JSON':
      return JSON.stringify(value)
    case 'YAML':
      return stringify(value).trimEnd()
  }
}

function wordBefore(text: string, offset: number): Range {
  const word = /[\w.$-]*$/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset))?.[0] ?? ''
  return { from: offset - word.length, to: offset }
}

const offer = ({ label, kind }: Candidate, text: string): Offer => ({ label, kind, text })
