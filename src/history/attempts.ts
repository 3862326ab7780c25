/** The attempts of a visit's work, one for each time it was scheduled. */
import { detailsOf, type HistoryEvent } from './history-event.ts'
import { isScheduling, isSuccess, type Visit } from './visits.ts'

export interface Attempt {
  /** From 1, and from 1 again after a redrive. */
  readonly number: number
  /** The redrive that it belongs to; 0 before the first. */
  readonly redrive: number
  /** Epoch seconds. */
  readonly startAt: number
  readonly endAt: number | undefined
  readonly outcome: 'running' | 'succeeded' | 'failed'
  readonly error: string | undefined
  readonly cause: string | undefined
  /** Seconds from the end of the attempt before; undefined for the first, and for the first of a redrive. */
  readonly waited: number | undefined
}

export function attemptsOf({ events }: Visit): readonly Attempt[] {
  const attempts: Attempt[] = []
  let redrive = 0
  for (const event of events) {
    if (event.type === 'ExecutionRedriven') redrive = detailsOf(event).redriveCount ?? redrive + 1
    if (isScheduling(event)) attempts.push(begun(event, redrive, attempts.at(-1)))
    const last = attempts.at(-1)
    if (last === undefined || last.endAt !== undefined) continue
    const outcome = outcomeOf(event)
    if (outcome !== undefined) attempts[attempts.length - 1] = { ...last, ...outcome, endAt: event.timestamp }
  }
  return attempts
}

function begun({ timestamp }: HistoryEvent, redrive: number, before: Attempt | undefined): Attempt {
  const isRetry = before?.redrive === redrive
  return {
    number: isRetry ? before.number + 1 : 1,
    redrive,
    startAt: timestamp,
    endAt: undefined,
    outcome: 'running',
    error: undefined,
    cause: undefined,
    waited: isRetry && before.endAt !== undefined ? timestamp - before.endAt : undefined,
  }
}

function outcomeOf(event: HistoryEvent): Pick<Attempt, 'outcome' | 'error' | 'cause'> | undefined {
  if (isSuccess(event)) return { outcome: 'succeeded', error: undefined, cause: undefined }
  if (!/^(?:Task|LambdaFunction|Activity)\w*(?:Failed|TimedOut)$/.test(event.type)) return undefined
  const { error, cause } = detailsOf(event)
  const fallback = event.type.endsWith('TimedOut') ? 'States.Timeout' : undefined
  return {
    outcome: 'failed',
    error: error ?? fallback,
    cause,
  }
}
