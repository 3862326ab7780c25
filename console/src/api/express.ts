/**
 * Express executions, of which AWS keeps neither a list nor a history: from the server's memory (`/_regente/express`) as long as they
 * are there, else from their log group. Children of Map Runs are described by the API, too.
 */
import { detailsOf, type HistoryEvent, readHistory } from '../../../src/history/history-event.ts'
import { foldHistory } from '../../../src/history/visits.ts'
import { eventsOfLines, executionsOfLines, type LoggedExecution, nameOf } from '../model/express-log.ts'
import { ApiError, callRest, type OutputOf, states } from './client.ts'
import { callLogs } from './logs.ts'

export type Description = OutputOf<'DescribeExecution'>

export interface ExpressView {
  readonly description: Description | undefined
  readonly events: readonly HistoryEvent[]
  readonly source: 'memory' | 'log' | 'nothing'
}

const DOOR = '/_regente/express'

/** Empty where it is not remembered. */
interface Remembered {
  readonly execution?: Description
  readonly events?: readonly unknown[]
}

/** Children of a Map Run have a row, which the API tells. */
export const isChild = (executionArn: string): boolean => (executionArn.split(':')[6] ?? '').includes('/')

export async function readExpress(executionArn: string, logGroup: string | undefined, signal: AbortSignal): Promise<ExpressView> {
  const [described, remembered] = await Promise.all([
    isChild(executionArn) ? orUndefined(states('DescribeExecution', { executionArn }, signal)) : undefined,
    callRest('GET', `${DOOR}?${new URLSearchParams({ executionArn })}`, undefined, signal) as Promise<Remembered>,
  ])
  if (remembered.execution)
    return { description: described ?? remembered.execution, events: readHistory(remembered.events ?? []), source: 'memory' }
  const events =
    logGroup === undefined ? [] : eventsOfLines(await readLines(logGroup, { filterPattern: `"${executionArn}"` }, signal))
  const source = events.length > 0 ? 'log' : 'nothing'
  return { description: described ?? (events.length > 0 ? descriptionOf(executionArn, events) : undefined), events, source }
}

/** What the lines tell of it. */
function descriptionOf(executionArn: string, events: readonly HistoryEvent[]): Description {
  const { status, failure } = foldHistory(events)
  const [first, last] = [events[0], events.at(-1)]
  const input = first && detailsOf(first).input
  return {
    executionArn,
    stateMachineArn: machineOfExpress(executionArn),
    name: nameOf(executionArn),
    status,
    startDate: first?.timestamp,
    ...(status !== 'RUNNING' && { stopDate: last?.timestamp }),
    ...(input !== undefined && { input }),
    ...(failure && { error: failure.error, cause: failure.cause }),
  } as Description
}

/** `…:express:Machine/Label:name:uuid` is one of `…:stateMachine:Machine`. */
export function machineOfExpress(executionArn: string): string {
  const [arn, partition, service, region, account, , machine = ''] = executionArn.split(':')
  return [arn, partition, service, region, account, 'stateMachine', machine.split('/')[0]].join(':')
}

const LISTED_MS = 7 * 24 * 3_600_000

/** The latest first: those in memory, and those that the log of the last week tells of. */
export async function listExpress(
  stateMachineArn: string,
  logGroup: string | undefined,
  signal: AbortSignal,
): Promise<readonly LoggedExecution[]> {
  const remembered = (await callRest('GET', `${DOOR}?${new URLSearchParams({ stateMachineArn })}`, undefined, signal)) as {
    readonly executions?: readonly LoggedExecution[]
  }
  const found = new Map((remembered.executions ?? []).map((one) => [one.executionArn, one]))
  if (logGroup !== undefined) {
    const asked = {
      filterPattern: '?ExecutionStarted ?ExecutionSucceeded ?ExecutionFailed ?ExecutionTimedOut ?ExecutionAborted',
      logStreamNamePrefix: `states/${stateMachineArn.split(':')[6]}/`,
      startTime: Date.now() - LISTED_MS,
    }
    for (const one of executionsOfLines(await readLines(logGroup, asked, signal)))
      if (!found.has(one.executionArn)) found.set(one.executionArn, one)
  }
  return [...found.values()].sort((a, b) => b.startDate - a.startDate)
}

const PAGES_MAX = 20

async function readLines(logGroupName: string, asked: object, signal: AbortSignal): Promise<readonly string[]> {
  const messages: string[] = []
  let nextToken: string | undefined
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const page = (await callLogs('FilterLogEvents', { logGroupName, ...asked, nextToken }, signal)) as {
      readonly events?: readonly { readonly message: string }[]
      readonly nextToken?: string
    }
    messages.push(...(page.events ?? []).map(({ message }) => message))
    nextToken = page.nextToken
    if (nextToken === undefined) break
  }
  return messages
}

/** What is refused is not there. */
async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ApiError) return undefined
    throw error
  }
}
