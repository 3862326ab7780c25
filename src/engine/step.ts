/**
 * step(state, signal): the one door of the execution machine. Pure: the same signals give the same events. The state is
 * moved on in place (a caller that cannot commit the events throws it away and folds the log again).
 */
import { assert, assertNever } from '../base/assert.ts'
import { ErrorName } from '../base/error-names.ts'
import { type Failure, failure } from '../base/failure.ts'
import { ROOT_FRAME } from '../base/ids.ts'
import type { Limits } from '../base/limits.ts'
import type { Instant } from '../base/time.ts'

import type { MapState, StateType, TaskState } from '../asl/program.ts'

import type { Command } from './command.ts'
import type { EngineEvent } from './event.ts'
import { expressEnd } from './express-time-limit.ts'
import { failEvaluation, failState } from './fail.ts'
import type { MapRunSignal, Signal, TaskSignal } from './signal.ts'
import { type ExecutionState, type Fork, type Frame, isIdle, isParked } from './state.ts'
import { enterChoice } from './states/choice.ts'
import { mapRunSucceeded, restartMapRun } from './states/distributed-map.ts'
import { enterFail } from './states/fail.ts'
import { enterMap, joinMap } from './states/map.ts'
import { enterParallel, joinParallel } from './states/parallel.ts'
import { enterPass } from './states/pass.ts'
import { enterSucceed } from './states/succeed.ts'
import {
  answerByMock,
  enterTask,
  failTask,
  scheduleTask,
  submitTask,
  succeedTask,
  takeActivity,
  tellTimeOut,
} from './states/task.ts'
import { enterWait, finishWait } from './states/wait.ts'
import { TURN_WORK_MAX, Turn } from './turn.ts'
import { type StateOf, Visit, visitOf } from './visit.ts'

export interface Step {
  readonly events: readonly EngineEvent[]
  readonly commands: readonly Command[]
  /** States are left to run: the turn was full. A Continue signal goes on. */
  readonly isUnfinished: boolean
  /** What the turn has cost, in units of `expr/work.ts`. */
  readonly work: number
}

/** `workMax`: after so much work the turn begins no other state; at least one state runs. */
export function step(state: ExecutionState, signal: Signal, limits: Limits, workMax = TURN_WORK_MAX): Step {
  const turn = new Turn(state, signal.at, signal.seed, limits, workMax)
  const isLastState = signal.isMachineDeleting === true
  receive(turn, signal)
  advance(turn, isLastState)
  return {
    events: turn.events,
    commands: turn.commands,
    isUnfinished: turn.idle.length + turn.joined.length + turn.ready.length > 0 && !turn.isOver,
    work: turn.workDone,
  }
}

function receive(turn: Turn, signal: Signal): void {
  const { state } = turn
  if (signal.type === 'Start') return start(turn)
  // Of two redrives at once the second finds a running execution.
  if (signal.type === 'Redrive') return isRedrivable(state.status) ? redrive(turn) : undefined
  if (turn.isOver) return
  switch (signal.type) {
    case 'Continue':
      return findWork(turn)
    case 'TaskSucceeded':
      return withTask(turn, signal, (visit) => succeedTask(visit, signal.output))
    case 'TaskFailed':
      return withTask(turn, signal, (visit) => failTask(visit, signal.failure, signal.phase))
    case 'TaskSubmitted':
      return withTask(turn, signal, (visit) => submitTask(visit, signal.output))
    case 'TaskMocked':
      return withTask(turn, signal, (visit) => answerByMock(visit, signal.answer))
    case 'HeartbeatReceived':
      return withTask(turn, signal, (visit) => visit.note({ type: 'HeartbeatReceived' }))
    case 'ActivityTaken':
      return withTask(turn, signal, (visit) => takeActivity(visit, signal.workerName))
    case 'ActivityFound':
    case 'ActivityMissing': {
      const frame = state.frames.get(signal.frame)
      if (!frame?.active?.isSeekingActivity) return
      const visit = taskVisitOf(turn, frame)
      if (signal.type === 'ActivityFound') return scheduleTask(visit)
      const cause = `The activity ${visit.state.resource.arn} does not exist.`
      return failEvaluation(visit, { error: ErrorName.Runtime, cause })
    }
    case 'TimerFired':
      return fireTimers(turn)
    case 'MapRunSucceeded':
      return withMapRun(turn, signal, (visit) => mapRunSucceeded(visit, signal.output))
    case 'MapRunFailed':
      return withMapRun(turn, signal, (visit) => {
        // Its children were aborted, as it is now.
        if (signal.isMachineDeleting) return abort(turn, {})
        const { error, cause } = turn.cut(signal.failure)
        visit.emit({ type: 'MapRunFailed', error, cause })
        failState(visit, signal.failure)
      })
    case 'MapRunAborted':
      return withMapRun(turn, signal, (visit) => {
        if (signal.isMachineDeleting) return abort(turn, {})
        visit.emit({ type: 'MapRunAborted' })
        failState(visit, failure(ErrorName.TaskFailed, 'The Map Run was aborted.'))
      })
    case 'Stop':
      return abort(turn, signal.failure)
    case 'Break':
      return turn.failExecution(rootOf(turn), signal.failure, 0)
    default:
      return assertNever(signal, 'signal')
  }
}

