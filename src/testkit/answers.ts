/** Answers the calls of tasks by mocks, in the place of the services: what a connector does, and a worker of an activity. */
import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'

import type { Failure } from '../base/failure.ts'
import { getOwn, isObject, type Json } from '../base/json.ts'

import type { TaskResource as ProgramResource } from '../asl/program.ts'
import type { Frame } from '../engine/state.ts'
import { checkResult, type FieldValidationMode } from '../tasks/api-models/check-result.ts'
import { outputModelOf } from '../tasks/api-models/model.ts'
import type { Connector, PollOutcome, TaskOutcome, TaskRequest, TaskResource } from '../tasks/connector.ts'
import { readTaskToken } from '../engine/task-token.ts'

import type { Engine, Followed, ScheduledTask } from './engine.ts'
import { jsonOf, type Mock, type MockedCall, type MockFunction } from './mock.ts'
import type { MockTable } from './mock-table.ts'
import { TestKitError } from './test-kit-error.ts'

/** What a call comes to in the end; `callback`: somebody else says so, by the token. */
type Answer =
  | { readonly kind: 'succeeded'; readonly result: Json }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'callback' }

const SUFFIX = { request: '', sync: '.sync', sync2: '.sync:2', waitForTaskToken: '.waitForTaskToken' } as const
const WORKER = 'test'

export class Answers implements Connector {
  readonly #engine: Engine
  readonly #mocks: MockTable
  readonly #validation: FieldValidationMode
  /** Relative files of handlers are looked for from here. */
  readonly #folder: string
  /** Of jobs that have been submitted. */
  readonly #jobs = new Map<string, Answer>()
  /** Tokens of activities that were taken, by execution and frame. */
  readonly #taken = new Map<string, string>()

  constructor(engine: Engine, mocks: MockTable, validation: FieldValidationMode, folder: string) {
    this.#engine = engine
    this.#mocks = mocks
    this.#validation = validation
    this.#folder = folder
  }

  async start(request: TaskRequest): Promise<TaskOutcome> {
    const { resource, parameters, executionArn, idempotencyKey } = request
    const place = this.#engine.taskOf(executionArn, idempotencyKey)
    if (!place) return await forever()
    const { execution, frame } = place
    const called = arnOf(resource)
    const call = this.#callOf(execution, frame, called)
    const answering = this.#answer(call, [called, ...functionNames(parameters)], resource, parameters)
    if (resource.pattern === 'request') {
      const answer = await answering
      return answer.kind === 'callback' ? await this.#cannotWait(call) : outcomeOf(answer)
    }
    if (resource.pattern === 'waitForTaskToken') {
      const { token = '' } = call
      void answering.then((answer) => this.#tell(token, answer))
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
    const call = this.#callOf(execution, frame, activityArn)
    const parameters = frame.active?.task?.parameters.value ?? null
    const name = activityArn.slice(activityArn.lastIndexOf(':') + 1)
    const answer = await this.#answer(call, [activityArn, name], undefined, parameters)
    if (answer.kind === 'callback') return
    const token = await this.takeActivity(execution, frame, activityArn)
    await this.#tell(token, answer)
  }

  /** The token of an activity's task, taken from whom it is offered to. */
  async takeActivity({ arn }: Followed, frame: Pick<Frame, 'id'>, activityArn: string): Promise<string> {
    const key = `${arn} ${frame.id}`
    for (;;) {
      const token = this.#taken.get(key)
      if (token !== undefined) {
        this.#taken.delete(key)
        return token
      }
      const task = await this.#engine.control.activities.nextTask(activityArn, WORKER, new AbortController().signal)
      const place = task && readTaskToken(task.token)
      if (place) this.#taken.set(`${place.executionArn} ${place.frame}`, task.token)
    }
  }

  #callOf(execution: Followed, frame: Frame, resource: string): MockedCall {
    const { path, state, index } = this.#engine.placeOf(execution, frame)
    return {
      path,
      state,
      index,
      attempt: frame.active?.retryCount ?? 0,
      resource,
      executionArn: execution.arn,
      executionInput: execution.state.input.value,
      token: frame.active?.task?.token,
      now: this.#engine.clock.now(),
    }
  }

  async #answer(
    call: MockedCall,
    names: readonly string[],
    resource: TaskResource | undefined,
    parameters: Json,
  ): Promise<Answer> {
    try {
      const mock = this.#mocks.find(call, names)
      if (mock === undefined) throw unmocked(call)
      const answer = await this.#play(mock, call, parameters, resource)
      this.#check(answer, call, resource)
      return answer
    } catch (error) {
      this.#engine.fail(error instanceof Error ? error : new Error(String(error)))
      return await forever()
    }
  }

