/**
 * JSON laid out anew from the tree of a text: numbers as they are written there, members in their order and as often as they stand.
 * Without YAML, so that a page that only shows JSON loads no more.
 */
import type { ScalarNode, SourceNode } from './tree.ts'

/** `text` is what the node was read from; `indent` begins each line. */
export function printJson(node: SourceNode, text: string, indent = '\n'): string {
  if (node.kind === 'scalar') return spell(node, text)
  const deeper = `${indent}  `
  const parts =
    node.kind === 'array'
      ? node.items.map((item) => printJson(item, text, deeper))
      : node.members.map(({ name, value }) => `${JSON.stringify(name)}: ${printJson(value, text, deeper)}`)
  const [open, close] = node.kind === 'array' ? '[]' : '{}'
  return parts.length === 0 ? `${open}${close}` : `${open}${deeper}${parts.join(`,${deeper}`)}${indent}${close}`
}

/** As it stands in a JSON text: a number as it is written, where that is JSON; else as JavaScript has it. */
export function spell({ value, from, to }: ScalarNode, text: string): string {
  if (typeof value !== 'number') return JSON.stringify(value)
  const written = text.slice(from, to)
  return JSON_NUMBER.test(written) ? written : JSON.stringify(value)
}

export const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