function start(turn: Turn): void {
  const { identity, input } = turn.state
  const { isExpress, roleArn, stateMachineAliasArn, stateMachineVersionArn, testCase } = identity
  turn.begin({
    type: 'ExecutionStarted',
    input,
    roleArn,
    ...(stateMachineAliasArn !== undefined && { stateMachineAliasArn }),
    ...(stateMachineVersionArn !== undefined && { stateMachineVersionArn }),
    ...(isExpress && { expiresAt: expressEnd(turn.toldAt, turn.limits) }),
    ...(testCase !== undefined && { testCase }),
  } as const)
  turn.ready.push(ROOT_FRAME)
}

const isRedrivable = (status: ExecutionState['status']) => status !== 'RUNNING' && status !== 'SUCCEEDED'

/** What had not succeeded is worked on again, within the states that were entered; what had is not. */
function redrive(turn: Turn): void {
  turn.begin({ type: 'ExecutionRedriven', redriveCount: turn.state.redriveCount + 1 })
  findWork(turn)
}

/**
 * All frames that can go on of themselves, in the order in which they came there: a turn that was full and the one that
 * goes on tell together what one turn would have told.
 */
function findWork(turn: Turn): void {
  const frames = [...turn.state.frames.values()].sort((a, b) => a.previousEventId - b.previousEventId)
  for (const { id, next, active } of frames) {
    if (next) turn.ready.push(id)
    if (active?.fork) turn.joined.push(id)
    else if (active && isIdle(active)) turn.idle.push(id)
  }
}

function withTask(turn: Turn, at: TaskSignal, then: (visit: Visit<TaskState>) => void): void {
  const frame = turn.state.frames.get(at.frame)
  // Late answers of attempts that are over are dropped: a task is told once.
  if (!frame || frame.active?.task?.id !== at.task) return
  then(taskVisitOf(turn, frame))
}

function withMapRun(turn: Turn, at: MapRunSignal, then: (visit: Visit<MapState>) => void): void {
  const frame = turn.state.frames.get(at.frame)
  const run = frame?.active?.mapRun
  if (!frame || !run?.isRunning || run.arn !== at.mapRunArn || run.redriveCount !== at.redriveCount) return
  const visit = visitOf(turn, frame)
  assert(visit.is('Map'), 'only a Map has a Map Run')
  then(visit)
}

/** What is due and does not fit into the turn is due still, and so is the execution. */
function fireTimers(turn: Turn): void {
  const { state } = turn
  if (state.deadline !== undefined && state.deadline <= turn.at) return timeOutExecution(turn)
  const late: { readonly frame: Frame; readonly isHeartbeat: boolean }[] = []
  for (const frame of [...state.frames.values()]) {
    const { active } = frame
    if (turn.isOver || turn.isFull) break
    if (!active || state.frames.get(frame.id) !== frame) continue
    if (active.wakeAt !== undefined && active.wakeAt <= turn.at) wake(turn, frame)
    else if (isDue(turn, active.task?.timeoutAt)) late.push({ frame, isHeartbeat: false })
    else if (isDue(turn, active.task?.heartbeatAt)) late.push({ frame, isHeartbeat: true })
  }
  // All that is late is told before anything follows from it (recorded: timeouts, Map).
  for (const { frame, isHeartbeat } of late) {
    if (turn.isOver || turn.isFull) return
    if (state.frames.get(frame.id) !== frame) continue
    tellTimeOut(taskVisitOf(turn, frame), isHeartbeat)
    turn.idle.push(frame.id)
  }
}

const isDue = (turn: Turn, at: Instant | undefined) => at !== undefined && at <= turn.at

function taskVisitOf(turn: Turn, frame: Frame): Visit<TaskState> {
  const visit = visitOf(turn, frame)
  assert(visit.is('Task'), 'only a Task has a task')
  return visit
}

