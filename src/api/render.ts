/** Records as AWS's answers show them: epoch seconds, absent members absent. */
import type { Instant } from '../base/time.ts'

import { epochSeconds } from '../wire/aws-json.ts'
import { type EngineEvent, isHistoryEvent } from '../engine/event.ts'
import type { ChildCounts, ExecutionRecord, ExecutionStatus, MapRunRecord, StateMachineRecord } from '../store/contract.ts'
import { renderEvent } from '../observe/event-details.ts'

import { redriveRefusal } from '../control/executions.ts'

export type Answer = Record<string, unknown>

export const date = (at: Instant): number => epochSeconds(at)

/** Leaves out what is undefined. */
export function present(answer: Answer): Answer {
  return Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== undefined))
}

export function renderHistory(events: readonly EngineEvent[], includeExecutionData: boolean): readonly Answer[] {
  return events.filter(isHistoryEvent).map((event) => {
    const { type, member, details } = renderEvent(event, includeExecutionData)
    const base = { timestamp: date(event.at), type, id: event.id, previousEventId: event.previousEventId }
    return member === undefined ? base : { ...base, [member]: details }
  })
}

export function renderMachineSummary(machine: StateMachineRecord): Answer {
  return { stateMachineArn: machine.arn, name: machine.name, type: machine.type, creationDate: date(machine.createdAt) }
}

export function renderExecutionSummary(execution: ExecutionRecord, mapRunArn?: string): Answer {
  const { stopAt, redriveAt, redriveCount } = execution
  return present({
    ...{
      executionArn: execution.arn,
      stateMachineArn: execution.stateMachineArn,
      name: execution.name,
      status: execution.status,
    },
    ...{ startDate: date(execution.startAt), stopDate: stopAt === undefined ? undefined : date(stopAt) },
    ...{
      mapRunArn,
      itemCount: execution.itemCount,
      redriveCount,
      redriveDate: redriveAt === undefined ? undefined : date(redriveAt),
    },
    ...{ stateMachineVersionArn: execution.versionArn, stateMachineAliasArn: execution.aliasArn },
  })
}

export function renderExecution(execution: ExecutionRecord, mapRunArn: string | undefined, includeData: boolean): Answer {
  const { stopAt, redriveAt, output, redriveCount } = execution
  const reason = redriveRefusal(execution)
  return present({
    ...{
      executionArn: execution.arn,
      stateMachineArn: execution.stateMachineArn,
      name: execution.name,
      status: execution.status,
    },
    ...{ startDate: date(execution.startAt), stopDate: stopAt === undefined ? undefined : date(stopAt) },
    ...(includeData ? { input: execution.input, output } : {}),
    inputDetails: { included: includeData },
    outputDetails: output === undefined ? undefined : { included: includeData },
    ...{ error: execution.error, cause: execution.cause, traceHeader: execution.traceHeader, mapRunArn },
    ...{ stateMachineVersionArn: execution.versionArn, stateMachineAliasArn: execution.aliasArn },
    ...{ redriveCount, redriveDate: redriveAt === undefined ? undefined : date(redriveAt) },
    ...{ redriveStatus: reason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE', redriveStatusReason: reason },
  })
}

export function renderMapRun(run: MapRunRecord, counts: ChildCounts): Answer {
  return present({
    ...{ mapRunArn: run.arn, executionArn: run.executionArn, status: run.status },
    ...{ startDate: date(run.startAt), stopDate: run.stopAt === undefined ? undefined : date(run.stopAt) },
    ...{ maxConcurrency: run.maxConcurrency, toleratedFailurePercentage: run.toleratedFailurePercentage },
    ...{ toleratedFailureCount: run.toleratedFailureCount, redriveCount: run.redriveCount },
    redriveDate: run.redriveAt === undefined ? undefined : date(run.redriveAt),
    itemCounts: renderCounts(counts, 'items', run.resultsWritten),
    executionCounts: renderCounts(counts, 'executions', run.resultsWritten),
  })
}

function renderCounts(counts: ChildCounts, of: 'items' | 'executions', resultsWritten: number): Answer {
  const count = (status: ExecutionStatus) => counts[status]?.[of] ?? 0
  const shown = {
    ...{ pending: count('PENDING'), running: count('RUNNING'), succeeded: count('SUCCEEDED'), failed: count('FAILED') },
    ...{ timedOut: count('TIMED_OUT'), aborted: count('ABORTED') },
  }
  const total = Object.values(shown).reduce((sum, n) => sum + n, 0)
  return { ...shown, total, resultsWritten, failuresNotRedrivable: 0, pendingRedrive: count('PENDING_REDRIVE') }
}
