/**
 * What is true of every history, whatever befell the process that wrote it.
 *
 * 1. Ids go from 1 without a gap, and each event follows from an earlier one.
 * 2. A run that is over has ended once (once more for each redrive), and nothing comes after that.
 * 3. A state that was entered is left, unless the run ended within it: where it succeeded, all are left.
 * 4. A task that was scheduled comes to one result at most.
 */
import type { HistoryEvent } from '../history/history-event.ts'

import { TestKitError } from './kit-error.ts'

/** Throws TestKitError for the first breach. `of`: whose history it is. */
export function checkHistory(events: readonly HistoryEvent[], of: string): void {
  const breach = breachOf(events)
  if (breach !== undefined) throw new TestKitError(`The history of ${of} breaks its rules: ${breach}.`)
}

function breachOf(events: readonly HistoryEvent[]): string | undefined {
  return chainBreach(events) ?? endBreach(events) ?? stateBreach(events) ?? taskBreach(events)
}

function chainBreach(events: readonly HistoryEvent[]): string | undefined {
  for (const [index, { id, previousEventId = 0 }] of events.entries()) {
    if (id !== index + 1) return `event ${index + 1} has the id ${id}`
    if (previousEventId >= id || (previousEventId === 0 && index > 0 && !isFirst(events, index)))
      return `event ${id} follows from event ${previousEventId}`
  }
  return undefined
}

/** What follows from nothing stands at the beginning: the start, and the first state. */
const isFirst = (events: readonly HistoryEvent[], index: number): boolean => events[index - 1]?.type === 'ExecutionStarted'

const END = /^Execution(?:Succeeded|Failed|TimedOut|Aborted)$/

function endBreach(events: readonly HistoryEvent[]): string | undefined {
  const ends = events.filter(({ type }) => END.test(type))
  const redrives = events.filter(({ type }) => type === 'ExecutionRedriven').length
  const last = events.at(-1)
  if (ends.length !== redrives + 1) return `it has ${ends.length} ends: ${ends.map(({ type }) => type).join(', ')}`
  return last && END.test(last.type) ? undefined : `${last?.type} comes after its end`
}

function stateBreach(events: readonly HistoryEvent[]): string | undefined {
  const count = (suffix: string): number => events.filter(({ type }) => type.endsWith(suffix)).length
  const entered = count('StateEntered')
  const exited = count('StateExited')
  const hasSucceeded = events.at(-1)?.type === 'ExecutionSucceeded'
  // Branches that another one brought down, and that a Catch or Retry made good for, are entered and never left.
  const mayStay = events.some(({ type }) => /(?:Failed|Aborted|TimedOut)$/.test(type))
  if (exited > entered) return `${entered} states were entered and ${exited} left`
  return hasSucceeded && !mayStay && exited !== entered ? `${entered} states were entered and ${exited} left` : undefined
}

const RESULT = /^(?:Task|Activity|LambdaFunction)(?:Succeeded|Failed|TimedOut)$/
const SCHEDULED = /^(?:Task|Activity|LambdaFunction)Scheduled$/

function taskBreach(events: readonly HistoryEvent[]): string | undefined {
  const results = new Map<number, HistoryEvent>()
  for (const event of events) {
    if (!RESULT.test(event.type)) continue
    const scheduled = scheduledOf(events, event)
    if (scheduled === undefined) return `${event.type} (event ${event.id}) is the result of no task that was scheduled`
    const other = results.get(scheduled)
    if (other) return `the task of event ${scheduled} has two results: events ${other.id} and ${event.id}`
    results.set(scheduled, event)
  }
  return undefined
}

function scheduledOf(events: readonly HistoryEvent[], result: HistoryEvent): number | undefined {
  for (let at: HistoryEvent | undefined = result; at; at = events[(at.previousEventId ?? 0) - 1])
    if (SCHEDULED.test(at.type)) return at.id
  return undefined
}
