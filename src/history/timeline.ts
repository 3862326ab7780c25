/** Visits as bars on a common time axis, in fractions of the whole. */
import { depthOf, type Run, type Visit } from './visits.ts'

export interface Bar {
  readonly visit: Visit
  readonly depth: number
  /** 0 to 1. */
  readonly from: number
  readonly width: number
}

/** `now`: epoch seconds; where open visits end. `from`: where the axis begins, if not where the first visit does. */
export function timelineOf(run: Run, now: number, from = Number.POSITIVE_INFINITY): readonly Bar[] {
  const start = run.visits.reduce((least, { startAt }) => Math.min(least, startAt), from)
  const end = run.visits.reduce((most, { endAt }) => Math.max(most, endAt ?? now), start)
  const span = Math.max(end - start, 0.001)
  return run.visits.map((visit) => ({
    visit,
    depth: depthOf(visit),
    from: (visit.startAt - start) / span,
    width: Math.max(((visit.endAt ?? now) - visit.startAt) / span, 0.002),
  }))
}
