/**
 * The graph of a definition as the layout engine wants it, and back: states with blocks hold their blocks' states. Start and end
 * are drawn of the machine alone; within a container they would only be noise.
 */
import type { Graph, GraphEdge, GraphNode } from '../../../src/asl/graph.ts'

export type Direction = 'DOWN' | 'RIGHT'

export interface PlacedNode {
  readonly node: GraphNode
  readonly parent: string | undefined
  /** Relative to the parent. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Layout {
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly GraphEdge[]
  readonly width: number
  readonly height: number
}

export interface Box {
  readonly id: string
  readonly width?: number
  readonly height?: number
  readonly x?: number
  readonly y?: number
  readonly children?: readonly Box[]
  readonly edges?: readonly { readonly id: string; readonly sources: string[]; readonly targets: string[] }[]
  readonly layoutOptions?: Readonly<Record<string, string>>
}

const NAME_WIDTH_PX = 7.4
const [WIDTH_MIN, WIDTH_MAX, HEIGHT] = [140, 260, 52]

export function boxesOf(graph: Graph, direction: Direction): Box {
  const holder = holders(graph)
  const shown = graph.nodes.filter((node) => node.kind === 'state' || node.block === '')
  const parentOf = (node: GraphNode) => holder.get(node.block)
  const nodeById = new Map(shown.map((node) => [node.id, node]))
  const inside = Map.groupBy(shown, (node) => parentOf(node) ?? '')
  const edgesInside = Map.groupBy(visibleEdges(graph), (edge) => {
    const node = nodeById.get(edge.from)
    return (node && parentOf(node)) ?? ''
  })
  const contents = (id: string) => ({
    children: (inside.get(id) ?? []).map(box),
    edges: (edgesInside.get(id) ?? []).map((edge, index) => ({ id: `${id}!${index}`, sources: [edge.from], targets: [edge.to] })),
  })
  const box = (node: GraphNode): Box =>
    inside.has(node.id)
      ? { id: node.id, ...contents(node.id), layoutOptions: optionsOf(direction, 44) }
      : { id: node.id, ...sizeOf(node) }
  return { id: 'root', ...contents(''), layoutOptions: optionsOf(direction, 12) }
}

/** Edges between nodes that are drawn. */
export function visibleEdges({ nodes, edges }: Graph): readonly GraphEdge[] {
  const shown = new Set(nodes.filter((node) => node.kind === 'state' || node.block === '').map(({ id }) => id))
  return edges.filter(({ from, to }) => shown.has(from) && shown.has(to))
}

export function placedNodes(root: Box, graph: Graph): Layout {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]))
  const nodes: PlacedNode[] = []
  const visit = (box: Box, parent: string | undefined) => {
    for (const child of box.children ?? []) {
      const node = byId.get(child.id)
      if (!node) continue
      const { x = 0, y = 0, width = 0, height = 0 } = child
      nodes.push({ node, parent, x, y, width, height })
      visit(child, child.id)
    }
  }
  visit(root, undefined)
  return { nodes, edges: visibleEdges(graph), width: root.width ?? 0, height: root.height ?? 0 }
}

/** Block to the state that holds it. */
function holders({ nodes }: Graph): ReadonlyMap<string, string> {
  return new Map(nodes.flatMap((node) => node.blocks.map((block) => [block, node.id] as const)))
}

function sizeOf({ kind, name }: GraphNode) {
  if (kind !== 'state') return { width: 72, height: 30 }
  return { width: Math.round(Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, name.length * NAME_WIDTH_PX + 52))), height: HEIGHT }
}

const optionsOf = (direction: Direction, top: number) => ({
  'elk.algorithm': 'layered',
  'elk.direction': direction,
  'elk.padding': `[top=${top},left=16,bottom=16,right=16]`,
  'elk.spacing.nodeNode': '28',
  'elk.layered.spacing.nodeNodeBetweenLayers': '44',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.thoroughness': '3',
  // Branches stand side by side from their first state on, instead of being packed.
  'elk.separateConnectedComponents': 'false',
})
