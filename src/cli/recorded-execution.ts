/** An execution with all that a recording needs, asked of a server with calls that only read. */
import { setTimeout as sleep } from 'node:timers/promises'

import { parseStatesArn } from '../base/arn.ts'
import { growingPause } from '../base/growing-pause.ts'
import type { JsonObject } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'
import { detailsOf, type HistoryEvent } from '../history/history-event.ts'
import type { ChildHistories, RecordedExecution } from '../testkit/record/recording-of.ts'

import { CliError } from './cli-error.ts'
import { allOf, instantAt, type StatesApi, textAt } from './states-api.ts'

/** Histories that are asked for at once: GetExecutionHistory is throttled. */
const AT_ONCE = 5
const ATTEMPTS_MAX = 8
const PAUSES = { firstMs: 250, longestMs: 5_000 }

/** Rejects with CliError for what keeps no history, WireError where the server refuses. */
export async function recordedExecution(api: StatesApi, executionArn: string): Promise<RecordedExecution> {
  assertHasHistory(executionArn)
  const history = await patiently(() => api.history(executionArn))
  const definition = textAt(await api.call('DescribeStateMachineForExecution', { executionArn }), 'definition')
  return {
    history,
    children: await childrenOf(api, history),
    source: executionArn,
    ...(definition !== undefined && { definition }),
  }
}

function assertHasHistory(executionArn: string): void {
  switch (parseStatesArn(executionArn)?.kind) {
    case 'execution':
      return
    case 'express':
      throw new CliError(
        `${executionArn} is an Express execution, which keeps no history: only its log tells what it did. Record a Standard execution of the same definition.`,
      )
    default:
      throw new CliError(`${JSON.stringify(executionArn)} is not the ARN of an execution.`)
  }
}

/** By Map Run, in the order in which they began, those of their own Map Runs too. Express executions keep none. */
async function childrenOf(api: StatesApi, history: readonly HistoryEvent[]): Promise<ChildHistories> {
  const runs = history.filter(({ type }) => type === 'MapRunStarted').flatMap((event) => detailsOf(event).mapRunArn ?? [])
  const found: Record<string, readonly (readonly HistoryEvent[])[]> = {}
  for (const run of runs) {
    const arns = await childArnsOf(api, run)
    if (arns === undefined) continue
    const histories: (readonly HistoryEvent[])[] = []
    for (let at = 0; at < arns.length; at += AT_ONCE)
      histories.push(...(await Promise.all(arns.slice(at, at + AT_ONCE).map((arn) => patiently(() => api.history(arn))))))
    found[run] = histories
    for (const one of histories) Object.assign(found, await childrenOf(api, one))
  }
  return found
}

/** In the order in which they began; undefined where they are Express executions. */
async function childArnsOf(api: StatesApi, mapRunArn: string): Promise<readonly string[] | undefined> {
  const list = (input: JsonObject) => patiently(() => api.call('ListExecutions', input))
  const executions = await allOf(list, { mapRunArn, maxResults: 1_000 }, 'executions').catch((error: unknown) => {
    if (error instanceof WireError && error.code === 'StateMachineTypeNotSupported') return undefined
    throw error
  })
  const children = executions?.map((one) => ({ arn: textAt(one, 'executionArn') ?? '', at: instantAt(one, 'startDate') ?? 0 }))
  if (children === undefined || children.some(({ arn }) => parseStatesArn(arn)?.kind !== 'execution')) return undefined
  // The newest come first.
  return children
    .toReversed()
    .toSorted((a, b) => a.at - b.at)
    .map(({ arn }) => arn)
}

/** AWS lets a history be read so often a second. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof WireError && error.code === 'ThrottlingException') || failures === ATTEMPTS_MAX) throw error
      await sleep(growingPause(failures, PAUSES))
    }
  }
}
