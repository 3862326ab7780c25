/**
 * A workflow walked by TestState: each state is tried with its mock, and what it gives goes into the next. Map and Parallel are walked item by
 * item and branch by branch, and then tried with what these came to. No time passes, and no execution is begun.
 *
 * 1. A machine is given to TestState as it stands, so that its evaluator, and not this walk, decides what a state takes, gives and does next.
 * 2. What TestState cannot be told, or does not tell, is no matter of guessing: the run is skipped (SkippedOnTarget), with the reason.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { answerOf, namesOfCalled, unmocked } from '../answers.ts'
import type { DeclaredResources } from '../definition-source.ts'
import type { Mock, MockedCall } from '../mock.ts'
import type { MockTable } from '../mock-table.ts'
import type { StateRun } from '../state-run.ts'
import { SkippedOnTarget, type TargetName } from '../target.ts'
import { TestKitError } from '../kit-error.ts'
import { parsedAt, type StatesClient } from './states-client.ts'
import { type MockedAnswer, type TestedState, testState } from './tested-state.ts'

export interface WalkPorts {
  readonly target: TargetName
  readonly states: StatesClient
  readonly mocks: MockTable
  /** What the template declares. */
  readonly resources: DeclaredResources | undefined
  /** Mocks must be what the service's API could answer: TestState's `fieldValidationMode`. */
  readonly validation: string
  readonly executionArn: string
  /** Of calls that are not mocked. */
  role(): string
}

export type Ended =
  | { readonly kind: 'succeeded'; readonly output: Json }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string }

/** Where a machine stands: what is around it, and which item of the innermost Map it works on. */
interface Around {
  readonly prefix: string
  readonly index: number | undefined
  /** Of a distributed Map's child: its item. */
  readonly executionInput: Json
}

type Visit = { -readonly [K in keyof StateRun]: StateRun[K] }
interface Place extends Around {
  readonly machine: JsonObject
  readonly name: string
  readonly state: JsonObject
  readonly path: string
  readonly input: Json
}

const TRANSITIONS_MAX = 1_000
const NO_VARIABLES: JsonObject = {}

export class Walk {
  readonly #ports: WalkPorts
  readonly #visits: Visit[] = []
  /** By state. */
  readonly #calls = new Map<string, number>()

  constructor(ports: WalkPorts) {
    this.#ports = ports
  }

  get visits(): readonly StateRun[] {
    return this.#visits
  }

  /** From its first state to its end. Rejects with SkippedOnTarget, or TestKitError. */
  async run(
    machine: JsonObject,
    input: Json,
    around: Around = { prefix: '', index: undefined, executionInput: input },
  ): Promise<Ended> {
    let name = textOf(machine, 'StartAt')
    for (let given = input; ; ) {
      const left = await this.#visit(this.#placeOf(machine, name, given, around))
      if (left.status === 'FAILED' || left.status === 'RETRIABLE') return { kind: 'failed', error: left.error, cause: left.cause }
      given = left.output ?? null
      if (left.next === undefined) return { kind: 'succeeded', output: given }
      name = left.next
    }
  }

