/**
 * Where a JSON pointer stands in a JSON or YAML text, and the lines around it with a caret. YAML's reader serves both,
 * because JSON is YAML; a pointer to something that is missing gives the place of what it is missing from.
 */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'

import { printable, shorten } from './terminal.ts'

/** Both from 1. */
export interface SourcePosition {
  readonly line: number
  readonly column: number
}

export type Locate = (pointer: string) => SourcePosition | undefined

/** Reads the text once, for any number of pointers. */
export function locatorOf(text: string): Locate {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' })
  return (pointer) => {
    let node: unknown = document.contents
    let offset = startOf(node)
    for (const key of pointerKeys(pointer)) {
      const [found, keyNode] = member(node, key)
      if (found === undefined) break
      node = found
      offset = startOf(keyNode) ?? startOf(found) ?? offset
    }
    if (offset === undefined) return undefined
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
}

/** `/States/A~1b` gives `States`, `A/b`. */
const pointerKeys = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

function member(node: unknown, key: string): [node?: unknown, key?: unknown] {
  if (isMap(node)) {
    const pair = node.items.find((item) => (isScalar(item.key) ? String(item.key.value) : undefined) === key)
    return pair === undefined ? [] : [pair.value ?? pair.key, pair.key]
  }
  if (isSeq(node) && /^\d+$/.test(key)) return [node.items[Number(key)]]
  return []
}

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0]

/** The line before, the line itself, and a caret under the column. */
export function excerpt(text: string, { line, column }: SourcePosition, columns = 120): string[] {
  const all = text.split(/\r?\n/)
  const width = String(line).length
  const shown = [line - 1, line].filter((number) => number >= 1 && number <= all.length)
  const numbered = shown.map((number) => {
    const content = printable((all[number - 1] ?? '').replaceAll('\t', ' '))
    return `  ${String(number).padStart(width)} | ${shorten(content, columns)}`
  })
  return column > columns ? numbered : [...numbered, `  ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`]
}
