/**
 * Folds a history into visits: one for each time a state was entered, with what it took in, gave out and how it went. Folding
 * the first n events gives the workflow as it was after event n: time travel is nothing else.
 *
 * 1. An event belongs to the visit that its previous event belongs to, unless it names another.
 * 2. A visit's `parent` is the Map or Parallel around it; exits and ends of iterations are looked for outwards along it.
 * 3. When an execution ends, open visits end with it: those on the path of the failure failed, the rest were aborted.
 * Source: API reference, HistoryEvent (`previousEventId`).
 */
export interface HistoryEvent {
  readonly id: number
  readonly previousEventId?: number
  readonly type: string
  /** Epoch seconds. */
  readonly timestamp: number
  readonly [details: string]: unknown
}

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
  readonly startAt: number
  status: VisitStatus
  output: string | undefined
  endAt: number | undefined
  /** Times the work was asked for; more than one means retries. */
  attempts: number
  failure: Failure | undefined
  assigned: Readonly<Record<string, string>>
  mapRunArn: string | undefined
  readonly events: HistoryEvent[]
}

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT'

export interface Run {
  readonly visits: readonly Visit[]
  readonly status: ExecutionStatus
  readonly failure: Failure | undefined
  /** The visit that brought the execution down. */
  readonly failedVisit: Visit | undefined
  /** Name to JSON text, as assigned in the outermost scope. */
  readonly variables: ReadonlyMap<string, string>
  /** States entered and their retries: what AWS bills. Source: docs/transitions.md. */
  readonly statesEntered: number
  /** The same with Start, redrives and End, as the console draws them. */
  readonly transitions: number
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
  status: ExecutionStatus = 'RUNNING'
  failure: Failure | undefined
  failedVisit: Visit | undefined
  statesEntered = 0
  transitions = 0
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
    if (type.startsWith('Execution')) return this.#execution(event, before)
    if (type.endsWith('StateEntered')) return this.#enter(event, before)
    if (type.endsWith('StateExited')) return this.#exit(event, before)
    if (type.startsWith('MapIteration')) return iteration(event, before)
    if (type === 'ParallelStateStarted') return { visit: before.visit, container: before.visit, iteration: undefined }
    const visit = this.#visitOf(event, before)
    if (visit) this.#note(event, visit)
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
      ...{ id: event.id, name: text(name) ?? '?', type: event.type.slice(0, -'StateEntered'.length) },
      ...{ parent: container, previous: before === container ? undefined : before },
      ...{ iteration, input: text(input), startAt: event.timestamp, status: 'running' as const },
      ...{ output: undefined, endAt: undefined, attempts: 0, failure: undefined, assigned: {}, mapRunArn: undefined, events: [] },
    }
    this.visits.push(visit)
    this.#count()
    return { visit, container, iteration }
  }

  #exit(event: HistoryEvent, before: Place): Place {
    const { name, output, assignedVariables } = detailsOf(event)
    const visit = outward(before, (one) => one.name === name && one.endAt === undefined)
    if (!visit) return before
    visit.output = text(output)
    visit.endAt = event.timestamp
    visit.status = visit.failure && visit.failure.eventId === lastOf(visit)?.id ? 'caught' : 'succeeded'
    visit.assigned = (assignedVariables ?? {}) as Record<string, string>
    if (visit.parent === undefined) for (const [key, value] of Object.entries(visit.assigned)) this.variables.set(key, value)
    if (isContainer(visit)) this.#closeWithin(visit, event.timestamp)
    return placeOf(visit)
  }

  #note(event: HistoryEvent, visit: Visit): void {
    const { type } = event
    const details = detailsOf(event)
    if (isScheduling(event)) {
      visit.attempts += 1
      if (visit.attempts > 1) this.#count()
    }
    if (type === 'MapRunStarted') visit.mapRunArn = text(details['mapRunArn'])
    if (/Failed$|TimedOut$/.test(type)) {
      visit.failure = failureOf(event)
      this.#lastFailed = visit
    }
    if (/StateAborted$/.test(type)) close(visit, 'aborted', event.timestamp)
  }

  #execution(event: HistoryEvent, before: Place): Place {
    const status = ENDS[event.type]
    if (/^Execution(?:Started|Redriven|Succeeded)$/.test(event.type)) this.transitions += 1
    if (event.type === 'ExecutionRedriven') {
      this.#reopen()
      return this.failedVisit ? placeOf(this.failedVisit) : before
    }
    if (status === undefined) return ROOT
    this.status = status
    if (status === 'FAILED' || status === 'TIMED_OUT') {
      this.failure = failureOf(event)
      this.failedVisit = status === 'FAILED' ? (before.visit ?? this.#lastFailed) : this.visits.findLast(isOpen)
    }
    const path = new Set(ancestors(this.failedVisit))
    for (const visit of this.visits.filter(isOpen)) {
      const isGuilty = path.has(visit) || visit === this.#lastFailed
      if (isGuilty && visit === this.failedVisit) visit.failure ??= this.failure
      close(visit, isGuilty ? 'failed' : 'aborted', event.timestamp)
    }
    return before
  }

  #count(): void {
    this.statesEntered += 1
    this.transitions += 1
  }

  /** What had failed or was aborted goes on where it stood. */
  #reopen(): void {
    this.status = 'RUNNING'
    this.failure = undefined
    for (const visit of ancestors(this.failedVisit)) {
      visit.status = 'running'
      visit.endAt = undefined
    }
  }

  #placeAfterRedrive(event: HistoryEvent): Place {
    return event.type.startsWith('Execution') || !this.failedVisit ? ROOT : placeOf(this.failedVisit)
  }

  #closeWithin(container: Visit, at: number): void {
    for (const visit of this.visits) {
      if (isOpen(visit) && visit !== container && ancestors(visit).includes(container))
        close(visit, visit.failure ? 'failed' : 'aborted', at)
    }
  }
}

const ENDS: Readonly<Record<string, ExecutionStatus>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionAborted: 'ABORTED',
  ExecutionTimedOut: 'TIMED_OUT',
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const isContainer = ({ type }: Visit): boolean => type === 'Map' || type === 'Parallel'
const isOpen = ({ endAt }: Visit): boolean => endAt === undefined
const placeOf = (visit: Visit | undefined): Place => ({ visit, container: visit?.parent, iteration: visit?.iteration })
const lastOf = (visit: Visit): HistoryEvent | undefined => visit.events.findLast(({ type }) => type !== 'EvaluationSucceeded')

/** Work is asked for: a call, a function, an activity. */
export const isScheduling = ({ type }: HistoryEvent): boolean => /^(?:Task|LambdaFunction|Activity)Scheduled$/.test(type)

/** The work was done. */
export const isSuccess = ({ type }: HistoryEvent): boolean => /^(?:Task|LambdaFunction|Activity)Succeeded$/.test(type)

/** The details member of an event, whatever its type. */
export function detailsOf(event: HistoryEvent): Readonly<Record<string, unknown>> {
  for (const [name, value] of Object.entries(event)) if (name.endsWith('EventDetails')) return value as Record<string, unknown>
  return {}
}

function failureOf(event: HistoryEvent): Failure {
  const { error, cause } = detailsOf(event)
  const fallback = event.type.endsWith('TimedOut') ? 'States.Timeout' : ''
  return { error: text(error) ?? fallback, cause: text(cause) ?? '', eventId: event.id }
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
  return { visit: map, container: map, iteration: typeof index === 'number' ? index : undefined }
}

function close(visit: Visit, status: VisitStatus, at: number): void {
  visit.status = status
  visit.endAt = at
}
