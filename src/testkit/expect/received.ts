/** What a check was given: a run, or a visit of a state. Anything else is a mistake of the test, told as such. */
import type { Run, StateRun } from '../run.ts'
import { TestKitError } from '../kit-error.ts'

/** What the checks look at. */
export type TestedRun = Pick<Run, 'executionArn' | 'status' | 'output' | 'error' | 'cause' | 'history' | 'children' | 'states'>

/** How a run, or a visit, has gone. */
export interface Outcome {
  /** `the run`, `Each[2]/Ship`. */
  readonly subject: string
  readonly status: string
  readonly kind: 'running' | 'succeeded' | 'failed'
  readonly output: unknown
  readonly error: string | undefined
  readonly cause: string | undefined
}

/** Throws TestKitError. */
export function runOf(received: unknown, check: string): TestedRun {
  if (isRun(received)) return received
  throw new TestKitError(`${check} looks at a run: expect(await wf.run({ … })).${check}(…). It was given ${told(received)}.`)
}

/** Throws TestKitError. */
export function stateOf(received: unknown, check: string): StateRun {
  if (isState(received)) return received
  throw new TestKitError(
    `${check} looks at a state of a run: expect(run.state('Pay')).${check}(…). It was given ${told(received)}.`,
  )
}

/** Throws TestKitError. */
export function outcomeOf(received: unknown, check: string): Outcome {
  if (!isState(received)) {
    const { status, output, error, cause } = runOf(received, check)
    const kind = status === 'RUNNING' ? 'running' : status === 'SUCCEEDED' ? 'succeeded' : 'failed'
    return {
      subject: 'the run',
      status,
      kind,
      output,
      error: error ?? (status === 'TIMED_OUT' ? 'States.Timeout' : undefined),
      cause,
    }
  }
  const { path, status, output, error, cause } = received
  return { subject: path, status, kind: KINDS[status], output, error, cause }
}

const KINDS: Readonly<Record<StateRun['status'], Outcome['kind']>> = {
  running: 'running',
  succeeded: 'succeeded',
  caught: 'failed',
  failed: 'failed',
  aborted: 'failed',
}

/** `Card.Declined: no cover` */
export const reasonText = (error: string | undefined, cause: string | undefined): string =>
  [error, cause].filter((part) => part !== undefined && part !== '').join(': ') || 'an error without a name'

function isRun(value: unknown): value is TestedRun {
  return (
    isObject(value) && 'status' in value && ['states', 'history', 'children'].every((name) => typeof value[name] === 'function')
  )
}

function isState(value: unknown): value is StateRun {
  return isObject(value) && typeof value['path'] === 'string' && Array.isArray(value['thrown'])
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

function told(value: unknown): string {
  if (value instanceof Promise) return 'a promise: await it'
  if (isRun(value)) return 'a run'
  if (isState(value)) return `the state ${value.path}`
  if (Array.isArray(value)) return 'an array'
  return isObject(value) ? 'an object of another kind' : String(value)
}
