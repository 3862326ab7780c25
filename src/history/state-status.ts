/** What the picture says of each state: its visits taken together, or those of one iteration. */
import { retriesOf, type Run, type Visit, type VisitStatus } from './visits.ts'

export interface StateStatus {
  readonly status: VisitStatus
  readonly visits: readonly Visit[]
  readonly retries: number
}

/** The worst that is going on decides: running before failed before caught before aborted before succeeded. */
const ORDER: readonly VisitStatus[] = ['running', 'failed', 'caught', 'aborted', 'succeeded']

/** `iterations`: for a Map's name, the iteration that is looked at; all of them where it is absent. */
export function statusByState(run: Run, iterations: ReadonlyMap<string, number> = new Map()): ReadonlyMap<string, StateStatus> {
  const byName = new Map<string, Visit[]>()
  for (const visit of run.visits) {
    if (!isShown(visit, iterations)) continue
    const those = byName.get(visit.name)
    if (those) those.push(visit)
    else byName.set(visit.name, [visit])
  }
  return new Map([...byName].map(([name, visits]) => [name, summary(visits)]))
}

function isShown(visit: Visit, iterations: ReadonlyMap<string, number>): boolean {
  for (let at: Visit | undefined = visit; at?.parent; at = at.parent) {
    const wanted = iterations.get(at.parent.name)
    if (wanted !== undefined && at.iteration !== undefined && at.iteration !== wanted) return false
  }
  return true
}

function summary(visits: readonly Visit[]): StateStatus {
  const found = new Set(visits.map(({ status }) => status))
  const retries = visits.reduce((sum, visit) => sum + retriesOf(visit), 0)
  return { status: ORDER.find((status) => found.has(status)) ?? 'running', visits, retries }
}
