/**
 * What a failure does: the state's Retry, then its Catch, then the failure goes up the frames. A branch or iteration that
 * fails takes its siblings with it. States.Runtime passes every Retry and Catch and ends the execution where it stands.
 * Source: Amazon States Language, "Errors"; orders and previousEventIds as recorded (conformance: scenarios, timeouts).
 */
import { assert } from '../base/assert.ts'
import { ErrorName } from '../base/error-names.ts'
import { type Failure, failure as newFailure } from '../base/failure.ts'
import { Payload } from '../base/payload.ts'
import { ok } from '../base/result.ts'
import { toInstant } from '../base/time.ts'

import type { Catcher, EvaluationFailure } from '../asl/program.ts'

import { errorOutput, type Exit, evaluateAssign, exitJsonata, mergeResult } from './data-flow.ts'
import { leaveState } from './leave.ts'
import { findCatcher, findRetrier, retryDelay } from './retry.ts'
import type { Frame } from './state.ts'
import type { Turn } from './turn.ts'
import { type Outcome, type Visit, visitOf } from './visit.ts'

/** Leaves the state, or fails it where the fields that shape what leaves it have no value. */
export function exitState(visit: Visit, exit: Outcome<Exit>, next: string | undefined, previousEventId?: number): void {
  if (exit.ok) leaveState(visit, exit.value, next, previousEventId)
  else failEvaluation(visit, exit.error)
}

/** A field of the state has no value. JSONata failures are told as events of their own first. */
export function failEvaluation(visit: Visit, problem: EvaluationFailure, chainTo = visit.active.beforeEventId): void {
  const { active, frame } = visit
  const cause = `${visit.place} ${problem.cause}`
  if (problem.error === ErrorName.QueryEvaluationError) {
    const { location } = problem
    const previous = frame.previousEventId === active.enteredEventId ? chainTo : frame.previousEventId
    visit.emit(
      { type: 'EvaluationFailed', error: problem.error, cause, ...(location !== undefined && { location }), state: active.name },
      previous,
    )
  }
  failState(visit, newFailure(problem.error, cause))
}

/**
 * The state has failed. `matchAs` is the name that Retry and Catch compare, where it differs from the one that is told;
 * `previousEventId` is what the next event of the frame is chained to. What runs in the state is aborted, once, but for the branch or
 * iteration that has failed.
 */
export function failState(
  visit: Visit,
  reason: Failure,
  matchAs = visit.turn.cut(reason).error ?? '',
  previousEventId = visit.frame.previousEventId,
  failedChild?: Frame,
): void {
  const { turn, frame, active, state } = visit
  if (turn.isOver) return
  const failure = turn.cut(reason)
  if (failure.error === ErrorName.Runtime) return visit.failExecution(failure, previousEventId)
  abortChildren(turn, frame, previousEventId, failedChild)
  turn.cancel(active)
  const guarded = 'retry' in state ? state : undefined
  if (guarded) {
    const index = findRetrier(guarded.retry, matchAs)
    const retrier = index === undefined ? undefined : guarded.retry[index]
    const delay =
      index === undefined || !retrier ? undefined : retryDelay(retrier, active.retries.get(index) ?? 0, () => turn.uniform())
    if (index !== undefined && delay !== undefined) {
      visit.note({ type: 'RetryScheduled', retrier: index, due: toInstant(turn.at + delay * 1000) }, previousEventId)
      return
    }
  }
  if (state.type === 'Parallel' || state.type === 'Map') visit.emit({ type: `${state.type}StateFailed` }, previousEventId)
  const catcher = guarded && findCatcher(guarded.catch, matchAs)
  if (catcher) return catchFailure(visit, catcher, failure)
  failFrame(visit, failure)
}

function catchFailure(visit: Visit, catcher: Catcher, failure: Failure): void {
  // What the state spent before it failed does not count against its catcher.
  visit.turn.beginWork()
  const exit = caughtExit(visit, catcher, failure)
  if (!exit.ok) return failUncaught(visit, exit.error)
  leaveState(visit, exit.value, catcher.next)
}

function caughtExit(visit: Visit, catcher: Catcher, failure: Failure): Outcome<Exit> {
  const error = Payload.ofValue(errorOutput(failure))
  if (visit.isJsonata) return exitJsonata(visit, catcher, { input: visit.input.exact, errorOutput: error.value }, error)
  const assigned = evaluateAssign(visit, catcher.assign, { input: error.value })
  if (!assigned.ok) return assigned
  const output = mergeResult(catcher.resultPath, visit.input, error)
  return output.ok ? ok({ output: output.value, assigned: assigned.value }) : output
}

/** A Catch whose own fields fail: nothing of this state is asked again. */
function failUncaught(visit: Visit, { error, cause: why, location }: EvaluationFailure): void {
  const cause = `${visit.place} ${why}`
  if (location !== undefined) visit.emit({ type: 'EvaluationFailed', error, cause, location, state: visit.active.name })
  if (error === ErrorName.Runtime) return visit.failExecution(newFailure(error, cause))
  failFrame(visit, newFailure(error, cause))
}

/** Nothing in the frame took the failure: the branch, iteration or execution fails. */
function failFrame({ turn, frame }: Visit, failure: Failure): void {
  if (frame.parent === undefined) return turn.failExecution(frame, failure)
  const parent = turn.state.frames.get(frame.parent)
  assert(parent, 'a branch has a parent')
  const around = visitOf(turn, parent)
  const { name, type } = around.active
  const last = frame.previousEventId
  if (type === 'Map') turn.emit(frame, { type: 'MapIterationFailed', name, index: frame.index }, last)
  // A Map or Parallel has told that it failed, after what ran in it.
  if (frame.active?.type !== 'Map' && frame.active?.type !== 'Parallel') abortFrame(turn, frame, last)
  failState(around, failure, failure.error ?? '', last, frame)
}

/** Tells that the branches or iterations in a frame are aborted, all but the one that failed. */
function abortChildren(turn: Turn, { active }: Frame, previousEventId: number, failed?: Frame): void {
  for (const id of active?.fork?.running ?? []) {
    const child = turn.state.frames.get(id)
    if (!child || child === failed) continue
    abortFrame(turn, child, previousEventId)
    if (active?.type === 'Map')
      turn.emit(child, { type: 'MapIterationAborted', name: active.name, index: child.index }, previousEventId)
  }
}

/** Tells that what ran in a frame is aborted, the innermost first, and stops it. */
function abortFrame(turn: Turn, frame: Frame, previousEventId: number): void {
  const { active } = frame
  if (!active) return
  abortChildren(turn, frame, previousEventId)
  turn.cancel(active)
  const { type } = active
  if (type === 'Task' || type === 'Wait' || type === 'Map' || type === 'Parallel')
    turn.emit(frame, { type: 'StateAborted', stateType: type }, previousEventId)
}
