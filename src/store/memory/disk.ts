/**
 * What a memory store keeps: tables of immutable records. It outlives the store that is opened on it, as a disk outlives a
 * process, so a crash is a store that is forgotten and another one opened on the same disk.
 */
import type { ActivityArn, AliasArn, ExecutionArn, VersionArn } from '../../base/arn.ts'
import type { ExecutionKey, MapRunKey, NodeId, RevisionKey, Shard, StateMachineKey } from '../../base/ids.ts'
import type { Instant } from '../../base/time.ts'

import type { EngineEvent } from '../../engine/event.ts'
import type { MapRunEvent } from '../../engine/map-run/event.ts'
import type {
  ActivityRecord,
  AliasRecord,
  ExecutionRecord,
  InboxMessage,
  MapRunRecord,
  NodeRecord,
  RevisionRecord,
  StateMachineRecord,
  TaggedArn,
  VersionRecord,
} from '../contract.ts'

export interface LoggedTurn {
  readonly sequence: number
  readonly events: readonly EngineEvent[]
}

export type MachineRow = Omit<StateMachineRecord, 'revision'> & {
  readonly revisionKey: RevisionKey
  readonly lastVersion: number
}

export interface NodeRow extends NodeRecord {
  readonly aliveUntil: Instant
}

export interface ShardRow {
  /** Undefined: nobody holds it. */
  readonly holder: NodeId | undefined
  readonly epoch: number
}

export class MemoryDisk {
  readonly executions: Map<ExecutionKey, ExecutionRecord>
  /** Turns in the order of their sequences. */
  readonly logs: Map<ExecutionKey, readonly LoggedTurn[]>
  readonly mapRuns: Map<MapRunKey, MapRunRecord>
  readonly mapRunLogs: Map<MapRunKey, readonly MapRunEvent[]>
  readonly machines: Map<StateMachineKey, MachineRow>
  readonly revisions: Map<RevisionKey, RevisionRecord>
  readonly versions: Map<VersionArn, VersionRecord>
  readonly aliases: Map<AliasArn, AliasRecord>
  readonly activities: Map<ActivityArn, ActivityRecord>
  readonly tags: Map<TaggedArn, ReadonlyMap<string, string>>
  readonly redrives: Map<ExecutionKey, readonly { readonly clientToken: string; readonly at: Instant }[]>
  readonly nodes: Map<NodeId, NodeRow>
  readonly shards: Map<Shard, ShardRow>
  readonly inbox: Map<string, InboxMessage & { readonly at: Instant; readonly answer?: string }>
  readonly secrets: Map<string, Buffer>
  /** Indexes: executions by ARN, those that run, those of a Map Run. */
  readonly keysByArn: Map<ExecutionArn, ExecutionKey>
  readonly running: Set<ExecutionKey>
  readonly childrenByRun: Map<MapRunKey, readonly ExecutionKey[]>
  /** The highest keys ever given: none is given twice. */
  readonly last: { execution: number; mapRun: number; machine: number; revision: number; node: number; definitions: number }

  /** Empty, or with what `other` has; each goes its own way from here. */
  constructor(other?: MemoryDisk) {
    this.executions = new Map(other?.executions)
    this.logs = new Map(other?.logs)
    this.mapRuns = new Map(other?.mapRuns)
    this.mapRunLogs = new Map(other?.mapRunLogs)
    this.machines = new Map(other?.machines)
    this.revisions = new Map(other?.revisions)
    this.versions = new Map(other?.versions)
    this.aliases = new Map(other?.aliases)
    this.activities = new Map(other?.activities)
    this.tags = new Map(other?.tags)
    this.redrives = new Map(other?.redrives)
    this.nodes = new Map(other?.nodes)
    this.shards = new Map(other?.shards)
    this.inbox = new Map(other?.inbox)
    this.secrets = new Map(other?.secrets)
    this.keysByArn = new Map(other?.keysByArn)
    this.running = new Set(other?.running)
    this.childrenByRun = new Map(other?.childrenByRun)
    this.last = { ...(other?.last ?? { execution: 0, mapRun: 0, machine: 0, revision: 0, node: 0, definitions: 0 }) }
  }
}
