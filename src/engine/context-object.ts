/** The context object (`$$`, `$states.context`). Source: developer guide, "Accessing execution data from the Context object". */
import type { Json } from '../base/json.ts'
import { formatContextTime } from '../base/time.ts'

import type { ExecutionState, Frame } from './state.ts'

export function contextObject(state: ExecutionState, frame: Frame, token?: string): Record<string, Json> {
  const { identity } = state
  const active = frame.active
  return {
    Execution: {
      Id: identity.executionArn,
      Input: state.input.exact,
      Name: identity.executionName,
      RoleArn: identity.roleArn,
      StartTime: formatContextTime(state.startAt),
      ...(!identity.isSynchronous && { RedriveCount: state.redriveCount }),
      ...(state.redriveAt !== undefined && { RedriveTime: formatContextTime(state.redriveAt) }),
    },
    StateMachine: { Id: identity.stateMachineArn, Name: identity.stateMachineName },
    ...(active && {
      State: {
        EnteredTime: formatContextTime(active.enteredAt),
        Name: active.name,
        ...(COUNTS_RETRIES.has(active.type) && { RetryCount: active.retryCount }),
      },
    }),
    ...(token !== undefined && { Task: { Token: token } }),
  }
}

const COUNTS_RETRIES: ReadonlySet<string> = new Set(['Task', 'Parallel', 'Map'])
