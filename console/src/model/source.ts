/**
 * A definition's text, JSON or YAML, and where things stand in it. YAML's reader serves both, because JSON is YAML. A place that is
 * missing is where it is missing from.
 */
import { isMap, isScalar, isSeq, type Node, parse, parseDocument } from 'yaml'

export type Notation = 'JSON' | 'YAML'

export const notationOf = (text: string): Notation => (/^\s*[{[]/.test(text) || text.trim() === '' ? 'JSON' : 'YAML')

/** The definition as JSON text; JSON is left as it is, faults and all. Throws what YAML's reader finds wrong. */
export const jsonOf = (text: string): string =>
  notationOf(text) === 'JSON' ? text : JSON.stringify(parse(text, { maxAliasCount: 100 }), null, 2)

export interface Span {
  readonly from: number
  readonly to: number
}

/** `location` as AWS names places: `/States/A/Choices[0]/Next`. */
export function spanOf(text: string, location: string): Span {
  let node: unknown = parseDocument(text, { prettyErrors: false, logLevel: 'silent' }).contents
  let span: Span = { from: 0, to: Math.min(1, text.length) }
  for (const key of keysOf(location)) {
    const [found, place] = member(node, key)
    if (found === undefined) break
    node = found
    span = rangeOf(place) ?? span
  }
  return span
}

/** The innermost state around an offset. */
export function stateAt(text: string, offset: number): string | undefined {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' })
  let found: string | undefined
  const visit = (node: unknown, isStates: boolean) => {
    if (isSeq(node)) for (const item of node.items) if (holds(item, offset)) visit(item, false)
    if (!isMap(node)) return
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : ''
      if (!holds(value, offset) && !holds(key, offset)) continue
      if (isStates) found = name
      visit(value, name === 'States')
    }
  }
  visit(document.contents, false)
  return found
}

/** Where a state's name stands as a key. */
export function spanOfState(text: string, state: string): Span | undefined {
  let found: Span | undefined
  const visit = (node: unknown, isStates: boolean): void => {
    if (isSeq(node)) for (const item of node.items) visit(item, false)
    if (!isMap(node)) return
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : ''
      if (isStates && name === state) found ??= rangeOf(key)
      visit(value, name === 'States')
    }
  }
  visit(parseDocument(text, { prettyErrors: false, logLevel: 'silent' }).contents, false)
  return found
}

const keysOf = (location: string): string[] =>
  location
    .replaceAll(/\[(\d+)\]/g, '/$1')
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

function member(node: unknown, key: string): [found?: unknown, place?: unknown] {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
    return pair === undefined ? [] : [pair.value ?? pair.key, pair.key]
  }
  const item = isSeq(node) ? node.items[Number(key)] : undefined
  return item === undefined ? [] : [item, item]
}

function rangeOf(node: unknown): Span | undefined {
  const range = (node as Node | null | undefined)?.range
  return range ? { from: range[0], to: range[1] } : undefined
}

function holds(node: unknown, offset: number): boolean {
  const span = rangeOf(node)
  return span !== undefined && span.from <= offset && offset <= span.to
}
