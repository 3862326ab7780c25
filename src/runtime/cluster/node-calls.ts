/**
 * What nodes say to each other directly. It saves time and no more: whatever must not be lost is in the store, and is found there
 * by whoever comes after. Calls may be lost, late, or made twice.
 */
import type { ActivityArn, ExecutionArn, MapRunArn } from '../../base/arn.ts'
import type { Failure } from '../../base/failure.ts'
import type { ExecutionKey, NodeId } from '../../base/ids.ts'

import type { MapRunLimits } from '../../engine/map-run/tolerance.ts'
import type { TaskToken } from '../../engine/task-token.ts'
import type { ExecutionRecord, ExecutionStatus, NodeRecord } from '../../store/contract.ts'

import type { Quarantined } from '../../control/execution-port.ts'

/**
 * What somebody asks of an execution, for whichever node holds it. It may be heard late, or once more by another node: a stop or
 * a redrive says how often the execution had been redriven when it was meant.
 */
export type Message = { readonly key: ExecutionKey } & (
  | { readonly type: 'Stop'; readonly redriveCount: number; readonly failure: Failure }
  | { readonly type: 'Redrive'; readonly redriveCount: number }
  /** Of a run that was redriven so often. */
  | { readonly type: 'AnswerTask'; readonly token: string; readonly answer: TaskAnswer }
  | { readonly type: 'ChangeMapRun'; readonly mapRunArn: MapRunArn; readonly limits: Partial<MapRunLimits> }
)

export type TaskAnswer =
  | { readonly type: 'succeeded'; readonly output: string }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'heartbeat' }

/** `changed`: what it brought about is durable. `refused`: the execution had no use for it. `unavailable`: it may be sent again. */
export const ANSWERS = ['changed', 'refused', 'unavailable'] as const
export type Answer = (typeof ANSWERS)[number]

/** A child of a Map Run that is driven elsewhere. */
export interface AskedChild {
  readonly key: ExecutionKey
  readonly mapRunArn: MapRunArn
  readonly executionKey: ExecutionKey
  readonly testCase?: string
  /** Its row, where nobody can have run it before. */
  readonly record?: ExecutionRecord
}

/** A child that is to run no more, unless its run was redriven since. */
export interface AbortedChild {
  readonly key: ExecutionKey
  readonly mapRunArn: MapRunArn
  /** Of the run. */
  readonly redriveCount: number
}

/** `moved`: whoever was asked does not hold it. */
export interface ChildEnded {
  readonly key: ExecutionKey
  readonly status: ExecutionStatus | 'moved'
}

export interface GivenTask {
  readonly token: TaskToken
  readonly input: string
}

/** What is asked, and what is answered, by verb. All of it is JSON. */
export interface NodeVerbs {
  /** `elsewhere`: that node does not hold the execution. The same id again is the same message. */
  readonly deliver: {
    readonly ask: { readonly id: string; readonly message: Message }
    readonly answer: { readonly answer: Answer | 'elsewhere' }
  }
  readonly runChildren: {
    readonly ask: { readonly from: NodeId; readonly children: readonly AskedChild[] }
    readonly answer: object
  }
  /** Asked again as long as they run. */
  readonly abortChildren: { readonly ask: { readonly children: readonly AbortedChild[] }; readonly answer: object }
  readonly childrenEnded: { readonly ask: { readonly children: readonly ChildEnded[] }; readonly answer: object }
  /** Somebody waits at `from` for a task of the activity. */
  readonly wantActivity: {
    readonly ask: { readonly from: NodeId; readonly activityArn: ActivityArn }
    readonly answer: { readonly isOffered: boolean }
  }
  readonly offerActivity: { readonly ask: { readonly from: NodeId; readonly activityArn: ActivityArn }; readonly answer: object }
  readonly takeActivity: {
    readonly ask: { readonly activityArn: ActivityArn; readonly workerName?: string }
    readonly answer: { readonly task?: GivenTask }
  }
  /** Shards are free, messages wait, or state machines have changed: have a look. */
  readonly look: { readonly ask: { readonly at: 'shards' | 'inbox' | 'definitions' }; readonly answer: object }
  /** One execution of each machine whose executions have moved. */
  readonly moved: { readonly ask: { readonly executionArns: readonly ExecutionArn[] }; readonly answer: object }
  readonly quarantined: { readonly ask: object; readonly answer: { readonly quarantined: readonly Quarantined[] } }
  readonly retryQuarantined: { readonly ask: { readonly executionArn: string }; readonly answer: { readonly isThere: boolean } }
}

export type Verb = keyof NodeVerbs

/** Said about these executions to whichever node holds them, when it cannot be called. Nobody waits for an answer; it may be heard late. */
export type Note = { readonly key: ExecutionKey; readonly type: 'Note' } & (
  | { readonly verb: 'runChildren'; readonly ask: NodeVerbs['runChildren']['ask'] }
  | { readonly verb: 'abortChildren'; readonly ask: NodeVerbs['abortChildren']['ask'] }
  | { readonly verb: 'childrenEnded'; readonly ask: NodeVerbs['childrenEnded']['ask'] }
)

export const VERBS = [
  ...([
    'deliver',
    'runChildren',
    'abortChildren',
    'childrenEnded',
    'wantActivity',
    'offerActivity',
    'takeActivity',
    'look',
    'moved',
  ] as const),
  ...(['quarantined', 'retryQuarantined'] as const),
] as const satisfies readonly Verb[]

/** By its URL; by its id too, because a URL may be wrong, and be another node's. */
export type CalledNode = Pick<NodeRecord, 'id' | 'url'>

export interface NodeCalls {
  /** Rejects where that node cannot be reached, refuses, or does not answer in time; then it may have done it or not. */
  call<V extends Verb>(node: CalledNode, verb: V, ask: NodeVerbs[V]['ask']): Promise<NodeVerbs[V]['answer']>
}

/** The other side: what a node does when it is asked. */
export type NodeAnswers = { readonly [V in Verb]: (ask: NodeVerbs[V]['ask']) => Promise<NodeVerbs[V]['answer']> }
