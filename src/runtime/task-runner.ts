/**
 * Carries RunTask commands out: one call a task, its result a signal. At least once across crashes, with the same
 * idempotency key; exactly once while the process lives. Jobs (`.sync`) are polled until they end.
 */
import type { Clock } from '../base/clock.ts'
import { type Failure, failure } from '../base/failure.ts'
import type { Json } from '../base/json.ts'
import { Payload } from '../base/payload.ts'

import type { Command } from '../engine/command.ts'
import type { SignalBody } from '../engine/signal.ts'
import type { Connector, PollOutcome, TaskOutcome, TaskRequest, TaskResource } from '../tasks/connector.ts'

import type { Live } from './live.ts'

type RunTask = Extract<Command, { type: 'RunTask' }>

export interface TaskRunnerPorts {
  readonly clock: Clock
  connectorFor(resource: TaskResource): Connector | undefined
  post(live: Live, body: SignalBody): void
}

/** Polls of a job: soon at first, for jobs that end at once, then at AWS's leisure. */
const FIRST_POLL_MS = 30
const SLOWEST_POLL_MS = 5_000

/** Why a call is given up whose task somebody has answered by its token: the job itself goes on. */
export const ANSWERED = 'the task was answered by its token'

export class TaskRunner {
  readonly #ports: TaskRunnerPorts

  constructor(ports: TaskRunnerPorts) {
    this.#ports = ports
  }

  async run(live: Live, command: RunTask): Promise<void> {
    const { frame, task } = command
    const abort = new AbortController()
    live.calls.set(task, abort)
    const resource = resourceOf(command)
    const request: TaskRequest = {
      ...{ resource, parameters: command.parameters.value, signal: abort.signal },
      idempotencyKey: `${live.record.arn}#${task}`,
      ...{ executionArn: live.record.arn, stateMachineArn: live.record.stateMachineArn },
      ...(command.credentialsRoleArn !== undefined && { credentialsRoleArn: command.credentialsRoleArn }),
    }
    const connector = this.#ports.connectorFor(resource)
    const outcome = connector ? await this.#attempt(live, command, connector, request) : unknownResource(command)
    live.calls.delete(task)
    if (!outcome || abort.signal.aborted) return
    if (outcome.kind === 'succeeded')
      this.#ports.post(live, { type: 'TaskSucceeded', frame, task, output: outputOf(outcome.output) })
    else if (outcome.kind === 'failed')
      this.#ports.post(live, { type: 'TaskFailed', frame, task, failure: outcome.failure, phase: outcome.phase ?? 'run' })
    else this.#ports.post(live, { type: 'TaskSubmitted', frame, task, output: Payload.ofValue(outcome.output) })
  }

  /** One call outside any execution. */
  async callOnce(
    command: RunTask,
    caller: Pick<TaskRequest, 'executionArn' | 'stateMachineArn' | 'signal' | 'onExchange'>,
  ): Promise<{ readonly result: Payload } | { readonly failure: Failure }> {
    const resource = resourceOf(command)
    const connector = this.#ports.connectorFor(resource)
    try {
      const outcome = connector
        ? await connector.start({
            ...{ resource, parameters: command.parameters.value, ...caller },
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

  async #attempt(live: Live, command: RunTask, connector: Connector, request: TaskRequest): Promise<TaskOutcome | undefined> {
    try {
      const started: TaskOutcome = command.submitted
        ? { kind: 'submitted', output: command.submitted.value }
        : await connector.start(request)
      const { pattern } = request.resource
      if (started.kind !== 'submitted' || pattern === 'waitForTaskToken' || !connector.poll) return started
      if (!command.submitted) {
        const { frame, task } = command
        this.#ports.post(live, { type: 'TaskSubmitted', frame, task, output: Payload.ofValue(started.output) })
      }
      return await this.#poll(connector, request, started.output)
    } catch (error) {
      return { kind: 'failed', failure: failure('States.TaskFailed', error instanceof Error ? error.message : String(error)) }
    }
  }

  async #poll(connector: Connector, request: TaskRequest, submitted: Json): Promise<TaskOutcome | undefined> {
    for (let delay = FIRST_POLL_MS; ; delay = Math.min(delay * 1.5, SLOWEST_POLL_MS)) {
      await this.#sleep(delay, request.signal)
      if (request.signal.aborted) {
        if (request.signal.reason !== ANSWERED) await connector.cancel?.(request, submitted)
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

function resourceOf({ resource }: RunTask): TaskResource {
  if (resource.kind === 'lambda')
    return { service: 'lambda', action: 'invoke', pattern: 'request', legacyLambdaArn: resource.arn }
  const { service, action, pattern } = resource
  const [first = service, sdkService] = service.split(':')
  return { service: first, action, pattern, ...(sdkService !== undefined && { sdkService }) }
}

const outputOf = (output: Json | { readonly text: string }): Payload =>
  isText(output) ? Payload.ofText(output.text) : Payload.ofValue(output as Json)

/** The connectors mark JSON text that only passes through by an object of this one member. */
function isText(output: Json | { readonly text: string }): output is { readonly text: string } {
  return (
    typeof output === 'object' &&
    output !== null &&
    !Array.isArray(output) &&
    Object.keys(output).length === 1 &&
    typeof (output as { text?: unknown }).text === 'string'
  )
}

function unknownResource({ resource }: RunTask): TaskOutcome {
  return { kind: 'failed', failure: failure('States.Runtime', `No connector serves the resource '${resource.arn}'.`) }
}