  #placeOf(machine: JsonObject, name: string, input: Json, around: Around): Place {
    const states = getOwn(machine, 'States')
    const state = isObject(states) ? getOwn(states, name) : undefined
    if (!isObject(state)) throw new TestKitError(`The definition has no state ${name}.`)
    return { ...around, machine, name, state, path: `${around.prefix}${name}`, input }
  }

  /** With its retries. */
  async #visit(place: Place): Promise<TestedState> {
    const { path, name, state, input } = place
    const type = textOf(state, 'Type')
    if (this.#visits.length >= TRANSITIONS_MAX)
      throw new TestKitError(`${path} would be the ${TRANSITIONS_MAX + 1}st state that is tried: a cycle without an end?`)
    if ('Assign' in state) throw this.#skip(`${path} assigns variables, and TestState does not tell what they are.`)
    const visit = newVisit(path, name, type, input)
    this.#visits.push(visit)
    const used = new Map<number, number>()
    for (;;) {
      const tested = await this.#attempt(place, type, visit.retries, used)
      Object.assign(visit, { endAt: Date.now() })
      if (tested.error !== '') {
        Object.assign(visit, { error: tested.error, cause: tested.cause })
        visit.thrown = [...visit.thrown, { error: tested.error, cause: tested.cause }]
      }
      if (tested.status !== 'RETRIABLE') return leave(visit, tested)
      used.set(tested.retrier ?? 0, (used.get(tested.retrier ?? 0) ?? 0) + 1)
      visit.retries++
    }
  }

  async #attempt(place: Place, type: string, attempt: number, used: ReadonlyMap<number, number>): Promise<TestedState> {
    switch (type) {
      case 'Task':
        return await this.#task(place, attempt, used)
      case 'Map':
        return await this.#try(place, await this.#map(place), used)
      case 'Parallel':
        return await this.#try(place, await this.#parallel(place), used)
      default:
        return await this.#test(place, undefined, 0)
    }
  }

  async #task(place: Place, attempt: number, used: ReadonlyMap<number, number>): Promise<TestedState> {
    const resource = textOf(place.state, 'Resource')
    const { inspection } = await this.#test(place, { kind: 'succeeded', result: {} }, 0, 'NONE')
    const parameters =
      parsedAt(inspection, 'afterParameters') ??
      parsedAt(inspection, 'afterArguments') ??
      parsedAt(inspection, 'afterInputPath') ??
      place.input
    const call: MockedCall = {
      path: place.path,
      state: place.name,
      index: place.index,
      attempt,
      callIndex: this.#callIndex(place.name),
      resource,
      executionArn: this.#ports.executionArn,
      idempotencyKey: undefined,
      executionInput: place.executionInput,
      token: undefined,
      now: Date.now(),
    }
    const activity = /:activity:(.+)$/.exec(resource)?.[1]
    const named = namesOfCalled(this.#ports.resources, resource, activity === undefined ? parameters : null)
    const names = activity === undefined ? named : [...named, activity]
    const mock = this.#ports.mocks.find(call, names)
    if (mock === undefined) throw unmocked(call)
    if (mock.kind === 'real') return await this.#real(place, resource)
    return await this.#try(place, await this.#answer(mock, call, parameters), used)
  }

  async #answer(mock: Mock, call: MockedCall, parameters: Json): Promise<MockedAnswer> {
    switch (mock.kind) {
      case 'return':
        return { kind: 'succeeded', result: mock.result }
      case 'throw':
        return { kind: 'failed', error: mock.error, cause: mock.cause }
      case 'fn': {
        const answer = await answerOf(mock.answer, parameters, call)
        if (answer.kind === 'succeeded') return answer
        return { kind: 'failed', ...answer.failure }
      }
      case 'pick':
        return await this.#answer(mock.pick(parameters, call), call, parameters)
      case 'callback':
        throw this.#skip(`${call.path} is answered by its token, and TestState begins no task. Use mock.return(…) there.`)
      case 'delay':
        throw this.#skip(`the mock of ${call.path} takes its time, and TestState knows none.`)
      case 'code':
        throw this.#skip(`${call.path} runs the code of its function, which is here and not there.`)
      case 'handler':
        throw this.#skip(`${call.path} runs the handler ${mock.file}, which is here and not there.`)
      case 'real':
      case 'sequence':
        throw new TestKitError(`The mock of ${call.path} is a ${mock.kind} within another mock. Put it outermost.`)
    }
  }

  /** How often the state has called before. */
  #callIndex(name: string): number {
    const before = this.#calls.get(name) ?? 0
    this.#calls.set(name, before + 1)
    return before
  }

  /** TestState makes the call itself. */
  async #real(place: Place, resource: string): Promise<TestedState> {
    if (/:activity:|\.sync(?::2)?$|\.waitForTaskToken$/.test(resource))
      throw this.#skip(
        `${place.path} is called for real, and TestState makes no calls of activities, .sync and .waitForTaskToken.`,
      )
    return await this.#test(place, undefined, 0, 'NONE', this.#ports.role())
  }

  /** The retrier that an error meets is known by what TestState says of it; so is, then, how often it was used. */
  async #try(place: Place, mock: MockedAnswer, used: ReadonlyMap<number, number>): Promise<TestedState> {
    const tested = await this.#test(place, mock, 0)
    const times = tested.retrier === undefined ? 0 : (used.get(tested.retrier) ?? 0)
    return times === 0 ? tested : await this.#test(place, mock, times)
  }

  #test(
    { machine, name, state, input }: Place,
    mock: MockedAnswer | undefined,
    retries: number,
    validation = this.#ports.validation,
    roleArn?: string,
  ): Promise<TestedState> {
    const { QueryLanguage = 'JSONPath', StartAt = '', States = {} } = machine
    return testState(this.#ports.states, {
      definition: { QueryLanguage, StartAt, States },
      stateName: name,
      input,
      variables: NO_VARIABLES,
      mock,
      validation,
      retries,
      roleArn,
      ...(mock && textOf(state, 'Resource').endsWith('.waitForTaskToken') && { context: { Task: { Token: 'token' } } }),
    })
  }

  async #parallel(place: Place): Promise<MockedAnswer> {
    const branches = getOwn(place.state, 'Branches')
    const input = await this.#evaluated(place, inputFields(place.state, isJsonata(place)))
    const results: Json[] = []
    for (const branch of isArray(branches) ? branches : []) {
      if (!isObject(branch)) continue
      const around = { ...place, prefix: `${place.path}/` }
      const ended = await this.run(withLanguage(branch, place.machine), input, around)
      if (ended.kind === 'failed') return ended
      results.push(ended.output)
    }
    return { kind: 'succeeded', result: results }
  }

  async #map(place: Place): Promise<MockedAnswer> {
    const { state, path } = place
    const processor = getOwn(state, 'ItemProcessor') ?? getOwn(state, 'Iterator')
    for (const field of ['ItemReader', 'ResultWriter', 'ToleratedFailureCount', 'ToleratedFailurePercentage'])
      if (field in state) throw this.#skip(`${path} has an ${field}, which TestState does not carry out.`)
    if (!isObject(processor)) throw new TestKitError(`${path} has no ItemProcessor.`)
    if (looksAtItem(processor)) throw this.#skip(`states of ${path} look at $$.Map, which TestState cannot be told.`)
    const config = getOwn(processor, 'ProcessorConfig')
    const isDistributed = isObject(config) && getOwn(config, 'Mode') === 'DISTRIBUTED'
    const results: Json[] = []
    for (const [index, item] of (await this.#items(place)).entries()) {
      const executionInput = isDistributed ? item : place.executionInput
      const around = { prefix: `${path}[${index}]/`, index, executionInput }
      const ended = await this.run(withLanguage(processor, place.machine), item, around)
      if (ended.kind === 'failed') return ended
      results.push(ended.output)
    }
    return { kind: 'succeeded', result: results }
  }

  /** What each iteration is given. */
  async #items(place: Place): Promise<readonly Json[]> {
    const { state, path } = place
    const selects = 'ItemSelector' in state || 'Parameters' in state || 'ItemBatcher' in state
    if (selects && isJsonata(place))
      throw this.#skip(`${path} has an ItemSelector in JSONata, of which TestState does not tell what it selects.`)
    if (!selects) {
      const items = await this.#evaluated(place, itemFields(state, isJsonata(place)))
      return isArray(items) ? items : isObject(items) ? Object.entries(items).map(([Key, Value]) => ({ Key, Value })) : []
    }
    const { inspection, error, cause } = await this.#test(place, { kind: 'succeeded', result: [] }, 0, 'NONE')
    const selected = parsedAt(inspection, 'afterItemBatcher') ?? parsedAt(inspection, 'afterItemSelector')
    if (isArray(selected)) return selected
    throw new TestKitError(`TestState does not tell what the items of ${path} are: ${error} ${cause}`)
  }

  /** By a Pass state of the same fields: TestState tells what it gives. */
  async #evaluated({ path, input, state, machine }: Place, fields: JsonObject): Promise<Json> {
    const language = getOwn(state, 'QueryLanguage') ?? getOwn(machine, 'QueryLanguage') ?? 'JSONPath'
    const tested = await testState(this.#ports.states, {
      definition: { Type: 'Pass', QueryLanguage: language, End: true, ...fields },
      input,
      variables: NO_VARIABLES,
    })
    const { output } = tested
    if (tested.status !== 'SUCCEEDED' || output === undefined)
      throw new TestKitError(`What ${path} takes in cannot be evaluated: ${tested.error} ${tested.cause}`)
    return isObject(output) && Object.hasOwn(output, 'value') ? (getOwn(output, 'value') ?? null) : output
  }

  #skip(reason: string): SkippedOnTarget {
    return new SkippedOnTarget(this.#ports.target, reason)
  }
}

