/**
 * What an execution has come to: a fold over its log. A tree of frames: the root, and one for each branch of a Parallel and
 * each iteration of a Map that runs. Only apply.ts changes it.
 *
 * 1. A frame stands between states (`next`), in a state (`active`), or at its end (`output`): never in two of them.
 * 2. A frame with children is in a Parallel or Map state; its children's `parent` is its id.
 */
import type { AliasArn, ExecutionArn, MapRunArn, StateMachineArn, VersionArn } from '../base/arn.ts'
import { assert } from '../base/assert.ts'
import { type FrameId, toFrameId, type TaskId } from '../base/ids.ts'
import type { Json } from '../base/json.ts'
import type { Payload } from '../base/payload.ts'
import type { Instant } from '../base/time.ts'

import type { Program, StateType } from '../asl/program.ts'

import type { TaskToken } from './task-token.ts'
import { ENGINE_VERSION } from './version.ts'

/** What does not change while the execution lives. */
export interface ExecutionIdentity {
  readonly executionArn: ExecutionArn
  readonly executionName: string
  readonly roleArn: string
  readonly stateMachineArn: StateMachineArn
  readonly stateMachineName: string
  readonly stateMachineAliasArn?: AliasArn
  readonly stateMachineVersionArn?: VersionArn
  readonly region: string
  /** Names the Map state whose processor this execution runs, when it is a Map Run's child. */
  readonly mapState?: string
  readonly isExpress: boolean
  /** Its caller waits for its end (StartSyncExecution, TestState): nobody could redrive it. */
  readonly isSynchronous?: true
  /** Of a mock file, as its start names it; from then on the log has it. */
  readonly testCase?: string
}

export type RunStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'

export interface ExecutionState {
  readonly program: Program
  readonly identity: ExecutionIdentity
  readonly input: Payload
  startAt: Instant
  /** How the machine behaves for it: as it did when the execution began, or was redriven last. */
  engineVersion: number
  status: RunStatus
  stopAt: Instant | undefined
  output: Payload | undefined
  error: string | undefined
  cause: string | undefined
  redriveCount: number
  redriveAt: Instant | undefined
  /** When the machine's TimeoutSeconds are over, or those of all Express executions. */
  deadline: Instant | undefined
  /** Of a mock file, whose responses answer its tasks. */
  testCase: string | undefined
  /** Tasks that were asked for so far, by state; counted only where there is a test case. */
  calls: Map<string, number> | undefined
  lastEventId: number
  /** The instant of the last event. */
  lastAt: Instant
  /** Events in the log so far, facts included: where the next turn begins. */
  sequence: number
  nextFrame: FrameId
  /** Bytes of all that was ever assigned: at least what the variables hold. */
  assignedBytes: number
  readonly frames: Map<FrameId, Frame>
}

export interface Frame {
  readonly id: FrameId
  readonly parent: FrameId | undefined
  /** Which branch or iteration of the parent's state. */
  readonly index: number
  readonly variables: Map<string, Json>
  previousEventId: number
  next: { readonly name: string; readonly input: Payload } | undefined
  active: ActiveState | undefined
  output: Payload | undefined
}

export interface ActiveState {
  readonly name: string
  readonly type: StateType
  readonly enteredEventId: number
  /** The event before the state was entered: where AWS chains its EvaluationFailed. */
  readonly beforeEventId: number
  readonly enteredAt: Instant
  readonly input: Payload
  /** How often each retrier has been used in this visit. */
  readonly retries: Map<number, number>
  retryCount: number
  /** A Wait's end, or when the next attempt begins. */
  wakeAt: Instant | undefined
  task: ActiveTask | undefined
  fork: Fork | undefined
  /** The Map Run of a distributed Map; kept when it has failed, for a redrive. */
  mapRun: { readonly arn: MapRunArn; readonly redriveCount: number; readonly isRunning: boolean } | undefined
  /** An activity task that is not scheduled yet: whether the activity is there is being asked. */
  isSeekingActivity: boolean
  /** Its task was told late, and what follows from it is still to come. */
  late: 'task' | 'heartbeat' | undefined
}

export interface ActiveTask {
  readonly id: TaskId
  /** Which of its state's tasks it is in this execution, from 0; only where there is a test case. */
  readonly callIndex: number | undefined
  readonly token: TaskToken | undefined
  readonly parameters: Payload
  readonly credentialsRoleArn: string | undefined
  readonly timeoutSeconds: number | undefined
  readonly heartbeatSeconds: number | undefined
  startedAt: Instant | undefined
  submitted: Payload | undefined
  timeoutAt: Instant | undefined
  heartbeatAt: Instant | undefined
}

