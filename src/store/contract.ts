/**
 * What a store promises. Records are plain data; the store knows no language and no HTTP.
 *
 * Promises:
 * 1. `commit` is all or nothing per turn, and durable (fsync) when its promise resolves; many turns share one commit.
 * 2. (execution, sequence) is unique: of two writers of one turn one gets 'stale'.
 * 3. An execution ARN is unique while its row is kept: of two starts one gets 'name-taken'. A start of a machine that has
 *    been deleted gets 'machine-gone', so that no execution is left without its revision.
 * 4. Reads see every commit that has resolved.
 * 5. A write that rejects may have been made or not: whoever must know reads it back.
 */
import type { ActivityArn, AliasArn, ExecutionArn, MapRunArn, StateMachineArn, VersionArn } from '../base/arn.ts'
import type { ExecutionKey, MapRunKey, RevisionKey, StateMachineKey } from '../base/ids.ts'
import type { Instant } from '../base/time.ts'
import type { EngineEvent } from '../engine/event.ts'
import type { ChildRows, MapRunEvent } from '../engine/map-run/event.ts'

import type { Patch } from './patch.ts'

export const WORKFLOW_TYPES = ['STANDARD', 'EXPRESS'] as const
export type WorkflowType = (typeof WORKFLOW_TYPES)[number]
export const EXECUTION_STATUSES = [
  'PENDING',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'ABORTED',
  'PENDING_REDRIVE',
] as const
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number]

/** One row an execution. The log tells the rest. */
export interface ExecutionRecord {
  readonly key: ExecutionKey
  readonly arn: ExecutionArn
  readonly name: string
  readonly stateMachineArn: StateMachineArn
  /** The incarnation of the machine: a re-created namesake does not inherit executions. */
  readonly stateMachineKey: StateMachineKey
  /** The revision that it runs, whatever is updated later. */
  readonly revisionKey: RevisionKey
  readonly versionArn?: VersionArn
  readonly aliasArn?: AliasArn
  readonly type: WorkflowType
  readonly status: ExecutionStatus
  readonly startAt: Instant
  readonly stopAt?: Instant
  readonly input: string
  readonly output?: string
  readonly error?: string
  readonly cause?: string
  readonly traceHeader?: string
  /** A child of a Map Run: the run, its items' count, and the name of the Map state whose processor it runs. */
  readonly mapRunKey?: MapRunKey
  readonly itemCount?: number
  readonly itemIndex?: number
  readonly mapState?: string
  /** Earliest due time of anything it waits for. */
  readonly wakeAt?: Instant
  /** True while a call or a Map Run is in flight: a restart must take it up again. */
  readonly isBusy: boolean
  readonly redriveCount: number
  readonly redriveAt?: Instant
  readonly lastEventId: number
}

/** An execution as lists show it: without what may be long, and what a store may have to read all of that for. */
export type ExecutionSummary = Omit<
  ExecutionRecord,
  'input' | 'output' | 'error' | 'cause' | 'traceHeader' | 'itemIndex' | 'mapState' | 'wakeAt' | 'isBusy' | 'lastEventId'
>

/** What a turn leaves behind on the execution's row. */
export type ExecutionPatch = Patch<
  Pick<
    ExecutionRecord,
    | 'status'
    | 'startAt'
    | 'stopAt'
    | 'output'
    | 'error'
    | 'cause'
    | 'wakeAt'
    | 'isBusy'
    | 'lastEventId'
    | 'redriveCount'
    | 'redriveAt'
  >
>

/** One turn of one execution: its new events and its row's change, or its first row. */
export interface TurnRecord {
  readonly key: ExecutionKey
  /** The whole row, on the first turn only. A row that stands as PENDING (a Map Run's child) is patched instead. */
  readonly create?: ExecutionRecord
  /** With `create`: the key of a machine that must still be there. */
  readonly ofMachine?: StateMachineKey
  readonly patch?: ExecutionPatch
  /** Place of the first of `events` in the execution's log, from 0. */
  readonly sequence: number
  /** Express executions keep no log: only the row is written. */
  readonly events: readonly EngineEvent[]
}

export type TurnOutcome = 'committed' | 'name-taken' | 'machine-gone' | 'stale'

export const STATE_MACHINE_STATUSES = ['ACTIVE', 'DELETING'] as const
export type StateMachineStatus = (typeof STATE_MACHINE_STATUSES)[number]

export interface StateMachineRecord {
  readonly key: StateMachineKey
  readonly arn: StateMachineArn
  readonly name: string
  readonly type: WorkflowType
  readonly status: StateMachineStatus
  readonly createdAt: Instant
  readonly revision: RevisionRecord
}

/** A machine as lists show it: without its definition. */
export type StateMachineSummary = Omit<StateMachineRecord, 'revision'>

export interface RevisionRecord {
  readonly key: RevisionKey
  readonly stateMachineKey: StateMachineKey
  /** AWS's uuid; absent for the first revision. */
  readonly revisionId?: string
  readonly definition: string
  readonly roleArn: string
  /** JSON texts as given. */
  readonly loggingConfiguration?: string
  readonly tracingConfiguration?: string
  readonly encryptionConfiguration?: string
  readonly createdAt: Instant
}

