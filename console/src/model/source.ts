/**
 * A definition's text, JSON or YAML, and where things stand in it. YAML's reader serves both, because JSON is YAML, and reads on
 * past faults. Read once for any number of questions.
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

export type Key = string | number

export interface Place {
  /** To the value that it stands in, `['States', 'A', 'Retry', 0, 'ErrorEquals']`; where a name is to be, to its object. */
  readonly path: readonly Key[]
  /** Where a name is to be: the name that stands there, or an empty text. */
  readonly key: string | undefined
}

export interface Source {
  /** `location` as AWS names places, `/States/A/Choices[0]/Next`. What is missing is where it is missing from. */
  spanOf(location: string): Span
  /** Where a state's name stands as a key. */
  spanOfState(state: string): Span | undefined
  /** The innermost state around an offset. */
  stateAt(offset: number): string | undefined
  placeAt(offset: number): Place
  /** As plain data; undefined where there is nothing. */
  valueAt(path: readonly Key[]): unknown
}

export function openSource(text: string): Source {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' })
  const { contents } = document
  const placeAt = (offset: number): Place => {
    const path: Key[] = []
    let found: string | undefined
    const visit = (node: unknown): void => {
      if (isSeq(node)) {
        const index = node.items.findIndex((item) => holds(item, offset))
        if (index < 0) return
        path.push(index)
        return visit(node.items[index])
      }
      if (!isMap(node)) return
      const pair = node.items.find(({ key, value }) => holds(key, offset) || holds(value, offset))
      if (!pair || holds(pair.key, offset)) {
        found = nameOf(pair?.key)
        return
      }
      path.push(nameOf(pair.key))
      visit(pair.value)
    }
    visit(contents)
    return { path, key: found }
  }
  return {
    placeAt,
    valueAt: (path) => plain(path.length === 0 ? contents : document.getIn([...path], true)),
    spanOf(location) {
      let node: unknown = contents
      let span: Span = { from: 0, to: Math.min(1, text.length) }
      for (const key of keysOf(location)) {
        const [found, place] = member(node, key)
        if (found === undefined) break
        node = found
        span = rangeOf(place) ?? span
      }
      return span
    },
    stateAt(offset) {
      const place = placeAt(offset)
      const path = place.key === undefined ? place.path : [...place.path, place.key]
      const at = path.findLastIndex((key, index) => key === 'States' && isStates(path, index) && index + 1 < path.length)
      const name = at < 0 ? undefined : path[at + 1]
      return name === undefined ? undefined : String(name)
    },
    spanOfState(state) {
      let found: Span | undefined
      const visit = (node: unknown, areStates: boolean): void => {
        if (isSeq(node)) for (const item of node.items) visit(item, false)
        if (!isMap(node) || found) return
        for (const { key, value } of node.items) {
          if (areStates && nameOf(key) === state) found ??= rangeOf(key)
          visit(value, nameOf(key) === 'States')
        }
      }
      visit(contents, false)
      return found
    },
  }
}

/** `States` of the machine, of a branch, or of a Map's processor; anything else may be called so, too. */
function isStates(path: readonly Key[], index: number): boolean {
  if (index === 0) return true
  const before = path[index - 1]
  return before === 'ItemProcessor' || before === 'Iterator' || (typeof before === 'number' && path[index - 2] === 'Branches')
}

const plain = (node: unknown): unknown => (isMap(node) || isSeq(node) || isScalar(node) ? node.toJSON() : node)

const nameOf = (key: unknown): string => (isScalar(key) ? String(key.value) : '')

const keysOf = (location: string): string[] =>
  location
    .replaceAll(/\[(\d+)\]/g, '/$1')
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

function member(node: unknown, key: string): [found?: unknown, place?: unknown] {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && nameOf(item.key) === key)
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
