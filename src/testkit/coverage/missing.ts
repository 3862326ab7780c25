/** What no run has reached, as sentences. Of a state that was never entered this alone is told. */
import type { Point } from './points.ts'
import type { WorkflowCoverage } from './workflow-coverage.ts'

export interface Missing {
  readonly point: Point
  /** `Pay: Catch 0 (States.Timeout) was never taken.` */
  readonly sentence: string
}

/** In the order of the definition. */
export function missingIn(coverage: WorkflowCoverage): readonly Missing[] {
  const entered = new Set(
    coverage.points
      .filter(({ kind }) => kind === 'state')
      .filter((point) => coverage.isCovered(point))
      .map(({ state }) => state),
  )
  return coverage.points
    .filter((point) => !coverage.isCovered(point) && (point.kind === 'state' || entered.has(point.state)))
    .map((point) => ({ point, sentence: coverage.maybe(point) > 0 ? unclear(point) : never(point) }))
}

/** What a point is called beside its state: `Catch 0 (States.Timeout)`. */
export function nameOf({ kind, index, label, to }: Point): string {
  const told = label === undefined || label === '' ? '' : ` (${label})`
  switch (kind) {
    case 'state':
      return 'entered'
    case 'next':
      return `Next (${to ?? ''})`
    case 'end':
      return 'End'
    case 'choice':
      return `Choice ${index ?? 0}${told}`
    case 'default':
      return `Default (${to ?? ''})`
    case 'catch':
      return `Catch ${index ?? 0}${told}`
    case 'retried':
      return `Retry ${index ?? 0}${told} fired`
    case 'exhausted':
      return `Retry ${index ?? 0}${told} exhausted`
    case 'none':
      return 'no items'
    case 'one':
      return 'one item'
    case 'many':
      return 'many items'
    case 'timeout':
      return 'TimeoutSeconds'
    case 'heartbeat':
      return 'HeartbeatSeconds'
  }
}

function never(point: Point): string {
  const { kind, path } = point
  switch (kind) {
    case 'state':
      return `${path} was never entered.`
    case 'next':
    case 'choice':
    case 'default':
    case 'catch':
      return `${path}: ${nameOf(point)} was never taken.`
    case 'end':
      return `${path}: its End was never reached.`
    case 'retried':
      return `${path}: ${nameOf(point).replace(/ fired$/, '')} never fired.`
    case 'exhausted':
      return `${path}: ${nameOf(point).replace(/ exhausted$/, '')} was never exhausted.`
    case 'none':
    case 'one':
    case 'many':
      return `${path} never ran with ${nameOf(point)}.`
    case 'timeout':
      return `${path} never timed out (TimeoutSeconds).`
    case 'heartbeat':
      return `${path} never missed a heartbeat (HeartbeatSeconds).`
  }
}

function unclear(point: Point): string {
  const { kind, path } = point
  const asked = `${path}: it cannot be told whether`
  switch (kind) {
    case 'choice':
    case 'default':
      return `${asked} ${nameOf(point)} was taken: another rule leads to ${point.to ?? 'the same state'} too, and what the rules look at is not in the history.`
    case 'catch':
      return `${asked} ${nameOf(point)} was taken: another catcher leads to ${point.to ?? 'the same state'} too, and the history does not tell the error.`
    case 'retried':
    case 'exhausted':
      return `${asked} ${nameOf(point).replace(/ (?:fired|exhausted)$/, ' was it')}: the state was tried again, and the history does not tell the error.`
    case 'none':
    case 'one':
    case 'many':
      return `${asked} it ran with ${nameOf(point)}: the histories of its children do not tell.`
    case 'state':
    case 'next':
    case 'end':
    case 'timeout':
    case 'heartbeat':
      return never(point)
  }
}
