/**
 * Folds a history into visits: one for each time a state was entered, with what it took in, gave out and how it went. Folding
 * the first n events gives the workflow as it was after event n: time travel is nothing else.
 *
 * 1. An event belongs to the visit that its previous event belongs to, unless it names another.
 * 2. A visit's `parent` is the Map or Parallel around it; exits and ends of iterations are looked for outwards along it.
 * 3. When an execution ends, open visits end with it: what failed last in them or stands around the failure has failed, the rest
 *    were aborted. So it is when a Map or Parallel is left, fails or is tried again.
 * 4. A redrive opens what had not succeeded in the state at which the execution had ended; its events are told as coming after
 *    the redrive, whatever visit goes on.
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
  /** Times the work was begun; more than one means retries or redrives. */
  attempts: number
  /** Times the execution was redriven while it stood here. */
  redrives: number
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
  readonly #within = new Map<Visit, Visit[]>()
  /** What has failed without being left since: a Map or Parallel that has told so, and what brought one down. */
  readonly #failed = new Set<Visit>()
  /** What brought a Map or Parallel down. */
  readonly #culprits = new Map<Visit, Visit>()
  #lastFailed: Visit | undefined
  #redriven: number | undefined
  /** What the last redrive goes on with and has not told of yet: the innermost first, in the order of their branches. */
  #resuming: readonly Visit[] = []

  take(event: HistoryEvent): void {
    const place = this.#follow(event, this.#placeBefore(event))
    this.#places.set(event.id, place)
    place.visit?.events.push(event)
  }

  #placeBefore(event: HistoryEvent): Place {
    const { previousEventId = 0, type } = event
    const known = this.#places.get(previousEventId)
    if (this.#redriven === undefined || isStatusChange(type)) return known ?? ROOT
    return known && previousEventId !== this.#redriven ? known : this.#placeResumed(event)
  }

  #follow(event: HistoryEvent, before: Place): Place {
    const { type } = event
    if (isStatusChange(type)) return this.#execution(type, event, before)
    if (type.endsWith('StateEntered')) return this.#enter(event, before)
    if (type.endsWith('StateExited')) return this.#exit(event, before)
    if (type.startsWith('MapIteration')) return this.#iteration(event, before)
    const visit = this.#visitOf(event, before)
    if (visit) this.#note(event, visit, before)
    if (type === 'ParallelStateStarted') return { visit, container: visit, iteration: undefined }
    return visit === before.visit ? before : placeOf(visit)
  }

  #visitOf(event: HistoryEvent, before: Place): Visit | undefined {
    const { type } = event
    // What has failed within comes before what failed of it, or is tried again.
    if (/^(?:Map|Parallel)State(?:Failed|Started)$/.test(type))
      return outward(before, (one) => type.startsWith(one.type) && !this.#failed.has(one)) ?? before.visit
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
      redrives: 0,
      failure: undefined,
      assigned: {},
      mapRunArn: undefined,
      events: [],
    }
    this.visits.push(visit)
    if (container) {
      const those = this.#within.get(container) ?? []
      those.push(visit)
      this.#within.set(container, those)
    }
    return { visit, container, iteration }
  }

  #exit(event: HistoryEvent, before: Place): Place {
    const { name, output, assignedVariables = {} } = detailsOf(event)
    const visit = outward(before, (one) => one.name === name && one.endAt === undefined)
    if (!visit) return before
    visit.output = output
    visit.endAt = event.timestamp
    visit.status = this.#failed.has(visit) || hasFailed(visit) ? 'caught' : 'succeeded'
    visit.assigned = assignedVariables
    if (visit.parent === undefined) for (const [key, value] of Object.entries(visit.assigned)) this.variables.set(key, value)
    this.#closeWithin(visit, event.timestamp)
    return placeOf(visit)
  }

  #iteration(event: HistoryEvent, before: Place): Place {
    const { name, index } = detailsOf(event)
    const map = outward(before, (one) => one.type === 'Map' && one.name === name)
    if (event.type === 'MapIterationStarted') return { visit: map, container: map, iteration: index }
    if (event.type === 'MapIterationFailed' && map) this.#blame(map, before, index)
    return map ? placeOf(map) : before
  }

  #note(event: HistoryEvent, visit: Visit, before: Place): void {
    const { type } = event
    if (beginsAttempt(event) && ++visit.attempts > 1 && isContainer(visit)) {
      this.#blame(visit, before)
      this.#closeWithin(visit, event.timestamp)
      this.#forgive(visit)
    }
    if (type === 'MapRunStarted') visit.mapRunArn = detailsOf(event).mapRunArn
    if (/Failed$|TimedOut$|^MapRunAborted$/.test(type)) {
      visit.failure = failureOf(event)
      this.#lastFailed = visit
    }
    if (type === `${visit.type}StateFailed` && isContainer(visit)) this.#fall(event, visit, before)
    // Of all that is aborted with a failed branch or iteration AWS tells as if it came after the failure.
    if (type === `${visit.type}StateAborted` && isOpen(visit)) close(visit, this.#endOf(visit), event.timestamp)
  }

  /** A Map or Parallel tells no error of its own: it is that of what brought it down. */
  #fall(event: HistoryEvent, container: Visit, before: Place): void {
    this.#blame(container, before)
    this.#failed.add(container)
    const inner = this.#culprits.get(container)?.failure ?? this.#mapRunFailure(container)
    if (inner) container.failure = { ...inner, eventId: event.id }
    this.#closeWithin(container, event.timestamp)
  }

  #mapRunFailure({ events }: Visit): Failure | undefined {
    const told = events.findLast(({ type }) => type === 'MapRunFailed')
    return told && failureOf(told)
  }

  /** The last to tell within a container, or within its iteration, has failed and the container with it. */
  #blame(container: Visit, { visit }: Place, index?: number): void {
    const inside = ancestors(visit).find(({ parent }) => parent === container)
    const culprit =
      inside ?? (index === undefined ? undefined : this.#within.get(container)?.findLast((one) => one.iteration === index))
    if (!culprit) return
    this.#failed.add(culprit)
    this.#culprits.set(container, culprit)
    if (!isOpen(culprit)) culprit.status = 'failed'
  }

  #forgive(visit: Visit): void {
    this.#failed.delete(visit)
    this.#culprits.delete(visit)
  }

  /** From a container to the innermost visit that brought it down. */
  #rootOf(visit: Visit | undefined): Visit | undefined {
    const culprit = visit && this.#culprits.get(visit)
    return culprit ? this.#rootOf(culprit) : visit
  }

  #execution(type: ExecutionEvent['type'], event: HistoryEvent, before: Place): Place {
    const status = STATUS_AFTER[type]
    this.status = status
    if (status === 'RUNNING') {
      this.beginnings += 1
      if (type === 'ExecutionRedriven') this.#reopen(event)
      return ROOT
    }
    if (status === 'SUCCEEDED') return before
    const { error, cause } = detailsOf(event)
    if (status !== 'ABORTED' || error !== undefined || cause !== undefined) this.failure = failureOf(event)
    if (status === 'FAILED') this.failedVisit = this.#rootOf(before.visit ?? this.#lastFailed)
    if (status === 'TIMED_OUT') this.failedVisit = this.visits.findLast(isOpen)
    const path = ancestors(this.failedVisit)
    for (const visit of path) {
      this.#failed.add(visit)
      if (!visit.failure?.error) visit.failure = this.failure
      close(visit, 'failed', visit.endAt ?? event.timestamp)
    }
    for (const visit of this.visits) if (isOpen(visit)) close(visit, this.#endOf(visit), event.timestamp)
    return before
  }

  /** What had failed or was aborted goes on where it stood; earlier attempts of a Map or Parallel do not. */
  #reopen(event: HistoryEvent): void {
    this.failure = undefined
    this.failedVisit = undefined
    this.#redriven = event.id
    const top = this.visits.findLast(({ parent }) => parent === undefined)
    const unfinished = top ? this.#unfinished(top) : []
    for (const visit of unfinished) {
      visit.status = 'running'
      visit.endAt = undefined
      visit.redrives += 1
      visit.events.push(event)
      this.#forgive(visit)
    }
    const around = new Set(unfinished.map(({ parent }) => parent))
    const [inner, outer] = [unfinished.filter((one) => !around.has(one)), unfinished.filter((one) => around.has(one))]
    this.#resuming = [...inner.sort((a, b) => firstOf(a).id - firstOf(b).id), ...outer]
  }

  #unfinished(visit: Visit): readonly Visit[] {
    if (visit.status === 'succeeded' || visit.status === 'caught') return []
    const since = visit.events.findLast(beginsAttempt)?.id ?? 0
    const inside = (this.#within.get(visit) ?? []).filter(({ id }) => id > since)
    return [visit, ...inside.flatMap((one) => this.#unfinished(one))]
  }

  /** All that a redrive goes on with is told as coming after it: a name, a call or a type says whose event it is. */
  #placeResumed(event: HistoryEvent): Place {
    const those = this.#resuming.filter((visit) => isOpen(visit) && mayTell(visit, event))
    const visit = those.find((one) => isSameCall(one, event)) ?? those[0]
    if (!event.type.startsWith('MapIteration')) this.#resuming = this.#resuming.filter((one) => one !== visit)
    return visit ? placeOf(visit) : ROOT
  }

  #closeWithin(container: Visit, at: number): void {
    for (const visit of this.#within.get(container) ?? []) {
      this.#closeWithin(visit, at)
      if (isOpen(visit)) close(visit, this.#endOf(visit), at)
    }
  }

  /** How a visit has ended that was not left. */
  #endOf(visit: Visit): VisitStatus {
    return visit.type === 'Fail' || this.#failed.has(visit) || hasFailed(visit) ? 'failed' : 'aborted'
  }
}

