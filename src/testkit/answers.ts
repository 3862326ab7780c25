/** Answers the calls of tasks by mocks, in the place of the services: what a connector does, and a worker of an activity. */
import { resolve } from 'node:path'

import { deferred } from '../base/deferred.ts'
import type { Failure } from '../base/failure.ts'
import { getOwn, isObject, type Json } from '../base/json.ts'

import type { TaskResource as ProgramResource } from '../asl/program.ts'
import type { Frame } from '../engine/state.ts'
import { checkResult, type FieldValidationMode } from '../tasks/api-models/check-result.ts'
import { outputModelOf } from '../tasks/api-models/model.ts'
import type { Connector, PollOutcome, TaskOutcome, TaskRequest, TaskResource } from '../tasks/connector.ts'
import { readTaskToken } from '../engine/task-token.ts'

import type { DeclaredResources, ReadDefinition } from './definition-source.ts'
import type { Engine, Followed, ScheduledTask } from './engine.ts'
import { callHandler, type HandlerSource } from './handler.ts'
import { jsonOf, type Mock, type MockedCall, type MockFunction } from './mock.ts'
import type { MockTable } from './mock-table.ts'
import { messageOf, TestKitError } from './kit-error.ts'

/** What a call comes to in the end; `callback`: somebody else says so, by the token. */
type Answer =
  | { readonly kind: 'succeeded'; readonly result: Json }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'callback' }

/** An activity's task and whether its worker has it. */
interface Taken {
  readonly executionArn: string
  readonly done: ReturnType<typeof deferred<void>>
  isAskedFor: boolean
  isTaken: boolean
}

const SUFFIX = { request: '', sync: '.sync', sync2: '.sync:2', waitForTaskToken: '.waitForTaskToken' } as const
const WORKER = 'test'

export class Answers implements Connector {
  readonly #engine: Engine
  readonly #mocks: MockTable
  readonly #validation: FieldValidationMode
  /** Relative files of handlers are looked for from here. */
  readonly #folder: string
  /** What the template declares. */
  readonly #resources: DeclaredResources | undefined
  /** Of jobs that have been submitted. */
  readonly #jobs = new Map<string, Answer>()
  /** Tasks of activities, by token. */
  readonly #taken = new Map<string, Taken>()

  constructor(
    engine: Engine,
    mocks: MockTable,
    validation: FieldValidationMode,
    { folder, resources }: Pick<ReadDefinition, 'folder' | 'resources'>,
  ) {
    this.#engine = engine
    this.#mocks = mocks
    this.#validation = validation
    this.#folder = folder
    this.#resources = resources
  }

