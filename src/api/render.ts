/** Records as AWS's answers show them: epoch seconds, absent members absent. */
import { assert } from '../base/assert.ts'
import type { Instant } from '../base/time.ts'

import { epochSeconds } from '../wire/aws-json.ts'
import { type EngineEvent, isHistoryEvent } from '../engine/event.ts'
import type {
  ChildCounts,
  ExecutionRecord,
  ExecutionStatus,
  ExecutionSummary,
  MapRunSummary,
  StateMachineSummary,
} from '../store/contract.ts'
import { renderEvent } from '../history/event-details.ts'

import type { RedriveStatus } from '../control/redrive.ts'
import type { OutputOf } from './model.ts'

export const date = (at: Instant): number => epochSeconds(at)

const optionalDate = (at: Instant | undefined) => (at === undefined ? undefined : date(at))

/** Leaves out what is undefined. */
export function present<T extends object>(answer: T): T {
  return Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== undefined)) as T
}

type HistoryEvents = NonNullable<OutputOf<'GetExecutionHistory'>['events']>

/** Events as AWS shows them: each with the details that its type has. */
export function renderHistory(events: readonly EngineEvent[], includeExecutionData: boolean): HistoryEvents {
  return events.filter(isHistoryEvent).map((event) => renderEvent(event, includeExecutionData))
}

export function renderMachineSummary(machine: StateMachineSummary) {
  return { stateMachineArn: machine.arn, name: machine.name, type: machine.type, creationDate: date(machine.createdAt) }
}

/** A child that has not begun is not shown to anybody. */
function shownStatus(status: ExecutionStatus): Exclude<ExecutionStatus, 'PENDING'> {
  assert(status !== 'PENDING', 'a child that has not begun is not shown')
  return status
}

export function renderExecutionSummary(execution: ExecutionSummary, mapRunArn?: string) {
  return present({
    executionArn: execution.arn,
    stateMachineArn: execution.stateMachineArn,
    name: execution.name,
    status: shownStatus(execution.status),
    startDate: date(execution.startAt),
    stopDate: optionalDate(execution.stopAt),
    mapRunArn,
    itemCount: execution.itemCount,
    redriveCount: execution.redriveCount,
    redriveDate: optionalDate(execution.redriveAt),
    stateMachineVersionArn: execution.versionArn,
    stateMachineAliasArn: execution.aliasArn,
  })
}

export function renderExecution(
  execution: ExecutionRecord,
  mapRunArn: string | undefined,
  redrive: RedriveStatus,
  includeData: boolean,
) {
  const { output } = execution
  return present({
    executionArn: execution.arn,
    stateMachineArn: execution.stateMachineArn,
    name: execution.name,
    status: shownStatus(execution.status),
    startDate: date(execution.startAt),
    stopDate: optionalDate(execution.stopAt),
    input: includeData ? execution.input : undefined,
    inputDetails: { included: includeData },
    output: includeData ? output : undefined,
    outputDetails: output === undefined ? undefined : { included: includeData },
    error: execution.error,
    cause: execution.cause,
    traceHeader: execution.traceHeader,
    mapRunArn,
    stateMachineVersionArn: execution.versionArn,
    stateMachineAliasArn: execution.aliasArn,
    redriveCount: execution.redriveCount,
    redriveDate: optionalDate(execution.redriveAt),
    redriveStatus: redrive.status,
    redriveStatusReason: redrive.reason,
  })
}

export function renderMapRun(run: MapRunSummary, counts: ChildCounts) {
  return present({
    mapRunArn: run.arn,
    executionArn: run.executionArn,
    status: run.status,
    startDate: date(run.startAt),
    stopDate: optionalDate(run.stopAt),
    maxConcurrency: run.maxConcurrency,
    toleratedFailurePercentage: run.toleratedFailurePercentage,
    toleratedFailureCount: run.toleratedFailureCount,
    redriveCount: run.redriveCount,
    redriveDate: optionalDate(run.redriveAt),
    itemCounts: renderCounts(counts, 'items', run.resultsWritten),
    executionCounts: renderCounts(counts, 'executions', run.resultsWritten),
  })
}

function renderCounts(counts: ChildCounts, of: 'items' | 'executions', resultsWritten: number) {
  const count = (status: ExecutionStatus) => counts[status]?.[of] ?? 0
  const pendingRedrive = count('PENDING_REDRIVE')
  const shown = {
    pending: count('PENDING'),
    running: count('RUNNING'),
    succeeded: count('SUCCEEDED'),
    failed: count('FAILED'),
    timedOut: count('TIMED_OUT'),
    aborted: count('ABORTED'),
  }
  const total = Object.values(shown).reduce((sum, n) => sum + n, pendingRedrive)
  return { ...shown, total, resultsWritten, failuresNotRedrivable: 0, pendingRedrive }
}
