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
 * 6. Where several nodes share a store (`leases`), a turn is written by the node alone that holds its shard: whoever has lost
 *    the lease gets 'fenced', whatever it believes, from the moment on in which another node can have taken it.
 */
import type { ActivityArn, AliasArn, ExecutionArn, MapRunArn, StateMachineArn, VersionArn } from '../base/arn.ts'
import type { ExecutionKey, MapRunKey, NodeId, RevisionKey, Shard, StateMachineKey } from '../base/ids.ts'
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
  /** With `create`: the key of a machine that must still be there, and not be about to go. */
  readonly ofMachine?: StateMachineKey
  readonly patch?: ExecutionPatch
  /** What the row has as the execution's input, where this does not create it. */
  readonly input?: string
  /** Place of the first of `events` in the execution's log, from 0. */
  readonly sequence: number
  /** Express executions keep no log: only the row is written. */
  readonly events: readonly EngineEvent[]
}

export type TurnOutcome = 'committed' | 'name-taken' | 'machine-gone' | 'stale' | 'fenced'

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

/** A process that shares a store with others, and lives. */
export interface NodeRecord {
  readonly id: NodeId
  /** Where the others reach it, without a slash at the end. */
  readonly url: string
  /** It gives its shards up and is about to stop. */
  readonly isDraining: boolean
}

/** Who lives, and who holds what, at one moment. */
export interface LeaseTable {
  /** This node too, unless it has been taken for dead. */
  readonly nodes: readonly NodeRecord[]
  /** By shard. A shard that nobody holds, or somebody who is dead, is not among them. */
  readonly holders: ReadonlyMap<Shard, NodeId>
  /** Another number each time a state machine was made, changed or taken away: what is remembered of them is read anew. */
  readonly definitionsVersion: number
}

/** A message to whoever holds an execution. It is there until it is removed, whoever dies. */
export interface InboxMessage {
  readonly id: string
  readonly key: ExecutionKey
  /** JSON text. */
  readonly body: string
}

/**
 * Nodes that share a store. A node lives as long as it renews its lease, by the store's own clock; what a dead node held, others
 * take. A shard's epoch rises each time it is taken, and every commit is checked against the epochs that this store was given.
 * Of a node's shards none is taken while a commit of it is under way.
 */
export interface Leases {
  /** How long a node lives without renewing, in milliseconds. */
  readonly leaseMs: number
  /** Enters this process among the nodes. Once, before anything else. */
  join(url: string): Promise<NodeId>
  /** Lives on for another `leaseMs`. A node that was taken for dead holds nothing any more, and lives again. */
  renew(): Promise<LeaseTable>
  /** Takes at most `count` shards that nobody holds, or dead nodes do unless those are spared. Those that it got. */
  take(count: number, sparesDead?: boolean): Promise<readonly Shard[]>
  /** Gives shards up. Resolves when no commit of this store can touch them any more, and others may take them. */
  release(shards: readonly Shard[]): Promise<void>
  /** What this store believes that it holds; a commit that was fenced takes the shard away. */
  held(): ReadonlySet<Shard>
  /** Others shall send it nothing more, and leave its share to it no longer. */
  drain(): Promise<void>
  /** Leaves the nodes, with all that is held. */
  leave(): Promise<void>

  /** Keeps a message; the same id again is the same message. */
  putMessage(message: InboxMessage): Promise<void>
  /** Messages of these shards that nobody has answered, oldest first. */
  messages(shards: readonly Shard[], limit: number): Promise<readonly InboxMessage[]>
  /** Says what became of a message. */
  answerMessage(id: string, answer: string): Promise<void>
  /** Undefined: not answered yet. */
  messageAnswer(id: string): Promise<string | undefined>
  removeMessage(id: string): Promise<void>
  /** Removes messages that are older than `ageMs`, answered or not. */
  removeOldMessages(ageMs: number): Promise<void>

  /** Secret bytes that all nodes share: those that `make` gives to the first who asks. */
  secret(name: string, make: () => Buffer): Promise<Buffer>
  /** The last event id of each of these executions that is there: whether it has moved. */
  positions(arns: readonly ExecutionArn[]): Promise<ReadonlyMap<ExecutionArn, number>>
}

