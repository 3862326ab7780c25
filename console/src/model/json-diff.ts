/** What differs between two JSON texts, value by value, each with its path. Members are matched by name, items by their place. */
import { printJson, spell } from '../../../src/source/print-json.ts'
import type { SourceNode } from '../../../src/source/tree.ts'
import { pathText, type Path } from './json-lines.ts'
import { isSameJson, treeOf } from './json-text.ts'

export interface JsonDifference {
  readonly path: string
  /** JSON; undefined where there is nothing. */
  readonly left: string | undefined
  readonly right: string | undefined
}

/** The first `max`, in the order of the left text. A text that is no JSON differs as a whole. */
export function jsonDiff(left: string | undefined, right: string | undefined, max = 200): readonly JsonDifference[] {
  const [a, b] = [left === undefined ? undefined : treeOf(left), right === undefined ? undefined : treeOf(right)]
  const found: JsonDifference[] = []
  if (!a || !b) return left === right ? [] : [{ path: '$', left, right }]
  const shown = (node: SourceNode | undefined, text = '') =>
    node && (node.kind === 'scalar' ? spell(node, text) : printJson(node, text))
  const compare = (one: SourceNode | undefined, other: SourceNode | undefined, path: Path): void => {
    if (found.length >= max) return
    if (one && other && one.kind === other.kind && one.kind !== 'scalar') {
      const [inner, outer] = [partsOf(one), partsOf(other)]
      for (const key of new Set([...inner.keys(), ...outer.keys()]))
        compare(inner.get(key), outer.get(key), { key, around: path })
      return
    }
    const [before, after] = [shown(one, left), shown(other, right)]
    if (before === undefined || after === undefined || !isSameJson(before, after))
      found.push({ path: pathText(path), left: before, right: after })
  }
  compare(a, b, { key: undefined, around: undefined })
  return found
}

function partsOf(node: SourceNode): ReadonlyMap<string | number, SourceNode> {
  if (node.kind === 'array') return new Map(node.items.entries())
  return node.kind === 'object' ? new Map(node.members.map(({ name, value }) => [name, value])) : new Map()
}
