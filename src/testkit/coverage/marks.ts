/** How a state and a way are marked in a picture: covered, not covered, or in part. For pages, and for the console. */
import type { Graph, GraphEdge } from '../../asl/graph.ts'

import type { Point, PointKind } from './points.ts'
import type { WorkflowCoverage } from './workflow-coverage.ts'

/** `partly`: something of it was reached, or may have been. */
export type Mark = 'covered' | 'partly' | 'missing'

/** Of a point alone. */
export function markOf(coverage: WorkflowCoverage, point: Point): Mark {
  if (coverage.isCovered(point)) return 'covered'
  return coverage.maybe(point) > 0 ? 'partly' : 'missing'
}

/** Of a state with all that it has, by its name. */
export function marksOfStates(coverage: WorkflowCoverage): ReadonlyMap<string, Mark> {
  const byState = Map.groupBy(coverage.points, ({ state }) => state)
  return new Map([...byState].map(([name, points]) => [name, markOfState(coverage, points)]))
}

function markOfState(coverage: WorkflowCoverage, [state, ...rest]: readonly Point[]): Mark {
  if (!state || !coverage.isCovered(state)) return 'missing'
  return rest.every((point) => coverage.isCovered(point)) ? 'covered' : 'partly'
}

const WAYS: ReadonlySet<PointKind> = new Set<PointKind>(['next', 'end', 'choice', 'default', 'catch'])

/** Of the edges of a graph, or of some of them in its order. */
export function marksOfEdges(coverage: WorkflowCoverage, { nodes, edges }: Graph): ReadonlyMap<GraphEdge, Mark> {
  const names = new Map(nodes.map(({ id, name }) => [id, name]))
  const states = marksOfStates(coverage)
  // A state's edges of a kind come in the order of its points of that kind.
  const ways = Map.groupBy(
    coverage.points.filter(({ kind }) => WAYS.has(kind)),
    ({ state, kind }) => keyOf(state, kind),
  )
  const passed = new Map<string, number>()
  const marks = new Map<GraphEdge, Mark>()
  for (const edge of edges) {
    const key = keyOf(names.get(edge.from) ?? '', edge.kind)
    const index = passed.get(key) ?? 0
    passed.set(key, index + 1)
    const point = ways.get(key)?.[index]
    // From the start to its state, and from a Succeed or Fail to the end, there is no other way.
    const only = states.get(names.get(edge.kind === 'start' ? edge.to : edge.from) ?? '')
    marks.set(edge, point ? markOf(coverage, point) : only === undefined || only === 'missing' ? 'missing' : 'covered')
  }
  return marks
}

const keyOf = (state: string, kind: string): string => `${kind} ${state}`
