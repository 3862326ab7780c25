/**
 * Task: asks someone else to work and waits for the answer: a service call, a function, or an activity. Its clock starts
 * when the work does; a heartbeat starts it again. Source: developer guide, "Task workflow state"; orders as recorded.
 */
import { assertNever } from '../../base/assert.ts'
import { ErrorName } from '../../base/error-names.ts'
import type { Failure } from '../../base/failure.ts'
import { taskIdOf } from '../../base/ids.ts'
import type { Json } from '../../base/json.ts'
import { numberOf } from '../../base/numeral.ts'
import { Payload } from '../../base/payload.ts'
import { err, ok } from '../../base/result.ts'

import { showJson } from '../../expr/json-bounds.ts'
import type { FieldValue, TaskState } from '../../asl/program.ts'

import { effectiveInput, evaluateParameters, exitWithResult } from '../data-flow.ts'
import { exitState, failEvaluation, failState } from '../fail.ts'
import { payloadProblem, printProblem } from '../leave.ts'
import type { MockedAnswer } from '../signal.ts'
import { parametersProblem } from './task-parameters.ts'
import { newTaskToken, type TaskToken } from '../task-token.ts'
import type { Outcome, Visit } from '../visit.ts'

export function enterTask(visit: Visit<TaskState>): void {
  const { resource } = visit.state
  if (resource.kind !== 'activity') return scheduleTask(visit)
  // AWS schedules nothing for an activity that is not there (recorded: activities).
  visit.note({ type: 'ActivitySought' })
  visit.turn.commands.push({ type: 'FindActivity', frame: visit.frame.id, activityArn: resource.arn })
}

export function scheduleTask(visit: Visit<TaskState>): void {
  const { turn, frame, state } = visit
  const { resource } = state
  // Jobs have a token too: whoever holds it may end the task early (recorded: callback, sync with task token).
  const hasToken = resource.kind === 'activity' || (resource.kind === 'service' && resource.pattern !== 'request')
  const token = hasToken ? newTaskToken(turn.state.identity.executionArn, frame.id, `${turn.uuid()}${turn.uuid()}`) : undefined
  const attempt = prepare(visit, token)
  if (!attempt.ok) return failEvaluation(visit, attempt.error)
  const problem = printProblem(state.name, attempt.value.parameters)
  if (problem) return visit.failExecution(problem)
  const refusal = parametersProblem(visit, attempt.value.parameters)
  if (refusal) return failEvaluation(visit, refusal)
  schedule(visit, attempt.value, token)
}

interface Attempt {
  readonly parameters: Payload
  readonly timeoutSeconds: number | undefined
  readonly heartbeatSeconds: number | undefined
  readonly credentialsRoleArn: string | undefined
}

function prepare(visit: Visit<TaskState>, token: TaskToken | undefined): Outcome<Attempt> {
  const { state } = visit
  const effective = effectiveInput(visit)
  if (!effective.ok) return effective
  const parameters = evaluateParameters(visit, effective.value, token)
  if (!parameters.ok) return parameters
  const input = effective.value.exact
  const timeoutSeconds = evaluateSeconds(visit, state.timeoutSeconds, input)
  if (!timeoutSeconds.ok) return timeoutSeconds
  const heartbeatSeconds = evaluateSeconds(visit, state.heartbeatSeconds, input)
  if (!heartbeatSeconds.ok) return heartbeatSeconds
  const role = state.credentialsRoleArn && visit.evaluate(state.credentialsRoleArn, input)
  if (role && !role.ok) return role
  return ok({
    parameters: parameters.value,
    timeoutSeconds: timeoutSeconds.value,
    heartbeatSeconds: heartbeatSeconds.value,
    credentialsRoleArn: typeof role?.value === 'string' ? role.value : undefined,
  })
}

function evaluateSeconds(visit: Visit, field: FieldValue | undefined, input: Json): Outcome<number | undefined> {
  if (!field) return ok(undefined)
  const value = visit.evaluate(field, input)
  if (!value.ok) return value
  const seconds = numberOf(value.value)
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0) return ok(seconds)
  return err({
    error: ErrorName.Runtime,
    cause: `The ${field.field} parameter does not reference a positive integer: ${field.text} == ${showJson(value.value)}`,
  })
}

