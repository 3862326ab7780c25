/**
 * What each event of a log holds, member by member, for whoever reads one from outside. An event, or a member of one, that
 * is forgotten here does not compile. Members that are not named (a later version's) pass.
 */
import { assert } from '../base/assert.ts'
import { Payload } from '../base/payload.ts'

import { STATES } from '../asl/schema.ts'
import type { StateType } from '../asl/program.ts'

import type { EngineEvent, EventBase, EventBody, TaskFacts } from './event.ts'

type KindOf<V> = [V] extends [Payload]
  ? 'payload'
  : [V] extends [StateType]
    ? 'stateType'
    : [V] extends [string]
      ? 'string'
      : [V] extends [number]
        ? 'number'
        : [V] extends [boolean]
          ? 'boolean'
          : [V] extends [TaskFacts]
            ? 'facts'
            : never
/** `string?`: may be absent. */
type Shape<E> = { readonly [M in Exclude<keyof E, 'type'>]-?: KindIn<E, M> }
type KindIn<E, M extends keyof E> = `${KindOf<Exclude<E[M], undefined>>}${undefined extends Pick<E, M>[M] ? '?' : ''}`

const ERROR_AND_CAUSE = { error: 'string?', cause: 'string?' } as const
const CALL = { resourceType: 'string', resource: 'string' } as const
const ITERATION = { name: 'string', index: 'number' } as const

const SHAPES: { readonly [T in EventBody['type']]: Shape<Extract<EventBody, { readonly type: T }>> } = {
  ExecutionStarted: {
    engine: 'number?',
    expiresAt: 'number?',
    input: 'payload',
    roleArn: 'string',
    stateMachineAliasArn: 'string?',
    stateMachineVersionArn: 'string?',
    testCase: 'string?',
  },
  ExecutionSucceeded: { output: 'payload' },
  ExecutionFailed: ERROR_AND_CAUSE,
  ExecutionAborted: ERROR_AND_CAUSE,
  ExecutionTimedOut: ERROR_AND_CAUSE,
  ExecutionRedriven: { redriveCount: 'number', engine: 'number?' },
  StateEntered: { stateType: 'stateType', name: 'string', input: 'payload' },
  StateExited: { stateType: 'stateType', name: 'string', output: 'payload', assigned: 'payload?', next: 'string?' },
  StateAborted: { stateType: 'stateType' },
  EvaluationFailed: { error: 'string', cause: 'string', location: 'string?', state: 'string' },
  TaskScheduled: {
    ...CALL,
    region: 'string',
    parameters: 'payload',
    timeoutInSeconds: 'number?',
    heartbeatInSeconds: 'number?',
    credentialsRoleArn: 'string?',
    facts: 'facts',
  },
  TaskStarted: CALL,
  TaskSubmitted: { ...CALL, output: 'payload' },
  TaskSucceeded: { ...CALL, output: 'payload' },
  TaskFailed: { ...CALL, ...ERROR_AND_CAUSE },
  TaskStartFailed: { ...CALL, ...ERROR_AND_CAUSE },
  TaskSubmitFailed: { ...CALL, ...ERROR_AND_CAUSE },
  TaskTimedOut: { ...CALL, ...ERROR_AND_CAUSE, isHeartbeat: 'boolean?' },
  LambdaFunctionScheduled: {
    resource: 'string',
    input: 'payload',
    timeoutInSeconds: 'number?',
    credentialsRoleArn: 'string?',
    facts: 'facts',
  },
  LambdaFunctionStarted: {},
  LambdaFunctionSucceeded: { output: 'payload' },
  LambdaFunctionFailed: ERROR_AND_CAUSE,
  LambdaFunctionScheduleFailed: ERROR_AND_CAUSE,
  LambdaFunctionStartFailed: ERROR_AND_CAUSE,
  LambdaFunctionTimedOut: { ...ERROR_AND_CAUSE, isHeartbeat: 'boolean?' },
  ActivityScheduled: {
    resource: 'string',
    input: 'payload',
    timeoutInSeconds: 'number?',
    heartbeatInSeconds: 'number?',
    facts: 'facts',
  },
  ActivityStarted: { workerName: 'string?' },
  ActivitySucceeded: { output: 'payload' },
  ActivityFailed: ERROR_AND_CAUSE,
  ActivityScheduleFailed: ERROR_AND_CAUSE,
  ActivityTimedOut: { ...ERROR_AND_CAUSE, isHeartbeat: 'boolean?' },
  ParallelStateStarted: {},
  ParallelStateSucceeded: {},
  ParallelStateFailed: {},
  MapStateStarted: { length: 'number?' },
  MapStateSucceeded: {},
  MapStateFailed: {},
  MapIterationStarted: ITERATION,
  MapIterationSucceeded: ITERATION,
  MapIterationFailed: ITERATION,
  MapIterationAborted: ITERATION,
  MapRunStarted: { mapRunArn: 'string' },
  MapRunSucceeded: {},
  MapRunAborted: {},
  MapRunFailed: ERROR_AND_CAUSE,
  MapRunRedriven: { mapRunArn: 'string', redriveCount: 'number' },
  WaitUntil: { until: 'number' },
  RetryScheduled: { retrier: 'number', due: 'number' },
  MapItems: { items: 'payload', maxConcurrency: 'number' },
  FrameOpened: { child: 'number', index: 'number', startAt: 'string', input: 'payload' },

  HeartbeatReceived: {},
  ActivitySought: {},
}

const FACTS = { token: 'string?', timeoutSeconds: 'number?', heartbeatSeconds: 'number?' } satisfies Shape<TaskFacts>
const BASE = { id: 'number', previousEventId: 'number', at: 'number', frame: 'number' } satisfies Shape<EventBase>

type Check = (value: unknown) => boolean

const CHECKS: Readonly<Record<string, Check>> = {
  payload: (value) => value instanceof Payload,
  stateType: (value) => typeof value === 'string' && Object.hasOwn(STATES, value),
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  facts: (value) => typeof value === 'object' && value !== null && holds(value, FACTS_CHECKS),
}

function checkOf(kind: string): Check {
  const check = CHECKS[kind.replace('?', '')]
  assert(check, `there is a check for ${kind}`)
  return kind.endsWith('?') ? (value) => value === undefined || check(value) : check
}

type Checks = readonly (readonly [member: string, check: Check])[]

const checksOf = (shape: Readonly<Record<string, string>>): Checks =>
  Object.entries(shape).map(([member, kind]) => [member, checkOf(kind)])

const FACTS_CHECKS = checksOf(FACTS)
const CHECKS_OF: ReadonlyMap<unknown, Checks> = new Map(
  Object.entries(SHAPES).map(([type, shape]) => [type, checksOf({ ...BASE, ...shape })]),
)

/** Whether a value, its payloads in their places, is an event of a log. */
export function isEngineEvent(value: object): value is EngineEvent {
  const checks = CHECKS_OF.get(Reflect.get(value, 'type'))
  return checks !== undefined && holds(value, checks)
}

function holds(value: object, checks: Checks): boolean {
  for (const [member, check] of checks) if (!check(Reflect.get(value, member))) return false
  return true
}
