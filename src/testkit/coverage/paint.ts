/** The graph of a definition painted with what was reached: green what was, red what was not, amber what was in part or may have been. */
import { drawGraph, type Graph, type GraphEdge, type GraphNode } from '../../asl/graph.ts'
import { type Painted, svgOf } from '../../drawing/svg.ts'

import type { Point, PointKind } from './points.ts'
import type { WorkflowCoverage } from './workflow-coverage.ts'

export type Mark = 'covered' | 'partly' | 'missing'

export const COLOURS = {
  covered: { line: '#1a7f37', fill: '#dafbe1' },
  partly: { line: '#9a6700', fill: '#fff8c5' },
  missing: { line: '#cf222e', fill: '#ffebe9' },
} as const satisfies Record<Mark, Painted>

/** Of a point alone. */
export function markOf(coverage: WorkflowCoverage, point: Point): Mark {
  if (coverage.isCovered(point)) return 'covered'
  return coverage.maybe(point) > 0 ? 'partly' : 'missing'
}

/** Of a state with all that it has: entered, and something of it not reached, is in part. */
export function markOfState(coverage: WorkflowCoverage, points: readonly Point[]): Mark {
  const [state, ...rest] = points
  if (!state || !coverage.isCovered(state)) return 'missing'
  return rest.every((point) => coverage.isCovered(point)) ? 'covered' : 'partly'
}

/** A standalone SVG. */
export function paintGraph(coverage: WorkflowCoverage): string {
  const graph = drawGraph(coverage.document)
  const byState = Map.groupBy(coverage.points, ({ state }) => state)
  const names = new Map(graph.nodes.map(({ id, name }) => [id, name]))
  const pointOfEdge = pointsOfEdges(graph, byState)
  const markOfName = (name: string | undefined): Mark => markOfState(coverage, byState.get(name ?? '') ?? [])
  return svgOf(graph, {
    ofNode: ({ kind, name }: GraphNode) => (kind === 'state' ? COLOURS[markOfName(name)] : undefined),
    ofEdge(edge: GraphEdge) {
      const point = pointOfEdge.get(edge)
      if (point) return COLOURS[markOf(coverage, point)]
      // From the start to its state, and from a Succeed or Fail to the end, there is no other way.
      const only = names.get(edge.kind === 'start' ? edge.to : edge.from)
      return COLOURS[markOfName(only) === 'missing' ? 'missing' : 'covered']
    },
  })
}

const WAYS: ReadonlySet<PointKind> = new Set<PointKind>(['next', 'end', 'choice', 'default', 'catch'])

/** A state's edges of a kind come in the order of its points of that kind. */
function pointsOfEdges(graph: Graph, byState: ReadonlyMap<string, readonly Point[]>): ReadonlyMap<GraphEdge, Point> {
  const names = new Map(graph.nodes.map(({ id, name }) => [id, name]))
  const left = new Map<string, Point[]>()
  for (const [state, points] of byState)
    for (const [kind, own] of Map.groupBy(points, (point) => point.kind))
      if (WAYS.has(kind)) left.set(keyOf(state, kind), [...own])
  const found = new Map<GraphEdge, Point>()
  for (const edge of graph.edges) {
    const point = left.get(keyOf(names.get(edge.from) ?? '', edge.kind))?.shift()
    if (point) found.set(edge, point)
  }
  return found
}

const keyOf = (state: string, kind: string): string => `${kind} ${state}`
