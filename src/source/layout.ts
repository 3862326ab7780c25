/**
 * How a text is laid out, so that what is put into it looks like what stands there: indentation, line ends, the marks between
 * members, quotes. One layout for braces (JSON, and YAML's flow), one for YAML's lines.
 */
import { stringify } from 'yaml'

import { isArray, isObject, type Json } from '../base/json.ts'

import type { Source } from './source.ts'
import type { Member, ObjectNode, Range, SourceNode } from './tree.ts'

/** Replaces a range of the text. Empty ranges insert. */
export interface TextEdit extends Range {
  readonly text: string
}

/** Members that go together, as first and last index. */
export interface Run {
  readonly first: number
  readonly last: number
}

/** Each gives the edit, or undefined where the layout does not let it. */
export interface Layout {
  set(node: SourceNode, value: Json): TextEdit | undefined
  rename(member: Member, name: string): TextEdit | undefined
  insert(object: ObjectNode, after: Member | undefined, name: string, value: Json): TextEdit | undefined
  remove(object: ObjectNode, run: Run): TextEdit | undefined
}

export function layoutOf(source: Source): Layout {
  const style = styleOf(source)
  return {
    set: (node, value) => setIn(style, node, value),
    rename: ({ nameRange }, name) => ({ ...nameRange, text: spell(style, name, style.text.slice(nameRange.from, nameRange.to)) }),
    insert: (object, after, name, value) => {
      if (object.members.length === 0) return fillEmpty(style, object, name, value)
      return object.isBlock ? insertLines(style, object, after, name, value) : insertBetween(style, object, after, name, value)
    },
    remove: (object, run) => (object.isBlock ? removeLines(style, object, run) : removeBetween(object, run)),
  }
}

interface Style {
  readonly text: string
  readonly isYaml: boolean
  /** Of one level. */
  readonly indent: string
  readonly lineEnd: string
  readonly isOnOneLine: boolean
}

function styleOf({ text, notation, root }: Source): Style {
  const first = root?.kind === 'object' ? root.members[0] : undefined
  const inner = first?.value.kind === 'object' ? first.value.members[0] : undefined
  const outer = root?.kind === 'object' && !root.isBlock ? first : (innerMember(root) ?? inner)
  const written = outer && /^[ \t]+$/.exec(text.slice(lineStart(text, outer.nameRange.from), outer.nameRange.from))?.[0]
  return {
    text,
    isYaml: notation === 'YAML',
    indent: written ?? '  ',
    lineEnd: text.includes('\r\n') ? '\r\n' : '\n',
    isOnOneLine: !text.trim().includes('\n'),
  }
}

/** The first member one level down. */
function innerMember(root: SourceNode | undefined): Member | undefined {
  if (root?.kind !== 'object') return undefined
  for (const { value } of root.members) if (value.kind === 'object' && value.isBlock) return value.members[0]
  return undefined
}

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1

/** Behind the line's end; the text's own end where the line has none. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end + 1
}

/** Space at the beginning of the line. */
const indentAt = (text: string, at: number): string => /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? ''

function setIn(style: Style, node: SourceNode, value: Json): TextEdit | undefined {
  const { from, to } = node
  if (node.kind !== 'scalar' && node.isBlock) return undefined
  const written = style.text.slice(from, to)
  const text = typeof value === 'string' ? spell(style, value, written) : JSON.stringify(value)
  // `Next:` without a value.
  if (from === to) return { from, to, text: ` ${text}` }
  // A text in lines of its own (`|`) ends with the last one's end, which stays.
  return { from, to: to - (/\r?\n$/.exec(written)?.[0].length ?? 0), text }
}

/** What needs no quotes in YAML, within braces neither, and is no word of another type. */
const PLAIN = /^[\p{L}_](?:[\p{L}\p{N}_. -]*[\p{L}\p{N}_.-])?$/u
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n)$/i

/** A string in the quotes of the one in whose place it stands. */
function spell({ isYaml }: Style, value: string, like: string): string {
  if (!isYaml || like.startsWith('"')) return JSON.stringify(value)
  if (like.startsWith("'") && !/[\p{Cc}\p{Cs}]/u.test(value)) return `'${value.replaceAll("'", "''")}'`
  return PLAIN.test(value) && !WORDS.test(value) ? value : JSON.stringify(value)
}

/** Between braces: `, "name": value`, with the marks and the space that stand between the others. */
function insertBetween(
  style: Style,
  object: ObjectNode,
  after: Member | undefined,
  name: string,
  value: Json,
): TextEdit | undefined {
  const { members } = object
  const [first] = members
  if (!first) return undefined
  const separator = separatorOf(style, object)
  const like = style.text.slice(first.nameRange.from, first.nameRange.to)
  const colon = colonOf(style, first)
  const indent = /\n([ \t]*)/.exec(separator)?.[1]
  const member = spell(style, name, like) + colon + flow(style, value, indent, colon.includes(' '))
  if (!after) return { from: first.nameRange.from, to: first.nameRange.from, text: member + separator }
  return { from: after.value.to, to: after.value.to, text: separator + member }
}

