/**
 * What an execution's log consists of. AWS's history events, and facts that AWS does not show (`id` 0): due times,
 * counters, results that a fold needs. Order in the log is the order of happening; ids count only AWS's events.
 * Source: AWS API reference, HistoryEvent.
 */
import type { AliasArn, MapRunArn, VersionArn } from '../base/arn.ts'
import type { FrameId } from '../base/ids.ts'
import { Payload } from '../base/payload.ts'
import type { Instant } from '../base/time.ts'

import type { StateType } from '../asl/program.ts'

import type { TaskToken } from './task-token.ts'

export interface EventBase {
  /** AWS's event id, from 1; 0 for a fact that the history does not show. */
  readonly id: number
  readonly previousEventId: number
  readonly at: Instant
  readonly frame: FrameId
}

export type EngineEvent = EventBase & EventBody
export type EventOf<T extends EventBody['type']> = EventBase & Extract<EventBody, { type: T }>
/** An event that AWS's history shows. */
export type ShownEvent = EventBase & ShownBody
export type ShownBody = Exclude<EventBody, Fact>

export type EventBody =
  | ExecutionEvent
  | StateEvent
  | TaskEvent
  | LambdaEvent
  | ActivityEvent
  | ParallelEvent
  | MapEvent
  | MapRunEvent
  | Fact

/** One member for each of several types that carry the same. */
type Each<Types extends string, Rest = unknown> = { readonly [T in Types]: { readonly type: T } & Rest }[Types]

type ErrorAndCause = { readonly error?: string | undefined; readonly cause?: string | undefined }
/** Whether the task's time or that between two heartbeats was over is not shown, but Retry and Catch ask. */
type Late = ErrorAndCause & { readonly isHeartbeat?: true }

/** What the machine's behaviour was when it began (version.ts). Not shown. */
type OfVersion = { readonly engine?: number }

export type ExecutionEvent =
  | ({
      readonly type: 'ExecutionStarted'
      readonly input: Payload
      readonly roleArn: string
      readonly stateMachineAliasArn?: AliasArn
      readonly stateMachineVersionArn?: VersionArn
      /** When an Express execution ends, whatever its definition says. Not shown. */
      readonly expiresAt?: Instant
      /** Of a mock file, whose responses answer the execution's tasks. Not shown. */
      readonly testCase?: string
    } & OfVersion)
  | { readonly type: 'ExecutionSucceeded'; readonly output: Payload }
  | Each<'ExecutionFailed' | 'ExecutionAborted' | 'ExecutionTimedOut', ErrorAndCause>
  | ({ readonly type: 'ExecutionRedriven'; readonly redriveCount: number } & OfVersion)

export type StateEvent =
  | { readonly type: 'StateEntered'; readonly stateType: StateType; readonly name: string; readonly input: Payload }
  | {
      readonly type: 'StateExited'
      readonly stateType: Exclude<StateType, 'Fail'>
      readonly name: string
      readonly output: Payload
      /** Object of name -> value, as Assign made it. */
      readonly assigned?: Payload
      /** Where the frame goes on; absent when it ends here. Not shown. */
      readonly next?: string
    }
  | { readonly type: 'StateAborted'; readonly stateType: 'Task' | 'Wait' | 'Map' | 'Parallel' }
  | {
      readonly type: 'EvaluationFailed'
      readonly error: string
      readonly cause: string
      readonly location?: string
      readonly state: string
    }

/** Not shown by the API, but kept: how the fold knows the call, its token and its timers. */
export interface TaskFacts {
  readonly token?: TaskToken
  readonly timeoutSeconds?: number
  readonly heartbeatSeconds?: number
}

type TaskPlace = { readonly resourceType: string; readonly resource: string }

export type TaskEvent =
  | ({
      readonly type: 'TaskScheduled'
      readonly region: string
      readonly parameters: Payload
      readonly timeoutInSeconds?: number
      readonly heartbeatInSeconds?: number
      readonly credentialsRoleArn?: string
      readonly facts: TaskFacts
    } & TaskPlace)
  | ({ readonly type: 'TaskStarted' } & TaskPlace)
  | ({ readonly type: 'TaskSubmitted'; readonly output: Payload } & TaskPlace)
  | ({ readonly type: 'TaskSucceeded'; readonly output: Payload } & TaskPlace)
  | Each<'TaskFailed' | 'TaskStartFailed' | 'TaskSubmitFailed', TaskPlace & ErrorAndCause>
  | ({ readonly type: 'TaskTimedOut' } & TaskPlace & Late)

