/**
 * What a failure does: the state's Retry, then its Catch, then the failure goes up the frames. A branch or iteration that
 * fails takes its siblings with it. States.Runtime passes every Retry and Catch and ends the execution where it stands.
 * Source: Amazon States Language, "Errors"; orders and previousEventIds as recorded (conformance: scenarios, timeouts).
 */
import { assert } from '../base/assert.ts'
import { ErrorName } from '../base/error-names.ts'
import { type Failure, failure as newFailure } from '../base/failure.ts'
import { Payload } from '../base/payload.ts'
import { toInstant } from '../base/time.ts'

import type { Catcher, EvaluationFailure, State } from '../asl/program.ts'

import { activeOf } from './apply.ts'
import { errorOutput, type Exit, evaluateAssign, exitJsonata, mergeResult } from './data-flow.ts'
import { leaveState } from './leave.ts'
import { findCatcher, findRetrier, retryDelay } from './retry.ts'
import type { Frame } from './state.ts'
import type { Turn } from './turn.ts'

/** A field of the state the frame is in has no value. JSONata failures are told as events of their own first. */
export function failEvaluation(
  turn: Turn,
  frame: Frame,
  problem: EvaluationFailure,
  chainTo = activeOf(frame).beforeEventId,
): void {
  const active = activeOf(frame)
  const cause = `An error occurred while executing the state '${active.name}' (entered at the event id #${active.enteredEventId}). ${problem.cause}`
  if (problem.error === ErrorName.QueryEvaluationError) {
    const { location } = problem
    const previous = frame.previousEventId === active.enteredEventId ? chainTo : frame.previousEventId
    turn.emit(
      frame,
      { type: 'EvaluationFailed', error: problem.error, cause, ...(location !== undefined && { location }), state: active.name },
      previous,
    )
  }
  failState(turn, frame, newFailure(problem.error, cause))
}

/**
 * The state the frame is in has failed. `matchAs` is the name that Retry and Catch compare, where it differs from the one
 * that is told; `previousEventId` is what the next event of the frame is chained to.
 */
export function failState(
  turn: Turn,
  frame: Frame,
  reason: Failure,
  matchAs = turn.cut(reason).error ?? '',
  previousEventId = frame.previousEventId,
): void {
  if (turn.isOver) return
  const failure = turn.cut(reason)
  const active = activeOf(frame)
  const state = stateOf(turn, frame)
  if (failure.error === ErrorName.Runtime) return turn.failExecution(frame, failure, previousEventId)
  turn.cancel(active)
  const guarded = 'retry' in state ? state : undefined
  if (guarded) {
    const index = findRetrier(guarded.retry, matchAs)
    const retrier = index === undefined ? undefined : guarded.retry[index]
    const delay =
      index === undefined || !retrier ? undefined : retryDelay(retrier, active.retries.get(index) ?? 0, () => turn.uniform())
    if (index !== undefined && delay !== undefined) {
      turn.note(frame, { type: 'RetryScheduled', retrier: index, due: toInstant(turn.at + delay * 1000) }, previousEventId)
      return
    }
  }
  if (state.type === 'Parallel' || state.type === 'Map') turn.emit(frame, { type: `${state.type}StateFailed` }, previousEventId)
  const catcher = guarded && findCatcher(guarded.catch, matchAs)
  if (catcher) return catchFailure(turn, frame, state, catcher, failure)
  failFrame(turn, frame, failure)
}

function catchFailure(turn: Turn, frame: Frame, state: State, catcher: Catcher, failure: Failure): void {
  // What the state spent before it failed does not count against its catcher.
  turn.beginWork()
  const exit = caughtExit(turn, frame, state, catcher, failure)
  if (!exit.ok) return failUncaught(turn, frame, exit.error)
  leaveState(turn, frame, exit.value, catcher.next)
}

function caughtExit(turn: Turn, frame: Frame, state: State, catcher: Catcher, failure: Failure): ReturnType<typeof exitJsonata> {
  const { input } = activeOf(frame)
  const error = Payload.ofValue(errorOutput(failure))
  if (state.queryLanguage === 'JSONata')
    return exitJsonata(turn, frame, catcher, { input: input.value, errorOutput: error.value }, error)
  const assigned = evaluateAssign(turn, frame, catcher.assign, { input: error.value })
  if (!assigned.ok) return assigned
  const output = mergeResult(catcher.resultPath, input, error)
  return output.ok ? { ok: true, value: { output: output.value, assigned: assigned.value } satisfies Exit } : output
}

/** A Catch whose own fields fail: nothing of this state is asked again. */
function failUncaught(turn: Turn, frame: Frame, problem: EvaluationFailure): void {
  const active = activeOf(frame)
  const cause = `An error occurred while executing the state '${active.name}' (entered at the event id #${active.enteredEventId}). ${problem.cause}`
  if (problem.location !== undefined)
    turn.emit(frame, { type: 'EvaluationFailed', error: problem.error, cause, location: problem.location, state: active.name })
  if (problem.error === ErrorName.Runtime) return turn.failExecution(frame, newFailure(problem.error, cause))
  failFrame(turn, frame, newFailure(problem.error, cause))
}

/** Nothing in the frame took the failure: the branch, iteration or execution fails. */
function failFrame(turn: Turn, frame: Frame, failure: Failure): void {
  if (frame.parent === undefined) return turn.failExecution(frame, failure)
  const parent = turn.state.frames.get(frame.parent)
  assert(parent, 'a branch has a parent')
  const name = activeOf(parent).name
  const isMap = activeOf(parent).type === 'Map'
  const last = frame.previousEventId
  if (isMap) turn.emit(frame, { type: 'MapIterationFailed', name, index: frame.index }, last)
  abortFrame(turn, frame, last)
  for (const id of activeOf(parent).fork?.running ?? []) {
    const sibling = turn.state.frames.get(id)
    if (!sibling || sibling === frame) continue
    abortFrame(turn, sibling, last)
    if (isMap) turn.emit(sibling, { type: 'MapIterationAborted', name, index: sibling.index }, last)
  }
  if (turn.isOver) return
  failState(turn, parent, failure, failure.error ?? '', last)
}

/** Tells that what ran in a frame is aborted, the innermost first, and stops it. */
function abortFrame(turn: Turn, frame: Frame, previousEventId: number): void {
  const { active } = frame
  if (!active) return
  for (const id of active.fork?.running ?? []) {
    const child = turn.state.frames.get(id)
    if (!child) continue
    abortFrame(turn, child, previousEventId)
    if (active.type === 'Map')
      turn.emit(child, { type: 'MapIterationAborted', name: active.name, index: child.index }, previousEventId)
  }
  turn.cancel(active)
  const { type } = active
  if (type === 'Task' || type === 'Wait' || type === 'Map' || type === 'Parallel')
    turn.emit(frame, { type: 'StateAborted', stateType: type }, previousEventId)
}

export function stateOf(turn: Turn, frame: Frame): State {
  const state = turn.state.program.states.get(activeOf(frame).name)
  assert(state, `the program has a state named ${activeOf(frame).name}`)
  return state
}
