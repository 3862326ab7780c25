/**
 * A graph in Graphviz's language. A state that holds others is a cluster with a point in it, which edges to and from the state
 * end at, cut off at the cluster's border.
 * Source: Graphviz documentation, "DOT Language", `compound`, `lhead`.
 */
import type { Graph, GraphEdge, GraphNode } from '../asl/graph.ts'

import { type Block, blocksOf, shownLabel } from './parts.ts'

export function dotOf(graph: Graph): string {
  const ids = new Map(graph.nodes.map(({ id }, index) => [id, `s${index}`]))
  const writing = new Writing(blocksOf(graph), (place) => ids.get(place) ?? place)
  return [
    'digraph workflow {',
    '  compound=true',
    '  node [shape=box style=rounded fontname="Helvetica"]',
    '  edge [fontname="Helvetica" fontsize=10]',
    ...writing.block('', '  '),
    '}',
    '',
  ].join('\n')
}

class Writing {
  readonly #blocks: ReadonlyMap<string, Block>
  readonly #id: (place: string) => string
  readonly #containers = new Set<string>()

  constructor(blocks: ReadonlyMap<string, Block>, id: (place: string) => string) {
    this.#blocks = blocks
    this.#id = id
  }

  block(place: string, indent: string): string[] {
    const { nodes, edges } = this.#blocks.get(place) ?? { nodes: [], edges: [] }
    return [...nodes.flatMap((node) => this.#node(node, indent)), ...edges.map((edge) => `${indent}${this.#edge(edge)}`)]
  }

  #node(node: GraphNode, indent: string): string[] {
    const id = this.#id(node.id)
    const inner = node.blocks.filter((block) => (this.#blocks.get(block)?.nodes.length ?? 0) > 0)
    if (inner.length === 0) return [`${indent}${id} [label=${quoted(node.name)}${shapeOf(node)}]`]
    this.#containers.add(node.id)
    return [
      `${indent}subgraph cluster_${id} {`,
      `${indent}  label=${quoted(node.name)}`,
      `${indent}  ${id} [shape=point style=invis]`,
      ...inner.flatMap((block) => this.block(block, `${indent}  `)),
      `${indent}}`,
    ]
  }

  #edge({ from, to, kind, label }: GraphEdge): string {
    const attributes = [
      ...(label === undefined || label === '' ? [] : [`label=${quoted(shownLabel(label))}`]),
      ...(kind === 'catch' ? ['style=dashed'] : []),
      ...(this.#containers.has(from) ? [`ltail=cluster_${this.#id(from)}`] : []),
      ...(this.#containers.has(to) ? [`lhead=cluster_${this.#id(to)}`] : []),
    ]
    return `${this.#id(from)} -> ${this.#id(to)}${attributes.length === 0 ? '' : ` [${attributes.join(' ')}]`}`
  }
}

const shapeOf = ({ kind, type }: GraphNode): string =>
  kind !== 'state' ? ' shape=oval' : type === 'Choice' ? ' shape=diamond style=solid' : ''

/** A quoted text knows one escape, of the quote; a backslash would begin those of labels (`\n`). */
const quoted = (text: string): string =>
  `"${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll(/[\u0000-\u001f\u007f]/g, ' ')}"`
