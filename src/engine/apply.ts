/**
 * apply(state, event): the only code that changes an execution's state. A live turn runs it on each event that it emits,
 * and recovery folds it over the log, so both come to the same state.
 */
import { assert, assertNever } from '../base/assert.ts'
import { ErrorName } from '../base/error-names.ts'
import { type FrameId, ROOT_FRAME, taskIdOf, toFrameId } from '../base/ids.ts'
import { isArray, isObject, type Json } from '../base/json.ts'
import type { Payload } from '../base/payload.ts'
import { type Instant, toInstant } from '../base/time.ts'

import { type EngineEvent, type EventOf, type ExecutionEvent, isHistoryEvent, STATUS_AFTER } from './event.ts'
import { type ActiveState, activeOf, type ExecutionState, type Frame } from './state.ts'
import { later } from './timer-rounding.ts'

export function apply(state: ExecutionState, event: EngineEvent): void {
  state.sequence++
  state.lastAt = event.at
  if (isHistoryEvent(event)) state.lastEventId = event.id
  const frame = state.frames.get(event.frame)
  if (frame && event.id > 0) frame.previousEventId = event.id
  switch (event.type) {
    case 'ExecutionStarted':
      return begin(state, event)
    case 'ExecutionSucceeded':
      state.output = event.output
      return end(state, STATUS_AFTER[event.type], event.at)
    case 'ExecutionFailed':
    case 'ExecutionAborted':
    case 'ExecutionTimedOut':
      state.error = event.error
      state.cause = event.cause
      return end(state, STATUS_AFTER[event.type], event.at)
    case 'ExecutionRedriven':
      return redrive(state, event)
    default:
      assert(frame, `event ${event.id} (${event.type}) is of a frame that runs`)
      return applyToFrame(state, frame, event)
  }
}

type FrameEvent = Exclude<EngineEvent, { type: ExecutionEvent['type'] }>

function applyToFrame(state: ExecutionState, frame: Frame, event: FrameEvent): void {
  switch (event.type) {
    case 'StateEntered':
      return enter(frame, event)
    case 'StateExited':
      return exit(state, frame, event)
    case 'WaitUntil':
      activeOf(frame).wakeAt = event.until
      return
    case 'RetryScheduled': {
      const active = activeOf(frame)
      active.retries.set(event.retrier, (active.retries.get(event.retrier) ?? 0) + 1)
      active.retryCount++
      active.wakeAt = event.due
      frame.previousEventId = event.previousEventId
      active.task = undefined
      active.late = undefined
      active.mapRun = undefined
      closeFork(state, frame)
      return
    }
    case 'TaskScheduled':
      return schedule(state, frame, event, event.parameters)
    case 'LambdaFunctionScheduled':
    case 'ActivityScheduled':
      return schedule(state, frame, event, event.input)
    case 'TaskStarted':
    case 'LambdaFunctionStarted':
    case 'ActivityStarted':
      return startClock(frame, event.at)
    case 'TaskSubmitted': {
      const task = taskOf(frame)
      task.submitted = event.output
      if (task.heartbeatSeconds !== undefined) task.heartbeatAt = later(event.at, task.heartbeatSeconds)
      return
    }
    case 'HeartbeatReceived': {
      const task = taskOf(frame)
      if (task.heartbeatSeconds !== undefined) task.heartbeatAt = later(event.at, task.heartbeatSeconds)
      return
    }
    case 'TaskSucceeded':
    case 'TaskFailed':
    case 'TaskStartFailed':
    case 'TaskSubmitFailed':
    case 'LambdaFunctionSucceeded':
    case 'LambdaFunctionFailed':
    case 'LambdaFunctionScheduleFailed':
    case 'LambdaFunctionStartFailed':
    case 'ActivitySucceeded':
    case 'ActivityFailed':
    case 'ActivityScheduleFailed':
      activeOf(frame).task = undefined
      return
    case 'TaskTimedOut':
    case 'LambdaFunctionTimedOut':
    case 'ActivityTimedOut': {
      const active = activeOf(frame)
      active.task = undefined
      active.late = event.isHeartbeat ? 'heartbeat' : 'task'
      return
    }
    case 'MapStateStarted':
      activeOf(frame).wakeAt = undefined
      return
    case 'ParallelStateStarted': {
      const active = activeOf(frame)
      active.wakeAt = undefined
      const total = branchCount(state, active)
      active.fork = {
        items: undefined,
        total,
        maxConcurrency: total,
        nextIndex: 0,
        running: new Set(),
        outputs: [],
        finished: 0,
        previousEventId: event.id,
      }
      return
    }
    case 'MapItems': {
      const items = event.items.exact
      assert(isArray(items), 'the items of a Map are an array')
      activeOf(frame).fork = {
        items,
        total: items.length,
        maxConcurrency: event.maxConcurrency,
        nextIndex: 0,
        running: new Set<FrameId>(),
        outputs: [],
        finished: 0,
        previousEventId: frame.previousEventId,
      }
      return
    }
    case 'FrameOpened':
      return openFrame(state, frame, event)
    case 'MapIterationStarted':
      return
    case 'MapIterationSucceeded':
      return endIteration(state, frame, event)
    case 'MapIterationFailed':
    case 'MapIterationAborted':
    case 'StateAborted':
      // They are told with the previousEventId of the last state event, and so is what comes after them.
      frame.previousEventId = event.previousEventId
      return
    case 'MapRunStarted':
      activeOf(frame).mapRun = { arn: event.mapRunArn, redriveCount: 0, isRunning: true }
      return
    case 'MapRunSucceeded':
    case 'MapRunAborted':
    case 'MapRunFailed': {
      const active = activeOf(frame)
      // A redrive goes on with the run, but for one whose data were too large: that state is run afresh.
      const isLost = event.type === 'MapRunFailed' && event.error === ErrorName.DataLimitExceeded
      active.mapRun = active.mapRun && !isLost ? { ...active.mapRun, isRunning: false } : undefined
      return
    }
    case 'ParallelStateSucceeded':
    case 'MapStateSucceeded':
      // AWS chains the Exited event past this one.
      frame.previousEventId = event.previousEventId
      return
    case 'ParallelStateFailed':
    case 'MapStateFailed':
      // The branches stay: what follows closes them (a Catch, a retry), or the execution ends and a redrive goes on with them.
      return
    case 'EvaluationFailed':
      return
    case 'ActivitySought': {
      const active = activeOf(frame)
      active.wakeAt = undefined
      active.isSeekingActivity = true
      return
    }
    case 'MapRunRedriven': {
      const active = activeOf(frame)
      active.mapRun = { arn: event.mapRunArn, redriveCount: event.redriveCount, isRunning: true }
      return
    }
    default:
      return assertNever(event, 'event')
  }
}

