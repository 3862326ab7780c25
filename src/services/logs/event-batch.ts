/**
 * A batch of PutLogEvents: read with AWS's bounds, then judged event by event; those too old, too new or past retention
 * are left out and told. Source: CloudWatch Logs API reference, "PutLogEvents".
 */
import { getOwn, isArray, isObject, type JsonObject } from '../../base/json.ts'

import { constraintError, invalidParameter } from './errors.ts'
import { DAY_MS, EVENT_OVERHEAD_BYTES, type LogEvent } from './log-store.ts'

const BATCH_BYTES_MAX = 1_048_576
const BATCH_EVENTS_MAX = 10_000
const FUTURE_MS_MAX = 2 * 3_600_000
const PAST_MS_MAX = 14 * DAY_MS

export function readEvents(input: JsonObject): LogEvent[] {
  const list = getOwn(input, 'logEvents')
  if (!isArray(list)) throw constraintError(undefined, 'logEvents', 'Member must not be null')
  if (list.length < 1) throw constraintError(list, 'logEvents', 'Member must have length greater than or equal to 1')
  if (list.length > BATCH_EVENTS_MAX) {
    throw constraintError(
      `${list.length} events`,
      'logEvents',
      `Member must have length less than or equal to ${BATCH_EVENTS_MAX}`,
    )
  }
  const events = list.map((item, i) => readEvent(isObject(item) ? item : {}, i))
  const bytes = events.reduce((sum, event) => sum + Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES, 0)
  if (bytes > BATCH_BYTES_MAX) throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${BATCH_BYTES_MAX}`)
  if (events.some((event, i) => i > 0 && event.timestamp < (events[i - 1]?.timestamp ?? 0))) {
    throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.')
  }
  if ((events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0) > DAY_MS) {
    throw invalidParameter('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.')
  }
  return events
}

function readEvent(item: JsonObject, i: number): LogEvent {
  const member = `logEvents.${i + 1}.member`
  const message = getOwn(item, 'message')
  const timestamp = getOwn(item, 'timestamp')
  if (typeof message !== 'string') throw constraintError(undefined, `${member}.message`, 'Member must not be null')
  if (message.length < 1) throw constraintError('', `${member}.message`, 'Member must have length greater than or equal to 1')
  if (typeof timestamp !== 'number' || !Number.isInteger(timestamp)) {
    throw constraintError(undefined, `${member}.timestamp`, 'Member must not be null')
  }
  if (timestamp < 0) throw constraintError(timestamp, `${member}.timestamp`, 'Member must have value greater than or equal to 0')
  const bytes = Buffer.byteLength(message)
  if (bytes + EVENT_OVERHEAD_BYTES > BATCH_BYTES_MAX) {
    throw invalidParameter(`Log event too large: ${bytes} bytes exceeds limit of ${BATCH_BYTES_MAX}`)
  }
  return { message, timestamp }
}

/** What is kept, and the members of rejectedLogEventsInfo about the rest. The events are in the order of their times. */
export function judgeEvents(
  events: readonly LogEvent[],
  nowMs: number,
  retentionDays: number | null,
): { taken: readonly LogEvent[]; rejected: JsonObject } {
  const expired = retentionDays === null ? 0 : countBefore(events, nowMs - retentionDays * DAY_MS)
  const tooOld = countBefore(events, nowMs - PAST_MS_MAX)
  const tooNew = events.findIndex((event) => event.timestamp > nowMs + FUTURE_MS_MAX)
  const rejected = {
    ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > tooOld && { expiredLogEventEndIndex: expired }),
  }
  return { taken: events.slice(Math.max(expired, tooOld), tooNew < 0 ? undefined : tooNew), rejected }
}

function countBefore(events: readonly LogEvent[], ms: number): number {
  const end = events.findIndex((event) => event.timestamp >= ms)
  return end < 0 ? events.length : end
}
