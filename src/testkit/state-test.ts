/**
 * One state, entered alone, as AWS's TestState does it: with this input, these variables, and a mock in the place of what it
 * calls. A mock that is a function is asked with what the state would send, for which it is tried once before.
 */
import { isObject, type Json } from '../base/json.ts'

import { compileDefinition } from '../asl/compile.ts'
import type { Program, State } from '../asl/program.ts'
import type { FieldValidationMode } from '../tasks/api-models/check-result.ts'
import { ServiceError } from '../control/service-error.ts'
import type { TestedState as Tested, TestMock } from '../control/test-state.ts'
import { taskResourceOf } from '../runtime/task-runner.ts'
import { renderTestedState } from '../api/operations/test-state.ts'

import type { Answers } from './answers.ts'
import type { Engine } from './engine.ts'
import { jsonOf, type Mock, type MockFunction, toMock } from './mock.ts'
import { TestedState, type InspectionData } from './tested-state.ts'
import { TestKitError } from './kit-error.ts'

export interface StateTestOptions {
  /** `{}` unless told. */
  readonly input?: unknown
  /** What the call of a Task, or all of a Map or Parallel, comes to. */
  readonly mock?: Mock | MockFunction
  /** Workflow variables, without their `$`. */
  readonly variables?: Readonly<Record<string, unknown>>
  /** In the place of the context object (`$$`, `$states.context`): `{ Execution: { Id: '…' } }`. */
  readonly context?: object
  /** How often the retrier that takes the error has been used. */
  readonly retrierRetryCount?: number
  /** Of a Map or Parallel: the state within that failed. */
  readonly errorCausedByState?: string
  /** Of a Map: how many of its items failed. */
  readonly mapIterationFailureCount?: number
  /** Of a distributed Map: what its ItemReader would have read. */
  readonly mapItemReaderData?: unknown
  /** How much is told of the data on its way. DEBUG unless told. */
  readonly inspectionLevel?: 'INFO' | 'DEBUG' | 'TRACE'
  /** Whether the mock must be what the service could answer; as the workflow's `validateMocks` unless told. */
  readonly fieldValidationMode?: FieldValidationMode
}

export interface StateTestSetup {
  readonly engine: Engine
  readonly answers: Answers
  readonly definition: string
  readonly fieldValidationMode: FieldValidationMode
}

const TEST_ARN = 'arn:aws:states:us-east-1:000000000000:execution:workflow:test-state'
/** The error by which a first try is told from what goes wrong on the way to the call. */
const PROBE = 'Regente.Probe'
const CALLING: readonly State['type'][] = ['Task', 'Map', 'Parallel']

/** Rejects with TestKitError where the state cannot be tested so: an unknown one, a mock that it cannot have, or that is missing. */
export async function testState(setup: StateTestSetup, name: string, options: StateTestOptions): Promise<TestedState> {
  const { state, path } = findState(setup.definition, name)
  if (options.mock === undefined && CALLING.includes(state.type)) throw unmocked(state, path)
  const ask = async (mock: TestMock | undefined): Promise<Tested> => await tryState(setup, state.name, options, mock)
  const mock = options.mock && singleMock(toMock(options.mock, `The mock of ${path}`), options, path)
  const told = await answerOf(setup, { mock, state, path, options, ask })
  return testedState(path, 'tested' in told ? told.tested : await ask(told.mock), options.inspectionLevel ?? 'DEBUG')
}

interface Asked {
  readonly mock: Mock | undefined
  readonly state: State
  readonly path: string
  readonly options: StateTestOptions
  ask(mock: TestMock): Promise<Tested>
}

/** What TestState is to be told in the place of the call; or what the state came to, where it never calls. */
async function answerOf(
  { engine, answers }: StateTestSetup,
  { mock, state, path, options, ask }: Asked,
): Promise<{ readonly mock: TestMock | undefined } | { readonly tested: Tested }> {
  if (mock === undefined) return { mock: undefined }
  if (mock.kind === 'return') return { mock: { result: JSON.stringify(mock.result) } }
  if (mock.kind === 'throw') return { mock: { errorOutput: { error: mock.error, cause: mock.cause } } }
  const tested = await ask({ errorOutput: { error: PROBE } })
  if (tested.outcome.error !== PROBE) return { tested }
  const task = state.type === 'Task' ? state.resource : undefined
  const called = {
    path,
    state: state.name,
    index: path === state.name ? undefined : 0,
    attempt: options.retrierRetryCount ?? 0,
    resource: task?.arn ?? '',
    executionArn: executionArnIn(options.context) ?? TEST_ARN,
    idempotencyKey: path,
    callIndex: 0,
    executionInput: jsonOf(options.input ?? {}, 'the input'),
    token: undefined,
    now: engine.clock.now(),
  }
  const resource = task && task.kind !== 'activity' ? taskResourceOf({ resource: task }) : undefined
  const answer = await answers.answerOnce(mock, called, parametersOf(tested), resource)
  switch (answer.kind) {
    case 'succeeded':
      return { mock: { result: JSON.stringify(answer.result) } }
    case 'failed':
      return { mock: { errorOutput: answer.failure } }
    case 'callback':
      throw callsBack(path)
  }
}

