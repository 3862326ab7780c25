/** The graph of a definition painted with what was reached: green what was, red what was not, amber what was in part or may have been. */
import { drawGraph } from '../../asl/graph.ts'
import { type Painted, svgOf } from '../../drawing/svg.ts'

import { type Mark, marksOfEdges, marksOfStates } from './marks.ts'
import type { WorkflowCoverage } from './workflow-coverage.ts'

export const COLOURS = {
  covered: { line: '#1a7f37', fill: '#dafbe1' },
  partly: { line: '#9a6700', fill: '#fff8c5' },
  missing: { line: '#cf222e', fill: '#ffebe9' },
} as const satisfies Record<Mark, Painted>

/** A standalone SVG. */
export function paintGraph(coverage: WorkflowCoverage): string {
  const graph = drawGraph(coverage.document)
  const states = marksOfStates(coverage)
  const edges = marksOfEdges(coverage, graph)
  return svgOf(graph, {
    ofNode: ({ kind, name }) => (kind === 'state' ? COLOURS[states.get(name) ?? 'missing'] : undefined),
    ofEdge: (edge) => COLOURS[edges.get(edge) ?? 'missing'],
  })
}
