/** The attempts of a visit's work, one for each time it was scheduled. */
import { detailsOf, type HistoryEvent } from './history-event.ts'
import { isScheduling, isSuccess, type Visit } from './visits.ts'

export interface Attempt {
  readonly number: number
  /** Epoch seconds. */
  readonly startAt: number
  readonly endAt: number | undefined
  readonly outcome: 'running' | 'succeeded' | 'failed'
  readonly error: string | undefined
  readonly cause: string | undefined
  /** Seconds from the end of the attempt before; undefined for the first. */
  readonly waited: number | undefined
}

export function attemptsOf({ events }: Visit): readonly Attempt[] {
  const attempts: Attempt[] = []
  for (const event of events) {
    if (isScheduling(event)) attempts.push(begun(event, attempts))
    const last = attempts.at(-1)
    if (last === undefined || last.endAt !== undefined) continue
    const outcome = outcomeOf(event)
    if (outcome !== undefined) attempts[attempts.length - 1] = { ...last, ...outcome, endAt: event.timestamp }
  }
  return attempts
}

function begun({ timestamp }: HistoryEvent, before: readonly Attempt[]): Attempt {
  const endAt = before.at(-1)?.endAt
  return {
    number: before.length + 1,
    startAt: timestamp,
    endAt: undefined,
    outcome: 'running',
    error: undefined,
    cause: undefined,
    waited: endAt === undefined ? undefined : timestamp - endAt,
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