const newVisit = (path: string, name: string, type: string, input: Json): Visit => ({
  path,
  name,
  type,
  status: 'running',
  input,
  output: undefined,
  retries: 0,
  error: undefined,
  cause: undefined,
  thrown: [],
  startAt: Date.now(),
  endAt: undefined,
})

function leave(visit: Visit, tested: TestedState): TestedState {
  visit.status = tested.status === 'SUCCEEDED' ? 'succeeded' : tested.status === 'CAUGHT_ERROR' ? 'caught' : 'failed'
  visit.output = visit.status === 'failed' ? undefined : tested.output
  return tested
}

const isJsonata = ({ state, machine }: Place): boolean =>
  (getOwn(state, 'QueryLanguage') ?? getOwn(machine, 'QueryLanguage')) === 'JSONata'

/** A Parallel's branches get what its InputPath and Parameters, or Arguments, come to. */
function inputFields(state: JsonObject, jsonata: boolean): JsonObject {
  if (jsonata) return { Output: { value: getOwn(state, 'Arguments') ?? '{% $states.input %}' } }
  const { InputPath = '$', Parameters } = state
  return { InputPath, Parameters: Parameters === undefined ? { 'value.$': '$' } : { value: Parameters } }
}

function itemFields(state: JsonObject, jsonata: boolean): JsonObject {
  if (jsonata) return { Output: { value: getOwn(state, 'Items') ?? '{% $states.input %}' } }
  const { InputPath = '$', ItemsPath = '$' } = state
  return { InputPath, Parameters: { 'value.$': ItemsPath } }
}

const withLanguage = (branch: JsonObject, machine: JsonObject): JsonObject => ({
  ...('QueryLanguage' in machine && { QueryLanguage: getOwn(machine, 'QueryLanguage') ?? 'JSONPath' }),
  ...branch,
})

const looksAtItem = (processor: JsonObject): boolean => /\$\$\.Map\b|\bcontext\.Map\b/.test(JSON.stringify(processor))

function textOf(object: JsonObject, member: string): string {
  const value = getOwn(object, member)
  return typeof value === 'string' ? value : ''
}
