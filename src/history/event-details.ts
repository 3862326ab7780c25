/**
 * An event of the engine as AWS's history shows it, for GetExecutionHistory and the execution log. Without execution data,
 * inputs, outputs, parameters and variables are left out, and what is told about them; errors and causes stay.
 * Source: API reference, HistoryEvent; recorded cases (conformance: logs, those with includeExecutionData false).
 */
import { isObject } from '../base/json.ts'
import { printInOrder } from '../base/member-order.ts'
import type { Payload } from '../base/payload.ts'

import { type EventOf, type HistoryEventType, historyEventType, type ShownEvent } from '../engine/event.ts'

import type { EventMember, HistoryEvent } from './history-event.ts'

/** A history event of a type that we tell. */
export interface RenderedEvent extends HistoryEvent {
  readonly previousEventId: number
  readonly type: HistoryEventType
}

export function renderEvent(event: ShownEvent, includeExecutionData: boolean): RenderedEvent {
  return {
    timestamp: event.at / 1000,
    type: historyEventType(event),
    id: event.id,
    previousEventId: event.previousEventId,
    ...memberOf(event.type, event, includeExecutionData),
  }
}

/** `type` is the event's own: told apart, it lets the compiler follow the table. */
const memberOf = <T extends ShownType>(type: T, event: EventOf<T>, withData: boolean): EventMember =>
  MEMBERS[type](event, withData)

type ShownType = ShownEvent['type']
type NameOf<T extends ShownType> = `${Uncapitalize<T>}EventDetails`
type MemberOf<T extends ShownType> = NameOf<T> extends keyof EventMember ? Required<Pick<EventMember, NameOf<T>>> : object
type Members = { readonly [T in ShownType]: (event: EventOf<T>, withData: boolean) => MemberOf<T> }

const none = (): EventMember => ({})

