/**
 * A JSON text as the lines that one reads: what folds, what a search finds, and where a line stands. Numbers are written as they
 * are in the text.
 */
import { spell } from '../../../src/source/print-json.ts'
import type { SourceNode } from '../../../src/source/tree.ts'
import { treeOf } from './json-text.ts'

export interface JsonLine {
  readonly depth: number
  /** With its quotes. */
  readonly name: string | undefined
  readonly kind: 'text' | 'number' | 'word' | 'open' | 'close'
  /** A value, or a bracket. */
  readonly text: string
  readonly hasComma: boolean
  /** Of an opening bracket: the line that closes it. */
  readonly end: number | undefined
  /** Of an opening bracket: what it holds. */
  readonly count: number
  readonly path: Path
}

/** A chain, so that deep documents cost no long texts: shown by `pathText`. */
export interface Path {
  readonly key: string | number | undefined
  readonly around: Path | undefined
}

/** Undefined: the text is no JSON. */
export function jsonLines(text: string): readonly JsonLine[] | undefined {
  const root = treeOf(text)
  if (!root) return undefined
  const lines: JsonLine[] = []
  const add = (node: SourceNode, place: Place): void => {
    const { name, depth, path, hasComma } = place
    if (node.kind === 'scalar') {
      lines.push({ ...place, name, kind: kindOf(node.value), text: spell(node, text), end: undefined, count: 0 })
      return
    }
    const isList = node.kind === 'array'
    const inner = isList ? node.items.map((value) => ({ name: undefined, value })) : node.members
    if (inner.length === 0) {
      lines.push({ ...place, kind: 'word', text: isList ? '[]' : '{}', end: undefined, count: 0 })
      return
    }
    const at = lines.length
    const open = { ...place, kind: 'open', text: isList ? '[' : '{', hasComma: false, count: inner.length } as const
    lines.push({ ...open, end: undefined })
    for (const [index, member] of inner.entries())
      add(member.value, {
        name: member.name === undefined ? undefined : JSON.stringify(member.name),
        depth: depth + 1,
        path: { key: member.name ?? index, around: path },
        hasComma: index + 1 < inner.length,
      })
    lines[at] = { ...open, end: lines.length }
    lines.push({ name: undefined, depth, path, hasComma, kind: 'close', text: isList ? ']' : '}', end: undefined, count: 0 })
  }
  add(root, { name: undefined, depth: 0, path: { key: undefined, around: undefined }, hasComma: false })
  return lines
}

type Place = Pick<JsonLine, 'name' | 'depth' | 'path' | 'hasComma'>

function kindOf(value: unknown): 'text' | 'number' | 'word' {
  if (typeof value === 'string') return 'text'
  return typeof value === 'number' ? 'number' : 'word'
}

/** The lines that are seen, in order, where some are folded. */
export function shownLines(lines: readonly JsonLine[], folded: ReadonlySet<number>): readonly number[] {
  const shown: number[] = []
  for (let at = 0; at < lines.length; at++) {
    shown.push(at)
    const end = folded.has(at) ? lines[at]?.end : undefined
    if (end !== undefined) at = end
  }
  return shown
}

/** Lines whose name or value holds the text, in any case. */
export function findLines(lines: readonly JsonLine[], wanted: string): readonly number[] {
  const text = wanted.toLowerCase()
  if (text === '') return []
  return lines.flatMap((line, index) => (`${line.name ?? ''}: ${line.text}`.toLowerCase().includes(text) ? [index] : []))
}

/** All around a line, to be opened for it to be seen. */
export const linesAround = (lines: readonly JsonLine[], at: number): readonly number[] =>
  lines.flatMap(({ end }, index) => (end !== undefined && index < at && at <= end ? [index] : []))

/** `$.orders[0].id`, as a JSONPath. */
export function pathText({ key, around }: Path): string {
  if (around === undefined) return '$'
  const outer = pathText(around)
  if (typeof key === 'number') return `${outer}[${key}]`
  return /^[A-Za-z_][\w]*$/.test(key ?? '') ? `${outer}.${key}` : `${outer}[${quoted(key ?? '')}]`
}

const quoted = (name: string): string => `'${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
