/**
 * PutLogEvents over the wire. The stream is made when it is missing; the group is the user's and is not, so that a deleted
 * group stays deleted (recorded: logs, deleted-log-group).
 */
import { type AwsResponse, callAws } from '../wire/client.ts'
import type { Endpoints } from '../tasks/connector.ts'

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

export function putLogEventsOverWire(endpoints: Endpoints): PutLogEvents {
  const call = async (operation: string, input: unknown): Promise<AwsResponse> => {
    const { url, region, credentials } = endpoints.endpointFor('cloudwatchlogs')
    return callAws({
      ...{ endpoint: url, region, service: 'logs', credentials: await credentials() },
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${operation}` },
      body: JSON.stringify(input),
    })
  }
  return async (logGroupName, logStreamName, logEvents) => {
    const put = () => call('PutLogEvents', { logGroupName, logStreamName, logEvents })
    let answer = await put()
    if (answer.status === 400 && answer.body.includes('ResourceNotFoundException')) {
      const made = await call('CreateLogStream', { logGroupName, logStreamName })
      if (made.status >= 400 && !made.body.includes('ResourceAlreadyExistsException')) throw refusal('CreateLogStream', made)
      answer = await put()
    }
    if (answer.status >= 300) throw refusal('PutLogEvents', answer)
  }
}

function refusal(operation: string, { status, body }: AwsResponse): Error {
  const text = `${operation} answered ${status}: ${body.toString('utf8').slice(0, 300)}`
  const mayPass = status >= 500 || status === 429 || body.includes('Throttling') || body.includes('ServiceUnavailable')
  return mayPass ? new Error(text) : new LogsRefused(text)
}