const isContainer = ({ type }: Visit): boolean => type === 'Map' || type === 'Parallel'
const isOpen = ({ endAt }: Visit): boolean => endAt === undefined
const placeOf = (visit: Visit | undefined): Place => ({ visit, container: visit?.parent, iteration: visit?.iteration })

/** Its failure is the last that it has told: nothing has been tried since. */
const hasFailed = ({ failure, events }: Visit): boolean => failure !== undefined && failure.eventId === events.at(-1)?.id

/** The visit with which its branch or iteration began. */
function firstOf(visit: Visit): Visit {
  let first = visit
  while (first.previous) first = first.previous
  return first
}

function mayTell({ name, type }: Visit, event: HistoryEvent): boolean {
  const told = detailsOf(event)
  const named = told.name ?? told.state
  if (named !== undefined) return named === name
  if (isScheduling(event)) return type === 'Task'
  const kind = /^(Map|Parallel)(?:State|Run)/.exec(event.type)?.[1]
  return kind === undefined || kind === type
}

/** It calls what the visit had called. */
function isSameCall({ events }: Visit, event: HistoryEvent): boolean {
  const before = events.findLast(isScheduling)
  if (!before || !isScheduling(event)) return false
  const [a, b] = [detailsOf(before), detailsOf(event)]
  return a.resource === b.resource && a.parameters === b.parameters && a.input === b.input
}

/** Work is asked for: a call, a function, an activity. */
export const isScheduling = ({ type }: HistoryEvent): boolean => /^(?:Task|LambdaFunction|Activity)Scheduled$/.test(type)

/** The work was done. */
export const isSuccess = ({ type }: HistoryEvent): boolean => /^(?:Task|LambdaFunction|Activity)Succeeded$/.test(type)

/** A state's work begins, for the first time or again. */
const beginsAttempt = (event: HistoryEvent): boolean => isScheduling(event) || /^(?:Map|Parallel)StateStarted$/.test(event.type)

/** How often the work was begun again of itself. */
export const retriesOf = ({ attempts, redrives }: Visit): number => Math.max(0, attempts - 1 - redrives)

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

/** 0 at the top, 1 in a branch or an iteration. */
export const depthOf = (visit: Visit): number => ancestors(visit).length - 1

function close(visit: Visit, status: VisitStatus, at: number): void {
  visit.status = status
  visit.endAt = at
}
