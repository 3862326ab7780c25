/**
 * Carries RunTask commands out: one call a task, its result a signal. At least once across crashes, with the same
 * idempotency key; exactly once while the process lives. Jobs (`.sync`) are polled until they end. A call that a stop of this
 * process cuts off has no result: the next start makes it again. Nor has one that our own store was away for: it is made again
 * until it is back.
 */
import type { Clock } from '../base/clock.ts'
import { deferred } from '../base/deferred.ts'
import { type Failure, failure } from '../base/failure.ts'
import type { FrameId, TaskId } from '../base/ids.ts'
import { isObject, type Json } from '../base/json.ts'
import { Payload } from '../base/payload.ts'

import type { Command } from '../engine/command.ts'
import type { SignalBody } from '../engine/signal.ts'
import {
  type Connector,
  OwnOutage,
  type PollOutcome,
  type TaskOutcome,
  type TaskRequest,
  type TaskResource,
} from '../tasks/connector.ts'

import type { Activation, Call } from './activation.ts'
import { pauseAfter } from './keep-trying.ts'

type RunTask = Extract<Command, { type: 'RunTask' }>

export interface TaskRunnerPorts {
  readonly clock: Clock
  connectorFor(resource: TaskResource): Connector | undefined
  /** `arrived`: the signal is durable, or nobody wants it any more. */
  post(activation: Activation, signal: SignalBody, arrived?: () => void): void
}

/** Polls of a job: soon at first, for jobs that end at once, then at AWS's leisure. */
const FIRST_POLL_MS = 30
const SLOWEST_POLL_MS = 5_000

/** Why a call is given up whose task somebody has answered by its token: the job itself goes on. */
export const ANSWERED = 'the task was answered by its token'

/** Why a call is given up whose execution another node goes on with: it is no result, and its job goes on. */
export const MOVED = 'another node has the execution'

/** Why a call is given up when the process stops: it is no result, and its job goes on. */
const STOPPED = 'the process stops'

const GOES_ON: ReadonlySet<unknown> = new Set([ANSWERED, MOVED, STOPPED])

export class TaskRunner {
  readonly #ports: TaskRunnerPorts
  readonly #calls = new Set<Call>()
  #isClosed = false

  constructor(ports: TaskRunnerPorts) {
    this.#ports = ports
  }