  async start(request: TaskRequest): Promise<TaskOutcome> {
    const { resource, parameters, executionArn, idempotencyKey } = request
    const place = this.#engine.taskOf(executionArn, idempotencyKey)
    if (!place) return await forever()
    const { execution, frame } = place
    const called = arnOf(resource)
    const call = this.#callOf(execution, frame, called, idempotencyKey)
    const throttled = execution.faults.throttle(call)
    if (throttled) return { kind: 'failed', failure: throttled, phase: resource.pattern === 'request' ? 'run' : 'submit' }
    const answering = this.#answer(call, this.#namesOf(called, parameters), request, parameters)
    if (resource.pattern === 'request') {
      const answer = await answering
      if (execution.faults.isToldTwice(call)) return await this.#cannotTellTwice(call)
      return answer.kind === 'callback' ? await this.#cannotWait(call) : outcomeOf(answer)
    }
    if (resource.pattern === 'waitForTaskToken') {
      const { token = '' } = call
      void answering.then((answer) => this.#tell(execution, call, token, answer))
      return { kind: 'submitted', output: {} }
    }
    void answering.then((answer) => this.#jobs.set(idempotencyKey, answer))
    return { kind: 'submitted', output: {} }
  }

  async poll({ idempotencyKey }: TaskRequest): Promise<PollOutcome> {
    const answer = this.#jobs.get(idempotencyKey)
    if (answer === undefined || answer.kind === 'callback') return { kind: 'pending' }
    this.#jobs.delete(idempotencyKey)
    return outcomeOf(answer)
  }

  async cancel({ idempotencyKey }: TaskRequest): Promise<void> {
    this.#jobs.delete(idempotencyKey)
  }

  /** An activity was scheduled: a mock is its worker. */
  async work({ execution, frame, activityArn }: ScheduledTask): Promise<void> {
    const key = `${execution.arn}#${frame.active?.task?.id}`
    const call = this.#callOf(execution, frame, activityArn, key)
    const parameters = frame.active?.task?.parameters.value ?? null
    const name = activityArn.slice(activityArn.lastIndexOf(':') + 1)
    const names = [activityArn, name, ...(this.#resources?.namesOf(activityArn) ?? [])]
    const answer = await this.#answer(call, names, undefined, parameters)
    if (answer.kind === 'callback') return
    const token = await this.takeActivity(execution, frame, activityArn)
    await this.#tell(execution, call, token, answer)
  }

  /** That execution is over. */
  forget(execution: Followed): void {
    for (const child of execution.children) this.forget(child)
    this.#mocks.forget(execution.arn)
    for (const key of this.#jobs.keys()) if (key.startsWith(`${execution.arn}#`)) this.#jobs.delete(key)
    for (const [token, { executionArn }] of this.#taken) if (executionArn === execution.arn) this.#taken.delete(token)
  }

  /** The token of an activity's task, once it is taken from whom it is offered to. */
  async takeActivity({ arn }: Followed, frame: Pick<Frame, 'active'>, activityArn: string): Promise<string> {
    const token = frame.active?.task?.token ?? ''
    const taken = this.#takenOf(token, arn)
    if (!taken.isAskedFor) void this.#takeNext(activityArn, taken)
    taken.isAskedFor = true
    await taken.done.promise
    return token
  }

  /** There is one to be taken for each that asks; whose it is, the next one's or another's, its token tells. */
  async #takeNext(activityArn: string, asking: Taken): Promise<void> {
    while (!asking.isTaken && !this.#engine.isClosed) {
      await this.#engine.up()
      const { activities } = this.#engine.control
      // A process that has died meanwhile could not say.
      const task = await activities.nextTask(activityArn, WORKER, new AbortController().signal).catch(() => undefined)
      if (!task) continue
      const taken = this.#takenOf(task.token, readTaskToken(task.token)?.executionArn ?? '')
      taken.isTaken = true
      return taken.done.resolve()
    }
  }

  #takenOf(token: string, executionArn: string): Taken {
    const known = this.#taken.get(token)
    if (known) return known
    const taken: Taken = { executionArn, done: deferred<void>(), isAskedFor: false, isTaken: false }
    this.#taken.set(token, taken)
    return taken
  }

  /** By what the thing that is called is known. */
  #namesOf(called: string, parameters: Json): readonly string[] {
    return namesOfCalled(this.#resources, called, parameters)
  }

  #callOf(execution: Followed, frame: Frame, resource: string, idempotencyKey: string): MockedCall {
    const { path, state, index } = this.#engine.placeOf(execution, frame)
    return {
      path,
      state,
      index,
      attempt: frame.active?.retryCount ?? 0,
      callIndex: frame.active?.task?.callIndex,
      resource,
      executionArn: execution.arn,
      idempotencyKey,
      executionInput: execution.state.input.value,
      token: frame.active?.task?.token,
      now: this.#engine.clock.now(),
    }
  }

  async #answer(call: MockedCall, names: readonly string[], request: TaskRequest | undefined, parameters: Json): Promise<Answer> {
    try {
      const mock = this.#mocks.find(call, names)
      if (mock === undefined) throw unmocked(call)
      const answer = await this.#play(mock, call, parameters, request)
      if (mock.kind !== 'real') this.#check(answer, call, request?.resource)
      return answer
    } catch (error) {
      this.#engine.fail(error instanceof Error ? error : new Error(String(error)))
      return await forever()
    }
  }

  /** What a mock answers to a call of no execution. Rejects with TestKitError where it cannot say. */
  async answerOnce(mock: Mock, call: MockedCall, parameters: Json, resource: TaskResource | undefined): Promise<Answer> {
    const request = resource && {
      resource,
      parameters,
      idempotencyKey: call.path,
      executionArn: call.executionArn,
      stateMachineArn: '',
      signal: new AbortController().signal,
    }
    return await this.#play(mock, call, parameters, request)
  }

  async #play(mock: Mock, call: MockedCall, parameters: Json, request: TaskRequest | undefined): Promise<Answer> {
    switch (mock.kind) {
      case 'return':
        return { kind: 'succeeded', result: mock.result }
      case 'throw':
        return { kind: 'failed', failure: { error: mock.error, cause: mock.cause } }
      case 'callback':
        return { kind: 'callback' }
      case 'delay':
        await this.#pass(mock, call)
        return await this.#play(mock.then, call, parameters, request)
      case 'fn':
        return await this.#engine.outside(answerOf(mock.answer, parameters, call))
      case 'pick':
        return await this.#play(mock.pick(parameters, call), call, parameters, request)
      case 'handler':
        return await this.#engine.outside(
          this.#runHandler({ file: resolve(this.#folder, mock.file), name: mock.name }, call, parameters, request?.resource),
        )
      case 'code':
        return await this.#engine.outside(
          this.#runHandler(this.#functionOf(call, parameters), call, parameters, request?.resource),
        )
      case 'real': {
        if (!request)
          throw new TestKitError(`${call.path} is an activity, which no service answers: mock.real() cannot stand for it.`)
        const { callReal } = await this.#engine.outside(import('./real-call.ts'))
        return await this.#engine.outside(callReal(mock.place, request))
      }
      case 'sequence':
        throw new TestKitError(`The mock of ${call.path} is a sequence within another mock. Put mock.sequence(…) outermost.`)
    }
  }

  /** The function that is called, as the template declares it. Throws TestKitError. */
  #functionOf({ path, resource }: MockedCall, parameters: Json): HandlerSource {
    for (const called of calledIn(resource, parameters)) {
      const found = this.#resources?.functionOf(called)
      if (found) return found
    }
    const why = this.#resources ? 'the template declares no function of that name' : 'the workflow is of no template'
    throw new TestKitError(
      `${path} calls no function whose code is known (${why}): say where it is, mock.handler('./src/charge.ts'), or mock.return(…).`,
    )
  }

  async #pass({ ms, heartbeatMs = ms }: Extract<Mock, { kind: 'delay' }>, { token }: MockedCall): Promise<void> {
    for (let left = ms; left > 0; left -= heartbeatMs) {
      await this.#engine.pass(Math.min(left, heartbeatMs))
      if (left <= heartbeatMs || token === undefined) continue
      await this.#engine.up()
      // The task may be over, or an activity's that nobody has taken.
      await this.#engine.control.activities.taskHeartbeat(token).catch(() => {})
    }
  }

  /** As a function answers who invokes it. */
  async #runHandler(
    source: HandlerSource,
    call: MockedCall,
    parameters: Json,
    resource: TaskResource | undefined,
  ): Promise<Answer> {
    const isInvoke = resource?.service === 'lambda' && resource.legacyLambdaArn === undefined
    const event = isInvoke && isObject(parameters) ? (getOwn(parameters, 'Payload') ?? {}) : parameters
    try {
      const result = jsonOf(await callHandler(source, event, contextOf(call)), source.file)
      return { kind: 'succeeded', result: isInvoke ? { ExecutedVersion: '$LATEST', Payload: result, StatusCode: 200 } : result }
    } catch (error) {
      if (error instanceof TestKitError) throw error
      return { kind: 'failed', failure: thrownByFunction(error) }
    }
  }

  #check(answer: Answer, call: MockedCall, resource: TaskResource | undefined): void {
    if (answer.kind !== 'succeeded' || resource === undefined) return
    const model = outputModelOf(programResource(resource))
    const problem = model && checkResult(asApiAnswers(answer.result, resource), model, this.#validation)
    if (problem === undefined) return
    throw new TestKitError(
      `The mock of ${call.path} answers what ${call.resource} would not: ${problem}. Mend it, or say workflow({ validateMocks: 'NONE' }).`,
    )
  }

  async #tell(execution: Followed, place: MockedCall, token: string, answer: Answer): Promise<void> {
    try {
      await tellTask(this.#engine, execution, place, async ({ taskSucceeded, taskFailed }) => {
        if (answer.kind === 'succeeded') await taskSucceeded(token, JSON.stringify(answer.result))
        else if (answer.kind === 'failed') await taskFailed(token, answer.failure)
      })
    } catch (error) {
      if (error instanceof TestKitError) this.#engine.fail(error)
      // Otherwise the task was over before: it timed out, say.
    }
  }

  #cannotTellTwice({ path, state, resource }: MockedCall): Promise<never> {
    this.#engine.fail(
      new TestKitError(
        `${path} calls ${resource}, whose result comes with the call: chaos.resultTwice('${state}') is for tasks with a token (activities, .waitForTaskToken).`,
      ),
    )
    return forever()
  }

  #cannotWait({ path, resource }: MockedCall): Promise<never> {
    this.#engine.fail(
      new TestKitError(
        `${path} calls ${resource}, which nobody can answer later: mock.callback() is for activities, .sync and .waitForTaskToken. Use mock.return(…).`,
      ),
    )
    return forever()
  }
}