/** By type: the member that holds an event's details. A type without a row does not compile. */
const MEMBERS: Members = {
  ExecutionStarted: ({ stateMachineAliasArn, stateMachineVersionArn, ...event }, withData) => ({
    executionStartedEventDetails: {
      ...input(event.input, withData),
      roleArn: event.roleArn,
      ...(stateMachineAliasArn !== undefined && { stateMachineAliasArn }),
      ...(stateMachineVersionArn !== undefined && { stateMachineVersionArn }),
    },
  }),
  ExecutionSucceeded: (event, withData) => ({ executionSucceededEventDetails: output(event.output, withData) }),
  ExecutionFailed: (event) => ({ executionFailedEventDetails: reason(event) }),
  ExecutionAborted: (event) => ({ executionAbortedEventDetails: reason(event) }),
  ExecutionTimedOut: (event) => ({ executionTimedOutEventDetails: reason(event) }),
  ExecutionRedriven: ({ redriveCount }) => ({ executionRedrivenEventDetails: { redriveCount } }),
  StateEntered: (event, withData) => ({ stateEnteredEventDetails: { name: event.name, ...input(event.input, withData) } }),
  StateExited: (event, withData) => ({
    stateExitedEventDetails: { name: event.name, ...output(event.output, withData), ...assigned(event.assigned, withData) },
  }),
  StateAborted: none,
  EvaluationFailed: ({ location, state, ...event }) => ({
    evaluationFailedEventDetails: { ...reason(event), ...(location !== undefined && { location }), state },
  }),
  TaskScheduled: (event, withData) => ({
    taskScheduledEventDetails: {
      ...called(event),
      region: event.region,
      parameters: withData ? event.parameters.text : undefined,
      ...timers(event),
      ...role(event.credentialsRoleArn),
    },
  }),
  TaskStarted: (event) => ({ taskStartedEventDetails: called(event) }),
  TaskSubmitted: (event, withData) => ({ taskSubmittedEventDetails: { ...called(event), ...output(event.output, withData) } }),
  TaskSucceeded: (event, withData) => ({ taskSucceededEventDetails: { ...called(event), ...output(event.output, withData) } }),
  TaskFailed: (event) => ({ taskFailedEventDetails: { ...called(event), ...reason(event) } }),
  TaskStartFailed: (event) => ({ taskStartFailedEventDetails: { ...called(event), ...reason(event) } }),
  TaskSubmitFailed: (event) => ({ taskSubmitFailedEventDetails: { ...called(event), ...reason(event) } }),
  TaskTimedOut: (event) => ({ taskTimedOutEventDetails: { ...called(event), ...reason(event) } }),
  LambdaFunctionScheduled: (event, withData) => ({
    lambdaFunctionScheduledEventDetails: {
      resource: event.resource,
      ...input(event.input, withData),
      ...timers(event),
      ...role(event.credentialsRoleArn),
    },
  }),
  LambdaFunctionStarted: none,
  LambdaFunctionSucceeded: (event, withData) => ({ lambdaFunctionSucceededEventDetails: output(event.output, withData) }),
  LambdaFunctionFailed: (event) => ({ lambdaFunctionFailedEventDetails: reason(event) }),
  LambdaFunctionScheduleFailed: (event) => ({ lambdaFunctionScheduleFailedEventDetails: reason(event) }),
  LambdaFunctionStartFailed: (event) => ({ lambdaFunctionStartFailedEventDetails: reason(event) }),
  LambdaFunctionTimedOut: (event) => ({ lambdaFunctionTimedOutEventDetails: reason(event) }),
  ActivityScheduled: (event, withData) => ({
    activityScheduledEventDetails: { resource: event.resource, ...input(event.input, withData), ...timers(event) },
  }),
  ActivityStarted: ({ workerName }) => ({ activityStartedEventDetails: workerName === undefined ? {} : { workerName } }),
  ActivitySucceeded: (event, withData) => ({ activitySucceededEventDetails: output(event.output, withData) }),
  ActivityFailed: (event) => ({ activityFailedEventDetails: reason(event) }),
  ActivityScheduleFailed: (event) => ({ activityScheduleFailedEventDetails: reason(event) }),
  ActivityTimedOut: (event) => ({ activityTimedOutEventDetails: reason(event) }),
  ParallelStateStarted: none,
  ParallelStateSucceeded: none,
  ParallelStateFailed: none,
  MapStateStarted: ({ length }) => ({ mapStateStartedEventDetails: length === undefined ? {} : { length } }),
  MapStateSucceeded: none,
  MapStateFailed: none,
  MapIterationStarted: ({ name, index }) => ({ mapIterationStartedEventDetails: { name, index } }),
  MapIterationSucceeded: ({ name, index }) => ({ mapIterationSucceededEventDetails: { name, index } }),
  MapIterationFailed: ({ name, index }) => ({ mapIterationFailedEventDetails: { name, index } }),
  MapIterationAborted: ({ name, index }) => ({ mapIterationAbortedEventDetails: { name, index } }),
  MapRunStarted: ({ mapRunArn }) => ({ mapRunStartedEventDetails: { mapRunArn } }),
  MapRunSucceeded: none,
  MapRunAborted: none,
  MapRunFailed: (event) => ({ mapRunFailedEventDetails: reason(event) }),
  MapRunRedriven: ({ mapRunArn, redriveCount }) => ({ mapRunRedrivenEventDetails: { mapRunArn, redriveCount } }),
}

const WHOLE = { truncated: false }

const input = (payload: Payload, withData: boolean) => (withData ? { input: payload.text, inputDetails: WHOLE } : {})

const output = (payload: Payload, withData: boolean) => (withData ? { output: payload.text, outputDetails: WHOLE } : {})

function assigned(payload: Payload | undefined, withData: boolean) {
  if (!payload || !withData) return {}
  const values = payload.value
  if (!isObject(values)) return { assignedVariablesDetails: WHOLE }
  const texts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, printInOrder(value)]))
  return { assignedVariables: texts, assignedVariablesDetails: WHOLE }
}

const reason = ({ error, cause }: { readonly error?: string | undefined; readonly cause?: string | undefined }) => ({
  ...(error !== undefined && { error }),
  ...(cause !== undefined && { cause }),
})

const called = ({ resourceType, resource }: { readonly resourceType: string; readonly resource: string }) => ({
  resourceType,
  resource,
})

const timers = (of: { readonly timeoutInSeconds?: number; readonly heartbeatInSeconds?: number }) => ({
  ...(of.timeoutInSeconds !== undefined && { timeoutInSeconds: of.timeoutInSeconds }),
  ...(of.heartbeatInSeconds !== undefined && { heartbeatInSeconds: of.heartbeatInSeconds }),
})

const role = (roleArn: string | undefined) => (roleArn === undefined ? {} : { taskCredentials: { roleArn } })
