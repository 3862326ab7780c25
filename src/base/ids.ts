/**
 * Numbers that name things. Each has a type of its own, so that none is taken for another; they are made where the thing is
 * (by the store, by a fold) or read from where it is kept, and cost nothing.
 */
import type { Brand } from './brand.ts'

/** An execution's row, and its log. */
export type ExecutionKey = Brand<number, 'ExecutionKey'>
/** An incarnation of a state machine: a re-created namesake has another. */
export type StateMachineKey = Brand<number, 'StateMachineKey'>
export type RevisionKey = Brand<number, 'RevisionKey'>
export type MapRunKey = Brand<number, 'MapRunKey'>

export const toExecutionKey = (key: number): ExecutionKey => key as ExecutionKey
export const toStateMachineKey = (key: number): StateMachineKey => key as StateMachineKey
export const toRevisionKey = (key: number): RevisionKey => key as RevisionKey
export const toMapRunKey = (key: number): MapRunKey => key as MapRunKey

/**
 * Every execution lives in one of 256 shards, by its key: what a node holds, it holds by the shard. A Map Run lives in the shard
 * of the execution that it is of.
 */
export type Shard = Brand<number, 'Shard'>
const SHARD_COUNT = 256
export const shardOf = (key: ExecutionKey): Shard => (key % SHARD_COUNT) as Shard
export const ALL_SHARDS: readonly Shard[] = Array.from({ length: SHARD_COUNT }, (_, shard) => shard as Shard)

/** A process among those that share a store. Each start is another. */
export type NodeId = Brand<string, 'NodeId'>
export const toNodeId = (id: string): NodeId => id as NodeId

/** A frame of an execution (root, branch or iteration): where an event happened. */
export type FrameId = Brand<number, 'FrameId'>
export const toFrameId = (id: number): FrameId => id as FrameId
export const ROOT_FRAME = toFrameId(0)

/** Which attempt of a task a result belongs to: the id of its Scheduled event. */
export type TaskId = Brand<number, 'TaskId'>
export const taskIdOf = (scheduledEventId: number): TaskId => scheduledEventId as TaskId