type Tell = (activities: Engine['control']['activities']) => Promise<void>

/** Answers a task by its token; once more where chaos says so, which must be refused. Rejects as `tell` does. */
export async function tellTask(
  engine: Engine,
  { faults }: Followed,
  place: { readonly path: string; readonly state: string },
  tell: Tell,
): Promise<void> {
  await engine.up()
  await tell(engine.control.activities)
  if (!faults.isToldTwice(place)) return
  await engine.up()
  try {
    await tell(engine.control.activities)
  } catch {
    return
  }
  throw new TestKitError(`The result of ${place.path} was delivered twice, and taken twice.`)
}
/** The texts of a call that may name what is called: an ARN, a URL, a name. */
const calledIn = (called: string, parameters: Json): readonly string[] => [
  called,
  ...(isObject(parameters) ? Object.values(parameters).filter((value) => typeof value === 'string') : []),
]

/** Nobody hears of it: the test is over. */
const forever = (): Promise<never> => new Promise(() => {})

const outcomeOf = (answer: Exclude<Answer, { kind: 'callback' }>): Extract<TaskOutcome, { kind: 'succeeded' | 'failed' }> =>
  answer.kind === 'succeeded' ? { kind: 'succeeded', output: answer.result } : answer

export async function answerOf(
  answer: MockFunction,
  parameters: Json,
  call: MockedCall,
): Promise<Exclude<Answer, { kind: 'callback' }>> {
  try {
    return { kind: 'succeeded', result: jsonOf(await answer(parameters, call), `the mock of ${call.path}`) }
  } catch (error) {
    if (error instanceof TestKitError) throw error
    return { kind: 'failed', failure: { error: error instanceof Error ? error.name : 'Error', cause: causeOf(error) } }
  }
}

