/**
 * An execution's events as lines in its CloudWatch log group, by the level of its LoggingConfiguration. Delivery is best
 * effort, as on AWS: batched, tried a few times, never in the way of a turn. Source: developer guide, "Using CloudWatch Logs".
 */
import type { Log } from '../base/log.ts'

import { callAws } from '../wire/client.ts'
import { type EngineEvent, type HistoryEvent, isHistoryEvent } from '../engine/event.ts'
import type { Endpoints } from '../tasks/connector.ts'

import { renderEvent } from './event-details.ts'

export interface LogLine {
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly message: string
}

export type PutLogEvents = (group: string, stream: string, events: readonly LogLine[]) => Promise<void>

export interface LoggedExecution {
  readonly arn: string
  readonly redriveCount: number
  /** JSON text of the machine's LoggingConfiguration. */
  readonly loggingConfiguration: string
  readonly mapRunArn?: string
}

const FLUSH_MS = 50
const BATCH_MAX = 1_000
const ATTEMPTS = 3

export function createExecutionLog({ putLogEvents, log }: { readonly putLogEvents: PutLogEvents; readonly log: Log }) {
  const waiting = new Map<string, LogLine[]>()
  const settings = new Map<string, Setting>()
  let timer: NodeJS.Timeout | undefined
  let sending = Promise.resolve()

  const settingOf = (text: string): Setting => {
    let setting = settings.get(text)
    if (!setting) {
      setting = readSetting(text)
      if (settings.size > 1_000) settings.clear()
      settings.set(text, setting)
    }
    return setting
  }

  function flush(): void {
    timer = undefined
    for (const [group, lines] of waiting) {
      for (let i = 0; i < lines.length; i += BATCH_MAX) {
        const batch = lines.slice(i, i + BATCH_MAX)
        sending = sending.then(() => deliver(group, batch))
      }
    }
    waiting.clear()
  }

  async function deliver(group: string, lines: readonly LogLine[]): Promise<void> {
    const stream = `states/${new Date(lines[0]?.timestamp ?? 0).toISOString().slice(0, 10)}`
    for (let attempt = 1; ; attempt++) {
      try {
        return await putLogEvents(group, stream, lines)
      } catch (error) {
        if (attempt === ATTEMPTS)
          return log.warn('execution log lines were lost', { group, lines: lines.length, error: String(error) })
        await new Promise((resolve) => setTimeout(resolve, 100 * attempt))
      }
    }
  }

  return {
    committed(execution: LoggedExecution, events: readonly EngineEvent[]): void {
      const { level, group, includeExecutionData } = settingOf(execution.loggingConfiguration)
      if (group === undefined || level === 'OFF') return
      const lines = events
        .filter(isHistoryEvent)
        .flatMap((event) => (isLogged(event, level) ? [lineOf(execution, event, includeExecutionData)] : []))
      if (lines.length === 0) return
      const batch = waiting.get(group)
      if (batch) batch.push(...lines)
      else waiting.set(group, lines)
      timer ??= setTimeout(flush, FLUSH_MS)
    },
    async close(): Promise<void> {
      clearTimeout(timer)
      flush()
      await sending
    },
  }
}

interface Setting {
  readonly level: string
  readonly group: string | undefined
  readonly includeExecutionData: boolean
}

function readSetting(text: string): Setting {
  const {
    level = 'OFF',
    includeExecutionData = false,
    destinations = [],
  } = JSON.parse(text) as {
    level?: string
    includeExecutionData?: boolean
    destinations?: { cloudWatchLogsLogGroup?: { logGroupArn?: string } }[]
  }
  const arn = destinations[0]?.cloudWatchLogsLogGroup?.logGroupArn
  return { level, includeExecutionData, group: arn?.split(':log-group:')[1]?.replace(/:\*$/, '') }
}

const ENDED_BADLY = /^Execution(?:Aborted|Failed|TimedOut)$/
const WENT_WRONG = /(?:Failed|TimedOut|Aborted)$/

/** ALL: every event. ERROR: what went wrong, and Fail states. FATAL: executions that did not succeed. */
function isLogged(event: HistoryEvent, level: string): boolean {
  const { type } = renderEvent(event, false)
  if (level === 'ALL') return true
  if (level === 'FATAL') return ENDED_BADLY.test(type)
  return WENT_WRONG.test(type) || type === 'FailStateEntered'
}

function lineOf({ arn, redriveCount, mapRunArn }: LoggedExecution, event: HistoryEvent, withData: boolean): LogLine {
  const { type, details } = renderEvent(event, withData)
  const message = JSON.stringify({
    ...{ id: String(event.id), type, details: details ?? {} },
    ...{ previous_event_id: String(event.previousEventId), event_timestamp: String(event.at), execution_arn: arn },
    ...(mapRunArn !== undefined && { map_run_arn: mapRunArn }),
    redrive_count: String(redriveCount),
  })
  return { timestamp: event.at, message }
}

/** Writes to the Logs endpoint; makes the stream when it is missing. */
export function putLogEventsOverWire(endpoints: Endpoints): PutLogEvents {
  const call = async (operation: string, input: unknown) => {
    const { url, region, credentials } = endpoints.endpointFor('cloudwatchlogs')
    const given = await credentials()
    return callAws({
      ...{ endpoint: url, region, service: 'logs', method: 'POST', path: '/' },
      ...(given && { credentials: given }),
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${operation}` },
      body: Buffer.from(JSON.stringify(input)),
    })
  }
  return async (logGroupName, logStreamName, logEvents) => {
    const put = () => call('PutLogEvents', { logGroupName, logStreamName, logEvents })
    let answer = await put()
    if (answer.status === 400 && answer.body.includes('ResourceNotFoundException')) {
      await call('CreateLogStream', { logGroupName, logStreamName })
      answer = await put()
    }
    if (answer.status >= 300)
      throw new Error(`PutLogEvents answered ${answer.status}: ${answer.body.toString('utf8').slice(0, 300)}`)
  }
}
