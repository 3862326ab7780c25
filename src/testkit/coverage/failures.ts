/**
 * What has failed of a visit, and what came of it. An attempt that is followed by another was retried; the error of a Map or
 * Parallel is that of what brought it down. A history calls a missed heartbeat States.Timeout: which of the two it was is worked
 * out from the seconds that the task was given.
 */
import { ErrorName } from '../../base/error-names.ts'

import type { State } from '../../asl/program.ts'
import { detailsOf, type HistoryEvent } from '../../history/history-event.ts'
import { isScheduling, isSuccess } from '../../history/visits.ts'

import { evaluateKnown, jsonIn, type Seen } from './known.ts'

export interface VisitFailure {
  /** As Retry and Catch compare it; undefined where the history does not tell. */
  readonly error: string | undefined
  readonly isRetried: boolean
  /** The redrive that it belongs to: each gives all retries back. */
  readonly redrive: number
}

export interface VisitWithin extends Seen {
  readonly state: State
  /** Visits of its branches or iterations. */
  readonly inside: readonly VisitWithin[]
}

/** In their order. */
export function failuresOf(within: VisitWithin): readonly VisitFailure[] {
  const { visit } = within
  const failures: VisitFailure[] = []
  /** Told, and nothing came of it yet. */
  let open: { readonly error: string | undefined } | undefined
  let attempt: HistoryEvent | undefined
  let startedAt = 0
  let redrive = 0
  const close = (isRetried: boolean, error = open?.error) => {
    failures.push({ error, isRetried, redrive })
    open = undefined
  }
  for (const event of visit.events) {
    const { type } = event
    if (type === 'ExecutionRedriven') {
      if (open) close(false)
      attempt = undefined
      redrive++
    } else if (isScheduling(event) || type === `${visit.type}StateStarted`) {
      if (open) close(true)
      else if (attempt) close(true, errorInside(within, attempt.id, event.id))
      attempt = event
      startedAt = event.timestamp
    } else if (/^(?:Task|LambdaFunction|Activity)Started$/.test(type)) startedAt = event.timestamp
    else if (isFailure(event)) {
      if (open) close(true)
      open = { error: type.endsWith('TimedOut') ? nameOfTimeout(event, attempt, startedAt) : detailsOf(event).error }
    } else if (type === `${visit.type}StateFailed`)
      open ??= { error: errorInside(within, attempt?.id ?? 0, event.id) ?? (visit.failure?.error || undefined) }
    else if (isSuccess(event)) open = undefined
  }
  if (open) close(false)
  return failures
}

/** Of an attempt; what fails in a catcher's own fields is not tried again. */
function isFailure(event: HistoryEvent): boolean {
  if (event.type === 'EvaluationFailed') return detailsOf(event).location?.startsWith('Catch[') !== true
  return /^(?:Task|LambdaFunction|Activity)\w*(?:Failed|TimedOut)$|^MapRunFailed$/.test(event.type)
}

/** Timestamps are rounded to milliseconds. */
const ROUNDING_SECONDS = 0.001

function nameOfTimeout(event: HistoryEvent, attempt: HistoryEvent | undefined, startedAt: number): string {
  const { error } = detailsOf(event)
  const { timeoutInSeconds: timeout, heartbeatInSeconds: heartbeat } = attempt ? detailsOf(attempt) : {}
  if (heartbeat === undefined) return error ?? ErrorName.Timeout
  const isInTime = timeout === undefined || event.timestamp - startedAt + ROUNDING_SECONDS < timeout
  return isInTime ? ErrorName.HeartbeatTimeout : ErrorName.Timeout
}

/** The error that brought a Map or Parallel down in the attempt between two events: whoever failed last. */
function errorInside({ inside }: VisitWithin, from: number, to: number): string | undefined {
  const failed = inside.filter(({ visit: { id, status } }) => id > from && id < to && status === 'failed')
  const last = failed.toSorted((a, b) => toldAt(a) - toldAt(b)).at(-1)
  return last && errorOf(last)
}

const toldAt = ({ visit: { id, failure, events } }: VisitWithin): number => failure?.eventId ?? events.at(-1)?.id ?? id

/** A Fail state, and a Choice that leads nowhere, tell no error of their own. */
function errorOf(within: VisitWithin): string | undefined {
  const { visit, state } = within
  switch (state.type) {
    case 'Fail': {
      const { error } = state
      if (!error) return ''
      const value = evaluateKnown(within, jsonIn(visit.input) ?? null, (scope) => error.evaluate(scope))
      return typeof value === 'string' ? value : undefined
    }
    case 'Choice':
      return visit.failure?.error || (state.default === undefined ? ErrorName.NoChoiceMatched : undefined)
    case 'Task':
    case 'Map':
    case 'Parallel':
      return failuresOf(within).at(-1)?.error ?? (visit.failure?.error || undefined)
    case 'Pass':
    case 'Wait':
    case 'Succeed':
      return visit.failure?.error || undefined
  }
}