  async run(activation: Activation, command: RunTask): Promise<void> {
    if (this.#isClosed) return
    const { frame, task } = command
    const { record, calls } = activation
    const abort = new AbortController()
    const resource = taskResourceOf(command)
    const connector = this.#ports.connectorFor(resource)
    const { promise: heard, resolve: hear } = deferred<void>()
    if (connector?.answersWhenDone) hear()
    const call: Call = { abort: (reason) => abort.abort(reason), heard }
    calls.set(task, call)
    this.#calls.add(call)
    const request: TaskRequest = {
      resource,
      parameters: command.parameters.value,
      spelled: command.parameters.exact,
      signal: abort.signal,
      idempotencyKey: keyOf(activation, task),
      executionArn: record.arn,
      stateMachineArn: record.stateMachineArn,
      ...(command.credentialsRoleArn !== undefined && { credentialsRoleArn: command.credentialsRoleArn }),
    }
    const outcome = connector ? await this.#attempt(activation, command, connector, request, hear) : unknownResource(command)
    this.#calls.delete(call)
    // The call keeps its place until its result is durable, so that nobody makes it again meanwhile.
    const arrived = () => {
      if (calls.get(task) === call) calls.delete(task)
    }
    if (this.#isClosed || !outcome || abort.signal.aborted) arrived()
    else this.#ports.post(activation, signalOf(outcome, frame, task), arrived)
    hear()
  }

  /** Takes no result any more, and gives up what is under way. */
  close(): void {
    this.#isClosed = true
    for (const call of this.#calls) call.abort(STOPPED)
  }

  /** One call outside any execution. */
  async callOnce(
    command: RunTask,
    caller: Pick<TaskRequest, 'executionArn' | 'stateMachineArn' | 'signal' | 'onExchange'>,
  ): Promise<{ readonly result: Payload } | { readonly failure: Failure }> {
    const resource = taskResourceOf(command)
    const connector = this.#ports.connectorFor(resource)
    try {
      const outcome = connector
        ? await connector.start({
            resource,
            parameters: command.parameters.value,
            spelled: command.parameters.exact,
            ...caller,
            idempotencyKey: `${caller.executionArn}#${command.task}`,
            ...(command.credentialsRoleArn !== undefined && { credentialsRoleArn: command.credentialsRoleArn }),
          })
        : unknownResource(command)
      if (outcome.kind === 'failed') return { failure: outcome.failure }
      return { result: outcome.kind === 'succeeded' ? outputOf(outcome.output) : Payload.ofValue(outcome.output) }
    } catch (error) {
      return { failure: failure('States.TaskFailed', error instanceof Error ? error.message : String(error)) }
    }
  }

  async #attempt(
    activation: Activation,
    command: RunTask,
    connector: Connector,
    request: TaskRequest,
    hear: () => void,
  ): Promise<TaskOutcome | undefined> {
    try {
      const started: TaskOutcome | undefined = command.submitted
        ? { kind: 'submitted', output: command.submitted.value }
        : await this.#start(connector, request)
      if (!started) return undefined
      const { pattern } = request.resource
      if (started.kind !== 'submitted' || pattern === 'waitForTaskToken' || !connector.poll) return started
      if (!command.submitted) {
        const { frame, task } = command
        this.#ports.post(activation, { type: 'TaskSubmitted', frame, task, output: Payload.ofValue(started.output) })
      }
      hear()
      return await this.#poll(connector, request, started.output)
    } catch (error) {
      return { kind: 'failed', failure: failure('States.TaskFailed', error instanceof Error ? error.message : String(error)) }
    }
  }

  /** Undefined: it was given up while our own store was away. */
  async #start(connector: Connector, request: TaskRequest): Promise<TaskOutcome | undefined> {
    for (let failures = 1; ; failures++) {
      try {
        return await connector.start(request)
      } catch (error) {
        if (!(error instanceof OwnOutage)) throw error
        await this.#sleep(pauseAfter(failures), request.signal)
        if (request.signal.aborted) return undefined
      }
    }
  }

  async #poll(connector: Connector, request: TaskRequest, submitted: Json): Promise<TaskOutcome | undefined> {
    for (let delay = FIRST_POLL_MS; ; delay = Math.min(delay * 1.5, SLOWEST_POLL_MS)) {
      await this.#sleep(delay, request.signal)
      if (request.signal.aborted) {
        const { reason } = request.signal
        if (!GOES_ON.has(reason)) await connector.cancel?.(request, submitted)
        return undefined
      }
      const outcome: PollOutcome | undefined = await connector.poll?.(request, submitted)
      if (outcome && outcome.kind !== 'pending') return outcome
    }
  }

  #sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        alarm.cancel()
        resolve()
      }
      const alarm = this.#ports.clock.after(delayMs, () => {
        signal.removeEventListener('abort', wake)
        resolve()
      })
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}

/** An Express child that is redriven begins anew, with the same task ids: another redrive is another key. */
function keyOf({ record, isExpress, state: { redriveCount } }: Activation, task: TaskId): string {
  return isExpress && redriveCount > 0 ? `${record.arn}#${redriveCount}#${task}` : `${record.arn}#${task}`
}

function signalOf(outcome: TaskOutcome, frame: FrameId, task: TaskId): SignalBody {
  switch (outcome.kind) {
    case 'succeeded':
      return { type: 'TaskSucceeded', frame, task, output: outputOf(outcome.output) }
    case 'failed':
      return { type: 'TaskFailed', frame, task, failure: outcome.failure, phase: outcome.phase ?? 'run' }
    case 'submitted':
      return { type: 'TaskSubmitted', frame, task, output: Payload.ofValue(outcome.output) }
  }
}

/** As connectors know it. */
export function taskResourceOf({ resource }: Pick<RunTask, 'resource'>): TaskResource {
  if (resource.kind === 'lambda')
    return { service: 'lambda', action: 'invoke', pattern: 'request', legacyLambdaArn: resource.arn }
  const { service, action, pattern } = resource
  const [first = service, sdkService] = service.split(':')
  return { service: first, action, pattern, ...(sdkService !== undefined && { sdkService }) }
}

const outputOf = (output: Json): Payload => (isText(output) ? Payload.ofText(output.text) : Payload.ofValue(output))

/** The connectors mark JSON text that only passes through by an object of this one member. */
const isText = (output: Json): output is { readonly text: string } =>
  isObject(output) && Object.keys(output).length === 1 && typeof output['text'] === 'string'

function unknownResource({ resource }: RunTask): TaskOutcome {
  return { kind: 'failed', failure: failure('States.Runtime', `No connector serves the resource '${resource.arn}'.`) }
}