export type NewRevision = Omit<RevisionRecord, 'key' | 'stateMachineKey'>

export interface VersionRecord {
  readonly arn: VersionArn
  readonly stateMachineKey: StateMachineKey
  readonly version: number
  readonly revisionKey: RevisionKey
  readonly description?: string
  readonly createdAt: Instant
}

export interface AliasRecord {
  readonly arn: AliasArn
  readonly stateMachineKey: StateMachineKey
  readonly name: string
  readonly description?: string
  /** JSON text of the routing configuration. */
  readonly routing: string
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** What can have tags. */
export type TaggedArn = StateMachineArn | ActivityArn

export interface ActivityRecord {
  readonly arn: ActivityArn
  readonly name: string
  readonly createdAt: Instant
  readonly encryptionConfiguration?: string
}

export const MAP_RUN_STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED'] as const
export type MapRunStatus = (typeof MAP_RUN_STATUSES)[number]

export interface MapRunRecord {
  readonly key: MapRunKey
  readonly arn: MapRunArn
  readonly executionKey: ExecutionKey
  readonly executionArn: ExecutionArn
  readonly stateMachineArn: StateMachineArn
  readonly mapState: string
  readonly status: MapRunStatus
  readonly startAt: Instant
  readonly stopAt?: Instant
  readonly maxConcurrency: number
  readonly toleratedFailureCount: number
  readonly toleratedFailurePercentage: number
  readonly redriveCount: number
  readonly redriveAt?: Instant
  /** JSON text: all that the run was started with (reader, batcher, writer as evaluated), for taking it up again. */
  readonly settings: string
  /** As the log says: items that are in children, and whether that is all of them. */
  readonly itemsRead: number
  readonly isReadingDone: boolean
  /** Items whose results were written by the ResultWriter. */
  readonly resultsWritten: number
}

/** What a turn leaves behind on the run's row. */
export type MapRunPatch = Patch<Omit<MapRunRecord, 'key' | 'arn'>>

/** One turn of a Map Run: its new events, its row's change, and the rows of children. */
export interface MapRunTurn {
  readonly key: MapRunKey
  /** Place of the first of `events` in the run's log, from 0. */
  readonly sequence: number
  readonly events: readonly MapRunEvent[]
  readonly patch: MapRunPatch
  /** New ones: PENDING, or over. */
  readonly children: readonly ExecutionRecord[]
  /** The whole logs of new ones that are over. */
  readonly childLogs?: readonly ChildLog[]
  /** Children that began and did not succeed become PENDING_REDRIVE. */
  readonly reopensChildren: boolean
}

export interface ChildLog {
  readonly key: ExecutionKey
  readonly events: readonly EngineEvent[]
}

/** A run without what it was started with, which may be all of its items. */
export type MapRunSummary = Omit<MapRunRecord, 'settings'>

/** Children and items of a Map Run by status. */
export type ChildCounts = Readonly<Partial<Record<ExecutionStatus, { readonly executions: number; readonly items: number }>>>

/** An execution and when it is due. */
export interface DueExecution {
  readonly wakeAt: Instant
  readonly key: ExecutionKey
}

/** What a store tells of itself: whether what it is given becomes durable just now, or why not, and since when. */
export type StoreHealth =
  | { readonly status: 'ok' }
  | { readonly status: 'failing'; readonly reason: string; readonly since: Instant }

export interface Page<T> {
  readonly rows: readonly T[]
  /** Where the next page begins; absent on the last page. */
  readonly next?: string
}

export interface ExecutionFilter {
  readonly stateMachineKey?: StateMachineKey
  /** Only executions started through this version or alias. */
  readonly versionArn?: VersionArn
  readonly aliasArn?: AliasArn
  readonly mapRunKey?: MapRunKey
  readonly status?: ExecutionStatus
  readonly isRedriven?: boolean
}

export interface Store {
  // Executions
  /** A key that no execution has had. Never blocks. */
  newExecutionKey(): ExecutionKey
  commit(turns: readonly TurnRecord[]): Promise<readonly TurnOutcome[]>
  execution(arn: ExecutionArn): Promise<ExecutionRecord | undefined>
  executionSummary(arn: ExecutionArn): Promise<ExecutionSummary | undefined>
  executionByKey(key: ExecutionKey): Promise<ExecutionRecord | undefined>
  /** Newest first: running ones by start, closed ones by stop. */
  executions(filter: ExecutionFilter, limit: number, from?: string): Promise<Page<ExecutionSummary>>
  /**
   * The log from place `sequence` on: whole turns, so many that reading them takes a few milliseconds, and at least one.
   * Empty at the end of the log.
   */
  logPart(key: ExecutionKey, sequence: number): Promise<readonly EngineEvent[]>
  /**
   * History events (facts left out) from id `fromId` on, rising or falling: at most `limit`, and so many that reading them
   * takes a few milliseconds; at least one unless there is none.
   */
  history(key: ExecutionKey, fromId: number, limit: number, reverse: boolean): Promise<readonly EngineEvent[]>
  /** Running executions that are due by `until`, earliest first, then by key; after `after`, if that is given. */
  due(until: Instant, limit: number, after?: DueExecution): Promise<readonly DueExecution[]>
  /** The earliest due time after `after`, if any. */
  nextDue(after: Instant): Promise<Instant | undefined>
  /** Running executions with something in flight: what a start after a crash takes up, by key after `after`. */
  busy(after: ExecutionKey, limit: number): Promise<readonly ExecutionKey[]>
  /** Removes closed executions older than `before`, with their logs, at most `limit`; how many went. */
  removeClosed(before: Instant, limit: number): Promise<number>
  countsByStatus(stateMachineKey: StateMachineKey): Promise<Readonly<Partial<Record<ExecutionStatus, number>>>>

