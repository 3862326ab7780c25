/** A graph by its blocks. Start and end are drawn of the machine alone: within a container they would only be noise. */
import type { Graph, GraphEdge, GraphNode } from '../asl/graph.ts'

export interface Block {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** Where it begins. */
  readonly first: string | undefined
}

/** By the block's place; the machine itself is ''. */
export function blocksOf({ nodes, edges }: Graph): ReadonlyMap<string, Block> {
  const isShown = ({ kind, block }: GraphNode) => kind === 'state' || block === ''
  const blockOf = new Map(nodes.filter(isShown).map(({ id, block }) => [id, block]))
  const nodesIn = Map.groupBy(nodes, ({ block }) => block)
  const edgesIn = Map.groupBy(edges, ({ from, to }) => (blockOf.has(to) ? blockOf.get(from) : undefined))
  const firstIn = new Map(edges.filter(({ kind }) => kind === 'start').map(({ from, to }) => [from, to]))
  return new Map(
    [...nodesIn].map(([block, all]) => [
      block,
      { nodes: all.filter(isShown), edges: edgesIn.get(block) ?? [], first: firstIn.get(`${block}#start`) },
    ]),
  )
}

const LABEL_MAX = 36

export const shownLabel = (label: string): string => shortened(label, LABEL_MAX)

export const shortened = (text: string, characters: number): string =>
  text.length > characters ? `${text.slice(0, characters - 1)}…` : text
