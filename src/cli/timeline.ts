/**
 * An execution in the terminal: a row a state with its start, a bar on a common scale, duration, status and retries; then
 * how it ended and how many transitions it took. Pure: events in, lines out.
 */
import type { EnteredState, HistoryEvent } from './history.ts'
import { enteredStates } from './history.ts'
import type { ExecutionSummary } from './states-api.ts'
import { formatDuration, type Paint, printable, shorten } from './terminal.ts'
import { countTransitions } from './transitions.ts'

export interface TimelineLook {
  readonly columns: number
  readonly paint: Paint
  /** Epoch milliseconds: where the bars of states that still run end. */
  readonly now: number
}

export type StateStatus = 'succeeded' | 'caught' | 'failed' | 'running' | 'aborted'

const BAR_MIN = 10
const NAME_MAX = 40

export function renderTimeline(summary: ExecutionSummary, events: readonly HistoryEvent[], look: TimelineLook): string[] {
  const states = enteredStates(events)
  return [...heading(summary, look), '', ...rows(summary, states, look), '', ...ending(summary, events, look)]
}

export function statusOf(state: EnteredState, executionStatus: string): StateStatus {
  if (state.exitedAt !== undefined) return state.error === undefined ? 'succeeded' : 'caught'
  if (executionStatus === 'RUNNING') return 'running'
  return executionStatus === 'ABORTED' && state.error === undefined ? 'aborted' : 'failed'
}

function heading(summary: ExecutionSummary, { paint }: TimelineLook): string[] {
  return [paint('bold', printable(summary.executionArn)), `Started ${new Date(summary.startedAt).toISOString()}`]
}

function rows(summary: ExecutionSummary, states: readonly EnteredState[], look: TimelineLook): string[] {
  if (states.length === 0) return ['No state was entered.']
  const end = Math.max(summary.stoppedAt ?? look.now, ...states.map((state) => state.exitedAt ?? state.enteredAt))
  const span = Math.max(1, end - summary.startedAt)
  const cells = states.map((state) => {
    const until = state.exitedAt ?? summary.stoppedAt ?? look.now
    const status = statusOf(state, summary.status)
    const retries = state.retries === 0 ? '' : `  ${state.retries} ${state.retries === 1 ? 'retry' : 'retries'}`
    const error = state.error === undefined || status === 'succeeded' ? '' : `  ${printable(state.error)}`
    return {
      name: shorten('  '.repeat(state.depth) + printable(state.name), NAME_MAX),
      offset: `+${formatDuration(state.enteredAt - summary.startedAt)}`,
      duration: formatDuration(Math.max(0, until - state.enteredAt)),
      from: (state.enteredAt - summary.startedAt) / span,
      to: (until - summary.startedAt) / span,
      status,
      rest: `${status}${retries}${error}`,
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

function ending(summary: ExecutionSummary, events: readonly HistoryEvent[], { paint, now }: TimelineLook): string[] {
  const { drawn, statesEntered } = countTransitions(events)
  const duration = formatDuration((summary.stoppedAt ?? now) - summary.startedAt)
  const colour = summary.status === 'SUCCEEDED' ? 'green' : summary.status === 'RUNNING' ? 'cyan' : 'red'
  const lines = [
    `${paint([colour, 'bold'], summary.status)} after ${duration}, ${drawn} transitions (${statesEntered} states entered)`,
  ]
  if (summary.error !== undefined) lines.push(`Error: ${printable(summary.error)}`)
  if (summary.cause !== undefined) lines.push(`Cause: ${printable(summary.cause)}`)
  return lines
}