async function tryState(
  { engine, definition, fieldValidationMode: mode }: StateTestSetup,
  stateName: string,
  options: StateTestOptions,
  mock: TestMock | undefined,
): Promise<Tested> {
  const {
    input = {},
    variables,
    context,
    mapItemReaderData,
    retrierRetryCount,
    errorCausedByState,
    mapIterationFailureCount,
  } = options
  const configuration = {
    retrierRetryCount,
    errorCausedByState,
    mapIterationFailureCount,
    mapItemReaderData: textOf(mapItemReaderData, 'mapItemReaderData'),
  }
  const request = {
    definition,
    stateName,
    input: textOf(input, 'input'),
    variables: textOf(variables, 'variables'),
    context: textOf(context, 'context'),
    mock: mock && { ...mock, fieldValidationMode: options.fieldValidationMode ?? mode },
    configuration: Object.values(configuration).some((value) => value !== undefined) ? configuration : undefined,
  }
  try {
    return await engine.control.testState(request, new AbortController().signal)
  } catch (error) {
    if (error instanceof ServiceError) throw new TestKitError(`testState('${stateName}'): ${error.message}`, { cause: error })
    throw error
  }
}

function testedState(name: string, tested: Tested, level: NonNullable<StateTestOptions['inspectionLevel']>): TestedState {
  const { status, error, cause, nextState, output, inspectionData } = renderTestedState(tested, level, false)
  return new TestedState({
    name,
    status: status ?? tested.outcome.status,
    output: output === undefined ? undefined : (JSON.parse(output) as Json),
    error,
    cause,
    nextState,
    inspectionData: inspectionData && inspectedData(inspectionData),
    errorDetails: tested.outcome.errorDetails,
  })
}

const inspectedData = (data: object): InspectionData =>
  Object.fromEntries(Object.entries(data).map(([name, value]) => [name, typeof value === 'string' ? JSON.parse(value) : value]))

/** What the state would have sent, or of a Map its items; where it makes nothing of its input, that. */
function parametersOf({ input, outcome: { inspection } }: Tested): Json {
  const { afterArguments, afterItemSelector, afterItemsPath, afterParameters, afterInputPath } = inspection
  const last = afterArguments ?? afterItemSelector ?? afterItemsPath ?? afterParameters ?? afterInputPath
  return last?.value ?? (JSON.parse(input) as Json)
}

/** The one answer that a mock has for this attempt. */
function singleMock(mock: Mock, options: StateTestOptions, path: string): Mock {
  switch (mock.kind) {
    case 'delay':
      return singleMock(mock.then, options, path)
    case 'sequence': {
      const attempt = options.retrierRetryCount ?? 0
      const one = mock.mocks[attempt]
      if (one) return singleMock(one, options, path)
      throw new TestKitError(`The mock of ${path} has ${mock.mocks.length} answers, and none for retrierRetryCount: ${attempt}.`)
    }
    case 'callback':
      throw callsBack(path)
    default:
      return mock
  }
}

/** By its name, or by its path through Maps and Parallels. Throws TestKitError. */
function findState(definition: string, name: string): { readonly state: State; readonly path: string } {
  const compiled = compileDefinition(definition)
  if (!compiled.ok) throw new TestKitError('The definition is no state machine.')
  const { states } = compiled.value
  const places = [...states.values()].map((state) => ({ state, path: pathIn(compiled.value, state.name) }))
  const found = places.find(({ state }) => state.name === name) ?? places.find(({ path }) => path === name)
  if (found) return found
  throw new TestKitError(`The workflow has no state '${name}'. It has ${places.map(({ path }) => path).join(', ')}.`)
}

function pathIn(program: Program, name: string): string {
  for (const state of program.states.values()) {
    const blocks = state.type === 'Parallel' ? state.branches : state.type === 'Map' ? [state.processor] : []
    if (blocks.some(({ stateNames }) => stateNames.includes(name))) return `${pathIn(program, state.name)}/${name}`
  }
  return name
}

function unmocked(state: State, path: string): TestKitError {
  const does = state.type === 'Task' ? `calls ${state.resource.arn}` : `is a ${state.type}, which is tested as a whole`
  const how = state.type === 'Task' ? 'mock.return({ … })' : 'mock.return([ … ])'
  return new TestKitError(`${path} ${does}, and no mock answers it: testState('${path}', { mock: ${how} }).`)
}

const callsBack = (path: string): TestKitError =>
  new TestKitError(
    `Nobody answers ${path} later when it is tested alone. Say what it comes to: testState('${path}', { mock: mock.return({ … }) }).`,
  )

const textOf = (value: unknown, where: string): string | undefined =>
  value === undefined ? undefined : JSON.stringify(jsonOf(value, where))

function executionArnIn(context: object | undefined): string | undefined {
  const { Execution: execution } = (context ?? {}) as { readonly Execution?: unknown }
  return isObject(execution) && typeof execution['Id'] === 'string' ? execution['Id'] : undefined
}