function schedule(visit: Visit<TaskState>, attempt: Attempt, token: TaskToken | undefined): void {
  const { turn, frame } = visit
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
  const { resource } = visit.state
  const task = taskIdOf(turn.nextEventId)
  turn.count(parameters)
  switch (resource.kind) {
    case 'activity':
      visit.emit({ type: 'ActivityScheduled', resource: resource.arn, input: parameters, ...shown, facts })
      if (!turn.isOver) turn.commands.push({ type: 'OfferActivity', frame: frame.id, task, activityArn: resource.arn })
      return
    case 'lambda':
      visit.emit({ type: 'LambdaFunctionScheduled', resource: resource.arn, input: parameters, ...shown, ...role, facts })
      visit.emit({ type: 'LambdaFunctionStarted' })
      break
    case 'service':
      visit.emit({
        type: 'TaskScheduled',
        ...placeOf(resource),
        region: turn.state.identity.region,
        parameters,
        ...shown,
        ...role,
        facts,
      })
      visit.emit({ type: 'TaskStarted', ...placeOf(resource) })
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

export function submitTask(visit: Visit<TaskState>, output: Payload): void {
  const { resource } = visit.state
  if (resource.kind !== 'service' || visit.active.task?.submitted) return
  visit.emit({ type: 'TaskSubmitted', ...placeOf(resource), output })
}

/** A worker has taken the task of an activity; told once. */
export function takeActivity(visit: Visit<TaskState>, workerName: string | undefined): void {
  if (visit.active.task?.startedAt === undefined)
    visit.emit({ type: 'ActivityStarted', ...(workerName !== undefined && { workerName }) })
}

/** A mock's answer, and what the service or a worker would have told before it. */
export function answerByMock(visit: Visit<TaskState>, answer: MockedAnswer): void {
  const { resource } = visit.state
  if (resource.kind === 'activity') takeActivity(visit, undefined)
  if (visit.turn.isOver) return
  if (answer.kind === 'failed') return failTask(visit, answer.failure, 'run')
  if (resource.kind === 'service' && resource.pattern !== 'request') submitTask(visit, Payload.ofValue({}))
  if (!visit.turn.isOver) succeedTask(visit, answer.output)
}

export function succeedTask(visit: Visit<TaskState>, output: Payload): void {
  const { turn } = visit
  const { resource, next } = visit.state
  const problem = payloadProblem(turn, resource.kind === 'service' ? resource.service : resource.arn, output)
  if (problem) return failTask(visit, problem, 'run')
  switch (resource.kind) {
    case 'activity':
      visit.emit({ type: 'ActivitySucceeded', output })
      break
    case 'lambda':
      visit.emit({ type: 'LambdaFunctionSucceeded', output })
      break
    case 'service':
      visit.emit({ type: 'TaskSucceeded', ...placeOf(resource), output })
      break
    default:
      assertNever(resource, 'kind of resource')
  }
  if (turn.isOver) return
  exitState(visit, exitWithResult(visit, output), next)
}

export function failTask(visit: Visit<TaskState>, reason: Failure, phase: 'start' | 'run' | 'submit'): void {
  const { resource } = visit.state
  const told = visit.turn.cut(reason)
  switch (resource.kind) {
    case 'activity':
      visit.emit({ type: 'ActivityFailed', ...told })
      break
    case 'lambda':
      visit.emit({ type: phase === 'start' ? 'LambdaFunctionScheduleFailed' : 'LambdaFunctionFailed', ...told })
      break
    case 'service': {
      const type = phase === 'start' ? 'TaskStartFailed' : phase === 'submit' ? 'TaskSubmitFailed' : 'TaskFailed'
      visit.emit({ type, ...placeOf(resource), ...told })
      break
    }
    default:
      assertNever(resource, 'kind of resource')
  }
  failState(visit, reason)
}

/** The task's time, or the time between two of its heartbeats, is over. What follows is the caller's. */
export function tellTimeOut(visit: Visit<TaskState>, isHeartbeat: boolean): void {
  const { resource } = visit.state
  visit.turn.cancel(visit.active)
  const late = { error: ErrorName.Timeout, ...(isHeartbeat && { isHeartbeat }) } as const
  switch (resource.kind) {
    case 'activity':
      visit.emit({ type: 'ActivityTimedOut', ...late })
      break
    case 'lambda':
      visit.emit({ type: 'LambdaFunctionTimedOut', ...late })
      break
    case 'service':
      visit.emit({ type: 'TaskTimedOut', ...placeOf(resource), ...late })
      break
    default:
      assertNever(resource, 'kind of resource')
  }
}
