/**
 * An execution in the terminal: a row a state with its start, a bar on a common scale, duration, status and retries; then
 * how it ended and how many transitions it took. Pure: events in, lines out.
 */
import type { HistoryEvent } from '../history/history-event.ts'
import { timelineOf } from '../history/timeline.ts'
import { countTransitions } from '../history/transitions.ts'
import { depthOf, foldHistory, retriesOf, type Run, type Visit } from '../history/visits.ts'

import { isoOf } from './output.ts'
import type { ExecutionSummary } from './states-api.ts'
import { formatDuration, type Paint, printable, shorten } from './terminal.ts'

export interface TimelineLook {
  readonly columns: number
  readonly paint: Paint
  /** Epoch milliseconds: where the bars of states that still run end. */
  readonly now: number
}

const BAR_MIN = 10
const NAME_MAX = 40

export function renderTimeline(summary: ExecutionSummary, events: readonly HistoryEvent[], look: TimelineLook): string[] {
  const run = foldHistory(events)
  return [...heading(summary, look), '', ...rows(summary, run, look), '', ...ending(summary, run, look)]
}

/** The same for programs: the states in the order in which they were entered, times as texts. */
export function timelineAsJson(events: readonly HistoryEvent[]): {
  readonly states: readonly object[]
  readonly transitions: number
} {
  const run = foldHistory(events)
  const states = run.visits.map((visit) => {
    const { name, status, startAt, endAt } = visit
    const ended = endAt !== undefined && { end: isoOf(endAt * 1_000), durationMs: msBetween(startAt, endAt) }
    return {
      name,
      depth: depthOf(visit),
      status,
      start: isoOf(startAt * 1_000),
      ...ended,
      retries: retriesOf(visit),
      error: errorOf(visit),
    }
  })
  return { states, transitions: countTransitions(run).drawn }
}

/** Why a state failed, or what was caught; undefined once an attempt has made good for it. */
export function errorOf({ status, failure, events }: Visit): string | undefined {
  if (status === 'succeeded' || failure === undefined) return undefined
  return failure.error || events.find(({ id }) => id === failure.eventId)?.type
}

/** Milliseconds between two instants in epoch seconds. */
export const msBetween = (from: number, to: number): number => Math.round((to - from) * 1000)

function heading(summary: ExecutionSummary, { paint }: TimelineLook): string[] {
  return [paint('bold', printable(summary.executionArn)), `Started ${new Date(summary.startedAt).toISOString()}`]
}

function rows({ startedAt, stoppedAt }: ExecutionSummary, run: Run, look: TimelineLook): string[] {
  if (run.visits.length === 0) return ['No state was entered.']
  const start = startedAt / 1000
  const now = (stoppedAt ?? look.now) / 1000
  const cells = timelineOf(run, now, start).map(({ visit, depth, from, width }) => {
    const { status, startAt, endAt = now } = visit
    const count = retriesOf(visit)
    const retries = count === 0 ? '' : `  ${count} ${count === 1 ? 'retry' : 'retries'}`
    const error = errorOf(visit)
    return {
      name: shorten('  '.repeat(depth) + printable(visit.name), NAME_MAX),
      offset: `+${formatDuration(msBetween(start, startAt))}`,
      duration: formatDuration(Math.max(0, msBetween(startAt, endAt))),
      from,
      to: from + width,
      status,
      rest: `${status}${retries}${error === undefined ? '' : `  ${printable(error)}`}`,
    }
  })
  const widest = (texts: readonly string[]) => texts.reduce((width, text) => Math.max(width, [...text].length), 0)
  const nameWidth = widest(cells.map((cell) => cell.name))
  const offsetWidth = widest(cells.map((cell) => cell.offset))
  const durationWidth = widest(cells.map((cell) => cell.duration))
  const restWidth = Math.min(24, widest(cells.map((cell) => cell.rest)))
  const barWidth = Math.max(BAR_MIN, look.columns - nameWidth - offsetWidth - durationWidth - restWidth - 8)
  return cells.map(({ name, offset, duration, from, to, status, rest }) =>
    [
      name.padEnd(nameWidth),
      offset.padStart(offsetWidth),
      look.paint(COLOURS[status], bar(from, to, barWidth)),
      duration.padStart(durationWidth),
      look.paint(COLOURS[status], rest),
    ].join('  '),
  )
}

const COLOURS = { succeeded: 'green', caught: 'yellow', failed: 'red', running: 'cyan', aborted: 'gray' } as const

/** `from` and `to` are shares of the whole; the shortest stay is still seen. */
export function bar(from: number, to: number, width: number): string {
  const start = Math.min(width - 1, Math.max(0, Math.floor(from * width)))
  const end = Math.min(width, Math.max(start + 1, Math.ceil(to * width)))
  return '·'.repeat(start) + '█'.repeat(end - start) + '·'.repeat(width - end)
}

function ending(summary: ExecutionSummary, run: Run, { paint, now }: TimelineLook): string[] {
  const { drawn, statesEntered } = countTransitions(run)
  const duration = formatDuration((summary.stoppedAt ?? now) - summary.startedAt)
  const colour = summary.status === 'SUCCEEDED' ? 'green' : summary.status === 'RUNNING' ? 'cyan' : 'red'
  const lines = [
    `${paint([colour, 'bold'], summary.status)} after ${duration}, ${drawn} transitions (${statesEntered} states entered)`,
  ]
  if (summary.error !== undefined) lines.push(`Error: ${printable(summary.error)}`)
  if (summary.cause !== undefined) lines.push(`Cause: ${printable(summary.cause)}`)
  return lines
}