  // Map Runs
  /** The run of that ARN, made now, with the first events of its log, or earlier. */
  createMapRun(run: Omit<MapRunRecord, 'key'>, events: readonly MapRunEvent[]): Promise<MapRunRecord>
  /**
   * All or nothing, in the order in which they are given. A turn that does not go on where the log ends gets 'stale': of two
   * writers of one turn one does, and so does a turn whose predecessor was not made.
   */
  commitMapRun(turn: MapRunTurn): Promise<'committed' | 'stale'>
  /** The whole log, in order; empty of a run that was made before there was one. */
  mapRunLog(key: MapRunKey): Promise<readonly MapRunEvent[]>
  /** All children of a run, as they stand at one moment. */
  childRows(mapRunKey: MapRunKey): Promise<ChildRows>
  mapRun(arn: MapRunArn): Promise<MapRunSummary | undefined>
  /** With all that it was started with. */
  wholeMapRun(arn: MapRunArn): Promise<MapRunRecord | undefined>
  mapRunByKey(key: MapRunKey): Promise<MapRunSummary | undefined>
  mapRuns(executionKey: ExecutionKey, limit: number, from?: string): Promise<Page<MapRunSummary>>
  runningMapRuns(): Promise<readonly MapRunRecord[]>
  /** Children of a run in one of `statuses`, by item index after `afterIndex`. */
  children(
    mapRunKey: MapRunKey,
    statuses: readonly ExecutionStatus[],
    afterIndex: number,
    limit: number,
  ): Promise<readonly ExecutionRecord[]>
  childCounts(mapRunKey: MapRunKey): Promise<ChildCounts>

  // Definitions
  createStateMachine(
    machine: Omit<StateMachineRecord, 'key' | 'revision'>,
    revision: NewRevision,
  ): Promise<StateMachineRecord | 'name-taken'>
  /** Undefined: the machine is gone. */
  updateStateMachine(key: StateMachineKey, revision: NewRevision): Promise<StateMachineRecord | undefined>
  stateMachine(arn: StateMachineArn): Promise<StateMachineRecord | undefined>
  stateMachines(limit: number, from?: string): Promise<Page<StateMachineSummary>>
  revision(key: RevisionKey): Promise<RevisionRecord | undefined>
  setStateMachineStatus(key: StateMachineKey, status: 'DELETING'): Promise<void>
  /** Takes away machine, versions, aliases and tags; executions and revisions that they need stay. */
  deleteStateMachine(key: StateMachineKey): Promise<void>

  /** Undefined: the machine is gone. */
  createVersion(
    version: Omit<VersionRecord, 'version' | 'arn'>,
    stateMachineArn: StateMachineArn,
  ): Promise<VersionRecord | undefined>
  version(arn: VersionArn): Promise<VersionRecord | undefined>
  versionOfRevision(revisionKey: RevisionKey): Promise<VersionRecord | undefined>
  versions(stateMachineKey: StateMachineKey, limit: number, from?: string): Promise<Page<VersionRecord>>
  deleteVersion(arn: VersionArn): Promise<void>

  /** False: the machine is gone. */
  putAlias(alias: AliasRecord): Promise<boolean>
  alias(arn: AliasArn): Promise<AliasRecord | undefined>
  aliases(stateMachineKey: StateMachineKey, limit: number, from?: string): Promise<Page<AliasRecord>>
  deleteAlias(arn: AliasArn): Promise<void>

  // Activities and tags
  createActivity(activity: ActivityRecord): Promise<'created' | 'exists'>
  activity(arn: ActivityArn): Promise<ActivityRecord | undefined>
  activities(limit: number, from?: string): Promise<Page<ActivityRecord>>
  deleteActivity(arn: ActivityArn): Promise<void>
  tags(resourceArn: TaggedArn): Promise<ReadonlyMap<string, string>>
  putTags(resourceArn: TaggedArn, tags: ReadonlyMap<string, string>): Promise<void>
  removeTags(resourceArn: TaggedArn, keys: readonly string[]): Promise<void>

  health(): StoreHealth
  /** Waits for what is under way, then lets go of the data. Ends even when the store has failed. */
  close(): Promise<void>
}
