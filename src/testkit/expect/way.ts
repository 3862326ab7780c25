/** The way that a run has taken: which states it visited, in which order. */
import type { StateRun } from '../run.ts'
import { isMeant } from '../state-path.ts'
import { TestKitError } from '../kit-error.ts'
import { type Check, failed, passed } from './check.ts'
import { align, type Step } from './difference.ts'
import { reasonText, runOf, type TestedRun } from './received.ts'

export interface VisitedOptions {
  /** It visited these and no others. */
  readonly exact?: boolean
}

const LINES_MAX = 60

/**
 * It visited these states in this order; others may lie between, unless `exact`. A state is named by its path (`Each[2]/Ship`), its path without
 * indexes (`Each/Ship`, any item's), or its own name.
 */
export function toHaveVisited(
  received: unknown,
  states: string | readonly string[],
  { exact = false }: VisitedOptions = {},
): Check {
  const run = runOf(received, 'toHaveVisited')
  const wanted = namesOf(states)
  const visits = run.states()
  const list = wanted.join(', ')
  const inOrder = wanted.length > 1 ? ' in this order' : ''
  const steps = exact ? align(wanted, visits, isVisitOf) : along(wanted, visits)
  const missing = steps.flatMap((step) => (step.kind === 'expected' ? [step.expected] : []))
  const isWhole = !exact || steps.every(({ kind }) => kind === 'both')
  const whole = exact ? ' and nothing else' : ''
  if (missing.length === 0 && isWhole)
    return passed(() => `Expected the run not to have visited ${list}${inOrder}${whole}, and it has.\n\n${linesOf(steps, false)}`)
  return failed(() => {
    const lacking = missing.length > 0 ? `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing` : 'there is more'
    const legend = exact ? '- expected\n+ visited\n\n' : '- expected\n\n'
    return `Expected the run to have visited ${list}${inOrder}${whole}: ${lacking}.\n\n${legend}${linesOf(steps, exact)}${endText(run)}`
  })
}

/** To be added to a message: the states that a run came through. Empty for a state. */
export function wayText(received: unknown): string {
  const isState = typeof received === 'object' && received !== null && 'path' in received
  if (isState) return ''
  const visits = runOf(received, 'toHaveVisited').states()
  if (visits.length === 0) return '\n\nIt visited no state.'
  return `\n\nIt visited:\n${cut(visits.map((visit) => `  ${visitText(visit)}`)).join('\n')}`
}

type WayStep = Step<string, StateRun>

/** Each as early as it can be, after the one before it. */
function along(wanted: readonly string[], visits: readonly StateRun[]): readonly WayStep[] {
  const steps: WayStep[] = []
  let next = 0
  for (const state of wanted) {
    const found = visits.findIndex((visit, i) => i >= next && isVisitOf(state, visit))
    if (found < 0) {
      steps.push({ kind: 'expected', expected: state })
      continue
    }
    for (const passedBy of visits.slice(next, found)) steps.push({ kind: 'received', received: passedBy })
    steps.push({ kind: 'both', expected: state, received: visits[found] as StateRun })
    next = found + 1
  }
  return [...steps, ...visits.slice(next).map((received) => ({ kind: 'received', received }) as const)]
}

const isVisitOf = (state: string, { path, name }: StateRun): boolean => isMeant(state, path, name)

const linesOf = (steps: readonly WayStep[], exact: boolean): string => cut(steps.map((step) => lineOf(step, exact))).join('\n')

function lineOf(step: WayStep, exact: boolean): string {
  switch (step.kind) {
    case 'expected':
      return `- ${step.expected}`
    case 'both':
      return `  ${visitText(step.received)}`
    case 'received':
      return `${exact ? '+' : ' '} ${visitText(step.received)}`
  }
}

function visitText({ path, status, error, cause }: StateRun): string {
  switch (status) {
    case 'succeeded':
      return path
    case 'running':
    case 'aborted':
      return `${path} (${status})`
    case 'caught':
    case 'failed':
      return `${path} (${status}: ${reasonText(error, cause)})`
  }
}

function endText({ status, error, cause }: TestedRun): string {
  if (status === 'SUCCEEDED') return ''
  return status === 'RUNNING' ? '\n\nThe run is still running.' : `\n\nThe run is ${status}: ${reasonText(error, cause)}`
}

/** Of a long way what is told of its middle is how long it is; what is missing stays. */
function cut(lines: readonly string[]): readonly string[] {
  if (lines.length <= LINES_MAX) return lines
  const half = LINES_MAX / 2
  const middle = lines.slice(half, -half)
  const told = middle.filter((line) => line.startsWith('-'))
  return [...lines.slice(0, half), `  … ${middle.length - told.length} more`, ...told, ...lines.slice(-half)]
}

function namesOf(states: unknown): readonly string[] {
  const names: readonly unknown[] = Array.isArray(states) ? states : [states]
  if (names.length > 0 && names.every((name) => typeof name === 'string')) return names
  throw new TestKitError(
    `toHaveVisited takes paths or names of states: toHaveVisited(['Check', 'Each/Ship']). It was given ${JSON.stringify(states) ?? 'nothing'}.`,
  )
}
