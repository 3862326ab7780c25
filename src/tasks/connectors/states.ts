/**
 * Step Functions itself: starts another execution, and with `.sync` waits for it by describing it.
 * An execution without a name gets one that follows from the task's idempotency key, so that the same attempt started
 * twice (after a crash) is the same execution.
 * Source: AWS developer guide, "Start a new AWS Step Functions state machine from a running execution"; recorded cases
 * sfn-task-service*, callback-start-execution*.
 */
import { failure } from '../../base/failure.ts'
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { callJson } from '../../aws/call.ts'
import type { Endpoints } from '../../aws/endpoints.ts'
import { codeOf, isTransient } from '../../aws/failure.ts'
import { SERVICES } from '../../aws/services.ts'

import { attemptId } from '../attempt-id.ts'
import { optimizedFailure, throwOwnOutage } from '../call-failure.ts'
import type { Connector, PollOutcome, TaskOutcome, TaskRequest } from '../connector.ts'
import { jsonOrText, objectOf, spelledOf, textMember } from '../parameters.ts'
import { sdkMetadata, sorted } from '../sdk-metadata.ts'

const SFN = SERVICES.sfn
const CANCEL_TIMEOUT_MS = 10_000

export function createStatesConnector(endpoints: Endpoints): Connector {
  return {
    start: (request) => startExecution(endpoints, request),
    poll: (request, submitted) => describeExecution(endpoints, request, submitted),
    async cancel(_request, submitted) {
      const input = { executionArn: executionArnOf(submitted) }
      // The request's own signal has fired already: that is why we are here.
      await callJson(endpoints, SFN, 'StopExecution', input, { signal: AbortSignal.timeout(CANCEL_TIMEOUT_MS) })
    },
  }
}

async function startExecution(endpoints: Endpoints, request: TaskRequest): Promise<TaskOutcome> {
  const parameters = objectOf(request.parameters)
  const given = textMember(parameters, 'Name')
  const name = given ?? attemptId(request.idempotencyKey)
  const traceHeader = textMember(parameters, 'TraceHeader')
  const input = {
    stateMachineArn: textMember(parameters, 'StateMachineArn') ?? '',
    input: textMember(spelledOf(request), 'Input') ?? '{}',
    name,
    ...(traceHeader !== undefined && { traceHeader }),
  }
  const { signal } = request
  let called = await callJson(endpoints, SFN, 'StartExecution', input, { signal })
  if (!called.ok && given === undefined && codeOf(called.error) === 'ExecutionAlreadyExists') {
    // Our own earlier call, already ended: tell what it told.
    const executionArn = `${input.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`
    const described = await callJson(endpoints, SFN, 'DescribeExecution', { executionArn }, { signal })
    if (described.ok) called = described
  }
  const isRequest = request.resource.pattern === 'request'
  if (!called.ok) {
    throwOwnOutage(endpoints, SFN, called.error)
    return { kind: 'failed', failure: optimizedFailure(SFN, called.error, 'states'), phase: isRequest ? 'run' : 'submit' }
  }
  const { body, response } = called.value
  const output = sorted({
    ExecutionArn: getOwn(body, 'executionArn') ?? null,
    StartDate: epochMs(getOwn(body, 'startDate')),
    ...sdkMetadata(response),
  })
  return isRequest ? { kind: 'succeeded', output } : { kind: 'submitted', output }
}

async function describeExecution(endpoints: Endpoints, request: TaskRequest, submitted: Json): Promise<PollOutcome> {
  const { signal, resource } = request
  const called = await callJson(endpoints, SFN, 'DescribeExecution', { executionArn: executionArnOf(submitted) }, { signal })
  if (!called.ok) {
    return isTransient(SFN, called.error)
      ? { kind: 'pending' }
      : { kind: 'failed', failure: optimizedFailure(SFN, called.error, 'states') }
  }
  const status = getOwn(called.value.body, 'status')
  if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return { kind: 'pending' }
  const output = renderDescription(called.value.body, resource.pattern === 'sync2')
  if (status === 'SUCCEEDED') return { kind: 'succeeded', output }
  return { kind: 'failed', failure: failure('States.TaskFailed', JSON.stringify(output)) }
}

const TEXTS = ['error', 'cause', 'executionArn', 'name', 'stateMachineArn', 'status', 'traceHeader'] as const
const PAYLOADS = ['input', 'output'] as const
const DETAILS = ['inputDetails', 'outputDetails'] as const

function renderDescription(body: JsonObject, parsesPayloads: boolean): JsonObject {
  const shown: Record<string, Json> = {}
  const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)
  for (const name of TEXTS) {
    const value = getOwn(body, name)
    if (typeof value === 'string') shown[pascal(name)] = value
  }
  for (const name of PAYLOADS) {
    const value = getOwn(body, name)
    if (typeof value === 'string') shown[pascal(name)] = parsesPayloads ? jsonOrText(value) : value
  }
  for (const name of DETAILS) {
    const details = getOwn(body, name)
    if (isObject(details)) shown[pascal(name)] = { Included: getOwn(details, 'included') ?? true }
  }
  shown['StartDate'] = epochMs(getOwn(body, 'startDate'))
  const stopDate = getOwn(body, 'stopDate')
  if (stopDate !== undefined) shown['StopDate'] = epochMs(stopDate)
  return sorted(shown)
}

/** The wire has seconds with a fraction; the SDK that Step Functions prints with has whole milliseconds. */
const epochMs = (seconds: Json | undefined): Json => (typeof seconds === 'number' ? Math.round(seconds * 1000) : null)

const executionArnOf = (submitted: Json): string => textMember(objectOf(submitted), 'ExecutionArn') ?? ''
