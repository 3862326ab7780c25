/**
 * An execution's events as lines in its CloudWatch log group, by the level of its LoggingConfiguration. Delivery is best
 * effort, as on AWS: batched, tried again for some minutes, never in the way of a turn. Source: developer guide, "Using CloudWatch Logs";
 * CloudWatch Logs API reference, PutLogEvents (what a batch may hold).
 *
 * 1. Lines of one stream are sent one batch after the other, in the order of their times.
 * 2. A group that takes nothing holds up no other, and at most LINES_WAITING_MAX lines are kept for all.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { parseStatesArn } from '../base/arn.ts'
import { growingPause } from '../base/growing-pause.ts'
import { utf8Length } from '../base/json.ts'
import type { Log } from '../base/log.ts'
import { newSeed } from '../base/random.ts'

import { type EngineEvent, isHistoryEvent } from '../engine/event.ts'

import { isLogged, type LoggedExecution, type LogLevel, renderLine } from './log-line.ts'
import { type LogLine, LogsRefused, type PutLogEvents } from './put-log-events.ts'

export type { LoggedExecution } from './log-line.ts'
export { type LogLine, LogsRefused, type PutLogEvents, putLogEventsOverWire } from './put-log-events.ts'

export interface ExecutionLogOptions {
  readonly putLogEvents: PutLogEvents
  readonly log: Log
  /** Tests wait less. */
  readonly retryDelayMs?: number
}

const FLUSH_MS = 50
/** With pauses that double from a tenth of a second to half a minute: about two and a half minutes in all. */
const ATTEMPTS = 12
const PAUSE_MS_MAX = 30_000
/** Once the server stops. */
const LAST_ATTEMPTS = 3
const LINES_WAITING_MAX = 100_000
const SETTINGS_MAX = 1_000
/** Of one PutLogEvents call: 1 MiB, each line counting 26 bytes more than its text. */
const BATCH_BYTES_MAX = 1_048_576
const BATCH_LINES_MAX = 1_000
const LINE_OVERHEAD_BYTES = 26

export function createExecutionLog({ putLogEvents, log, retryDelayMs = 100 }: ExecutionLogOptions) {
  const settings = new Map<string, Setting>()
  const streams = new Map<string, Stream>()
  const streamId = newSeed().slice(0, 8)
  let waiting = 0
  let lost = 0
  let timer: NodeJS.Timeout | undefined
  const closing = new AbortController()

  const settingOf = (text: string): Setting => {
    let setting = settings.get(text)
    if (!setting) {
      setting = readSetting(text)
      if (settings.size >= SETTINGS_MAX) settings.clear()
      settings.set(text, setting)
    }
    return setting
  }

  function streamOf(group: string, arn: string, at: number): Stream {
    const name = `states/${machineOf(arn)}/${new Date(at).toISOString().slice(0, 10)}/${streamId}`
    const key = `${group}\n${name}`
    let stream = streams.get(key)
    if (!stream) {
      stream = { key, group, name, lines: [], isSending: false, sent: Promise.resolve() }
      streams.set(key, stream)
    }
    return stream
  }

  function flush(): void {
    timer = undefined
    for (const stream of streams.values()) if (!stream.isSending) stream.sent = send(stream)
    if (lost > 0) log.warn('execution log lines were lost: too many were waiting', { lines: lost })
    lost = 0
  }

  async function send(stream: Stream): Promise<void> {
    stream.isSending = true
    while (stream.lines.length > 0) {
      const lines = stream.lines.sort((a, b) => a.timestamp - b.timestamp)
      stream.lines = []
      for (const batch of batchesOf(lines)) {
        await deliver(stream, batch)
        waiting -= batch.length
      }
    }
    streams.delete(stream.key)
  }

  async function deliver({ group, name }: Stream, batch: readonly LogLine[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await putLogEvents(group, name, batch)
      } catch (error) {
        const attemptsMax = closing.signal.aborted ? LAST_ATTEMPTS : ATTEMPTS
        if (attempt >= attemptsMax || error instanceof LogsRefused)
          return log.warn('execution log lines were lost', { group, lines: batch.length, error: String(error) })
        await pause(growingPause(attempt, { firstMs: retryDelayMs, longestMs: PAUSE_MS_MAX }))
      }
    }
  }

  /** Shorter once the server stops: what is left is tried at once. */
  async function pause(ms: number): Promise<void> {
    const signal = closing.signal.aborted ? undefined : closing.signal
    await sleep(ms, undefined, { signal }).catch(() => {})
  }

  return {
    /** Takes the events of one committed turn. Returns at once. */
    committed(execution: LoggedExecution, events: readonly EngineEvent[]): void {
      const { level, group, includeExecutionData } = settingOf(execution.loggingConfiguration)
      if (group === undefined || level === 'OFF') return
      for (const event of events) {
        if (!isHistoryEvent(event) || !isLogged(event, level)) continue
        if (waiting >= LINES_WAITING_MAX) {
          lost++
          continue
        }
        waiting++
        const message = renderLine(execution, event, includeExecutionData)
        streamOf(group, execution.arn, event.at).lines.push({ timestamp: event.at, message })
      }
      if (streams.size > 0) timer ??= setTimeout(flush, FLUSH_MS)
    },
    /** Sends what is waiting, without patience. */
    async close(): Promise<void> {
      closing.abort()
      clearTimeout(timer)
      flush()
      await Promise.all([...streams.values()].map(({ sent }) => sent))
    },
  }
}

interface Stream {
  readonly key: string
  readonly group: string
  readonly name: string
  lines: LogLine[]
  isSending: boolean
  sent: Promise<void>
}

interface Setting {
  readonly level: LogLevel
  readonly group: string | undefined
  readonly includeExecutionData: boolean
}

/** The configuration was checked when the machine was made. */
function readSetting(text: string): Setting {
  const {
    level = 'OFF',
    includeExecutionData = false,
    destinations = [],
  } = JSON.parse(text) as {
    level?: LogLevel
    includeExecutionData?: boolean
    destinations?: { cloudWatchLogsLogGroup?: { logGroupArn?: string } }[]
  }
  const arn = destinations[0]?.cloudWatchLogsLogGroup?.logGroupArn
  return { level, includeExecutionData, group: arn?.split(':log-group:')[1]?.replace(/:\*$/, '') }
}

function machineOf(executionArn: string): string {
  const arn = parseStatesArn(executionArn)
  return arn?.kind === 'execution' || arn?.kind === 'express' ? arn.machine : 'unknown'
}

function* batchesOf(lines: readonly LogLine[]): Generator<readonly LogLine[]> {
  let batch: LogLine[] = []
  let bytes = 0
  for (const line of lines) {
    const size = utf8Length(line.message) + LINE_OVERHEAD_BYTES
    if (batch.length > 0 && (bytes + size > BATCH_BYTES_MAX || batch.length >= BATCH_LINES_MAX)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(line)
    bytes += size
  }
  if (batch.length > 0) yield batch
}
