/** Visits as bars on a time axis, in fractions of the whole. */
import { ancestors, type Run, type Visit } from './history.ts'

export interface Bar {
  readonly visit: Visit
  readonly depth: number
  /** 0 to 1. */
  readonly from: number
  readonly width: number
}

/** `now`: epoch seconds; where open visits end. */
export function timelineOf(run: Run, now: number): readonly Bar[] {
  const start = run.visits.reduce((least, { startAt }) => Math.min(least, startAt), Number.POSITIVE_INFINITY)
  const end = run.visits.reduce((most, { endAt }) => Math.max(most, endAt ?? now), start)
  const span = Math.max(end - start, 0.001)
  return run.visits.map((visit) => ({
    visit,
    depth: ancestors(visit).length - 1,
    from: (visit.startAt - start) / span,
    width: Math.max(((visit.endAt ?? now) - visit.startAt) / span, 0.002),
  }))
}
