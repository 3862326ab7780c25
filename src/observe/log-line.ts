/**
 * One history event as a line of the execution log, and which events a level lets through. All scalars are strings, the
 * details have no wrapper. Source: recorded cases (conformance: logs); developer guide, "Log levels for Step Functions
 * execution events"; payloads that make a line too long are cut and marked as truncated, as there.
 */
import { utf8Length } from '../base/json.ts'

import { historyEventType, type ShownEvent } from '../engine/event.ts'
import { renderEvent } from '../history/event-details.ts'
import { detailsOf, type EventDetails } from '../history/history-event.ts'

export type LogLevel = 'ALL' | 'ERROR' | 'FATAL' | 'OFF'

export interface LoggedExecution {
  readonly arn: string
  readonly redriveCount: number
  /** JSON text of the machine's LoggingConfiguration. */
  readonly loggingConfiguration: string
  readonly mapRunArn?: string
}

const ENDED_BADLY = /^Execution(?:Aborted|Failed|TimedOut)$/
const WENT_WRONG = /(?:Failed|TimedOut|Aborted)$/

/** ALL: every event. ERROR: what went wrong, and Fail states. FATAL: executions that did not succeed. */
export function isLogged(event: ShownEvent, level: LogLevel): boolean {
  if (level === 'ALL') return true
  if (level === 'OFF') return false
  const type = historyEventType(event)
  return level === 'FATAL' ? ENDED_BADLY.test(type) : WENT_WRONG.test(type) || type === 'FailStateEntered'
}

export const LINE_BYTES_MAX = 248 * 1024
const CUT = ['input', 'output', 'parameters', 'cause'] as const
const ABOUT = {
  input: { inputDetails: { truncated: true } },
  output: { outputDetails: { truncated: true } },
  parameters: {},
  cause: {},
}

export function renderLine(execution: LoggedExecution, event: ShownEvent, includeExecutionData: boolean): string {
  const rendered = renderEvent(event, includeExecutionData)
  const print = (shown: EventDetails) =>
    JSON.stringify({
      id: String(event.id),
      type: rendered.type,
      details: shown,
      previous_event_id: String(event.previousEventId),
      event_timestamp: String(event.at),
      execution_arn: execution.arn,
      ...(execution.mapRunArn !== undefined && { map_run_arn: execution.mapRunArn }),
      redrive_count: String(execution.redriveCount),
    })
  for (let shown = detailsOf(rendered); ; ) {
    const line = print(shown)
    // A UTF-16 unit is at most three bytes of UTF-8, so most lines need no count.
    const bytes = line.length * 3 <= LINE_BYTES_MAX ? 0 : utf8Length(line)
    const cut = bytes <= LINE_BYTES_MAX ? undefined : cutLongest(shown, LINE_BYTES_MAX / bytes)
    if (!cut) return line
    shown = cut
  }
}

/** The longest text, shortened to less than `share` of itself. Undefined when no text is left to cut. */
function cutLongest(details: EventDetails, share: number): EventDetails | undefined {
  let name: (typeof CUT)[number] | undefined
  let longest = ''
  for (const member of CUT) {
    const text = details[member]
    if (text !== undefined && text.length > longest.length) {
      name = member
      longest = text
    }
  }
  if (name === undefined) return undefined
  const kept = longest.slice(0, Math.floor(longest.length * share * 0.95)).replace(/[\uD800-\uDBFF]$/, '')
  return { ...details, [name]: kept, ...ABOUT[name] }
}
