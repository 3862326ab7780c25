/**
 * Follows an execution until it has ended. On a terminal the running states stand on a live line; elsewhere each change
 * is a plain line. Everything goes to `screen` (standard error), so that standard output holds the result alone.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import type { HistoryEvent } from '../history/history-event.ts'
import { depthOf, foldHistory, retriesOf, type Visit } from '../history/visits.ts'

import { ENDED, type ExecutionSummary, type StatesApi } from './states-api.ts'
import { formatDuration, painter, printable, type Screen, shorten } from './terminal.ts'
import { errorOf, msBetween } from './timeline.ts'

const FIRST_PAUSE_MS = 20
const LAST_PAUSE_MS = 500

export interface Followed {
  readonly summary: ExecutionSummary
  readonly events: readonly HistoryEvent[]
}

export async function follow(api: StatesApi, executionArn: string, screen: Screen): Promise<Followed> {
  const events: HistoryEvent[] = []
  const view = new ProgressView(screen)
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LAST_PAUSE_MS, pause * 1.5)) {
    // The status is read before the events: an end that is seen has all its events.
    const summary = await api.describe(executionArn)
    const fresh = await api.history(executionArn, events.at(-1)?.id ?? 0)
    events.push(...fresh)
    if (fresh.length > 0) pause = FIRST_PAUSE_MS
    const hasEnded = ENDED.has(summary.status)
    view.show(events, hasEnded)
    if (hasEnded) return { summary, events }
    await sleep(pause)
  }
}

export class ProgressView {
  readonly #screen: Screen
  readonly #told = new Map<number, string>()

  constructor(screen: Screen) {
    this.#screen = screen
  }

  show(events: readonly HistoryEvent[], hasEnded: boolean): void {
    const { visits } = foldHistory(events)
    const isLive = this.#screen.isTTY === true
    if (isLive) this.#screen.write('\r\u001b[K')
    visits.forEach((visit, index) => {
      const line = describe(visit, isLive, hasEnded)
      if (line === undefined || this.#told.get(index) === line.key) return
      this.#told.set(index, line.key)
      const style = line.key === 'left' ? 'green' : line.key === 'entered' ? 'cyan' : 'yellow'
      this.#screen.write(`${painter(this.#screen)(style, line.mark)} ${line.text}\n`)
    })
    if (isLive && !hasEnded) this.#screen.write(liveLine(visits, this.#screen.columns ?? 80))
  }
}

function describe(visit: Visit, isLive: boolean, hasEnded: boolean) {
  const name = '  '.repeat(depthOf(visit)) + printable(visit.name)
  const told = errorOf(visit)
  const error = told === undefined ? '' : ` ${printable(told)}`
  const { status, startAt, endAt = startAt } = visit
  const retries = retriesOf(visit)
  if (status === 'succeeded' || status === 'caught') {
    const again = retries === 0 ? '' : `, ${retries} ${retries === 1 ? 'retry' : 'retries'}`
    const caught = status === 'caught' ? `, caught${error}` : ''
    return { key: 'left', mark: '✔', text: `${name} (${formatDuration(msBetween(startAt, endAt))}${again}${caught})` }
  }
  if (hasEnded || status !== 'running') return { key: 'failed', mark: '✘', text: `${name}${error}` }
  if (error !== '') return { key: `failed ${retries}`, mark: '↻', text: `${name}${error}` }
  return isLive ? undefined : { key: 'entered', mark: '▸', text: name }
}

function liveLine(visits: readonly Visit[], columns: number): string {
  const running = visits.filter(({ endAt }) => endAt === undefined).map(({ name }) => printable(name))
  const shown = running.length > 3 ? `${running.slice(-3).join(', ')} and ${running.length - 3} more` : running.join(', ')
  return running.length === 0 ? '' : shorten(`▸ ${shown} …`, columns - 1)
}