export type LambdaEvent =
  | {
      readonly type: 'LambdaFunctionScheduled'
      readonly resource: string
      readonly input: Payload
      readonly timeoutInSeconds?: number
      readonly credentialsRoleArn?: string
      readonly facts: TaskFacts
    }
  | { readonly type: 'LambdaFunctionStarted' }
  | { readonly type: 'LambdaFunctionSucceeded'; readonly output: Payload }
  | Each<'LambdaFunctionFailed' | 'LambdaFunctionScheduleFailed' | 'LambdaFunctionStartFailed', ErrorAndCause>
  | ({ readonly type: 'LambdaFunctionTimedOut' } & Late)

export type ActivityEvent =
  | {
      readonly type: 'ActivityScheduled'
      readonly resource: string
      readonly input: Payload
      readonly timeoutInSeconds?: number
      readonly heartbeatInSeconds?: number
      readonly facts: TaskFacts
    }
  | { readonly type: 'ActivityStarted'; readonly workerName?: string }
  | { readonly type: 'ActivitySucceeded'; readonly output: Payload }
  | Each<'ActivityFailed' | 'ActivityScheduleFailed', ErrorAndCause>
  | ({ readonly type: 'ActivityTimedOut' } & Late)

export type ParallelEvent = Each<'ParallelStateStarted' | 'ParallelStateSucceeded' | 'ParallelStateFailed'>

export type MapEvent =
  | { readonly type: 'MapStateStarted'; readonly length?: number }
  | Each<'MapStateSucceeded' | 'MapStateFailed'>
  | Each<
      'MapIterationStarted' | 'MapIterationSucceeded' | 'MapIterationFailed' | 'MapIterationAborted',
      { readonly name: string; readonly index: number }
    >

export type MapRunEvent =
  | { readonly type: 'MapRunStarted'; readonly mapRunArn: MapRunArn }
  | Each<'MapRunSucceeded' | 'MapRunAborted'>
  | ({ readonly type: 'MapRunFailed' } & ErrorAndCause)
  | { readonly type: 'MapRunRedriven'; readonly mapRunArn: MapRunArn; readonly redriveCount: number }

/** Not in AWS's history. */
export type Fact =
  /** A Wait's instant has been worked out. */
  | { readonly type: 'WaitUntil'; readonly until: Instant }
  /** A failed attempt will be tried again; `retrier` counts within the state's Retry. */
  | { readonly type: 'RetryScheduled'; readonly retrier: number; readonly due: Instant }
  /** The items of an inline Map and its concurrency, as evaluated. */
  | { readonly type: 'MapItems'; readonly items: Payload; readonly maxConcurrency: number }
  /** A frame's next iteration has begun with this input (ItemSelector's result). */
  | {
      readonly type: 'FrameOpened'
      readonly child: FrameId
      readonly index: number
      readonly startAt: string
      readonly input: Payload
    }
  | { readonly type: 'HeartbeatReceived' }
  /** Whether the activity of a task is there is asked, before the task is scheduled. */
  | { readonly type: 'ActivitySought' }

/** Members that hold a payload: packed once per chunk, text in the log. */
export const PAYLOAD_MEMBERS = ['input', 'output', 'parameters', 'assigned', 'items'] as const

/** Characters of all payloads that an event carries. */
export function payloadChars(event: EngineEvent): number {
  let chars = 0
  for (const member of PAYLOAD_MEMBERS) {
    const payload: unknown = Reflect.get(event, member)
    if (payload instanceof Payload) chars += payload.text.length
  }
  return chars
}

/** AWS's name of an event: `PassStateEntered` for the StateEntered of a Pass, else its own type. */
export type HistoryEventType = TypeOf<Exclude<EventBody, Fact>>
type TypeOf<E> = E extends { readonly type: infer T extends string; readonly stateType: infer S extends StateType }
  ? `${S}${T}`
  : E extends { readonly type: infer T extends string }
    ? T
    : never

export function historyEventType(event: ShownEvent): HistoryEventType {
  switch (event.type) {
    case 'StateEntered':
      return `${event.stateType}StateEntered`
    case 'StateExited':
      return `${event.stateType}StateExited`
    case 'StateAborted':
      return `${event.stateType}StateAborted`
    default:
      return event.type
  }
}

const FACTS: ReadonlySet<string> = new Set(
  Object.keys({
    WaitUntil: true,
    RetryScheduled: true,
    MapItems: true,
    FrameOpened: true,
    HeartbeatReceived: true,
    ActivitySought: true,
  } satisfies Record<Fact['type'], true>),
)

export function isHistoryEvent(event: EngineEvent): event is ShownEvent {
  return !FACTS.has(event.type)
}

/** The status that an execution's own events bring about. */
export const STATUS_AFTER = {
  ExecutionStarted: 'RUNNING',
  ExecutionRedriven: 'RUNNING',
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionAborted: 'ABORTED',
  ExecutionTimedOut: 'TIMED_OUT',
} as const satisfies Record<ExecutionEvent['type'], string>

export const isStatusChange = (type: string): type is ExecutionEvent['type'] => Object.hasOwn(STATUS_AFTER, type)
