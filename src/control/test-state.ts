/**
 * TestState: checks what is asked, lets the engine try the state, and makes its one call where the state is a Task that is not
 * mocked. Texts as recorded (conformance: test_state).
 */
import { executionArn, stateMachineArn, testArn } from '../base/arn.ts'
import { type Breathe, inSlices } from '../base/breather.ts'
import { parseJson as parseText } from '../base/json-bounds.ts'
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'
import { Payload } from '../base/payload.ts'

import { compileSlices } from '../asl/compile.ts'
import type { State } from '../asl/program.ts'
import { type Mock, MockMismatch } from '../engine/test-state/mock.ts'
import { TestState, type TestStateOutcome } from '../engine/test-state/test-state.ts'
import { checkResult, type FieldValidationMode } from '../tasks/api-models/check-result.ts'
import { withParameterChecks } from '../tasks/api-models/checked-program.ts'
import { outputModelOf } from '../tasks/api-models/model.ts'
import type { HttpExchange } from '../tasks/connector.ts'

import type { Context } from './context.ts'
import { jsonProblem } from './json-text.ts'
import { checkMockContext } from './mock-context.ts'
import { ServiceError, validation } from './service-error.ts'
import { refuseInvalid } from './state-machines.ts'

export interface TestStateInput {
  readonly definition: string
  readonly stateName?: string | undefined
  readonly roleArn?: string | undefined
  readonly input?: string | undefined
  readonly variables?: string | undefined
  readonly context?: string | undefined
  readonly revealSecrets?: boolean | undefined
  readonly mock?: TestMock | undefined
  readonly configuration?: TestConfiguration | undefined
}

export interface TestMock {
  readonly result?: string | undefined
  readonly errorOutput?: { readonly error?: string | undefined; readonly cause?: string | undefined } | undefined
  readonly fieldValidationMode?: FieldValidationMode | undefined
}

export interface TestConfiguration {
  readonly retrierRetryCount?: number | undefined
  readonly errorCausedByState?: string | undefined
  readonly mapIterationFailureCount?: number | undefined
  readonly mapItemReaderData?: string | undefined
}

export interface TestedState {
  readonly outcome: TestStateOutcome
  readonly input: string
  readonly variables: string | undefined
  /** What an unmocked HTTP Task sent and got. */
  readonly exchange: HttpExchange | undefined
}

/** AWS's bound on a test. */
const TEST_MS_MAX = 300_000
const SINGLE_STATE = 'StateName'
const MOCKABLE: readonly State['type'][] = ['Task', 'Map', 'Parallel']

export function createTestState({ executionPort, clock, entropy, arnScope, limits, breathe }: Context) {
  return async function testState(request: TestStateInput, signal: AbortSignal): Promise<TestedState> {
    await breathe()
    const { name, program, state } = await stateOf(request, breathe)
    const { roleArn = '', configuration = {} } = request
    checkMock(request, state)
    const input = request.input ?? '{}'
    const mock = mockOf(request.mock, state)
    const variables = parseVariables(request.variables)
    const machine = entropy.uuid()
    const execution = entropy.uuid()
    const test = new TestState({
      program,
      stateName: name,
      at: clock.now(),
      seed: entropy.seed(),
      limits,
      identity: {
        executionArn: testArn(arnScope, machine, execution),
        executionName: execution,
        roleArn,
        stateMachineArn: stateMachineArn(arnScope, machine),
        stateMachineName: machine,
        region: arnScope.region,
        isExpress: true,
        isSynchronous: true,
      },
      input: parseInput(input),
      variables,
      context: request.context === undefined ? undefined : checkMockContext(request.context, state),
      mock,
      configuration: {
        retrierRetryCount: configuration.retrierRetryCount ?? 0,
        mapIterationFailureCount: configuration.mapIterationFailureCount,
        mapItemReaderData:
          configuration.mapItemReaderData === undefined
            ? undefined
            : parseJson(configuration.mapItemReaderData, 'mapItemReaderData must be valid JSON'),
      },
    })
    const exchange = await run(test, execution, machine, signal)
    return {
      outcome: test.outcome(),
      input,
      variables: Object.keys(variables).length === 0 ? undefined : request.variables,
      exchange,
    }
  }

  async function run(
    test: TestState,
    execution: string,
    machine: string,
    signal: AbortSignal,
  ): Promise<HttpExchange | undefined> {
    const command = beginTestState(test)
    if (!command) return undefined
    const limit = new AbortController()
    let exchange: HttpExchange | undefined
    const alarm = clock.after(TEST_MS_MAX, () => limit.abort())
    try {
      const answer = await executionPort.callTask(command, {
        executionArn: executionArn(arnScope, machine, execution),
        stateMachineArn: stateMachineArn(arnScope, machine),
        signal: AbortSignal.any([signal, limit.signal]),
        onExchange: (made) => {
          exchange = made
        },
      })
      test.finish(limit.signal.aborted ? { failure: { error: 'States.Timeout' } } : answer)
      return exchange
    } finally {
      alarm.cancel()
    }
  }
}