function begin(state: ExecutionState, event: EventOf<'ExecutionStarted'>): void {
  state.startAt = event.at
  state.engineVersion = event.engine ?? 0
  state.testCase = event.testCase
  state.calls = event.testCase === undefined ? undefined : new Map<string, number>()
  state.frames.clear()
  state.frames.set(ROOT_FRAME, newFrame(ROOT_FRAME, undefined, 0, { name: startAtOf(state), input: state.input }))
  setDeadline(state, event.at)
  const { expiresAt } = event
  if (expiresAt !== undefined && (state.deadline === undefined || expiresAt < state.deadline)) state.deadline = expiresAt
}

function setDeadline(state: ExecutionState, from: Instant): void {
  const seconds = state.identity.mapState === undefined ? state.program.timeoutSeconds : undefined
  // Exactly then: AWS's stopDate is the start and so many seconds.
  state.deadline = seconds === undefined ? undefined : toInstant(from + seconds * 1000)
}

/** A Map Run's child starts where the processor of its Map state starts. */
function startAtOf(state: ExecutionState): string {
  if (state.identity.mapState === undefined) return state.program.startAt
  const map = state.program.states.get(state.identity.mapState)
  assert(map?.type === 'Map', 'a child execution belongs to a Map state')
  return map.processor.startAt
}

function end(state: ExecutionState, status: ExecutionState['status'], at: Instant): void {
  state.status = status
  state.stopAt = at
  state.deadline = undefined
  // Frames stay as they were: a redrive goes on from them.
}

function redrive(state: ExecutionState, event: EventOf<'ExecutionRedriven'>): void {
  state.engineVersion = event.engine ?? 0
  state.status = 'RUNNING'
  state.stopAt = undefined
  state.error = undefined
  state.cause = undefined
  state.redriveCount = event.redriveCount
  state.redriveAt = event.at
  setDeadline(state, event.at)
  for (const frame of [...state.frames.values()]) {
    frame.previousEventId = event.id
    if (frame.active) restart(state, frame, frame.active, event.id)
  }
}

/** An unsuccessful state begins its work again; of a Parallel or Map only the branches that had not succeeded do. */
function restart(state: ExecutionState, frame: Frame, active: ActiveState, redriven: number): void {
  active.retries.clear()
  active.retryCount = 0
  active.task = undefined
  active.wakeAt = undefined
  active.isSeekingActivity = false
  active.late = undefined
  if (active.mapRun) active.mapRun = { ...active.mapRun, isRunning: false }
  if (!active.fork) return
  if (active.fork.finished === active.fork.total) closeFork(state, frame)
  else active.fork.previousEventId = redriven
}

function enter(frame: Frame, event: EventOf<'StateEntered'>): void {
  frame.next = undefined
  frame.active = {
    name: event.name,
    type: event.stateType,
    enteredEventId: event.id,
    beforeEventId: event.previousEventId,
    enteredAt: event.at,
    input: event.input,
    retries: new Map<number, number>(),
    retryCount: 0,
    wakeAt: undefined,
    task: undefined,
    fork: undefined,
    mapRun: undefined,
    isSeekingActivity: false,
    late: undefined,
  }
}

