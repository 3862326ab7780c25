/** The engine in this process as what a test runs on: all can be done here. */
import type { Json } from '../base/json.ts'

import type { Frame, RunStatus } from '../engine/state.ts'
import { detailsOf, type HistoryEvent } from '../history/history-event.ts'
import type { FieldValidationMode } from '../tasks/api-models/check-result.ts'

import { type Answers, tellTask } from './answers.ts'
import type { Chaos } from './chaos.ts'
import { type Engine, type Followed, isOver } from './engine.ts'
import { checkHistory } from './invariants.ts'
import { jsonOf } from './mock.ts'
import { isMeant, type StatePlace } from './state-path.ts'
import { childrenOf, type StateRun, stateRunsOf } from './state-run.ts'
import type { StateTestOptions } from './state-test.ts'
import type { TestedState } from './tested-state.ts'
import type { StartOptions, Target, TargetRun, TaskAnswer } from './target.ts'

export class ProcessTarget implements Target {
  readonly name = 'process'
  readonly #engine: Engine
  readonly #answers: Answers
  readonly #chaos: readonly Chaos[]

  constructor(engine: Engine, answers: Answers, chaos: readonly Chaos[]) {
    this.#engine = engine
    this.#answers = answers
    this.#chaos = chaos
  }

  async start(input: string, { name, chaos = [] }: StartOptions): Promise<TargetRun> {
    const execution = await this.#engine.start(input, name, [...this.#chaos, ...chaos])
    return new ProcessRun(this.#engine, this.#answers, execution)
  }

  /** Tries one state alone. */
  async testState(definition: string, mode: FieldValidationMode, state: string, options: StateTestOptions): Promise<TestedState> {
    const { testState } = await import('./state-test.ts')
    return await testState(
      { engine: this.#engine, answers: this.#answers, definition, fieldValidationMode: mode },
      state,
      options,
    )
  }

  putObject(name: string, body: string | Uint8Array): void {
    this.#engine.source.objects.set(name, Buffer.from(body as Uint8Array))
  }

  object(name: string): string | undefined {
    return this.#engine.source.textOf(name)
  }

  objects(): readonly string[] {
    return [...this.#engine.source.objects.keys()]
  }

  async close(): Promise<void> {
    await this.#engine.close()
  }
}

type Activities = Engine['control']['activities']

interface Place {
  readonly execution: Followed
  readonly frame: Frame
  readonly place: StatePlace
}

class ProcessRun implements TargetRun {
  readonly #engine: Engine
  readonly #answers: Answers
  readonly #execution: Followed
  #isClosed = false

  constructor(engine: Engine, answers: Answers, execution: Followed) {
    this.#engine = engine
    this.#answers = answers
    this.#execution = execution
  }

  get executionArn(): string {
    return this.#execution.arn
  }

  get status(): RunStatus {
    return this.#execution.state.status
  }

  get output(): Json | undefined {
    return this.#execution.state.output?.value
  }

  get error(): string | undefined {
    return this.#execution.state.error
  }

  get cause(): string | undefined {
    return this.#execution.state.cause
  }

  get now(): number {
    return this.#engine.clock.now()
  }

  async done(): Promise<void> {
    const execution = this.#execution
    await this.#engine.until(() => isOver(execution.state.status), `The end of ${execution.arn}`)
    if (this.#isClosed) return
    this.#isClosed = true
    this.#answers.forget(execution)
    await this.#engine.forget(execution)
    if (!execution.faults.areAny) return
    for (const { arn, events } of withChildren(execution)) checkHistory(events, arn)
    execution.faults.checkAllStruck(execution.state.lastEventId)
  }

  async reached(state: string): Promise<void> {
    await this.#engine.until(() => this.#hasReached(state), `${state}`)
  }

  async advance(ms: number): Promise<void> {
    await this.#engine.advance(ms)
  }

  async stop(error: string | undefined, cause: string | undefined): Promise<void> {
    await this.#engine.up()
    await this.#engine.control.executions.stop(this.#execution.arn, {
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    })
  }

  token(state: string): TaskAnswer {
    return {
      succeed: (output) => {
        const text = JSON.stringify(jsonOf(output ?? {}, 'succeed'))
        return this.#answer(state, (token, { taskSucceeded }) => taskSucceeded(token, text))
      },
      fail: (error, cause = '') => this.#answer(state, (token, { taskFailed }) => taskFailed(token, { error, cause })),
      heartbeat: async () => {
        const { execution, place, token } = await this.#task(state)
        await this.#engine.up()
        if (!execution.faults.losesHeartbeat(place)) await this.#engine.control.activities.taskHeartbeat(token)
      },
    }
  }

  readonly hasHistory = true

  history(): readonly HistoryEvent[] {
    return this.#execution.events
  }

  children(): readonly (readonly HistoryEvent[])[] {
    return childrenOf(this.#execution).map(({ events }) => events)
  }

  states(): readonly StateRun[] {
    return stateRunsOf(this.#execution)
  }

  async #answer(state: string, tell: (token: string, activities: Activities) => Promise<void>): Promise<void> {
    const { execution, place, token } = await this.#task(state)
    await tellTask(this.#engine, execution, place, (activities) => tell(token, activities))
  }

  /** Once it waits for its answer. */
  async #task(state: string): Promise<Place & { readonly token: string }> {
    const wanted = `A task of ${state} that waits for an answer`
    await this.#engine.until(() => this.#waiting(state) !== undefined, wanted)
    const waiting = this.#waiting(state)
    if (!waiting) throw new Error(`${wanted} was there`)
    return { ...waiting, token: await this.#tokenOf(waiting) }
  }

  #hasReached(state: string): boolean {
    return this.#places(state).length > 0 || this.states().some(({ path, name }) => isMeant(state, path, name))
  }

  #waiting(state: string): Place | undefined {
    return this.#places(state).find(({ frame }) => frame.active?.task?.token !== undefined)
  }

  #places(state: string): readonly Place[] {
    return withChildren(this.#execution).flatMap((execution) =>
      [...execution.state.frames.values()].flatMap((frame) => {
        if (!frame.active) return []
        const place = this.#engine.placeOf(execution, frame)
        return isMeant(state, place.path, place.state) ? [{ execution, frame, place }] : []
      }),
    )
  }

  async #tokenOf({ execution, frame }: Place): Promise<string> {
    const scheduled = execution.events.find(({ id }) => id === frame.active?.task?.id)
    // Nobody is given the task of a run that is over.
    if (scheduled?.type !== 'ActivityScheduled' || isOver(execution.state.status)) return frame.active?.task?.token ?? ''
    return await this.#answers.takeActivity(execution, frame, detailsOf(scheduled).resource ?? '')
  }
}

const withChildren = (execution: Followed): readonly Followed[] => [execution, ...execution.children.flatMap(withChildren)]
