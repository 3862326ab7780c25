/**
 * The details member of a history event, as GetExecutionHistory and the execution log tell it. Without execution data,
 * inputs, outputs, parameters and variables are left out, and what is told about them; errors and causes stay.
 * Source: API reference, HistoryEvent; recorded cases (conformance: logs, those with includeExecutionData false).
 */
import { isObject } from '../base/json.ts'
import type { Payload } from '../base/payload.ts'

import { type HistoryEvent, historyEventType } from '../engine/event.ts'

export interface RenderedEvent {
  /** AWS's event type: `PassStateEntered`. */
  readonly type: string
  /** The member that holds the details: `stateEnteredEventDetails`; absent where the type has none. */
  readonly member?: string
  readonly details?: Readonly<Record<string, unknown>>
}

export function renderEvent(event: HistoryEvent, includeExecutionData: boolean): RenderedEvent {
  const type = historyEventType(event)
  const details = detailsOf(event, includeExecutionData)
  if (!details) return { type }
  const member = event.type === 'StateEntered' || event.type === 'StateExited' ? event.type : type
  return { type, member: `${member.charAt(0).toLowerCase()}${member.slice(1)}EventDetails`, details }
}

const WHOLE = { truncated: false }

function detailsOf(event: HistoryEvent, withData: boolean): Record<string, unknown> | undefined {
  const input = (payload: Payload) => (withData ? { input: payload.text, inputDetails: WHOLE } : {})
  const output = (payload: Payload) => (withData ? { output: payload.text, outputDetails: WHOLE } : {})
  const reason = ({ error, cause }: { error?: string | undefined; cause?: string | undefined }) => ({
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  })
  const timers = (of: { timeoutInSeconds?: number; heartbeatInSeconds?: number }) => ({
    ...(of.timeoutInSeconds !== undefined && { timeoutInSeconds: of.timeoutInSeconds }),
    ...(of.heartbeatInSeconds !== undefined && { heartbeatInSeconds: of.heartbeatInSeconds }),
  })
  const role = (roleArn: string | undefined) => (roleArn === undefined ? {} : { taskCredentials: { roleArn } })
  switch (event.type) {
    case 'ExecutionStarted': {
      const { stateMachineAliasArn, stateMachineVersionArn, roleArn } = event
      return {
        ...{ ...input(event.input), roleArn },
        ...(stateMachineAliasArn !== undefined && { stateMachineAliasArn }),
        ...(stateMachineVersionArn !== undefined && { stateMachineVersionArn }),
      }
    }
    case 'ExecutionSucceeded':
      return output(event.output)
    case 'ExecutionFailed':
    case 'ExecutionAborted':
    case 'ExecutionTimedOut':
      return reason(event)
    case 'ExecutionRedriven':
      return { redriveCount: event.redriveCount }
    case 'StateEntered':
      return { name: event.name, ...input(event.input) }
    case 'StateExited':
      return { name: event.name, ...output(event.output), ...assigned(event.assigned, withData) }
    case 'EvaluationFailed':
      return { ...reason(event), ...(event.location !== undefined && { location: event.location }), state: event.state }
    case 'TaskScheduled': {
      const { resourceType, resource, region, parameters, credentialsRoleArn } = event
      return {
        resourceType,
        resource,
        region,
        ...(withData && { parameters: parameters.text }),
        ...timers(event),
        ...role(credentialsRoleArn),
      }
    }
    case 'TaskStarted':
      return { resourceType: event.resourceType, resource: event.resource }
    case 'TaskSubmitted':
    case 'TaskSucceeded':
      return { resourceType: event.resourceType, resource: event.resource, ...output(event.output) }
    case 'TaskFailed':
    case 'TaskStartFailed':
    case 'TaskSubmitFailed':
    case 'TaskTimedOut':
      return { resourceType: event.resourceType, resource: event.resource, ...reason(event) }
    case 'LambdaFunctionScheduled':
      return { resource: event.resource, ...input(event.input), ...timers(event), ...role(event.credentialsRoleArn) }
    case 'ActivityScheduled':
      return { resource: event.resource, ...input(event.input), ...timers(event) }
    case 'ActivityStarted':
      return event.workerName === undefined ? {} : { workerName: event.workerName }
    case 'LambdaFunctionSucceeded':
    case 'ActivitySucceeded':
      return output(event.output)
    case 'LambdaFunctionFailed':
    case 'LambdaFunctionScheduleFailed':
    case 'LambdaFunctionStartFailed':
    case 'LambdaFunctionTimedOut':
    case 'ActivityFailed':
    case 'ActivityScheduleFailed':
    case 'ActivityTimedOut':
      return reason(event)
    case 'MapStateStarted':
      return event.length === undefined ? {} : { length: event.length }
    case 'MapIterationStarted':
    case 'MapIterationSucceeded':
    case 'MapIterationFailed':
    case 'MapIterationAborted':
      return { name: event.name, index: event.index }
    case 'MapRunStarted':
      return { mapRunArn: event.mapRunArn }
    case 'MapRunFailed':
      return reason(event)
    case 'MapRunRedriven':
      return { mapRunArn: event.mapRunArn, redriveCount: event.redriveCount }
    case 'LambdaFunctionStarted':
    case 'StateAborted':
    case 'ParallelStateStarted':
    case 'ParallelStateSucceeded':
    case 'ParallelStateFailed':
    case 'MapStateSucceeded':
    case 'MapStateFailed':
    case 'MapRunSucceeded':
    case 'MapRunAborted':
      return undefined
  }
}

function assigned(payload: Payload | undefined, withData: boolean) {
  if (!payload || !withData) return {}
  const values = payload.value
  if (!isObject(values)) return { assignedVariablesDetails: WHOLE }
  const texts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]))
  return { assignedVariables: texts, assignedVariablesDetails: WHOLE }
}
