/** Coverage in numbers, by kind of point. Ways from state to state count as transitions, and rules and catchers also as their own kind. */
import type { Point, PointKind } from './points.ts'
import type { WorkflowCoverage } from './workflow-coverage.ts'

export const KINDS = {
  states: ['state'],
  transitions: ['next', 'end', 'choice', 'default', 'catch'],
  choices: ['choice', 'default'],
  catches: ['catch'],
  retries: ['retried', 'exhausted'],
  maps: ['none', 'one', 'many'],
  timeouts: ['timeout'],
  heartbeats: ['heartbeat'],
} as const satisfies Record<string, readonly PointKind[]>

export type CoverageKind = keyof typeof KINDS

export interface Covered {
  readonly total: number
  readonly covered: number
  /** Not covered for certain, but may be: the histories do not tell. */
  readonly unclear: number
  /** Of all, rounded down to a tenth: 100 means every one. 100 where there are none. */
  readonly percent: number
}

/** `total`: every point once. */
export type CoverageSummary = Readonly<Record<CoverageKind | 'total', Covered>>

export function summarize(workflows: readonly WorkflowCoverage[]): CoverageSummary {
  const count = (isMeant: (point: Point) => boolean): Covered => {
    let [total, covered, unclear] = [0, 0, 0]
    for (const workflow of workflows)
      for (const point of workflow.points) {
        if (!isMeant(point)) continue
        total++
        if (workflow.isCovered(point)) covered++
        else if (workflow.maybe(point) > 0) unclear++
      }
    return { total, covered, unclear, percent: total === 0 ? 100 : Math.floor((1_000 * covered) / total) / 10 }
  }
  const of = (kind: CoverageKind) => count((point) => KINDS[kind].some((one) => one === point.kind))
  return {
    states: of('states'),
    transitions: of('transitions'),
    choices: of('choices'),
    catches: of('catches'),
    retries: of('retries'),
    maps: of('maps'),
    timeouts: of('timeouts'),
    heartbeats: of('heartbeats'),
    total: count(() => true),
  }
}
