/**
 * A graph as a flowchart of Mermaid, which many readers of Markdown draw.
 * Source: Mermaid documentation, "Flowcharts" (subgraphs, entity codes in quoted texts).
 */
import type { Graph, GraphEdge, GraphNode } from '../asl/graph.ts'

import { type Block, blocksOf, shownLabel } from './parts.ts'

export function mermaidOf(graph: Graph): string {
  const ids = new Map(graph.nodes.map(({ id }, index) => [id, `s${index}`]))
  const id = (place: string) => ids.get(place) ?? place
  const blocks = blocksOf(graph)
  return ['flowchart TD', ...linesOf(blocks, '', id, '  '), ''].join('\n')
}

function linesOf(blocks: ReadonlyMap<string, Block>, place: string, id: (place: string) => string, indent: string): string[] {
  const { nodes, edges } = blocks.get(place) ?? { nodes: [], edges: [] }
  return [
    ...nodes.flatMap((node) => {
      const inner = node.blocks.filter((block) => (blocks.get(block)?.nodes.length ?? 0) > 0)
      if (inner.length === 0) return [`${indent}${id(node.id)}${shapeOf(node)}`]
      const content = inner.flatMap((block) => linesOf(blocks, block, id, `${indent}  `))
      return [`${indent}subgraph ${id(node.id)}["${quoted(node.name)}"]`, ...content, `${indent}end`]
    }),
    ...edges.map((edge) => `${indent}${id(edge.from)} ${arrowOf(edge)} ${id(edge.to)}`),
  ]
}

function shapeOf({ kind, name, type }: GraphNode): string {
  const text = `"${quoted(name)}"`
  if (kind !== 'state') return `([${text}])`
  return type === 'Choice' ? `{${text}}` : `[${text}]`
}

function arrowOf({ kind, label }: GraphEdge): string {
  const arrow = kind === 'catch' ? '-.->' : '-->'
  return label === undefined || label === '' ? arrow : `${arrow}|"${quoted(shownLabel(label))}"|`
}

/** What could end the text, or be markup or a formula in it, as an entity code. */
const quoted = (text: string): string =>
  text.replaceAll(/["#<>&;`\\|\p{C}]|\$(?=\$)|(?<=\$)\$/gu, (character) => `#${character.codePointAt(0)};`)