function exit(state: ExecutionState, frame: Frame, event: EventOf<'StateExited'>): void {
  closeFork(state, frame)
  frame.active = undefined
  const assigned = event.assigned?.exact
  if (event.assigned) state.assignedBytes += event.assigned.bytes
  if (isObject(assigned)) for (const [name, value] of Object.entries(assigned)) frame.variables.set(name, value)
  if (event.next !== undefined) frame.next = { name: event.next, input: event.output }
  else finish(state, frame, event.output)
}

function finish(state: ExecutionState, frame: Frame, output: Payload): void {
  frame.output = output
  const parent = frame.parent === undefined ? undefined : state.frames.get(frame.parent)
  const fork = parent?.active?.fork
  if (!parent || !fork) return
  fork.outputs[frame.index] = output
  fork.finished++
  fork.running.delete(frame.id)
  fork.previousEventId = frame.previousEventId
  parent.previousEventId = frame.previousEventId
}

/** The next iteration is chained to the last state of this one, the end of the Map to this event itself. */
function endIteration(state: ExecutionState, frame: Frame, event: { readonly id: number }): void {
  const parent = frame.parent === undefined ? undefined : state.frames.get(frame.parent)
  assert(parent, 'an iteration belongs to a Map state')
  parent.previousEventId = event.id
  state.frames.delete(frame.id)
}

function schedule(
  state: ExecutionState,
  frame: Frame,
  event: EventOf<'TaskScheduled'> | EventOf<'LambdaFunctionScheduled'> | EventOf<'ActivityScheduled'>,
  parameters: Payload,
): void {
  const active = activeOf(frame)
  const { token, timeoutSeconds, heartbeatSeconds } = event.facts
  active.wakeAt = undefined
  active.isSeekingActivity = false
  active.task = {
    id: taskIdOf(event.id),
    callIndex: countCall(state, active.name),
    token,
    parameters,
    timeoutSeconds,
    heartbeatSeconds,
    credentialsRoleArn: 'credentialsRoleArn' in event ? event.credentialsRoleArn : undefined,
    startedAt: undefined,
    submitted: undefined,
    timeoutAt: undefined,
    heartbeatAt: undefined,
  }
  // An activity that no worker takes times out all the same.
  if (event.type === 'ActivityScheduled' && timeoutSeconds !== undefined) active.task.timeoutAt = later(event.at, timeoutSeconds)
}

/** How many tasks the state had before, over all of its visits and attempts. */
function countCall({ calls }: ExecutionState, name: string): number | undefined {
  if (!calls) return undefined
  const before = calls.get(name) ?? 0
  calls.set(name, before + 1)
  return before
}

function startClock(frame: Frame, at: Instant): void {
  const task = taskOf(frame)
  task.startedAt = at
  if (task.timeoutSeconds !== undefined) task.timeoutAt = later(at, task.timeoutSeconds)
  if (task.heartbeatSeconds !== undefined) task.heartbeatAt = later(at, task.heartbeatSeconds)
}

function openFrame(state: ExecutionState, parent: Frame, event: EventOf<'FrameOpened'>): void {
  const child = newFrame(event.child, parent.id, event.index, { name: event.startAt, input: event.input })
  child.previousEventId = event.previousEventId
  state.frames.set(child.id, child)
  state.nextFrame = toFrameId(Math.max(state.nextFrame, event.child + 1))
  const fork = parent.active?.fork
  assert(fork, 'a frame opens inside a Parallel or Map state')
  fork.nextIndex = event.index + 1
  fork.running.add(child.id)
}

/** Takes the children of a frame's state away, and theirs. */
function closeFork(state: ExecutionState, frame: Frame): void {
  if (!frame.active?.fork) return
  for (const child of state.frames.values()) if (child.parent === frame.id) removeFrame(state, child)
  frame.active.fork = undefined
}

function removeFrame(state: ExecutionState, frame: Frame): void {
  closeFork(state, frame)
  state.frames.delete(frame.id)
}

function newFrame(id: FrameId, parent: FrameId | undefined, index: number, next: Frame['next']): Frame {
  return { id, parent, index, variables: new Map<string, Json>(), previousEventId: 0, next, active: undefined, output: undefined }
}

function branchCount(state: ExecutionState, active: ActiveState): number {
  const parallel = state.program.states.get(active.name)
  assert(parallel?.type === 'Parallel', 'only a Parallel state has branches')
  return parallel.branches.length
}

function taskOf(frame: Frame) {
  const task = frame.active?.task
  assert(task, 'the frame has a task in flight')
  return task
}

/** The state that a log tells of. `empty` is the state before its first event. */
export function fold(empty: ExecutionState, events: Iterable<EngineEvent>): ExecutionState {
  for (const event of events) apply(empty, event)
  return empty
}
