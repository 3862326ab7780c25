/** How a run, or a visit of a state, came to its end. */
import { type Check, failed, passed } from './check.ts'
import { type Outcome, outcomeOf, reasonText } from './received.ts'
import { differenceOf, fits, isSame, jsonText, type Pattern, patternText } from './same.ts'
import { wayText } from './way.ts'

/** It succeeded, with this output where one is given. */
export function toHaveSucceeded(received: unknown, output?: unknown): Check {
  const outcome = outcomeOf(received, 'toHaveSucceeded')
  const { subject } = outcome
  if (outcome.kind !== 'succeeded')
    return failed(() => `Expected ${subject} to have succeeded, ${ended(outcome)}${wayText(received)}`)
  if (output === undefined) return passed(() => `Expected ${subject} not to have succeeded, and it has.`)
  if (isSame(outcome.output, output))
    return passed(() => `Expected ${subject} not to have succeeded with this output, and it has:\n\n${jsonText(outcome.output)}`)
  return failed(
    () => `${capital(subject)} succeeded, with another output than expected.\n\n${differenceOf(outcome.output, output)}`,
  )
}

/** It failed, timed out or was aborted; with this error and cause where they are given. */
export function toHaveFailed(received: unknown, error?: Pattern, cause?: Pattern): Check {
  const outcome = outcomeOf(received, 'toHaveFailed')
  const { subject } = outcome
  const named = error !== undefined || cause !== undefined
  const wanted = named ? ` with ${reasonOf(error, cause)}` : ''
  if (outcome.kind !== 'failed')
    return failed(() => `Expected ${subject} to have failed${wanted}, ${ended(outcome)}${wayText(received)}`)
  if (fits(outcome.error, error) && fits(outcome.cause, cause))
    return passed(() => `Expected ${subject} not to have failed${wanted}, ${ended(outcome)}`)
  return failed(
    () =>
      `${capital(subject)} failed, with another error than expected.\n\n- expected ${reasonOf(error, cause)}\n+ received ${reasonText(outcome.error, outcome.cause)}${wayText(received)}`,
  )
}

/** What is expected of an error. */
export const reasonOf = (error: Pattern | undefined, cause: Pattern | undefined): string =>
  `${error === undefined ? 'any error' : patternText(error)}${cause === undefined ? '' : `: ${patternText(cause)}`}`

function ended({ kind, status, output, error, cause }: Outcome): string {
  switch (kind) {
    case 'running':
      return 'and it is still running: await run.done() first.'
    case 'succeeded':
      return `and it succeeded, with ${oneLine(output)}.`
    case 'failed':
      return `and it ${ENDS[status] ?? 'failed'} with ${reasonText(error, cause)}`
  }
}

const ENDS: Readonly<Record<string, string>> = {
  TIMED_OUT: 'timed out,',
  ABORTED: 'was aborted,',
  aborted: 'was aborted,',
  caught: 'failed, which was caught,',
}

const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

const CHARS_MAX = 200

function oneLine(value: unknown): string {
  const text = JSON.stringify(value) ?? 'no output'
  return text.length > CHARS_MAX ? `${text.slice(0, CHARS_MAX)}…` : text
}
