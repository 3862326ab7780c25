/**
 * An execution's history as the API gives it, and the states that were entered, read off it. A history is a tree by
 * `previousEventId`: each event is put to the state that it is about, so that branches and iterations do not mix.
 */
import { getOwn, isObject, type Json, type JsonObject } from '../base/json.ts'

export interface HistoryEvent {
  readonly id: number
  readonly previousEventId: number
  readonly type: string
  /** Epoch milliseconds. */
  readonly at: number
  /** The one member that holds what is particular to the type: `stateEnteredEventDetails`. */
  readonly details: JsonObject
}

/** One stay in one state. */
export interface EnteredState {
  readonly name: string
  /** `Task`, `Map`: the event's type without `StateEntered`. */
  readonly kind: string
  /** 0 at the top, 1 in a branch or an iteration. */
  readonly depth: number
  readonly enteredAt: number
  exitedAt: number | undefined
  retries: number
  /** The last failure, unless a retry made good for it. After an exit: what was caught. */
  error: string | undefined
  cause: string | undefined
}

/** Undefined for what is not a history event. */
export function parseHistoryEvent(value: Json): HistoryEvent | undefined {
  if (!isObject(value)) return undefined
  const [id, previousEventId, type, timestamp] = ['id', 'previousEventId', 'type', 'timestamp'].map((key) => getOwn(value, key))
  if (typeof id !== 'number' || typeof type !== 'string' || typeof timestamp !== 'number') return undefined
  const details = Object.entries(value).find(([key]) => key.endsWith('EventDetails'))?.[1]
  return {
    id,
    previousEventId: typeof previousEventId === 'number' ? previousEventId : 0,
    type,
    at: Math.round(timestamp * 1000),
    details: isObject(details) ? details : {},
  }
}

interface Stay extends EnteredState {
  readonly parent: Stay | undefined
  attempts: number
}

const ATTEMPT = /^(?:TaskScheduled|LambdaFunctionScheduled|ActivityScheduled|MapStateStarted|ParallelStateStarted)$/

/** Every state entered, in the order in which they were entered. `events` are ascending by id. */
export function enteredStates(events: readonly HistoryEvent[]): readonly EnteredState[] {
  const stays: Stay[] = []
  /** The state that stands around what follows an event. */
  const around = new Map<number, Stay | undefined>()
  for (const event of events) {
    const before = around.get(event.previousEventId)
    const stay = stayAfter(event, before, stays)
    around.set(event.id, stay)
  }
  return stays
}

function stayAfter(event: HistoryEvent, before: Stay | undefined, stays: Stay[]): Stay | undefined {
  const name = textOf(event.details, 'name')
  if (event.type.endsWith('StateEntered')) return enter(event, name ?? '', before, stays)
  if (event.type.endsWith('StateExited')) {
    const left = upwards(before, (stay) => stay.name === name)
    if (left !== undefined) left.exitedAt = event.at
    return left?.parent
  }
  const stay = subjectOf(event, before)
  if (stay === undefined) return before
  if (ATTEMPT.test(event.type)) stay.retries = stay.attempts++
  if (/(?:Task|LambdaFunction|Activity|MapState|MapRun|ParallelState)Succeeded$/.test(event.type))
    stay.error = stay.cause = undefined
  if (/(?:Failed|TimedOut|Aborted)$/.test(event.type)) note(event, stay)
  return stay
}

function enter(event: HistoryEvent, name: string, parent: Stay | undefined, stays: Stay[]): Stay {
  const stay: Stay = {
    name,
    kind: event.type.slice(0, -'StateEntered'.length),
    depth: parent === undefined ? 0 : parent.depth + 1,
    enteredAt: event.at,
    exitedAt: undefined,
    retries: 0,
    error: undefined,
    cause: undefined,
    parent,
    attempts: 0,
  }
  stays.push(stay)
  return stay
}

/** What happens to a Map or Parallel may follow an event deep inside it. */
function subjectOf({ type, details }: HistoryEvent, before: Stay | undefined): Stay | undefined {
  if (type.startsWith('MapIteration'))
    return upwards(before, (stay) => stay.kind === 'Map' && stay.name === textOf(details, 'name'))
  if (type.startsWith('MapState') || type.startsWith('MapRun')) return upwards(before, (stay) => stay.kind === 'Map')
  if (type.startsWith('ParallelState')) return upwards(before, (stay) => stay.kind === 'Parallel')
  return before
}

function note(event: HistoryEvent, stay: Stay): void {
  stay.error = textOf(event.details, 'error') ?? stay.error ?? event.type
  stay.cause = textOf(event.details, 'cause') ?? stay.cause
}

function upwards(from: Stay | undefined, is: (stay: Stay) => boolean): Stay | undefined {
  for (let stay = from; stay !== undefined; stay = stay.parent) if (is(stay)) return stay
  return undefined
}

function textOf(details: JsonObject, key: string): string | undefined {
  const value = getOwn(details, key)
  return typeof value === 'string' ? value : undefined
}
