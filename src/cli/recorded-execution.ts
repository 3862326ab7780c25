/** An execution with all that a recording needs, asked of a server with calls that only read. */
import { setTimeout as sleep } from 'node:timers/promises'

import { parseStatesArn } from '../base/arn.ts'
import { growingPause } from '../base/growing-pause.ts'
import type { JsonObject } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'
import { detailsOf, type HistoryEvent } from '../history/history-event.ts'
import type { RecordedChild, RecordedExecution } from '../testkit/record/recording-of.ts'

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

/** Those that keep a history, in the order in which they began, with their own children. */
async function childrenOf(api: StatesApi, history: readonly HistoryEvent[]): Promise<readonly RecordedChild[]> {
  const runs = history.filter(({ type }) => type === 'MapRunStarted').flatMap((event) => detailsOf(event).mapRunArn ?? [])
  const children: RecordedChild[] = []
  for (const mapRunArn of runs) {
    const arns = await childArnsOf(api, mapRunArn)
    for (let at = 0; at < arns.length; at += AT_ONCE) {
      const histories = await Promise.all(arns.slice(at, at + AT_ONCE).map((arn) => patiently(() => api.history(arn))))
      for (const one of histories) children.push({ mapRunArn, history: one }, ...(await childrenOf(api, one)))
    }
  }
  return children
}

async function childArnsOf(api: StatesApi, mapRunArn: string): Promise<readonly string[]> {
  const list = (input: JsonObject) => patiently(() => api.call('ListExecutions', input))
  const executions = await allOf(list, { mapRunArn, maxResults: 1_000 }, 'executions').catch((error: unknown) => {
    // Of a Map Run whose children are Express executions.
    if (error instanceof WireError && error.code === 'StateMachineTypeNotSupported') return []
    throw error
  })
  return executions
    .map((one) => ({ arn: textAt(one, 'executionArn') ?? '', at: instantAt(one, 'startDate') ?? 0 }))
    .filter(({ arn }) => parseStatesArn(arn)?.kind === 'execution')
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
