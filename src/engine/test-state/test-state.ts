/**
 * TestState: one state, entered alone, by the engine's own states and data flow. A Task asks for its call and is given the
 * answer (or a mock of it); Map and Parallel are given what their branches would have come to.
 * Source: developer guide, "Testing state machines with TestState API"; API reference, TestState; recorded: test_state.
 */
import { assert } from '../../base/assert.ts'
import { ErrorName } from '../../base/error-names.ts'
import type { Failure } from '../../base/failure.ts'
import { ROOT_FRAME } from '../../base/ids.ts'
import { isObject, type Json } from '../../base/json.ts'
import { Payload } from '../../base/payload.ts'
import type { Instant } from '../../base/time.ts'

import type { ParallelState, Program, State } from '../../asl/program.ts'

import type { Command } from '../command.ts'
import { contextObject } from '../context-object.ts'
import { errorOutput, evaluateParameters, exitWithResult, mergeResult } from '../data-flow.ts'
import type { EngineEvent } from '../event.ts'
import { exitState, failEvaluation, failState } from '../fail.ts'
import type { Inspection } from '../inspection.ts'
import type { Limits } from '../../base/limits.ts'
import { findRetrier, findCatcher, retryDelay } from '../retry.ts'
import { type ExecutionIdentity, newExecutionState } from '../state.ts'
import { failTask, scheduleTask, succeedTask } from '../states/task.ts'
import { finishWait } from '../states/wait.ts'
import { work } from '../step.ts'
import { Turn } from '../turn.ts'
import { Visit } from '../visit.ts'
import type { Mock, TestStateConfiguration } from './mock.ts'
import { mockMap } from './mock-map.ts'
import { inspectedFields } from './inspected-fields.ts'

export interface TestStateSetup {
  readonly program: Program
  readonly stateName: string
  readonly identity: ExecutionIdentity
  readonly input: Payload
  readonly variables: Readonly<Record<string, Json>>
  /** Takes the place of the context object. */
  readonly context: Json | undefined
  readonly mock: Mock | undefined
  readonly configuration: TestStateConfiguration
  readonly at: Instant
  readonly seed: string
  readonly limits: Limits
}

export interface TestStateOutcome {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR'
  readonly output?: Payload
  readonly nextState?: string
  readonly error?: string | undefined
  readonly cause?: string | undefined
  readonly inspection: Inspection
  readonly errorDetails?: ErrorDetails
}

export interface ErrorDetails {
  readonly catchIndex?: number
  readonly retryIndex?: number
  readonly retryBackoffIntervalSeconds?: number
}

type RunTask = Extract<Command, { type: 'RunTask' }>

export class TestState {
  readonly #turn: Turn
  readonly #visit: Visit
  readonly #setup: TestStateSetup
  #failure: Failure | undefined

  constructor(setup: TestStateSetup) {
    const { program, stateName, identity, input, at, seed, limits, variables } = setup
    const state = program.states.get(stateName)
    assert(state, `the program has a state named ${stateName}`)
    this.#setup = setup
    this.#turn = new Turn(newExecutionState(program, identity, input, at), at, seed, limits)
    this.#turn.begin({ type: 'ExecutionStarted', input, roleArn: identity.roleArn })
    const frame = this.#turn.state.frames.get(ROOT_FRAME)
    assert(frame, 'an execution has a root')
    for (const [name, value] of Object.entries(variables)) frame.variables.set(name, value)
    this.#turn.emit(frame, { type: 'StateEntered', stateType: state.type, name: state.name, input })
    this.#visit = new Visit(this.#turn, frame, state)
    // A Fail has no InputPath, but AWS shows what it would have let through.
    this.#turn.inspection = state.type === 'Fail' ? { afterInputPath: input } : {}
    this.#turn.givenContext = setup.context ?? this.#defaultContext(state)
    this.#useRetries()
  }

  /** Lets the state work, mocked where it is. The call that a Task then still waits for, if any. Throws MockMismatch. */
  begin(): RunTask | undefined {
    const turn = this.#turn
    const visit = this.#visit
    const { mock } = this.#setup
    if (mock && visit.is('Map')) this.#failure = mockMap(visit, mock, this.#setup.configuration)
    else if (mock && visit.is('Parallel')) this.#mockParallel(mock, visit)
    else {
      work(visit)
      // There is no activity to look for.
      if (visit.is('Task') && visit.state.resource.kind === 'activity') scheduleTask(visit)
      if (visit.is('Wait') && visit.frame.active?.wakeAt !== undefined) finishWait(visit)
    }
    const command = turn.commands.find((command): command is RunTask => command.type === 'RunTask')
    if (!mock || !visit.is('Task')) return command
    if (command || turn.commands.some(({ type }) => type === 'OfferActivity')) this.finish(mock)
    return undefined
  }

  /** The Task's call has come to this. */
  finish(answer: Mock): void {
    const visit = this.#visit
    assert(visit.is('Task'), 'only a Task calls')
    if ('result' in answer) return succeedTask(visit, answer.result)
    this.#failure = answer.failure
    failTask(visit, answer.failure, 'run')
  }

