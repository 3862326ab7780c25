/**
 * JSON as it comes: perhaps it is none. Shown, laid out and compared by its text: no number is read and printed again, so no digit
 * of it is lost.
 */
import { readJson } from '../../../src/source/json.ts'
import { printJson, spell } from '../../../src/source/print-json.ts'
import type { SourceNode } from '../../../src/source/tree.ts'

/** What a text holds; undefined: it is no JSON. */
export function treeOf(text: string): SourceNode | undefined {
  const { root, problem } = readJson(text)
  return problem ? undefined : root
}

/** The same on several lines; text that is no JSON as it is. */
export function indented(text: string): string {
  const root = treeOf(text)
  return root ? printJson(root, text) : text
}

/** An object of members that are texts of JSON; what is none becomes a string. */
export const objectText = (members: Iterable<readonly [name: string, text: string]>): string =>
  `{${[...members].map(([name, text]) => `${JSON.stringify(name)}:${treeOf(text) ? text : JSON.stringify(text)}`).join(',')}}`

/** Whether two texts hold the same, whatever the order of their members and the space between them. */
export function isSameJson(a: string, b: string): boolean {
  if (a === b) return true
  const [left, right] = [treeOf(a), treeOf(b)]
  return left !== undefined && right !== undefined && canonical(left, a) === canonical(right, b)
}

function canonical(node: SourceNode, text: string): string {
  if (node.kind === 'array') return `[${node.items.map((item) => canonical(item, text)).join(',')}]`
  if (node.kind === 'scalar') return isExact(node.value) ? JSON.stringify(node.value) : spell(node, text)
  const members = new Map(node.members.map(({ name, value }) => [name, canonical(value, text)]))
  return `{${[...members]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${JSON.stringify(name)}:${value}`)
    .join(',')}}`
}

/** 1 and 1.0 are one number; of one that JavaScript cannot hold only the spelling is known. */
const isExact = (value: unknown): boolean => typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER
