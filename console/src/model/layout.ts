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

export interface Point {
  readonly x: number
  readonly y: number
}

/** On the whole drawing. */
export interface Route {
  readonly points: readonly Point[]
  /** The middle of its label. */
  readonly label: Point | undefined
}

export interface Layout {
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly GraphEdge[]
  /** By the edge's index; empty for large graphs, whose edges find their way as curves. */
  readonly routes: ReadonlyMap<number, Route>
  readonly width: number
  readonly height: number
}

export interface BoxEdge {
  readonly id: string
  readonly sources: string[]
  readonly targets: string[]
  readonly labels?: readonly {
    readonly text: string
    readonly width: number
    readonly height: number
    readonly x?: number
    readonly y?: number
  }[]
  readonly sections?: readonly { readonly startPoint: Point; readonly bendPoints?: readonly Point[]; readonly endPoint: Point }[]
}

export interface Box {
  readonly id: string
  readonly width?: number
  readonly height?: number
  readonly x?: number
  readonly y?: number
  readonly children?: readonly Box[]
  readonly edges?: readonly BoxEdge[]
  readonly layoutOptions?: Readonly<Record<string, string>>
}

const [NAME_WIDTH_PX, KIND_WIDTH_PX] = [7.4, 6.6]
const [WIDTH_MIN, WIDTH_MAX, HEIGHT] = [140, 260, 52]
/** Edges of the box and the sign of its status; counts of visits and retries. */
const [AROUND_NAME_PX, AROUND_KIND_PX] = [52, 64]

/** Routing takes three quarters of the time; graphs with more nodes go without. */
const ROUTED_MAX = 120
const LABEL_MAX = 36
const [LABEL_CHARACTER_PX, LABEL_HEIGHT_PX] = [6, 16]

export const shownLabel = (label: string): string => (label.length > LABEL_MAX ? `${label.slice(0, LABEL_MAX - 1)}…` : label)

export function boxesOf(graph: Graph, direction: Direction): Box {
  const holder = holders(graph)
  const shown = graph.nodes.filter((node) => node.kind === 'state' || node.block === '')
  const parentOf = (node: GraphNode) => holder.get(node.block)
  const nodeById = new Map(shown.map((node) => [node.id, node]))
  const inside = Map.groupBy(shown, (node) => parentOf(node) ?? '')
  const isRouted = shown.length <= ROUTED_MAX
  const edges = visibleEdges(graph).map((edge, index) => ({ edge, index }))
  const edgesInside = Map.groupBy(edges, ({ edge }) => {
    const node = nodeById.get(edge.from)
    return (node && parentOf(node)) ?? ''
  })
  const first = new Set(graph.edges.filter(({ kind }) => kind === 'start').map(({ to }) => to))
  const contents = (id: string) => ({
    // A loop is taken apart from where one comes in.
    children: (inside.get(id) ?? []).toSorted((a, b) => Number(first.has(b.id)) - Number(first.has(a.id))).map(box),
    edges: (edgesInside.get(id) ?? []).map(({ edge: { from, to, label }, index }) => ({
      id: String(index),
      sources: [from],
      targets: [to],
      ...(isRouted && label !== undefined && { labels: [labelBox(shownLabel(label))] }),
    })),
  })
  const box = (node: GraphNode): Box =>
    inside.has(node.id)
      ? { id: node.id, ...contents(node.id), layoutOptions: { ...optionsOf(direction, 44, isRouted), ...atLeast(sizeOf(node)) } }
      : { id: node.id, ...sizeOf(node), ...(node.kind === 'start' && { layoutOptions: LAYER_OF_START }) }
  return { id: 'root', ...contents(''), layoutOptions: optionsOf(direction, 12, isRouted) }
}

const labelBox = (text: string) => ({ text, width: text.length * LABEL_CHARACTER_PX + 8, height: LABEL_HEIGHT_PX })

/** Edges between nodes that are drawn. */
function visibleEdges({ nodes, edges }: Graph): readonly GraphEdge[] {
  const shown = new Set(nodes.filter((node) => node.kind === 'state' || node.block === '').map(({ id }) => id))
  return edges.filter(({ from, to }) => shown.has(from) && shown.has(to))
}

export function placedNodes(root: Box, graph: Graph): Layout {
  const isRouted = root.layoutOptions?.['elk.edgeRouting'] === 'ORTHOGONAL'
  const byId = new Map(graph.nodes.map((node) => [node.id, node]))
  const nodes: PlacedNode[] = []
  const routes = new Map<number, Route>()
  const visit = (box: Box, parent: string | undefined, left: number, top: number) => {
    for (const edge of isRouted ? (box.edges ?? []) : []) {
      const route = routeOf(edge, left, top)
      if (route) routes.set(Number(edge.id), route)
    }
    for (const child of box.children ?? []) {
      const node = byId.get(child.id)
      if (!node) continue
      const { x = 0, y = 0, width = 0, height = 0 } = child
      nodes.push({ node, parent, x, y, width, height })
      visit(child, child.id, left + x, top + y)
    }
  }
  visit(root, undefined, 0, 0)
  return { nodes, routes, edges: visibleEdges(graph), width: root.width ?? 0, height: root.height ?? 0 }
}

function routeOf({ sections, labels }: BoxEdge, left: number, top: number): Route | undefined {
  const section = sections?.[0]
  if (!section) return undefined
  const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map((point) => moved(point, left, top))
  return { points, label: labelAt(labels, left, top) }
}

const moved = ({ x, y }: Point, left: number, top: number): Point => ({ x: x + left, y: y + top })

function labelAt(labels: BoxEdge['labels'], left: number, top: number): Point | undefined {
  const label = labels?.[0]
  return label && { x: (label.x ?? 0) + label.width / 2 + left, y: (label.y ?? 0) + label.height / 2 + top }
}

const CORNER_PX = 10

/** An SVG path along the points, its corners rounded. */
export function pathAlong(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (!first) return ''
  const pieces = rest.map((point, index) => {
    const [before, after] = [points[index] ?? point, rest[index + 1]]
    if (!after) return `L${point.x} ${point.y}`
    const [start, end] = [towards(point, before), towards(point, after)]
    return `L${start.x} ${start.y}Q${point.x} ${point.y} ${end.x} ${end.y}`
  })
  return `M${first.x} ${first.y}${pieces.join('')}`
}

/** From a corner a bit towards a neighbour, at most half the way. */
function towards(corner: Point, other: Point): Point {
  const length = Math.hypot(other.x - corner.x, other.y - corner.y)
  const share = length === 0 ? 0 : Math.min(CORNER_PX, length / 2) / length
  return { x: corner.x + (other.x - corner.x) * share, y: corner.y + (other.y - corner.y) * share }
}

/** Block to the state that holds it. */
function holders({ nodes }: Graph): ReadonlyMap<string, string> {
  return new Map(nodes.flatMap((node) => node.blocks.map((block) => [block, node.id] as const)))
}

/** Room for the name and for the line of type and resource below it. */
function sizeOf({ kind, name, type, resource = '' }: GraphNode) {
  if (kind !== 'state') return { width: 72, height: 30 }
  const wanted = Math.max(
    name.length * NAME_WIDTH_PX + AROUND_NAME_PX,
    `${type ?? ''} · ${resource}`.length * KIND_WIDTH_PX + AROUND_KIND_PX,
  )
  return { width: Math.round(Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, wanted))), height: HEIGHT }
}

const LAYER_OF_START = { 'elk.layered.layering.layerConstraint': 'FIRST' }

/** A block is never narrower than its own name. */
const atLeast = ({ width, height }: { readonly width: number; readonly height: number }) => ({
  'elk.nodeSize.constraints': 'MINIMUM_SIZE',
  'elk.nodeSize.minimum': `(${width}, ${height})`,
})

const optionsOf = (direction: Direction, top: number, isRouted: boolean) => ({
  'elk.algorithm': 'layered',
  'elk.direction': direction,
  'elk.padding': `[top=${top},left=16,bottom=16,right=16]`,
  'elk.spacing.nodeNode': '28',
  'elk.layered.spacing.nodeNodeBetweenLayers': isRouted ? '30' : '44',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.edgeRouting': isRouted ? 'ORTHOGONAL' : 'POLYLINE',
  'elk.layered.spacing.edgeNodeBetweenLayers': '18',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.layered.thoroughness': '1',
  // Branches stand side by side from their first state on, instead of being packed.
  'elk.separateConnectedComponents': 'false',
})
