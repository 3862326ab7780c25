/**
 * Folds a history into visits: one for each time a state was entered, with what it took in, gave out and how it went. Folding
 * the first n events gives the workflow as it was after event n: time travel is nothing else.
 *
 * 1. An event belongs to the visit that its previous event belongs to, unless it names another.
 * 2. A visit's `parent` is the Map or Parallel around it; exits and ends of iterations are looked for outwards along it.
 * 3. When an execution ends, open visits end with it: what failed last in them or stands around the failure has failed, the rest
 *    were aborted. So it is when a Map or Parallel is left.
 * Source: API reference, HistoryEvent (`previousEventId`).
 */
import { type ExecutionEvent, isStatusChange, STATUS_AFTER } from '../engine/event.ts'
import type { RunStatus } from '../engine/state.ts'

import { detailsOf, type HistoryEvent } from './history-event.ts'

export type VisitStatus = 'running' | 'succeeded' | 'caught' | 'failed' | 'aborted'

export interface Failure {
  readonly error: string
  readonly cause: string
  readonly eventId: number
}

export interface Visit {
  readonly id: number
  readonly name: string
  readonly type: string
  readonly parent: Visit | undefined
  /** The visit that led to this one, within the same iteration or branch. */
  readonly previous: Visit | undefined
  readonly iteration: number | undefined
  readonly input: string | undefined
  /** Epoch seconds, as `endAt`. */
  readonly startAt: number
  status: VisitStatus
  output: string | undefined
  endAt: number | undefined
  /** Times the work was begun; more than one means retries. */
  attempts: number
  /** The last one, also when a later attempt made good for it. */
  failure: Failure | undefined
  assigned: Readonly<Record<string, string>>
  mapRunArn: string | undefined
  readonly events: HistoryEvent[]
}

export interface Run {
  readonly visits: readonly Visit[]
  readonly status: RunStatus
  readonly failure: Failure | undefined
  /** The visit that brought the execution down. */
  readonly failedVisit: Visit | undefined
  /** Name to JSON text, as assigned in the outermost scope. */
  readonly variables: ReadonlyMap<string, string>
  /** Its start and its redrives. */
  readonly beginnings: number
}

interface Place {
  readonly visit: Visit | undefined
  readonly container: Visit | undefined
  readonly iteration: number | undefined
}

const ROOT: Place = { visit: undefined, container: undefined, iteration: undefined }

export function foldHistory(events: readonly HistoryEvent[], upTo = Number.POSITIVE_INFINITY): Run {
  const fold = new Fold()
  for (const event of events) {
    if (event.id > upTo) break
    fold.take(event)
  }
  return fold
}

class Fold implements Run {
  readonly visits: Visit[] = []
  readonly variables = new Map<string, string>()
  status: RunStatus = 'RUNNING'
  failure: Failure | undefined
  failedVisit: Visit | undefined
  beginnings = 0
  readonly #places = new Map<number, Place>()
  #lastFailed: Visit | undefined

  take(event: HistoryEvent): void {
    const before = this.#places.get(event.previousEventId ?? 0) ?? this.#placeAfterRedrive(event)
    const place = this.#follow(event, before)
    this.#places.set(event.id, place)
    place.visit?.events.push(event)
  }

