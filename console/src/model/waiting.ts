/** States that wait for somebody's answer: running tasks to which a token was given that can be read in what they were called with. */
import { readTaskToken } from '../../../src/engine/task-token.ts'
import { detailsOf } from '../../../src/history/history-event.ts'
import { isScheduling, type Run, type Visit } from '../../../src/history/visits.ts'

export interface Waiting {
  readonly visit: Visit
  readonly token: string
}

export function waitingOf({ visits }: Run): readonly Waiting[] {
  return visits.flatMap((visit) => {
    const token = tokenOf(visit)
    return token === undefined ? [] : [{ visit, token }]
  })
}

/** Undefined where nobody is waited for, or the token was told in a way that cannot be read back. */
export function tokenOf(visit: Visit): string | undefined {
  if (visit.status !== 'running' || visit.type !== 'Task') return undefined
  const asked = visit.events.findLast(isScheduling)
  if (!asked || !(detailsOf(asked).resource ?? '').endsWith('.waitForTaskToken') || hasAnswered(visit, asked.id)) return undefined
  const { parameters, input } = detailsOf(asked)
  const found = (parameters ?? input ?? '').match(/AQCs(?:[A-Za-z0-9+/=]|%2[BbFf]|%3[Dd])+/g) ?? []
  return found.map(decoded).find((text) => readTaskToken(text) !== undefined)
}

/** A token that stood in an address. */
const decoded = (text: string): string => (text.includes('%') ? decodeURIComponent(text) : text)

const hasAnswered = ({ events }: Visit, since: number): boolean =>
  events.some(({ id, type }) => id > since && /(?:Succeeded|Failed|TimedOut)$/.test(type))
