/**
 * Express executions as the lines of their log group tell them: AWS keeps nothing else of them. How much is there depends on the
 * machine's log level. Source: developer guide, "Using CloudWatch Logs to log execution history".
 */
import { isObject } from '../../../src/base/json.ts'
import { type HistoryEvent, readHistory } from '../../../src/history/history-event.ts'
import { foldHistory, type Run } from '../../../src/history/visits.ts'

/** The events of one execution in their order, each once. */
export function eventsOfLines(messages: readonly string[]): readonly HistoryEvent[] {
  const events = new Map(readHistory(messages.map(eventOfLine)).map((event) => [event.id, event]))
  return [...events.values()].sort((a, b) => a.id - b.id)
}

export interface LoggedExecution {
  readonly executionArn: string
  readonly name: string
  readonly status: Run['status']
  /** Epoch seconds; of the first line that is there, if that of its start is not. */
  readonly startDate: number
  readonly stopDate: number | undefined
}

/** The executions that lines tell of, the latest first. */
export function executionsOfLines(messages: readonly string[]): readonly LoggedExecution[] {
  const byArn = Map.groupBy(messages, arnOfLine)
  return [...byArn]
    .flatMap(([arn, lines]) => (arn === undefined ? [] : [summaryOf(arn, eventsOfLines(lines))]))
    .filter((one) => one !== undefined)
    .sort((a, b) => b.startDate - a.startDate)
}

function summaryOf(executionArn: string, events: readonly HistoryEvent[]): LoggedExecution | undefined {
  const first = events[0]
  if (!first) return undefined
  const { status } = foldHistory(events)
  const stopDate = status === 'RUNNING' ? undefined : events.at(-1)?.timestamp
  return { executionArn, name: nameOf(executionArn), status, startDate: first.timestamp, stopDate }
}

/** `…:express:Machine:name:uuid` */
export const nameOf = (expressArn: string): string => expressArn.split(':')[7] ?? expressArn

function eventOfLine(message: string): unknown {
  const line = parsed(message)
  if (!isObject(line)) return undefined
  const { id, type, details, previous_event_id: previous, event_timestamp: at } = line
  const member = isObject(details) && Object.keys(details).length > 0 ? { loggedEventDetails: details } : {}
  return { id: Number(id), type, previousEventId: Number(previous), timestamp: Number(at) / 1_000, ...member }
}

function arnOfLine(message: string): string | undefined {
  const line = parsed(message)
  const arn = isObject(line) ? line['execution_arn'] : undefined
  return typeof arn === 'string' ? arn : undefined
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message)
  } catch {
    return undefined
  }
}