  #follow(event: HistoryEvent, before: Place): Place {
    const { type } = event
    if (isStatusChange(type)) return this.#execution(type, event, before)
    if (type.endsWith('StateEntered')) return this.#enter(event, before)
    if (type.endsWith('StateExited')) return this.#exit(event, before)
    if (type.startsWith('MapIteration')) return iteration(event, before)
    const visit = this.#visitOf(event, before)
    if (visit) this.#note(event, visit)
    if (type === 'ParallelStateStarted') return { visit, container: visit, iteration: undefined }
    return visit === before.visit ? before : placeOf(visit)
  }

  #visitOf(event: HistoryEvent, before: Place): Visit | undefined {
    const { type } = event
    if (/^(?:Map|Parallel)(?:State|Run)/.test(type)) return outward(before, isContainer) ?? before.visit
    if (type !== 'EvaluationFailed') return before.visit
    // It names its state, and comes after what led there instead of after the state's own beginning.
    const { state } = detailsOf(event)
    return this.visits.findLast((visit) => isOpen(visit) && visit.name === state) ?? before.visit
  }

  #enter(event: HistoryEvent, { visit: before, container, iteration }: Place): Place {
    const { name, input } = detailsOf(event)
    const visit: Visit = {
      id: event.id,
      name: name ?? '?',
      type: event.type.slice(0, -'StateEntered'.length),
      parent: container,
      previous: before === container ? undefined : before,
      iteration,
      input,
      startAt: event.timestamp,
      status: 'running' as const,
      output: undefined,
      endAt: undefined,
      attempts: 0,
      failure: undefined,
      assigned: {},
      mapRunArn: undefined,
      events: [],
    }
    this.visits.push(visit)
    return { visit, container, iteration }
  }

  #exit(event: HistoryEvent, before: Place): Place {
    const { name, output, assignedVariables = {} } = detailsOf(event)
    const visit = outward(before, (one) => one.name === name && one.endAt === undefined)
    if (!visit) return before
    visit.output = output
    visit.endAt = event.timestamp
    visit.status = hasFailed(visit) ? 'caught' : 'succeeded'
    visit.assigned = assignedVariables
    if (visit.parent === undefined) for (const [key, value] of Object.entries(visit.assigned)) this.variables.set(key, value)
    if (isContainer(visit)) this.#closeWithin(visit, event.timestamp)
    return placeOf(visit)
  }

  #note(event: HistoryEvent, visit: Visit): void {
    const { type } = event
    if (beginsAttempt(event) && ++visit.attempts > 1 && isContainer(visit)) this.#closeWithin(visit, event.timestamp)
    if (type === 'MapRunStarted') visit.mapRunArn = detailsOf(event).mapRunArn
    if (/Failed$|TimedOut$|^MapRunAborted$/.test(type)) {
      visit.failure = failureOf(event)
      this.#lastFailed = visit
    }
    // Of all that is aborted with a failed branch or iteration AWS tells as if it came after the failure.
    if (type === `${visit.type}StateAborted` && isOpen(visit)) close(visit, endOf(visit), event.timestamp)
  }

  #execution(type: ExecutionEvent['type'], event: HistoryEvent, before: Place): Place {
    const status = STATUS_AFTER[type]
    this.status = status
    if (status === 'RUNNING') {
      this.beginnings += 1
      if (type === 'ExecutionStarted') return ROOT
      this.#reopen()
      return this.failedVisit ? placeOf(this.failedVisit) : before
    }
    if (status === 'FAILED' || status === 'TIMED_OUT') {
      this.failure = failureOf(event)
      this.failedVisit = status === 'FAILED' ? (before.visit ?? this.#lastFailed) : this.visits.findLast(isOpen)
    }
    const path = new Set(ancestors(this.failedVisit))
    for (const visit of this.visits.filter(isOpen)) {
      // A Map or Parallel that fails is told without an error: that of the execution is its own.
      if (visit === this.failedVisit && !visit.failure?.error) visit.failure = this.failure
      close(visit, path.has(visit) ? 'failed' : endOf(visit), event.timestamp)
    }
    return before
  }

  /** What had failed or was aborted goes on where it stood. */
  #reopen(): void {
    this.failure = undefined
    for (const visit of ancestors(this.failedVisit)) {
      visit.status = 'running'
      visit.endAt = undefined
    }
  }

  #placeAfterRedrive(event: HistoryEvent): Place {
    return isStatusChange(event.type) || !this.failedVisit ? ROOT : placeOf(this.failedVisit)
  }

  #closeWithin(container: Visit, at: number): void {
    for (const visit of this.visits) {
      if (isOpen(visit) && visit !== container && ancestors(visit).includes(container)) close(visit, endOf(visit), at)
    }
  }
}

const isContainer = ({ type }: Visit): boolean => type === 'Map' || type === 'Parallel'
const isOpen = ({ endAt }: Visit): boolean => endAt === undefined
const placeOf = (visit: Visit | undefined): Place => ({ visit, container: visit?.parent, iteration: visit?.iteration })

/** Its failure is the last that it has told: nothing has been tried since. */
const hasFailed = ({ failure, events }: Visit): boolean => failure !== undefined && failure.eventId === events.at(-1)?.id

/** How a visit has ended that was not left. */
const endOf = (visit: Visit): VisitStatus => (visit.type === 'Fail' || hasFailed(visit) ? 'failed' : 'aborted')

/** Work is asked for: a call, a function, an activity. */
export const isScheduling = ({ type }: HistoryEvent): boolean => /^(?:Task|LambdaFunction|Activity)Scheduled$/.test(type)

/** The work was done. */
export const isSuccess = ({ type }: HistoryEvent): boolean => /^(?:Task|LambdaFunction|Activity)Succeeded$/.test(type)

/** A state's work begins, for the first time or again. */
const beginsAttempt = (event: HistoryEvent): boolean => isScheduling(event) || /^(?:Map|Parallel)StateStarted$/.test(event.type)

/** How often the work was begun again. */
export const retriesOf = ({ attempts }: Visit): number => Math.max(0, attempts - 1)

function failureOf(event: HistoryEvent): Failure {
  const { error, cause } = detailsOf(event)
  const fallback = event.type.endsWith('TimedOut') ? 'States.Timeout' : ''
  return { error: error ?? fallback, cause: cause ?? '', eventId: event.id }
}

function outward({ visit, container }: Place, is: (visit: Visit) => boolean): Visit | undefined {
  for (let at = visit ?? container; at; at = at.parent) if (is(at)) return at
  return undefined
}

/** The visit and all around it, inner ones first. */
export function ancestors(visit: Visit | undefined): readonly Visit[] {
  const found: Visit[] = []
  for (let at = visit; at; at = at.parent) found.push(at)
  return found
}

function iteration(event: HistoryEvent, before: Place): Place {
  const { name, index } = detailsOf(event)
  const map = outward(before, (one) => one.type === 'Map' && one.name === name)
  if (event.type !== 'MapIterationStarted') return map ? placeOf(map) : before
  return { visit: map, container: map, iteration: index }
}

/** 0 at the top, 1 in a branch or an iteration. */
export const depthOf = (visit: Visit): number => ancestors(visit).length - 1

function close(visit: Visit, status: VisitStatus, at: number): void {
  visit.status = status
  visit.endAt = at
}
