/**
 * AWS's HistoryEvent, as GetExecutionHistory answers it: what every event has, and one member of details that is named after
 * its type. Times are epoch seconds. Readers take it off the wire with `readHistory`; what AWS adds one day passes through.
 * Source: API reference, HistoryEvent. `api/` holds these shapes against AWS's own SDK at compile time.
 */
import { isObject } from '../base/json.ts'

export interface HistoryEvent extends EventMember {
  readonly id: number
  readonly previousEventId?: number
  readonly type: string
  /** Epoch seconds. */
  readonly timestamp: number
}

/** The member that holds an event's details; none where its type has none. */
export type EventMember = Partial<DetailsByMember>

/** All that details may tell, whatever the type of the event. */
export type EventDetails = { readonly [N in NamesIn<AnyDetails>]?: ValueIn<AnyDetails, N> }

type AnyDetails = DetailsByMember[keyof DetailsByMember]
type NamesIn<D> = D extends unknown ? keyof D : never
type ValueIn<D, N extends PropertyKey> = D extends unknown ? (N extends keyof D ? D[N] : never) : never

type Completeness = { readonly truncated: boolean }
type Input = { readonly input?: string; readonly inputDetails?: Completeness }
type Output = { readonly output?: string; readonly outputDetails?: Completeness }
type Reason = { readonly error?: string; readonly cause?: string }
type Called = { readonly resourceType: string; readonly resource: string }
type Timeout = { readonly timeoutInSeconds?: number }
type Timers = Timeout & { readonly heartbeatInSeconds?: number }
type Role = { readonly taskCredentials?: { readonly roleArn: string } }
type Iteration = { readonly name: string; readonly index: number }

export interface DetailsByMember {
  readonly executionStartedEventDetails: Input & {
    readonly roleArn: string
    readonly stateMachineAliasArn?: string
    readonly stateMachineVersionArn?: string
  }
  readonly executionSucceededEventDetails: Output
  readonly executionFailedEventDetails: Reason
  readonly executionAbortedEventDetails: Reason
  readonly executionTimedOutEventDetails: Reason
  readonly executionRedrivenEventDetails: { readonly redriveCount: number }
  readonly stateEnteredEventDetails: Input & { readonly name: string }
  readonly stateExitedEventDetails: Output & {
    readonly name: string
    /** Name to JSON text. */
    readonly assignedVariables?: Readonly<Record<string, string>>
    readonly assignedVariablesDetails?: Completeness
  }
  readonly evaluationFailedEventDetails: Reason & { readonly location?: string; readonly state: string }
  readonly taskScheduledEventDetails: Called &
    Timers &
    Role & {
      readonly region: string
      /** Undefined where the execution's data are left out. */
      readonly parameters: string | undefined
    }
  readonly taskStartedEventDetails: Called
  readonly taskSubmittedEventDetails: Called & Output
  readonly taskSucceededEventDetails: Called & Output
  readonly taskFailedEventDetails: Called & Reason
  readonly taskStartFailedEventDetails: Called & Reason
  readonly taskSubmitFailedEventDetails: Called & Reason
  readonly taskTimedOutEventDetails: Called & Reason
  readonly lambdaFunctionScheduledEventDetails: Input & Timeout & Role & { readonly resource: string }
  readonly lambdaFunctionSucceededEventDetails: Output
  readonly lambdaFunctionFailedEventDetails: Reason
  readonly lambdaFunctionScheduleFailedEventDetails: Reason
  readonly lambdaFunctionStartFailedEventDetails: Reason
  readonly lambdaFunctionTimedOutEventDetails: Reason
  readonly activityScheduledEventDetails: Input & Timers & { readonly resource: string }
  readonly activityStartedEventDetails: { readonly workerName?: string }
  readonly activitySucceededEventDetails: Output
  readonly activityFailedEventDetails: Reason
  readonly activityScheduleFailedEventDetails: Reason
  readonly activityTimedOutEventDetails: Reason
  readonly mapStateStartedEventDetails: { readonly length?: number }
  readonly mapIterationStartedEventDetails: Iteration
  readonly mapIterationSucceededEventDetails: Iteration
  readonly mapIterationFailedEventDetails: Iteration
  readonly mapIterationAbortedEventDetails: Iteration
  readonly mapRunStartedEventDetails: { readonly mapRunArn: string }
  readonly mapRunFailedEventDetails: Reason
  readonly mapRunRedrivenEventDetails: { readonly mapRunArn: string; readonly redriveCount: number }
}

/** The details of an event; none of them where its type has none. */
export function detailsOf({
  id: _id,
  previousEventId: _previous,
  type: _type,
  timestamp: _at,
  ...member
}: HistoryEvent): EventDetails {
  return Object.values(member)[0] ?? {}
}

/** The events of an answer of GetExecutionHistory, in their order; what is none is left out. */
export function readHistory(values: readonly unknown[]): HistoryEvent[] {
  return values.filter(isHistoryEvent)
}

function isHistoryEvent(value: unknown): value is HistoryEvent {
  if (!isObject(value)) return false
  const { id, previousEventId = 0, type, timestamp, ...member } = value
  if (typeof id !== 'number' || typeof previousEventId !== 'number') return false
  return typeof type === 'string' && typeof timestamp === 'number' && Object.values(member).every(areDetails)
}

const areDetails = (details: unknown): boolean =>
  isObject(details) && Object.entries(details).every(([name, value]) => (KINDS.get(name) ?? typeof value) === typeof value)

type KindOf<V> = V extends string ? 'string' : V extends number ? 'number' : V extends object ? 'object' : never

const KINDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    name: 'string',
    input: 'string',
    inputDetails: 'object',
    output: 'string',
    outputDetails: 'object',
    assignedVariables: 'object',
    assignedVariablesDetails: 'object',
    error: 'string',
    cause: 'string',
    location: 'string',
    state: 'string',
    roleArn: 'string',
    stateMachineAliasArn: 'string',
    stateMachineVersionArn: 'string',
    redriveCount: 'number',
    resourceType: 'string',
    resource: 'string',
    region: 'string',
    parameters: 'string',
    timeoutInSeconds: 'number',
    heartbeatInSeconds: 'number',
    taskCredentials: 'object',
    workerName: 'string',
    length: 'number',
    index: 'number',
    mapRunArn: 'string',
  } satisfies { [N in keyof EventDetails]-?: KindOf<NonNullable<EventDetails[N]>> }),
)
