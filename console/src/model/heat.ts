/** Where several executions spent their time and met their failures, state by state. */
import { retriesOf, type Run, type Visit } from '../../../src/history/visits.ts'
import { percentile } from './percentile.ts'

export interface StateHeat {
  readonly name: string
  readonly visits: number
  readonly failures: number
  readonly retries: number
  /** Seconds. */
  readonly mean: number
  readonly p95: number
  /** Of the time of all states that hold no others, 0 to 1. */
  readonly share: number
}

/** The hottest first. Containers are left out: their time is that of the states within. */
export function heatOf(runs: readonly Run[]): readonly StateHeat[] {
  const visits = runs.flatMap((run) =>
    run.visits.filter(({ type, endAt }) => type !== 'Map' && type !== 'Parallel' && endAt !== undefined),
  )
  const whole = visits.reduce((sum, visit) => sum + spanOf(visit), 0)
  return [...Map.groupBy(visits, ({ name }) => name)]
    .map(([name, own]) => {
      const spans = own.map(spanOf).sort((a, b) => a - b)
      const time = spans.reduce((sum, span) => sum + span, 0)
      return {
        name,
        visits: own.length,
        mean: time / own.length,
        p95: percentile(spans, 0.95),
        failures: own.filter(({ status }) => status === 'failed' || status === 'caught').length,
        retries: own.reduce((sum, visit) => sum + retriesOf(visit), 0),
        share: whole === 0 ? 0 : time / whole,
      }
    })
    .sort((a, b) => b.share - a.share || b.failures - a.failures)
}

const spanOf = ({ startAt, endAt = startAt }: Visit): number => endAt - startAt