function wake(turn: Turn, frame: Frame): void {
  turn.beginWork()
  const visit = visitOf(turn, frame)
  if (visit.is('Wait')) finishWait(visit)
  else work(visit)
}

function timeOutExecution(turn: Turn): void {
  turn.emit(rootOf(turn), { type: 'ExecutionTimedOut', error: ErrorName.Timeout }, 0)
}

function abort(turn: Turn, reason: Failure): void {
  const { error, cause } = turn.cut(reason)
  turn.emit(rootOf(turn), { type: 'ExecutionAborted', error, cause }, 0)
}

function rootOf(turn: Turn): Frame {
  const root = turn.state.frames.get(ROOT_FRAME)
  assert(root, 'an execution that runs has a root')
  return root
}

/** `isLastState`: an execution that would enter another state ends instead. */
function advance(turn: Turn, isLastState: boolean): void {
  while (!turn.isOver && !turn.isFull) {
    turn.beginWork()
    const frame = nextFrame(turn)
    if (frame === undefined) return
    if (frame.next && isLastState) abort(turn, {})
    else if (frame.next) enter(turn, frame, frame.next)
    else if (frame.active?.fork) join(visitOf(turn, frame), frame.active.fork)
    else if (frame.active && isIdle(frame.active)) resume(visitOf(turn, frame))
  }
}

/** The frame whose turn it is; those that are gone are passed over. */
function nextFrame({ idle, joined, ready, state }: Turn): Frame | undefined {
  for (;;) {
    const id = idle.shift() ?? joined.shift() ?? ready.shift()
    if (id === undefined) return undefined
    const frame = state.frames.get(id)
    if (frame) return frame
  }
}

/** A state that has begun and neither works nor waits fails if it was told late, else it begins its work. */
function resume(visit: Visit): void {
  const { late } = visit.active
  if (late === undefined) return work(visit)
  failState(visit, failure(ErrorName.Timeout), late === 'heartbeat' ? ErrorName.HeartbeatTimeout : ErrorName.Timeout)
}

function enter(turn: Turn, frame: Frame, { name, input }: NonNullable<Frame['next']>): void {
  const state = turn.state.program.states.get(name)
  assert(state, `the program has a state named ${name}`)
  turn.emit(frame, { type: 'StateEntered', stateType: state.type, name, input })
  if (!turn.isOver) work(new Visit(turn, frame, state))
}

const ENTER: { readonly [T in StateType]: (visit: Visit<StateOf<T>>) => void } = {
  Pass: enterPass,
  Task: enterTask,
  Choice: enterChoice,
  Wait: enterWait,
  Succeed: enterSucceed,
  Fail: enterFail,
  Parallel: enterParallel,
  Map: enterMap,
}

/** Does what the state is for; also when it is tried again. */
export const work = (visit: Visit): void => workAs(visit.state.type, visit)

function workAs<T extends StateType>(type: T, visit: Visit<StateOf<T>>): void {
  ENTER[type](visit)
}

function join(visit: Visit, fork: Fork): void {
  if (visit.is('Parallel')) joinParallel(visit, fork)
  else if (visit.is('Map')) joinMap(visit, fork)
}

/** What is still asked for, as the state alone tells it: the outbox of an execution whose process died. */
export function pendingCommands(state: ExecutionState, at: Signal['at'], seed: string, limits: Limits): readonly Command[] {
  const turn = new Turn(state, at, seed, limits)
  for (const frame of state.frames.values()) {
    const { active } = frame
    if (!active || turn.isOver) continue
    const visit = visitOf(turn, frame)
    if (visit.is('Map') && visit.state.distributed && active.mapRun?.isRunning)
      restartMapRun(visit, visit.state.distributed, active.mapRun)
    if (!visit.is('Task')) continue
    const { task } = active
    const { resource } = visit.state
    if (active.isSeekingActivity && resource.kind === 'activity')
      turn.commands.push({ type: 'FindActivity', frame: frame.id, activityArn: resource.arn })
    if (!task) continue
    if (resource.kind === 'activity') {
      if (task.startedAt === undefined)
        turn.commands.push({ type: 'OfferActivity', frame: frame.id, task: task.id, activityArn: resource.arn })
    } else if (!isParked(state, active, task)) {
      const { parameters, credentialsRoleArn, submitted } = task
      turn.commands.push({ type: 'RunTask', frame: frame.id, task: task.id, resource, parameters, credentialsRoleArn, submitted })
    }
  }
  return turn.commands
}
