/**
 * Task: asks someone else to work and waits for the answer: a service call, a function, or an activity. Its clock starts
 * when the work does; a heartbeat starts it again. Source: developer guide, "Task workflow state"; orders as recorded.
 */
import { assert, assertNever } from '../../base/assert.ts'
import { ErrorName } from '../../base/error-names.ts'
import type { Failure } from '../../base/failure.ts'
import type { Json } from '../../base/json.ts'
import type { Payload } from '../../base/payload.ts'
import { err, ok, type Result } from '../../base/result.ts'

import { showJson } from '../../expr/json-bounds.ts'
import type { EvaluationFailure, FieldValue, State, TaskState } from '../../asl/program.ts'

import { activeOf } from '../apply.ts'
import type { Command } from '../command.ts'
import { effectiveInput, evaluateParameters, exitWithResult } from '../data-flow.ts'
import { failEvaluation, failState } from '../fail.ts'
import { leaveState, payloadProblem, printProblem } from '../leave.ts'
import { scopeOf } from '../scope.ts'
import type { Frame } from '../state.ts'
import { newTaskToken } from '../task-token.ts'
import type { Turn } from '../turn.ts'

export function enterTask(turn: Turn, frame: Frame, state: TaskState): void {
  if (state.resource.kind !== 'activity') return scheduleTask(turn, frame, state)
  // AWS schedules nothing for an activity that is not there (recorded: activities).
  turn.note(frame, { type: 'ActivitySought' })
  turn.commands.push(findActivity(frame, state))
}

export function findActivity(frame: Frame, state: State): Command {
  assert(state.type === 'Task', 'only a Task has an activity')
  return { type: 'FindActivity', frame: frame.id, activityArn: state.resource.arn }
}

export function scheduleTask(turn: Turn, frame: Frame, state: TaskState): void {
  const { resource } = state
  // Jobs have a token too: whoever holds it may end the task early (recorded: callback, sync with task token).
  const hasToken = resource.kind === 'activity' || (resource.kind === 'service' && resource.pattern !== 'request')
  const token = hasToken ? newTaskToken(turn.state.identity.executionArn, frame.id, `${turn.uuid()}${turn.uuid()}`) : undefined
  const attempt = prepare(turn, frame, state, token)
  if (!attempt.ok) return failEvaluation(turn, frame, attempt.error)
  const problem = printProblem(state.name, attempt.value.parameters)
  if (problem) return turn.failExecution(frame, problem)
  schedule(turn, frame, state, attempt.value, token)
}

interface Attempt {
  readonly parameters: Payload
  readonly timeoutSeconds: number | undefined
  readonly heartbeatSeconds: number | undefined
  readonly credentialsRoleArn: string | undefined
}

function prepare(turn: Turn, frame: Frame, state: TaskState, token: string | undefined): Result<Attempt, EvaluationFailure> {
  const effective = effectiveInput(turn, frame, state, activeOf(frame).input)
  if (!effective.ok) return effective
  const parameters = evaluateParameters(turn, frame, state, effective.value, token)
  if (!parameters.ok) return parameters
  const timeoutSeconds = evaluateSeconds(turn, frame, state.timeoutSeconds, effective.value.value)
  if (!timeoutSeconds.ok) return timeoutSeconds
  const heartbeatSeconds = evaluateSeconds(turn, frame, state.heartbeatSeconds, effective.value.value)
  if (!heartbeatSeconds.ok) return heartbeatSeconds
  const role = state.credentialsRoleArn?.evaluate(scopeOf(turn, frame, { input: effective.value.value }))
  if (role && !role.ok) return role
  return ok({
    parameters: parameters.value,
    timeoutSeconds: timeoutSeconds.value,
    heartbeatSeconds: heartbeatSeconds.value,
    credentialsRoleArn: typeof role?.value === 'string' ? role.value : undefined,
  })
}

function evaluateSeconds(
  turn: Turn,
  frame: Frame,
  field: FieldValue | undefined,
  input: Json,
): Result<number | undefined, EvaluationFailure> {
  if (!field) return ok(undefined)
  const value = field.evaluate(scopeOf(turn, frame, { input }))
  if (!value.ok) return value
  if (typeof value.value === 'number' && Number.isInteger(value.value) && value.value > 0) return ok(value.value)
  return err({
    error: ErrorName.Runtime,
    cause: `The ${field.field} parameter does not reference a positive integer: ${field.text} == ${showJson(value.value)}`,
  })
}