export interface Store {
  /** Undefined: one process alone has the store, and every shard. */
  readonly leases?: Leases

  // Executions
  /** A key that no execution has had, in a shard that this store holds, or in any at all. Never blocks; throws where it holds none. */
  newExecutionKey(where?: 'here' | 'anywhere'): ExecutionKey
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
  /**
   * Running executions that are due by `until`, earliest first, then by key; after `after`, if that is given. Here as in
   * `nextDue`: of the shards that this store holds.
   */
  due(until: Instant, limit: number, after?: DueExecution): Promise<readonly DueExecution[]>
  /** The earliest due time after `after`, if any. */
  nextDue(after: Instant): Promise<Instant | undefined>
  /** Running executions with something in flight: what whoever takes these shards takes up, by key after `after`. */
  busy(shards: readonly Shard[], after: ExecutionKey, limit: number): Promise<readonly ExecutionKey[]>
  /** State machines that have executions, those that are gone too, by key after `after`; at most `limit`. */
  machinesWithExecutions(after: StateMachineKey, limit: number): Promise<readonly StateMachineKey[]>
  /**
   * Executions of a machine that closed before `before`, the oldest first, at most `limit`: of the shards that this store holds,
   * without children of Map Runs, which go with the execution that the run is of.
   */
  closedExecutions(stateMachineKey: StateMachineKey, before: Instant, limit: number): Promise<readonly ExecutionKey[]>
  /**
   * Removes those of `keys` that closed before `before` and are closed still, with all that belongs to them: logs, Map Runs,
   * the runs' children. How many went.
   */
  removeClosed(keys: readonly ExecutionKey[], before: Instant): Promise<number>
  /** When an execution was redriven with a client token, if it was after `after`. */
  redriveOf(key: ExecutionKey, clientToken: string, after: Instant): Promise<Instant | undefined>
  /** Remembers it, as one of the execution's last ten. */
  keepRedrive(key: ExecutionKey, clientToken: string, at: Instant): Promise<void>
  countsByStatus(stateMachineKey: StateMachineKey): Promise<Readonly<Partial<Record<ExecutionStatus, number>>>>

  // Map Runs
  /** The run of that ARN, made now, with the first events of its log, or earlier. Rejects where its execution is not held. */
  createMapRun(run: Omit<MapRunRecord, 'key'>, events: readonly MapRunEvent[]): Promise<MapRunRecord>
  /**
   * All or nothing, in the order in which they are given. A turn that does not go on where the log ends gets 'stale': of two
   * writers of one turn one does, and so does a turn whose predecessor was not made. 'fenced' where the run's shard is not held.
   * Its children may be of any shard.
   */
  commitMapRun(turn: MapRunTurn): Promise<'committed' | 'stale' | 'fenced'>
  /** The whole log, in order; empty of a run that was made before there was one. */
  mapRunLog(key: MapRunKey): Promise<readonly MapRunEvent[]>
  /** All children of a run, as they stand at one moment. */
  childRows(mapRunKey: MapRunKey): Promise<ChildRows>
  mapRun(arn: MapRunArn): Promise<MapRunSummary | undefined>
  /** With all that it was started with. */
  wholeMapRun(arn: MapRunArn): Promise<MapRunRecord | undefined>
  mapRunByKey(key: MapRunKey): Promise<MapRunSummary | undefined>
  mapRuns(executionKey: ExecutionKey, limit: number, from?: string): Promise<Page<MapRunSummary>>
  /** Of executions of these shards. */
  runningMapRuns(shards: readonly Shard[]): Promise<readonly MapRunRecord[]>
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
  /** Of machines that are DELETING. */
  deletingMachines(): Promise<readonly StateMachineKey[]>
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
  /** State machines that have a tag of this key, with its value. */
  machinesWithTag(key: string): Promise<ReadonlyMap<StateMachineKey, string>>

  health(): StoreHealth
  /** Waits for what is under way, then lets go of the data. Ends even when the store has failed. */
  close(): Promise<void>
}