const causeOf = (error: unknown): string =>
  error instanceof Error && typeof error.cause === 'string' ? error.cause : messageOf(error)

/** As Lambda tells it. */
function thrownByFunction(error: unknown): Failure {
  const errorType = error instanceof Error ? error.name : 'Error'
  const errorMessage = messageOf(error)
  const trace = error instanceof Error ? (error.stack ?? '').split('\n') : []
  return { error: errorType, cause: JSON.stringify({ errorType, errorMessage, trace }) }
}

function contextOf({ path, executionArn }: MockedCall): object {
  return {
    functionName: path,
    functionVersion: '$LATEST',
    invokedFunctionArn: executionArn,
    awsRequestId: executionArn,
    memoryLimitInMB: '128',
    getRemainingTimeInMillis: () => 900_000,
  }
}

function arnOf({ service, sdkService, action, pattern, legacyLambdaArn }: TaskResource): string {
  if (legacyLambdaArn !== undefined) return legacyLambdaArn
  return `arn:aws:states:::${sdkService === undefined ? service : `${service}:${sdkService}`}:${action}${SUFFIX[pattern]}`
}

const programResource = (resource: TaskResource): ProgramResource => {
  const { service, sdkService, action, pattern, legacyLambdaArn } = resource
  if (legacyLambdaArn !== undefined) return { kind: 'lambda', arn: legacyLambdaArn }
  const whole = sdkService === undefined ? service : `${service}:${sdkService}`
  return { kind: 'service', arn: arnOf(resource), service: whole, action, pattern }
}

/** `startExecution.sync:2` hands on what DescribeExecution answers, with the texts that hold JSON read. */
function asApiAnswers(result: Json, { service, pattern }: TaskResource): Json {
  if (service !== 'states' || pattern !== 'sync2' || !isObject(result)) return result
  const texts = ['Input', 'Output'].flatMap((name) => {
    const value = getOwn(result, name)
    return value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const]
  })
  return { ...result, ...Object.fromEntries(texts) }
}

/** By what the thing that is called is known: its ARN or name, and what a template calls it. */
export function namesOfCalled(resources: DeclaredResources | undefined, called: string, parameters: Json): readonly string[] {
  const named = calledIn(called, parameters).flatMap((one) => resources?.namesOf(one) ?? [])
  return [called, ...functionNames(parameters), ...named]
}

/** A function is known by its ARN and by its name. */
function functionNames(parameters: Json): readonly string[] {
  const name = isObject(parameters) ? getOwn(parameters, 'FunctionName') : undefined
  if (typeof name !== 'string') return []
  return [name, /:function:([^:]+)/.exec(name)?.[1] ?? name]
}

export function unmocked({ path, resource, attempt }: MockedCall): TestKitError {
  const again = attempt > 0 ? ` (retry ${attempt})` : ''
  return new TestKitError(
    `${path} calls ${resource}${again}, and no mock answers it. Add one: workflow({ …, mocks: { '${path.replaceAll(/\[\d+\]/g, '')}': mock.return({ … }) } }).`,
  )
}