  outcome(): TestStateOutcome {
    const inspection = inspectedFields(this.#visit.state, this.#turn.inspection ?? {})
    for (const event of this.#turn.events.toReversed()) {
      const outcome = this.#outcomeOf(event)
      if (outcome) return { ...this.#propagated(outcome), inspection }
    }
    throw new Error(`the state ${this.#visit.state.name} came to no end`)
  }

  /** What fails within a Parallel or Map is theirs to retry or catch, the inner ones first. */
  #propagated(outcome: Omit<TestStateOutcome, 'inspection'>): Omit<TestStateOutcome, 'inspection'> {
    const { error = '', cause } = outcome
    if (outcome.status !== 'FAILED' || error === ErrorName.Runtime) return outcome
    for (const around of enclosing(this.#setup.program, this.#visit.state.name)) {
      const details = detailsOf(around, error, 0)
      if (details.retryBackoffIntervalSeconds !== undefined) return { ...outcome, status: 'RETRIABLE', errorDetails: details }
      const catcher = findCatcher(around.catch, error)
      if (!catcher) continue
      const merged = mergeResult(catcher.resultPath, this.#setup.input, Payload.ofValue(errorOutput({ error, cause })))
      const output = merged.ok ? merged.value : this.#setup.input
      return { ...outcome, status: 'CAUGHT_ERROR', nextState: catcher.next, output, errorDetails: details }
    }
    return outcome
  }

  #outcomeOf(event: EngineEvent): Omit<TestStateOutcome, 'inspection'> | undefined {
    const failure = this.#failure
    switch (event.type) {
      case 'RetryScheduled':
        return {
          status: 'RETRIABLE',
          error: failure?.error,
          cause: failure?.cause,
          ...this.#errorDetails(failure, event.retrier),
        }
      case 'StateExited': {
        const left = { output: event.output, ...(event.next !== undefined && { nextState: event.next }) }
        if (!failure) return { status: 'SUCCEEDED', ...left }
        return { status: 'CAUGHT_ERROR', error: failure.error, cause: failure.cause, ...left, ...this.#errorDetails(failure) }
      }
      case 'ExecutionFailed':
        return { status: 'FAILED', error: event.error, cause: event.cause, ...this.#errorDetails(failure) }
      default:
        return undefined
    }
  }

  /** Which retrier and catcher the failure met; a retrier that is used up is told without a delay. */
  #errorDetails(failure: Failure | undefined, used?: number): { readonly errorDetails?: ErrorDetails } {
    const { state } = this.#visit
    if (!failure || !('retry' in state)) return {}
    const details = detailsOf(state, failure.error ?? '', this.#setup.configuration.retrierRetryCount, used)
    return Object.keys(details).length > 0 ? { errorDetails: details } : {}
  }

  #mockParallel(mock: Mock, visit: Visit<ParallelState>): void {
    if ('failure' in mock) {
      this.#failure = mock.failure
      return failState(visit, mock.failure)
    }
    const parameters = evaluateParameters(visit, visit.input)
    if (!parameters.ok) return failEvaluation(visit, parameters.error)
    exitState(visit, exitWithResult(visit, mock.result), visit.state.next)
  }

  /** As if every retrier had been used so often. */
  #useRetries(): void {
    const { retrierRetryCount } = this.#setup.configuration
    const { state, active } = this.#visit
    if (retrierRetryCount === 0 || !('retry' in state)) return
    for (const index of state.retry.keys()) active.retries.set(index, retrierRetryCount)
  }

  /** AWS names the state `StateName`, whatever it is called, and shows a role only when there is one. */
  #defaultContext(state: State): Json | undefined {
    const hasToken = state.type === 'Task' && state.resource.kind === 'service' && state.resource.pattern === 'waitForTaskToken'
    const context = contextObject(this.#turn.state, this.#visit.frame, hasToken ? this.#turn.uuid() : undefined)
    const { Execution: execution, State: shown } = context
    const { roleArn } = this.#setup.identity
    const isInMap = enclosing(this.#setup.program, state.name).some(({ type }) => type === 'Map')
    return {
      ...context,
      Execution: { ...(isObject(execution) && execution), RoleArn: roleArn === '' ? null : roleArn },
      State: { ...(isObject(shown) && shown), Name: 'StateName' },
      // As if it were the first of its Map's items.
      ...(isInMap && { Map: { Item: { Index: 0, Value: this.#setup.input.value } } }),
    }
  }
}

/** Which retrier and catcher of a state an error meets. */
function detailsOf(state: Guarded, error: string, used: number, index = findRetrier(state.retry, error)): ErrorDetails {
  const retrier = index === undefined ? undefined : state.retry[index]
  const delay = retrier && retryDelay(retrier, used, () => 1)
  const catcher = delay === undefined ? findCatcher(state.catch, error) : undefined
  return {
    ...(catcher && { catchIndex: state.catch.indexOf(catcher) }),
    ...(index !== undefined && { retryIndex: index }),
    ...(delay !== undefined && { retryBackoffIntervalSeconds: Math.ceil(delay) }),
  }
}

type Guarded = Pick<Extract<State, { type: 'Task' }>, 'retry' | 'catch'>

/** The Parallel and Map states around a state, the inner ones first. */
function enclosing({ states }: Pick<Program, 'states'>, name: string): Extract<State, { type: 'Parallel' | 'Map' }>[] {
  for (const state of states.values()) {
    const blocks = state.type === 'Parallel' ? state.branches : state.type === 'Map' ? [state.processor] : []
    if ((state.type === 'Parallel' || state.type === 'Map') && blocks.some(({ stateNames }) => stateNames.includes(name)))
      return [state, ...enclosing({ states }, state.name)]
  }
  return []
}