function separatorOf({ text }: Style, { from, members }: ObjectNode): string {
  const [first, second] = members
  if (!first) return ', '
  if (!second) {
    const inner = text.slice(from + 1, first.nameRange.from)
    if (inner.includes('\n')) return `,${inner}`
    return /\s/.test(text.slice(first.nameRange.to, first.value.from)) ? ', ' : ','
  }
  const between = text.slice(first.value.to, second.nameRange.from)
  return between.trim() === ',' ? between : ', '
}

function colonOf({ text }: Style, { nameRange, value }: Member): string {
  const between = text.slice(nameRange.to, value.from)
  return /^[ \t]*:[ \t]*$/.test(between) ? between : ': '
}

/** A value in braces: over several lines where `indent`, that of its member, is given. */
function flow({ indent: unit, lineEnd }: Style, value: Json, indent: string | undefined, isSpaced: boolean): string {
  if (indent !== undefined) return JSON.stringify(value, null, unit).replaceAll('\n', lineEnd + indent)
  return isSpaced ? spaced(value) : JSON.stringify(value)
}

function spaced(value: Json): string {
  if (isArray(value)) return `[${value.map(spaced).join(', ')}]`
  if (!isObject(value)) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, member]) => `${JSON.stringify(name)}: ${spaced(member)}`)
    .join(', ')}}`
}

function removeBetween({ from, to, members }: ObjectNode, { first, last }: Run): TextEdit | undefined {
  const before = members[first - 1]
  if (before) return { from: before.value.to, to: members[last]?.value.to ?? to, text: '' }
  const after = members[last + 1]
  return { from: members[first]?.nameRange.from ?? from, to: after?.nameRange.from ?? members[last]?.value.to ?? to, text: '' }
}

/** `{}`, in YAML too: there its first member opens a block. */
function fillEmpty(style: Style, { from, to }: ObjectNode, name: string, value: Json): TextEdit {
  const { text, lineEnd, indent: unit, isYaml, isOnOneLine } = style
  const around = indentAt(text, from)
  const indent = around + unit
  if (isYaml) {
    const before = text.slice(0, from).trimEnd().length
    return { from: before, to, text: lineEnd + indented(block(style, name, value), indent, lineEnd) }
  }
  const spelled = JSON.stringify(name)
  if (isOnOneLine) {
    const isSpaced = /":\s/.test(text)
    return { from, to, text: `{${spelled}:${isSpaced ? ' ' : ''}${flow(style, value, undefined, isSpaced)}}` }
  }
  return { from, to, text: `{${lineEnd}${indent}${spelled}: ${flow(style, value, indent, true)}${lineEnd}${around}}` }
}

/** A member in YAML's lines, from the first column, without its last line's end. */
const block = ({ indent }: Style, name: string, value: Json): string =>
  stringify({ [name]: value }, { indent: Math.max(2, indent.length), lineWidth: 0, aliasDuplicateObjects: false }).replace(
    /\n$/,
    '',
  )

const indented = (lines: string, indent: string, lineEnd: string): string =>
  lines
    .split('\n')
    .map((line) => (line === '' ? line : indent + line))
    .join(lineEnd)

function insertLines(
  style: Style,
  { members }: ObjectNode,
  after: Member | undefined,
  name: string,
  value: Json,
): TextEdit | undefined {
  const { text, lineEnd: end } = style
  const [first] = members
  if (!first) return undefined
  const { from } = first.nameRange
  const indent = ' '.repeat(from - lineStart(text, from))
  const lines = indented(block(style, name, value), indent, end)
  if (after) {
    const at = endOfLines(text, after)
    return text[at - 1] === '\n' ? { from: at, to: at, text: lines + end } : { from: at, to: at, text: end + lines }
  }
  // In an item of a list, `- name: value`, the first stands behind the dash.
  if (text.slice(lineStart(text, from), from).trim() !== '') return { from, to: from, text: lines.trimStart() + end + indent }
  const at = aboveComments(text, lineStart(text, from))
  return { from: at, to: at, text: lines + end }
}

/** Comments right above a member are its own. */
function aboveComments(text: string, at: number): number {
  const above = lineStart(text, at - 1)
  return at > 0 && /^[ \t]*#/.test(text.slice(above, at)) ? aboveComments(text, above) : at
}

/** Behind the last line of a member, a comment on it included. */
function endOfLines(text: string, { nameRange, value }: Member): number {
  const at = Math.max(nameRange.to, contentEnd(value))
  return text[at - 1] === '\n' ? at : lineEnd(text, at)
}

/** A block's own range goes on to what follows. */
function contentEnd(node: SourceNode): number {
  if (node.kind === 'scalar' || !node.isBlock) return node.to
  const last = node.kind === 'array' ? node.items.at(-1) : node.members.at(-1)?.value
  return last ? contentEnd(last) : node.to
}

function removeLines({ text }: Style, { members }: ObjectNode, { first, last }: Run): TextEdit | undefined {
  const [begin, end, next] = [members[first], members[last], members[last + 1]]
  if (!begin || !end) return undefined
  const from = lineStart(text, begin.nameRange.from)
  if (text.slice(from, begin.nameRange.from).trim() !== '')
    return next && { from: begin.nameRange.from, to: next.nameRange.from, text: '' }
  const to = endOfLines(text, end)
  // The last line of a text that does not end one leaves none behind.
  const isOpen = to === text.length && !text.endsWith('\n')
  return { from: isOpen ? text.slice(0, from).replace(/\r?\n$/, '').length : from, to, text: '' }
}