function beginTestState(test: TestState) {
  try {
    return test.begin()
  } catch (error) {
    if (error instanceof MockMismatch) throw validation(error.message)
    throw error
  }
}

/** The state that is meant: named within a machine, or the definition itself, whose Next need not lead anywhere. */
async function stateOf({ definition, stateName }: TestStateInput, breathe: Breathe) {
  if (stateName !== undefined) await refuseInvalid(definition, 'STANDARD', breathe)
  const name = stateName ?? SINGLE_STATE
  const whole = stateName === undefined ? wrap(definition) : definition
  if (stateName === undefined) await refuseInvalid(whole, 'STANDARD', breathe, LOOSE_ENDS)
  const compiled = await inSlices(compileSlices(whole), breathe)
  const state = compiled.ok ? compiled.value.states.get(name) : undefined
  if (!compiled.ok || !state) throw validation('State not found in definition')
  return { name, program: withParameterChecks(compiled.value), state }
}

const LOOSE_ENDS: ReadonlySet<string> = new Set(['MISSING_TRANSITION_TARGET', 'MISSING_END_STATE'])

/** A single state as a machine. Text that is no JSON goes to the validator as it is. */
function wrap(definition: string): string {
  try {
    JSON.parse(definition)
  } catch {
    return definition
  }
  return `{"StartAt":"${SINGLE_STATE}","States":{"${SINGLE_STATE}":${definition}}}`
}

function checkMock({ mock, roleArn, revealSecrets, context, configuration }: TestStateInput, state: State): void {
  if (mock) {
    if (mock.result !== undefined && mock.errorOutput !== undefined)
      throw validation('A test mock should have only one of the following fields: [result, errorOutput].')
    if (!MOCKABLE.includes(state.type)) throw validation(`State type '${state.type}' is not supported when a mock is specified`)
    if (revealSecrets === true) throw validation('TestState does not support RevealSecrets when a mock is specified.')
    return
  }
  const needsMock = validation('State configuration can be specified only when a mock is specified')
  if (configuration?.mapIterationFailureCount !== undefined) throw needsMock
  const unsupported = (message: string) => new ServiceError('InvalidDefinition', message)
  if (state.type === 'Map' || state.type === 'Parallel') {
    throw unsupported(
      'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
    )
  }
  if (context !== undefined) {
    throw MOCKABLE.includes(state.type)
      ? validation('A Context object can be specified only when a mock is specified')
      : validation(`State type '${state.type}' is not supported when a mock is specified`)
  }
  if (configuration !== undefined && state.type !== 'Task') throw needsMock
  if (state.type !== 'Task') return
  const { resource } = state
  if (resource.kind === 'activity') throw unsupported('TestState API does not support Activity resources')
  if (resource.kind === 'service' && resource.pattern !== 'request')
    throw unsupported("TestState API does not support '.sync' or '.waitForTaskToken' service integration patterns")
  if (roleArn === undefined) throw validation('RoleArn must be specified when testing a Task state')
}

function mockOf(mock: TestMock | undefined, state: State): Mock | undefined {
  if (!mock) return undefined
  const { result, errorOutput, fieldValidationMode = 'STRICT' } = mock
  if (errorOutput) return { failure: errorOutput }
  if (result === undefined) throw validation('A test mock should have only one of the following fields: [result, errorOutput].')
  const value = parseJson(result, 'Mocked result must be valid JSON')
  if (state.type === 'Task') {
    const model = outputModelOf(state.resource)
    const problem = model && checkResult(value, model, fieldValidationMode)
    if (problem !== undefined) throw validation(problem)
  } else if (state.type === 'Parallel') {
    if (!isArray(value)) throw validation('Mocked result must be an array.')
    if (value.length !== state.branches.length)
      throw validation('Mocked result must contain the same number of items as number of Parallel branches.')
  } else if (state.type === 'Map') {
    if (state.distributed?.resultWriter && !isObject(value)) throw validation('Mocked result must be a JSON object.')
    if (!state.distributed?.resultWriter && !isArray(value)) throw validation('Mocked result must be an array.')
  }
  return { result: Payload.ofText(result) }
}

function parseInput(text: string): Payload {
  const problem = jsonProblem(text)
  if (problem !== undefined)
    throw new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${problem}'`)
  return Payload.ofText(text)
}

function parseVariables(text: string | undefined): JsonObject {
  if (text === undefined) return {}
  const variables = parseJson(text, 'Variables must be valid JSON')
  if (!isObject(variables)) throw validation('Variables must be a JSON object')
  return Object.fromEntries(Object.keys(variables).map((name) => [name, getOwn(variables, name) ?? null]))
}

/** Throws ValidationException with `message`. */
function parseJson(text: string, message: string): Json {
  try {
    return parseText(text)
  } catch {
    throw validation(message)
  }
}
