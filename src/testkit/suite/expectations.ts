/** Whether a run came to what a case expects. */
import { deepEqual, type Json } from '../../base/json.ts'

import type { Key } from '../../source/tree.ts'

import { jsonOf } from '../mock.ts'
import type { Run, StateRun } from '../run.ts'
import { withoutIndexes } from '../state-path.ts'

import { diffLines } from '../expect/difference.ts'
import { diffOf, lacking } from './compare.ts'
import type { Expectation, StateExpectation } from './suite.ts'

export interface Unmet {
  /** Within `expect`. */
  readonly path: readonly Key[]
  readonly message: string
  readonly diff?: readonly string[]
}

/** In the order in which they are told: the status before what follows from it. */
export function unmetOf(expected: Expectation, run: Run): readonly Unmet[] {
  const status = unmetStatus(expected, run)
  const visits = run.states()
  return [
    ...(status ? [status] : unmetOutput(expected, run)),
    ...unmetError(expected, run),
    ...unmetPath(expected, visits),
    ...Object.entries(expected.states ?? {}).flatMap(([name, state]) => unmetState(name, state, run.states(name).at(-1))),
  ]
}

/** All that a run came to, for a snapshot. */
export const outcomeOf = (run: Run): Json => ({
  status: run.status,
  ...(run.output !== undefined && { output: run.output }),
  ...(run.error !== undefined && { error: run.error }),
  ...(run.cause !== undefined && { cause: run.cause }),
  path: run.states().map(({ path }) => path),
})

function unmetStatus({ status, error, cause }: Expectation, run: Run): Unmet | undefined {
  const isExpected =
    status === undefined && (error !== undefined || cause !== undefined)
      ? run.status !== 'SUCCEEDED' && run.status !== 'RUNNING'
      : run.status === (status ?? 'SUCCEEDED')
  if (isExpected) return undefined
  const why = run.error === undefined ? '' : `: ${run.error}${run.cause === undefined ? '' : `, ${short(run.cause)}`}`
  const wanted = status ?? (error === undefined && cause === undefined ? 'SUCCEEDED' : 'failed')
  return { path: ['status'], message: `The run is ${run.status}, not ${wanted}${why}` }
}

const CAUSE_SHOWN_MAX = 300

const short = (cause: string): string => (cause.length > CAUSE_SHOWN_MAX ? `${cause.slice(0, CAUSE_SHOWN_MAX)}…` : cause)

function unmetOutput(expected: Expectation, { output }: Run): readonly Unmet[] {
  const unmet: Unmet[] = []
  if (expected.output !== undefined) {
    const wanted = jsonOf(expected.output, 'output')
    if (output === undefined || !deepEqual(wanted, output))
      unmet.push({ path: ['output'], message: 'The output is not as expected.', diff: diffOf(wanted, output) })
  }
  if (expected.outputContains !== undefined) {
    const lines = lacking(jsonOf(expected.outputContains, 'outputContains'), output)
    if (lines.length > 0) unmet.push({ path: ['outputContains'], message: `The output: ${lines.join('; ')}.` })
  }
  return unmet
}

function unmetError(expected: Expectation, { error, cause }: Run): readonly Unmet[] {
  const unmet: Unmet[] = []
  if (expected.error !== undefined && expected.error !== error)
    unmet.push({ path: ['error'], message: `The error is ${error ?? 'none'}, not ${expected.error}.` })
  if (expected.cause !== undefined && cause?.includes(expected.cause) !== true)
    unmet.push({
      path: ['cause'],
      message: `The cause ${cause === undefined ? 'is none' : `'${short(cause)}'`}: it has no '${expected.cause}' in it.`,
    })
  return unmet
}

function unmetPath({ path = [], pathExactly }: Expectation, visits: readonly StateRun[]): readonly Unmet[] {
  const unmet: Unmet[] = []
  const missing = firstMissing(path, visits)
  if (missing !== undefined) {
    const before = path.slice(0, missing).at(-1)
    const where = before === undefined ? '' : ` after ${before}`
    unmet.push({ path: ['path', missing], message: `${path[missing]} was not visited${where}.` })
  }
  if (pathExactly !== undefined) {
    const isSame = pathExactly.length === visits.length && pathExactly.every((name, i) => isMeant(name, visits[i]))
    const given = visits.map((visit) => pathExactly.find((name) => isMeant(name, visit)) ?? visit.path)
    if (!isSame) unmet.push({ path: ['pathExactly'], message: 'Other states were visited.', diff: diffLines(pathExactly, given) })
  }
  return unmet
}

function firstMissing(names: readonly string[], visits: readonly StateRun[]): number | undefined {
  let from = 0
  for (const [index, name] of names.entries()) {
    const found = visits.findIndex((visit, i) => i >= from && isMeant(name, visit))
    if (found < 0) return index
    from = found + 1
  }
  return undefined
}

const isMeant = (wanted: string, visit: StateRun | undefined): boolean =>
  visit !== undefined && (wanted === visit.path || wanted === visit.name || wanted === withoutIndexes(visit.path))

function unmetState(name: string, expected: StateExpectation, visit: StateRun | undefined): readonly Unmet[] {
  if (visit === undefined) return [{ path: ['states', name], message: `${name} was not visited.` }]
  const unmet: Unmet[] = []
  const plain = (member: 'status' | 'retries' | 'error', is: string | number | undefined): void => {
    const wanted = expected[member]
    if (wanted !== undefined && wanted !== is)
      unmet.push({ path: ['states', name, member], message: `The ${member} of ${name}: ${is ?? 'none'}, not ${wanted}.` })
  }
  const json = (member: 'input' | 'output', is: Json | undefined): void => {
    if (expected[member] === undefined) return
    const wanted = jsonOf(expected[member], member)
    if (is === undefined || !deepEqual(wanted, is))
      unmet.push({
        path: ['states', name, member],
        message: `The ${member} of ${name} is not as expected.`,
        diff: diffOf(wanted, is),
      })
  }
  plain('status', visit.status)
  json('input', visit.input)
  json('output', visit.output)
  plain('retries', visit.retries)
  plain('error', visit.error)
  return unmet
}
