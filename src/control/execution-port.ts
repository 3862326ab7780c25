/**
 * What the operations of the service ask of the runtime; implemented in runtime/, wired in regente.ts. Everything here is
 * durable when its promise resolves.
 */
import type { ActivityArn, AliasArn, ExecutionArn, MapRunArn, VersionArn } from '../base/arn.ts'
import type { Failure } from '../base/failure.ts'
import type { StateMachineKey } from '../base/ids.ts'
import type { Payload } from '../base/payload.ts'
import type { Instant } from '../base/time.ts'

import type { Program } from '../asl/program.ts'
import type { Command } from '../engine/command.ts'
import type { MapRunLimits } from '../engine/map-run/tolerance.ts'
import type { TaskToken } from '../engine/task-token.ts'
import type { TaskRequest } from '../tasks/connector.ts'
import type { ExecutionRecord, ExecutionSummary, RevisionRecord, StateMachineRecord } from '../store/contract.ts'

export interface StartRequest {
  readonly machine: StateMachineRecord
  readonly revision: RevisionRecord
  readonly executionArn: ExecutionArn
  readonly name: string
  /** Checked JSON text. */
  readonly input: string
  readonly versionArn?: VersionArn
  readonly aliasArn?: AliasArn
  readonly traceHeader?: string
  /** Of the mock file. */
  readonly testCase?: string
}

export interface SyncResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT'
  readonly startAt: Instant
  readonly stopAt: Instant
  readonly output?: string
  readonly error?: string
  readonly cause?: string
}

/** `unavailable`: nothing was recorded, as far as can be told; the caller may ask again. */
export type TokenOutcome = 'accepted' | 'invalid-token' | 'task-does-not-exist' | 'task-timed-out' | 'unavailable'

/** An execution that cannot go on for a reason of our own, and stands aside. */
export interface Quarantined {
  /** Or its row, when not even that could be read. */
  readonly executionArn: string
  readonly reason: string
  readonly since: Instant
  /** Tries so far, and when the next one is. */
  readonly attempts: number
  readonly retryAt: Instant
}

export interface ExecutionPort {
  /** What the revision was compiled to. */
  program(revision: RevisionRecord): Promise<Program>
  /** Standard: durable once resolved. Express: begun. */
  start(
    request: StartRequest,
  ): Promise<
    | { readonly outcome: 'started'; readonly startAt: Instant }
    | { readonly outcome: 'name-taken' | 'machine-gone' | 'unavailable' }
  >
  /** Express only: runs to the end. */
  runSync(request: StartRequest): Promise<SyncResult>
  /** Undefined: no such execution. A closed one answers with its own record unchanged. */
  stop(executionArn: ExecutionArn, failure: Failure): Promise<ExecutionRecord | 'unavailable' | undefined>
  /** `refused`: it is running, or has succeeded, meanwhile. */
  redrive(execution: Pick<ExecutionSummary, 'key'>): Promise<{ readonly redriveAt: Instant } | 'refused' | 'unavailable'>
  /** `output` is checked JSON text. */
  taskSucceeded(token: string, output: string): Promise<TokenOutcome>
  taskFailed(token: string, failure: Failure): Promise<TokenOutcome>
  taskHeartbeat(token: string): Promise<TokenOutcome>
  /**
   * Long poll: undefined when `signal` aborts or the time is over without work; `unavailable` when a task's start could not
   * be recorded.
   */
  activityTask(
    activityArn: ActivityArn,
    workerName: string | undefined,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly token: TaskToken; readonly input: string } | 'unavailable' | undefined>
  /** Makes a Task's call once, outside any execution; resolves with what came of it. */
  callTask(
    command: Extract<Command, { type: 'RunTask' }>,
    caller: Pick<TaskRequest, 'executionArn' | 'stateMachineArn' | 'signal' | 'onExchange'>,
  ): Promise<{ readonly result: Payload } | { readonly failure: Failure }>
  /** New limits of a running Map Run; `refused`: it does not run. */
  changeMapRun(mapRunArn: MapRunArn, limits: Partial<MapRunLimits>): Promise<'changed' | 'refused' | 'unavailable'>
  /** State machines were made or changed here: other nodes forget what they remember of them. Never rejects. */
  tellDefinitions(): Promise<void>
  /** Executions that cannot go on for a reason of our own, on all nodes. */
  quarantined(): Promise<readonly Quarantined[]>
  /** Tries one of them at once; false when none of that ARN stands aside. */
  retryQuarantined(executionArn: string): Promise<boolean>
  /** A machine of Standard executions: it goes with the last of them, which end at their next transition. */
  deleteMachine(key: StateMachineKey): Promise<void>
}
