/**
 * PutLogEvents over the wire. The stream is made when it is missing; the group is the user's and is not, so that a deleted
 * group stays deleted (recorded: logs, deleted-log-group).
 */
import { callJson } from '../aws/call.ts'
import type { Endpoints } from '../aws/endpoints.ts'
import { type CallFailure, codeOf, describeFailure, isTransient, toError } from '../aws/failure.ts'
import { SERVICES } from '../aws/services.ts'

export interface LogLine {
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly message: string
}

/** Rejects with `LogsRefused` when trying again is of no use. */
export type PutLogEvents = (group: string, stream: string, events: readonly LogLine[]) => Promise<void>

/** The service has answered, and will answer the same again: the log group is gone, the caller may not write. */
export class LogsRefused extends Error {
  override readonly name = 'LogsRefused'
}

const LOGS = SERVICES.cloudwatchlogs

export function putLogEventsOverWire(endpoints: Endpoints): PutLogEvents {
  return async (logGroupName, logStreamName, logEvents) => {
    const put = () => callJson(endpoints, LOGS, 'PutLogEvents', { logGroupName, logStreamName, logEvents })
    let called = await put()
    if (!called.ok && codeOf(called.error) === 'ResourceNotFoundException') {
      const made = await callJson(endpoints, LOGS, 'CreateLogStream', { logGroupName, logStreamName })
      if (!made.ok && codeOf(made.error) !== 'ResourceAlreadyExistsException') throw refusal('CreateLogStream', made.error)
      called = await put()
    }
    if (!called.ok) throw refusal('PutLogEvents', called.error)
  }
}

function refusal(action: string, failure: CallFailure): Error {
  if (failure.kind !== 'service') return toError(failure)
  const text = `${action} answered ${describeFailure(failure)}`
  return isTransient(LOGS, failure) ? new Error(text) : new LogsRefused(text)
}
