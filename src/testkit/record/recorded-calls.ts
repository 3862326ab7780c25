/** The calls of a state's visit, and what they came to, as the history tells. */
import type { Json } from '../../base/json.ts'

import { detailsOf, type HistoryEvent } from '../../history/history-event.ts'
import { isScheduling, isSuccess, type Visit } from '../../history/visits.ts'

import { type Phase, type RecordedAnswer, type RecordedCall, UNKNOWN_RESOURCE } from './recording.ts'

/** In their order; none where the state calls nothing. `lastAt`: until when an open call was waited for, in epoch seconds. */
export function callsOf({ events, endAt }: Visit, lastAt: number): readonly RecordedCall[] {
  const calls: RecordedCall[] = []
  let open: HistoryEvent | undefined
  const close = (at: number, answer: RecordedAnswer) => {
    if (open) calls.push(callOf(open, at, answer))
    // What could not even be scheduled: whatever it is that is called.
    else if (answer.outcome === 'failed') calls.push({ resource: UNKNOWN_RESOURCE, ms: 0, ...answer })
    open = undefined
  }
  for (const event of events) {
    const answer = answerOf(event)
    if (answer) close(event.timestamp, answer)
    if (!isScheduling(event)) continue
    if (open) close(event.timestamp, { outcome: 'unanswered' })
    open = event
  }
  if (open) close(endAt ?? lastAt, { outcome: 'unanswered' })
  return calls
}

function callOf(scheduled: HistoryEvent, at: number, answer: RecordedAnswer): RecordedCall {
  const { heartbeatInSeconds } = detailsOf(scheduled)
  return {
    resource: resourceOf(scheduled),
    ms: Math.max(0, Math.round((at - scheduled.timestamp) * 1_000)),
    ...(heartbeatInSeconds !== undefined && { heartbeatSeconds: heartbeatInSeconds }),
    ...answer,
  }
}

function answerOf(event: HistoryEvent): RecordedAnswer | undefined {
  const { output, outputDetails, error, cause } = detailsOf(event)
  if (isSuccess(event)) {
    if (output === undefined || outputDetails?.truncated === true) return { outcome: 'untold' }
    return { outcome: 'succeeded', result: JSON.parse(output) as Json }
  }
  const [, how] = /^(?:Task|LambdaFunction|Activity)(\w*Failed|TimedOut)$/.exec(event.type) ?? []
  if (how === undefined) return undefined
  if (how === 'TimedOut') return { outcome: 'timedOut' }
  const reason = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) }
  return { outcome: 'failed', ...reason, phase: phaseOf(how) }
}

function phaseOf(how: string): Phase {
  if (how === 'SubmitFailed') return 'submit'
  return how === 'Failed' ? 'run' : 'start'
}

function resourceOf(event: HistoryEvent): string {
  const { resourceType, resource = '' } = detailsOf(event)
  return resourceType === undefined ? resource : `arn:aws:states:::${resourceType}:${resource}`
}
