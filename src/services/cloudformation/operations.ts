/**
 * Operations of stacks as executions: each is a state machine's execution whose tasks are the steps, and this is their worker.
 * 1. What is to be done is kept before the execution is started, and what a step did before the execution is told.
 * 2. After a stop or a kill, executions go on where they were: what was begun is given back and asked for again, at the latest
 *    when its worker has said nothing for a while, and a step that was done is not done again.
 * 3. A worker asks for tasks only while there is something to do.
 * 4. What is over, or is being rolled back, makes nothing any more: a step that comes late is refused.
 */
import { createHash } from 'node:crypto'

import { activityArn, executionArn, stateMachineArn } from '../../base/arn.ts'
import type { Clock } from '../../base/clock.ts'
import { growingPause } from '../../base/growing-pause.ts'
import type { JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'
import { describeBug, type Log } from '../../base/log.ts'
import { STACK_ACTIVITY, STACK_MACHINE_PREFIX } from '../../base/stack-machines.ts'

import { WireError } from '../../wire/errors.ts'
import { callJson } from '../../aws/call.ts'
import type { Endpoints } from '../../aws/endpoints.ts'
import { orThrow } from '../../aws/failure.ts'
import { SERVICES } from '../../aws/services.ts'

import { pause } from '../kit/pause.ts'

import { isThere, removalOf } from './operation-plan.ts'
import { definitionOf, HEARTBEAT_SECONDS, INTERRUPTED, type Step } from './operation-definition.ts'
import type { OperationRecord } from './records.ts'
import type { StackSteps } from './stack-steps.ts'
import type { StackStore } from './stack-store.ts'
import { Cancelled, isInterrupted, type ResourceSteps, StepFailure } from './steps.ts'

export interface OperationsDeps {
  readonly store: StackStore
  readonly resourceSteps: ResourceSteps
  readonly stackSteps: StackSteps
  readonly endpoints: Endpoints
  readonly region: string
  readonly account: string
  readonly clock: Clock
  readonly log: Log
  /** An operation is over: what is kept for its steps can go. */
  onOver(operation: Pick<OperationRecord, 'id'>): void
}

/** Of a state machine's name. */
const NAME_MAX = 80
const ROLE = 'AWSServiceRoleForCloudFormation'
const POLLERS = 2
const POLL_MS = 75_000
const BEAT_MS = (HEARTBEAT_SECONDS * 1000) / 4
/** How often an execution is looked at that may have been stopped. */
const WATCH_MS = 10_000
/** As CloudFormation says it. */
const TIME_IS_OVER = 'Stack creation time exceeded the specified timeout.'
const PAUSE = { firstMs: 200, longestMs: 5_000 }

interface Running {
  readonly operationId: string
  /** Undefined where it is no step of ours. */
  readonly step: Step['step'] | undefined
  readonly abort: AbortController
  readonly done: Promise<void>
}

export class Operations {
  readonly #deps: OperationsDeps
  readonly #closing = new AbortController()
  readonly #running = new Map<string, Running>()
  readonly #launches = new Map<string, Promise<void>>()
  /** Who waits for the end of an operation, and who is to hear that there is nothing more to do. */
  readonly #waiting = new Map<string, Set<() => void>>()
  readonly #idlers = new Set<() => void>()
  readonly #limits = new Map<string, { cancel(): void }>()
  #pollers: Promise<unknown> | undefined

  constructor(deps: OperationsDeps) {
    this.#deps = deps
  }

  /** Starts the execution of what was kept as an operation. The second time changes nothing. */
  launch(operation: OperationRecord): void {
    if (this.#closing.signal.aborted || this.#launches.has(operation.id) || !this.#isKept(operation)) return
    this.#limit(operation)
    const launched = this.#launch(operation).finally(() => this.#launches.delete(operation.id))
    this.#launches.set(operation.id, launched)
    this.#pollers ??= this.#poll()
  }

  #isKept({ id }: OperationRecord): boolean {
    return this.#deps.store.operation(id)?.isOver === false
  }

  /** What an earlier process left open. */
  resume(): void {
    const { store } = this.#deps
    for (const token of store.tasks()) void this.#giveBack(token)
    for (const operation of store.openOperations()) this.launch(operation)
  }

  async #giveBack(token: string): Promise<void> {
    await this.#tell('SendTaskFailure', { taskToken: token, error: INTERRUPTED })
    if (!this.#closing.signal.aborted) this.#deps.store.removeTask(token)
  }

  /** What is not begun is not done, and what waits does not wait on. `reason`: as the rollback tells it. */
  cancel(operationId: string, reason: string): void {
    const { store } = this.#deps
    const operation = store.operation(operationId)
    if (operation === undefined || operation.isOver || operation.cancelled !== undefined) return
    store.putOperation({ ...operation, cancelled: reason })
    this.#cutOff(operationId)
  }

  #cutOff(operationId: string): Running[] {
    const cut = [...this.#running.values()].filter((running) => running.operationId === operationId)
    for (const { abort } of cut) abort.abort(new Cancelled())
    return cut
  }

  /** What has its time is cancelled when that is over. */
  #limit({ id, dueMs }: OperationRecord): void {
    if (dueMs === undefined || this.#limits.has(id)) return
    const alarm = this.#deps.clock.at(dueMs, () => {
      this.#limits.delete(id)
      if (this.#deps.store.operation(id)?.hasFailed !== true) this.cancel(id, TIME_IS_OVER)
    })
    this.#limits.set(id, alarm)
  }

  /** Ends what another operation takes over from where it is: what it made stays. */
  async #halt(operationId: string, machine: string): Promise<void> {
    await this.#launches.get(operationId)
    const cut = this.#cutOff(operationId)
    const arn = executionArn(this.#scope(), machine, operationId)
    const stopped = this.#ask('StopExecution', { executionArn: arn, error: 'Cancelled', cause: 'The stack is deleted.' })
    await stopped.catch(ignoreRefusal)
    await Promise.allSettled(cut.map(({ done }) => done))
    this.#limits.get(operationId)?.cancel()
    this.#deps.onOver({ id: operationId })
    this.#wake(operationId)
  }

  /** Resolves when the operation is over, or after `ms`. */
  whenOver(operationId: string, ms: number): Promise<void> {
    const { store, clock } = this.#deps
    if (store.operation(operationId)?.isOver !== false) return Promise.resolve()
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(operationId) ?? new Set()
      this.#waiting.set(operationId, waiting)
      const alarm = clock.after(ms, done)
      function done(): void {
        alarm.cancel()
        waiting.delete(done)
        resolve()
      }
      waiting.add(done)
    })
  }

  /** Steps under way are cut off: the next process goes on with them. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the server stops'))
    for (const alarm of this.#limits.values()) alarm.cancel()
    for (const { abort } of this.#running.values()) abort.abort(this.#closing.signal.reason)
    for (const waiting of this.#waiting.values()) for (const done of [...waiting]) done()
    await Promise.allSettled([...this.#launches.values(), this.#pollers])
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done))
  }

  // ---- the execution

  async #launch(operation: OperationRecord): Promise<void> {
    const { clock, log } = this.#deps
    const { signal } = this.#closing
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#start(operation)
        return
      } catch (error) {
        if (isFinal(error)) return await this.#abandon(operation, `The operation cannot be started: ${error.message}`)
        failures += 1
        if (failures === 3)
          log.warn('the execution of a stack operation cannot be started; it is tried again', describeBug(error))
        await pause(clock, growingPause(failures, PAUSE), signal)
      }
    }
  }

  async #start(launched: OperationRecord): Promise<void> {
    const { store } = this.#deps
    const stack = store.stack(launched.stackId)
    if (stack === undefined) return
    const name = machineName(stack.name)
    const operation = launched.halts === undefined ? launched : await this.#takeOver(launched, launched.halts, name)
    const arn = stateMachineArn(this.#scope(), name)
    await this.#ask('CreateActivity', { name: STACK_ACTIVITY })
    const roleArn = `arn:aws:iam::${this.#deps.account}:role/${ROLE}`
    const definition = definitionOf(operation, {
      stackName: stack.name,
      activity: activityArn(this.#scope(), STACK_ACTIVITY),
      isFirst: operation.kind === 'create' || (operation.kind === 'rollback' && stack.current === undefined),
    })
    const settings = { definition, roleArn }
    try {
      await this.#ask('CreateStateMachine', { name, ...settings })
    } catch (error) {
      if (!isRefusal(error, 'StateMachineAlreadyExists')) throw error
      await this.#ask('UpdateStateMachine', { stateMachineArn: arn, ...settings })
    }
    try {
      const input = JSON.stringify({ stack: stack.id, operation: operation.kind })
      await this.#ask('StartExecution', { stateMachineArn: arn, name: operation.id, input })
    } catch (error) {
      if (!isRefusal(error, 'ExecutionAlreadyExists')) throw error
      await this.#lookAt(operation, name)
    }
  }

  /** What is there to be deleted is known when nothing is made any more. */
  async #takeOver(operation: OperationRecord, halted: string, machine: string): Promise<OperationRecord> {
    const { store } = this.#deps
    await this.#halt(halted, machine)
    const { halts: _, ...rest } = store.operation(operation.id) ?? operation
    return store.putOperation({ ...rest, remove: removalOf(store.resources(operation.stackId).filter(isThere)) })
  }

  /** The status of the operation's execution; undefined where there is none yet. */
  async #described(operation: OperationRecord, machine: string): Promise<string | undefined> {
    const arn = executionArn(this.#scope(), machine, operation.id)
    const found = await this.#ask('DescribeExecution', { executionArn: arn }).catch((error: unknown) => {
      if (isRefusal(error, 'ExecutionDoesNotExist')) return undefined
      throw error
    })
    return found && String(found['status'])
  }

  // ---- the worker

  async #poll(): Promise<void> {
    const watching = this.#watch()
    await Promise.all(Array.from({ length: POLLERS }, () => this.#pollUntilIdle()))
    await watching
    this.#pollers = this.#isIdle() ? undefined : this.#poll()
  }

  #isIdle(): boolean {
    return this.#closing.signal.aborted || this.#deps.store.openOperations().length === 0
  }

  async #pollUntilIdle(): Promise<void> {
    const { clock, log } = this.#deps
    const { signal } = this.#closing
    for (let failures = 0; !this.#isIdle(); ) {
      try {
        const task = await this.#nextTask()
        failures = 0
        if (task !== undefined) this.#take(task)
      } catch (error) {
        failures += 1
        if (isRefusal(error, 'ActivityDoesNotExist') && (await this.#hasMadeActivity()) && failures === 1) continue
        if (failures === 5 && !signal.aborted) log.warn('the tasks of stack operations cannot be asked for', describeBug(error))
        await pause(clock, growingPause(failures, PAUSE), signal)
      }
    }
  }

  /** The first operation needs it before it is made for it, and somebody may have deleted it. */
  #hasMadeActivity(): Promise<boolean> {
    return this.#ask('CreateActivity', { name: STACK_ACTIVITY }).then(
      () => true,
      () => false,
    )
  }

  /** Ends early where there is nothing more to do. */
  async #nextTask(): Promise<{ readonly token: string; readonly input: JsonObject } | undefined> {
    const { endpoints } = this.#deps
    const { signal, release } = this.#untilIdle()
    try {
      const input = { activityArn: activityArn(this.#scope(), STACK_ACTIVITY), workerName: STACK_ACTIVITY }
      const called = await callJson(endpoints, SERVICES.sfn, 'GetActivityTask', input, { signal, timeoutMs: POLL_MS })
      if (signal.aborted) return undefined
      const { body } = orThrow(called)
      const { taskToken: token, input: text } = body
      return typeof token === 'string' && typeof text === 'string' ? { token, input: objectOf(text) ?? {} } : undefined
    } finally {
      release()
    }
  }

  /** Aborts when there is nothing more to do. */
  #untilIdle(): { readonly signal: AbortSignal; release(): void } {
    const idle = new AbortController()
    const stop = (): void => idle.abort()
    this.#idlers.add(stop)
    return { signal: AbortSignal.any([this.#closing.signal, idle.signal]), release: () => this.#idlers.delete(stop) }
  }

  #take({ token, input }: { readonly token: string; readonly input: JsonObject }): void {
    const operation = this.#deps.store.operation(String(input['operationId']))
    const step = operation && stepOf(input)
    const abort = new AbortController()
    const done = this.#perform(token, operation, step, abort).catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.#deps.log.error('a step of a stack operation could not be told', describeBug(error))
    })
    this.#running.set(token, { operationId: operation?.id ?? '', step: step?.step, abort, done })
    done.finally(() => this.#running.delete(token))
  }

  async #perform(
    token: string,
    operation: OperationRecord | undefined,
    step: Step | undefined,
    abort: AbortController,
  ): Promise<void> {
    const { store } = this.#deps
    const beating = this.#beat(token, abort)
    try {
      store.addTask(token)
      if (operation !== undefined && step !== undefined) await this.#step(operation, step, abort.signal)
      await this.#tell('SendTaskSuccess', { taskToken: token, output: '{}' })
      if (operation !== undefined && step !== undefined && isLast(operation, step)) await this.#end(operation)
    } catch (error) {
      if (this.#closing.signal.aborted || isInterrupted(abort.signal)) return
      if (!(error instanceof StepFailure)) throw error
      await this.#tell('SendTaskFailure', { taskToken: token, error: 'ResourceFailed', cause: error.message.slice(0, 32_000) })
    } finally {
      beating.cancel()
      if (!this.#closing.signal.aborted) store.removeTask(token)
    }
  }

  async #step(operation: OperationRecord, step: Step, signal: AbortSignal): Promise<void> {
    const { resourceSteps, stackSteps, store } = this.#deps
    const current = store.operation(operation.id) ?? operation
    if (current.isOver) throw new StepFailure(current.cancelled ?? 'The operation is over.')
    switch (step.step) {
      case 'deploy':
        return resourceSteps.deploy(current, step.logicalId, signal)
      case 'cleanUp':
        return resourceSteps.cleanUp(current, step.logicalId, signal)
      case 'rollBack':
        return resourceSteps.rollBack(current, step.logicalId, signal)
      case 'takeBack':
        return resourceSteps.takeBack(current, step.logicalId, signal)
      case 'delete':
        return resourceSteps.delete(current, step.logicalId, signal)
      case 'complete':
        return stackSteps.complete(current)
      case 'end':
        return stackSteps.end(current)
      case 'beginRollback':
        return stackSteps.beginRollback(await this.#stopDeploying(current))
      case 'giveUp':
        return stackSteps.giveUp(await this.#stopDeploying(current))
      case 'completeRollback':
        return stackSteps.completeRollback(current)
      case 'endRollback':
        return stackSteps.endRollback(current)
      case 'endDeletion':
        return stackSteps.endDeletion(current)
    }
  }

  /** What its siblings' failure has cut off in the execution is cut off here, too, before it is taken back. */
  async #stopDeploying({ id }: OperationRecord): Promise<OperationRecord> {
    const { store } = this.#deps
    store.putOperation({ ...this.#kept(id), hasFailed: true })
    const deploying = [...this.#running.values()].filter(({ operationId, step }) => operationId === id && step === 'deploy')
    for (const { abort } of deploying) abort.abort(new Cancelled())
    await Promise.allSettled(deploying.map(({ done }) => done))
    return this.#kept(id)
  }

  #kept(id: string): OperationRecord {
    const operation = this.#deps.store.operation(id)
    if (operation === undefined) throw new StepFailure('The operation is over.')
    return operation
  }

  /** A task that the execution gave up is cut off. */
  #beat(token: string, abort: AbortController): { cancel(): void } {
    const { clock } = this.#deps
    let alarm = clock.after(BEAT_MS, beat)
    const tell = (): Promise<unknown> => this.#ask('SendTaskHeartbeat', { taskToken: token })
    function beat(): void {
      alarm = clock.after(BEAT_MS, beat)
      tell().catch((error: unknown) => {
        if (error instanceof WireError && /TaskTimedOut|TaskDoesNotExist|InvalidToken/.test(error.code))
          abort.abort(new Error('the step is asked for again'))
      })
    }
    return { cancel: () => alarm.cancel() }
  }

  /** What the execution does not want to know any more was asked for again. */
  async #tell(action: 'SendTaskSuccess' | 'SendTaskFailure', input: JsonObject): Promise<void> {
    const { clock } = this.#deps
    const { signal } = this.#closing
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#ask(action, input)
        return
      } catch (error) {
        if (error instanceof WireError && error.status < 500) return
        failures += 1
        await pause(clock, growingPause(failures, PAUSE), signal)
      }
    }
  }

  async #end(operation: OperationRecord): Promise<void> {
    const { store, onOver } = this.#deps
    if (store.operation(operation.id)?.isOver !== false) return
    await this.#forgetMachine(operation)
    store.putOperation({ ...this.#kept(operation.id), isOver: true })
    this.#limits.get(operation.id)?.cancel()
    this.#limits.delete(operation.id)
    onOver(operation)
    this.#wake(operation.id)
    if (this.#isIdle()) for (const stop of [...this.#idlers]) stop()
  }

  #wake(operationId: string): void {
    for (const done of [...(this.#waiting.get(operationId) ?? [])]) done()
    this.#waiting.delete(operationId)
  }

  /** Of a stack that is deleted, unless there is another of its name by now. */
  async #forgetMachine({ stackId }: OperationRecord): Promise<void> {
    const { store } = this.#deps
    const stack = store.stack(stackId)
    if (stack?.status !== 'DELETE_COMPLETE' || store.stackNamed(stack.name) !== undefined) return
    const machine = stateMachineArn(this.#scope(), machineName(stack.name))
    await this.#ask('DeleteStateMachine', { stateMachineArn: machine }).catch(() => {})
  }

  async #watch(): Promise<void> {
    const { clock, store } = this.#deps
    while (!this.#isIdle()) {
      const { signal, release } = this.#untilIdle()
      await pause(clock, WATCH_MS, signal).finally(release)
      for (const operation of store.openOperations()) {
        if (this.#closing.signal.aborted || this.#launches.has(operation.id)) continue
        const stack = store.stack(operation.stackId)
        if (stack !== undefined) await this.#lookAt(operation, machineName(stack.name)).catch(() => {})
      }
    }
  }

  /** An execution that somebody stopped does not go on by itself: its stack says so. */
  async #lookAt(operation: OperationRecord, machine: string): Promise<void> {
    const status = await this.#described(operation, machine)
    if (status === undefined) this.launch(operation)
    else if (status !== 'RUNNING') await this.#abandon(operation, `The execution ${operation.id} of this operation is ${status}.`)
  }

  async #abandon(operation: OperationRecord, reason: string): Promise<void> {
    this.#deps.stackSteps.abandon(this.#kept(operation.id), reason)
    this.#cutOff(operation.id)
    await this.#end(operation)
  }

  #scope() {
    const { region, account } = this.#deps
    return { partition: 'aws', region, account }
  }

  async #ask(action: string, input: JsonObject): Promise<JsonObject> {
    return orThrow(await callJson(this.#deps.endpoints, SERVICES.sfn, action, input)).body
  }
}

/** Of the state machine that a stack's operations run on. */
export function machineName(stackName: string): string {
  const name = `${STACK_MACHINE_PREFIX}${stackName}`
  if (name.length <= NAME_MAX) return name
  return `${name.slice(0, NAME_MAX - 9)}-${createHash('sha256').update(stackName).digest('hex').slice(0, 8)}`
}

/** Asked again it would be the same. */
const isFinal = (error: unknown): error is WireError =>
  error instanceof WireError && error.status < 500 && !/Throttl|TooManyRequests|StateMachineDeleting/.test(error.code)

const isRefusal = (error: unknown, code: string): error is WireError => error instanceof WireError && error.code === code

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof WireError)) throw error
}

function stepOf(input: JsonObject): Step {
  const { step, logicalId } = input
  return { step, ...(logicalId !== undefined && { logicalId }) } as Step
}

/** After it the operation has nothing more to do. */
function isLast({ kind }: OperationRecord, { step }: Step): boolean {
  return (
    step === 'end' ||
    step === 'giveUp' ||
    step === 'endRollback' ||
    step === 'endDeletion' ||
    (step === 'complete' && kind === 'create')
  )
}
