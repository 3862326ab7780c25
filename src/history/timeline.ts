/** Visits as bars on a common time axis, in fractions of the whole. */
import { type Attempt, attemptsOf } from './attempts.ts'
import { depthOf, type Run, type Visit } from './visits.ts'

export interface Bar {
  readonly visit: Visit
  readonly depth: number
  /** 0 to 1. */
  readonly from: number
  readonly width: number
}

/** What a bar is measured on. */
export interface Axis {
  /** Epoch seconds. */
  readonly start: number
  /** Seconds. */
  readonly span: number
}

/** `now`: epoch seconds; where open visits end. `from`: where the axis begins, if not where the first visit does. */
export function axisOf({ visits }: Run, now: number, from = Number.POSITIVE_INFINITY): Axis {
  const start = visits.reduce((least, { startAt }) => Math.min(least, startAt), from)
  const end = visits.reduce((most, { endAt }) => Math.max(most, endAt ?? now), start)
  return { start, span: Math.max(end - start, 0.001) }
}

export function timelineOf(run: Run, now: number, from = Number.POSITIVE_INFINITY): readonly Bar[] {
  const { start, span } = axisOf(run, now, from)
  return run.visits.map((visit) => ({
    visit,
    depth: depthOf(visit),
    from: (visit.startAt - start) / span,
    width: Math.max(((visit.endAt ?? now) - visit.startAt) / span, WIDTH_MIN),
  }))
}

const WIDTH_MIN = 0.002

/** A stretch of a visit that was tried more than once: an attempt, or the pause before one. */
export interface Stretch {
  readonly kind: Attempt['outcome'] | 'pause'
  /** 0 to 1. */
  readonly from: number
  readonly width: number
}

/** None where the work was begun once at most. */
export function stretchesOf(visit: Visit, { start, span }: Axis, now: number): readonly Stretch[] {
  const attempts = attemptsOf(visit)
  if (attempts.length < 2) return []
  const stretch = (kind: Stretch['kind'], from: number, to: number): Stretch => ({
    kind,
    from: (from - start) / span,
    width: Math.max((to - from) / span, WIDTH_MIN),
  })
  return attempts.flatMap(({ outcome, startAt, endAt = now }, index) => {
    const before = attempts[index - 1]?.endAt
    return [...(before === undefined ? [] : [stretch('pause', before, startAt)]), stretch(outcome, startAt, endAt)]
  })
}