function schedule(turn: Turn, frame: Frame, state: TaskState, attempt: Attempt, token: string | undefined): void {
  const { parameters, timeoutSeconds, heartbeatSeconds, credentialsRoleArn } = attempt
  const facts = {
    ...(token !== undefined && { token }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(heartbeatSeconds !== undefined && { heartbeatSeconds }),
  }
  const shown = {
    ...(timeoutSeconds !== undefined && { timeoutInSeconds: timeoutSeconds }),
    ...(heartbeatSeconds !== undefined && { heartbeatInSeconds: heartbeatSeconds }),
  }
  const role = credentialsRoleArn === undefined ? {} : { credentialsRoleArn }
  const { resource } = state
  const task = turn.nextEventId
  turn.count(parameters)
  switch (resource.kind) {
    case 'activity':
      turn.emit(frame, { type: 'ActivityScheduled', resource: resource.arn, input: parameters, ...shown, facts })
      if (!turn.isOver) turn.commands.push({ type: 'OfferActivity', frame: frame.id, task, activityArn: resource.arn })
      return
    case 'lambda':
      turn.emit(frame, { type: 'LambdaFunctionScheduled', resource: resource.arn, input: parameters, ...shown, ...role, facts })
      turn.emit(frame, { type: 'LambdaFunctionStarted' })
      break
    case 'service':
      turn.emit(frame, {
        type: 'TaskScheduled',
        ...placeOf(resource),
        region: turn.state.identity.region,
        parameters,
        ...shown,
        ...role,
        facts,
      })
      turn.emit(frame, { type: 'TaskStarted', ...placeOf(resource) })
      break
    default:
      assertNever(resource, 'kind of resource')
  }
  if (!turn.isOver)
    turn.commands.push({ type: 'RunTask', frame: frame.id, task, resource, parameters, credentialsRoleArn, submitted: undefined })
}

const SUFFIX = { request: '', sync: '.sync', sync2: '.sync:2', waitForTaskToken: '.waitForTaskToken' } as const

function placeOf(resource: Extract<TaskState['resource'], { kind: 'service' }>) {
  return { resourceType: resource.service, resource: `${resource.action}${SUFFIX[resource.pattern]}` }
}

export function submitTask(turn: Turn, frame: Frame, state: TaskState, output: Payload): void {
  if (state.resource.kind !== 'service' || activeOf(frame).task?.submitted) return
  turn.emit(frame, { type: 'TaskSubmitted', ...placeOf(state.resource), output })
}

export function succeedTask(turn: Turn, frame: Frame, state: TaskState, output: Payload): void {
  const problem = payloadProblem(turn, state.resource.kind === 'service' ? state.resource.service : state.resource.arn, output)
  if (problem) return failTask(turn, frame, state, problem, 'run')
  switch (state.resource.kind) {
    case 'activity':
      turn.emit(frame, { type: 'ActivitySucceeded', output })
      break
    case 'lambda':
      turn.emit(frame, { type: 'LambdaFunctionSucceeded', output })
      break
    case 'service':
      turn.emit(frame, { type: 'TaskSucceeded', ...placeOf(state.resource), output })
      break
    default:
      assertNever(state.resource, 'kind of resource')
  }
  if (turn.isOver) return
  const exit = exitWithResult(turn, frame, state, activeOf(frame).input, output)
  if (exit.ok) leaveState(turn, frame, exit.value, state.next)
  else failEvaluation(turn, frame, exit.error)
}

export function failTask(turn: Turn, frame: Frame, state: TaskState, reason: Failure, phase: 'start' | 'run' | 'submit'): void {
  const told = turn.cut(reason)
  switch (state.resource.kind) {
    case 'activity':
      turn.emit(frame, { type: 'ActivityFailed', ...told })
      break
    case 'lambda':
      turn.emit(frame, { type: phase === 'start' ? 'LambdaFunctionScheduleFailed' : 'LambdaFunctionFailed', ...told })
      break
    case 'service': {
      const type = phase === 'start' ? 'TaskStartFailed' : phase === 'submit' ? 'TaskSubmitFailed' : 'TaskFailed'
      turn.emit(frame, { type, ...placeOf(state.resource), ...told })
      break
    }
    default:
      assertNever(state.resource, 'kind of resource')
  }
  failState(turn, frame, reason)
}

/** The task's time, or the time between two of its heartbeats, is over. What follows is the caller's. */
export function tellTimeOut(turn: Turn, frame: Frame, state: TaskState, isHeartbeat: boolean): void {
  turn.cancel(activeOf(frame))
  const late = { error: ErrorName.Timeout, ...(isHeartbeat && { isHeartbeat }) } as const
  switch (state.resource.kind) {
    case 'activity':
      turn.emit(frame, { type: 'ActivityTimedOut', ...late })
      break
    case 'lambda':
      turn.emit(frame, { type: 'LambdaFunctionTimedOut', ...late })
      break
    case 'service':
      turn.emit(frame, { type: 'TaskTimedOut', ...placeOf(state.resource), ...late })
      break
    default:
      assertNever(state.resource, 'kind of resource')
  }
}