  async #play(mock: Mock, call: MockedCall, parameters: Json, resource: TaskResource | undefined): Promise<Answer> {
    switch (mock.kind) {
      case 'return':
        return { kind: 'succeeded', result: mock.result }
      case 'throw':
        return { kind: 'failed', failure: { error: mock.error, cause: mock.cause } }
      case 'callback':
        return { kind: 'callback' }
      case 'delay':
        await this.#pass(mock, call)
        return await this.#play(mock.then, call, parameters, resource)
      case 'fn':
        return await this.#engine.outside(answerOf(mock.answer, parameters, call))
      case 'pick':
        return await this.#play(mock.pick(parameters, call), call, parameters, resource)
      case 'handler':
        return await this.#engine.outside(this.#runHandler(mock, call, parameters, resource))
      case 'sequence':
        throw new TestKitError(`The mock of ${call.path} is a sequence within another mock. Put mock.sequence(…) outermost.`)
    }
  }

  async #pass({ ms, heartbeatMs = ms }: Extract<Mock, { kind: 'delay' }>, { token }: MockedCall): Promise<void> {
    for (let left = ms; left > 0; left -= heartbeatMs) {
      await this.#engine.pass(Math.min(left, heartbeatMs))
      if (left > heartbeatMs && token !== undefined)
        // The task may be over, or an activity's that nobody has taken.
        await this.#engine.control.activities.taskHeartbeat(token).catch(() => {})
    }
  }

  /** As a function answers who invokes it. */
  async #runHandler(
    { file, name }: Extract<Mock, { kind: 'handler' }>,
    call: MockedCall,
    parameters: Json,
    resource: TaskResource | undefined,
  ): Promise<Answer> {
    const path = resolve(this.#folder, file)
    const module = (await import(pathToFileURL(path).href).catch((error: unknown) => {
      throw new TestKitError(`The handler of ${call.path}, ${path}, cannot be loaded: ${messageOf(error)}`)
    })) as Readonly<Record<string, unknown>>
    const handler = module[name] ?? (module['default'] as Readonly<Record<string, unknown>> | undefined)?.[name]
    if (typeof handler !== 'function') {
      const names = Object.keys(module).join(', ')
      throw new TestKitError(`${path} exports no function '${name}' (it has ${names}): mock.handler('${file}', 'its name').`)
    }
    const isInvoke = resource?.service === 'lambda' && resource.legacyLambdaArn === undefined
    const event = isInvoke && isObject(parameters) ? (getOwn(parameters, 'Payload') ?? {}) : parameters
    try {
      const result = jsonOf(await (handler as (event: Json, context: object) => unknown)(event, contextOf(call)), `${path}`)
      return { kind: 'succeeded', result: isInvoke ? { ExecutedVersion: '$LATEST', Payload: result, StatusCode: 200 } : result }
    } catch (error) {
      if (error instanceof TestKitError) throw error
      return { kind: 'failed', failure: thrownByFunction(error) }
    }
  }

  #check(answer: Answer, call: MockedCall, resource: TaskResource | undefined): void {
    if (answer.kind !== 'succeeded' || resource === undefined) return
    const model = outputModelOf(programResource(resource))
    const problem = model && checkResult(answer.result, model, this.#validation)
    if (problem === undefined) return
    throw new TestKitError(
      `The mock of ${call.path} answers what ${call.resource} would not: ${problem}. Mend it, or say workflow({ validateMocks: 'NONE' }).`,
    )
  }

  async #tell(token: string, answer: Answer): Promise<void> {
    const { activities } = this.#engine.control
    try {
      if (answer.kind === 'succeeded') await activities.taskSucceeded(token, JSON.stringify(answer.result))
      else if (answer.kind === 'failed') await activities.taskFailed(token, answer.failure)
    } catch {
      // The task was over before: it timed out, say.
    }
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

/** Nobody hears of it: the test is over. */
const forever = (): Promise<never> => new Promise(() => {})

const outcomeOf = (answer: Exclude<Answer, { kind: 'callback' }>): Extract<TaskOutcome, { kind: 'succeeded' | 'failed' }> =>
  answer.kind === 'succeeded' ? { kind: 'succeeded', output: answer.result } : answer

async function answerOf(answer: MockFunction, parameters: Json, call: MockedCall): Promise<Answer> {
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

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

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

/** A function is known by its ARN and by its name. */
function functionNames(parameters: Json): readonly string[] {
  const name = isObject(parameters) ? getOwn(parameters, 'FunctionName') : undefined
  if (typeof name !== 'string') return []
  return [name, /:function:([^:]+)/.exec(name)?.[1] ?? name]
}

function unmocked({ path, resource, attempt }: MockedCall): TestKitError {
  const again = attempt > 0 ? ` (retry ${attempt})` : ''
  return new TestKitError(
    `${path} calls ${resource}${again}, and no mock answers it. Add one: workflow({ …, mocks: { '${path.replaceAll(/\[\d+\]/g, '')}': mock.return({ … }) } }).`,
  )
}