/** A running Parallel or inline Map. */
export interface Fork {
  /** Map only. */
  readonly items: readonly Json[] | undefined
  readonly total: number
  readonly maxConcurrency: number
  nextIndex: number
  readonly running: Set<FrameId>
  readonly outputs: (Payload | undefined)[]
  finished: number
  /** The event that the next iteration is chained to. */
  previousEventId: number
}

export function newExecutionState(
  program: Program,
  identity: ExecutionIdentity,
  input: Payload,
  startAt: Instant,
): ExecutionState {
  return {
    program,
    identity,
    input,
    startAt,
    engineVersion: ENGINE_VERSION,
    status: 'RUNNING',
    stopAt: undefined,
    output: undefined,
    error: undefined,
    cause: undefined,
    redriveCount: 0,
    redriveAt: undefined,
    deadline: undefined,
    testCase: undefined,
    calls: undefined,
    lastEventId: 0,
    lastAt: startAt,
    sequence: 0,
    nextFrame: toFrameId(1),
    assignedBytes: 0,
    frames: new Map(),
  }
}

export function activeOf(frame: Frame): ActiveState {
  assert(frame.active, 'the frame is in a state')
  return frame.active
}

/** The earliest instant at which something of the execution is due, if anything is. */
export function nextDue(state: ExecutionState): Instant | undefined {
  if (state.status !== 'RUNNING') return undefined
  let due = state.deadline
  const consider = (at: Instant | undefined) => {
    if (at !== undefined && (due === undefined || at < due)) due = at
  }
  for (const { active } of state.frames.values()) {
    if (!active) continue
    consider(active.wakeAt)
    consider(active.task?.timeoutAt)
    consider(active.task?.heartbeatAt)
  }
  return due
}

/** True while something outside works for the execution, or states are left to run: what a restart must take up. */
export function isBusy(state: ExecutionState): boolean {
  return (
    state.status === 'RUNNING' &&
    someFrame(state, (active) => active.mapRun?.isRunning === true || isWorking(state, active, true))
  )
}

/**
 * True while this process works on it. An execution that waits for time, a token, a worker or a Map Run needs no memory:
 * whatever comes next folds its log again.
 */
export function isInHand(state: ExecutionState): boolean {
  return state.status === 'RUNNING' && someFrame(state, (active) => isWorking(state, active, false))
}

/** The state has begun and neither works nor waits: it was redriven or told late, and the turn was full. */
export function isIdle({ wakeAt, task, fork, mapRun, isSeekingActivity }: ActiveState): boolean {
  return wakeAt === undefined && !task && !fork && !mapRun?.isRunning && !isSeekingActivity
}

function someFrame(state: ExecutionState, test: (active: ActiveState) => boolean): boolean {
  for (const { active, next } of state.frames.values()) if (next || (active && test(active))) return true
  return false
}

/** A fork that is complete, or has room for its next branch or iteration: the turn was full. */
const canGoOn = ({ finished, total, nextIndex, running, maxConcurrency }: Fork): boolean =>
  finished === total || (nextIndex < total && running.size < maxConcurrency)

function isWorking(state: ExecutionState, active: ActiveState, countsOffers: boolean): boolean {
  if (active.isSeekingActivity || isIdle(active) || (active.fork && canGoOn(active.fork))) return true
  const { task } = active
  if (!task) return false
  const isOffered = isActivity(state, active) && task.startedAt === undefined
  return isOffered ? countsOffers : !isParked(state, active, task)
}

function resourceOf({ program }: ExecutionState, active: ActiveState) {
  const definition = program.states.get(active.name)
  return definition?.type === 'Task' ? definition.resource : undefined
}

const isActivity = (state: ExecutionState, active: ActiveState) => resourceOf(state, active)?.kind === 'activity'

/** A task that waits for its token alone: nothing in this process works on it. */
export function isParked(state: ExecutionState, active: ActiveState, task: ActiveTask): boolean {
  const resource = resourceOf(state, active)
  if (resource?.kind === 'activity') return task.startedAt !== undefined
  return resource?.kind === 'service' && resource.pattern === 'waitForTaskToken' && task.submitted !== undefined
}
