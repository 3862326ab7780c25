/** An execution of a test: waits for what it comes to, moves its time, answers its tokens, and shows what it has done. */
import type { Json } from '../base/json.ts'

import type { Frame, RunStatus } from '../engine/state.ts'
import { detailsOf, type HistoryEvent } from '../history/history-event.ts'
import { foldHistory, retriesOf, type Visit } from '../history/visits.ts'

import { type Duration, millisecondsOf } from './duration.ts'
import { type Engine, type Followed, isOver } from './engine.ts'
import { pathOfVisit, withoutIndexes } from './state-path.ts'
import { jsonOf } from './mock.ts'
import { TestKitError } from './test-kit-error.ts'

/** One visit of a state, as the history tells it. */
export interface StateRun {
  /** `Pay`, `Each[2]/Ship`. */
  readonly path: string
  readonly name: string
  readonly type: string
  readonly status: Visit['status']
  readonly input: Json
  readonly output: Json | undefined
  readonly retries: number
  /** Of its last failed attempt, also where a later one made good for it. */
  readonly error: string | undefined
  readonly cause: string | undefined
  /** What each failed attempt told, in their order. */
  readonly thrown: readonly { readonly error: string; readonly cause: string }[]
  /** Epoch milliseconds. */
  readonly startAt: number
  readonly endAt: number | undefined
}

/** Answers a task that waits, by its token. */
export interface TaskAnswer {
  succeed(output?: unknown): Promise<void>
  fail(error: string, cause?: string): Promise<void>
  heartbeat(): Promise<void>
}

export interface RunPorts {
  readonly engine: Engine
  readonly execution: Followed
  takeActivity(execution: Followed, frame: Frame, activityArn: string): Promise<string>
  onOver(run: Run): void
}

export class Run {
  readonly #ports: RunPorts
  #isTold = false

  constructor(ports: RunPorts) {
    this.#ports = ports
  }

  get executionArn(): string {
    return this.#ports.execution.arn
  }

  get status(): RunStatus {
    return this.#ports.execution.state.status
  }

  /** Undefined while it runs, and where it has failed. */
  get output(): Json | undefined {
    return this.#ports.execution.state.output?.value
  }

  get error(): string | undefined {
    return this.#ports.execution.state.error
  }

  get cause(): string | undefined {
    return this.#ports.execution.state.cause
  }

  /** The time of the test, in epoch milliseconds. */
  get now(): number {
    return this.#ports.engine.clock.now()
  }

  /** Goes on to its end. Rejects with TestKitError where it has none: a task without a mock, a token that nobody answers. */
  async done(): Promise<this> {
    const { engine, execution } = this.#ports
    await engine.until(() => isOver(execution.state.status), `The end of ${execution.arn}`)
    if (!this.#isTold) {
      this.#isTold = true
      this.#ports.onOver(this)
    }
    return this
  }

  /** Goes on until a state is entered, by its path or its name. */
  async reached(state: string): Promise<void> {
    const { engine } = this.#ports
    await engine.until(() => this.#frameIn(state) !== undefined || this.states(state).length > 0, `${state}`)
  }

  /** Moves time: `run.advance('24 hours')`. */
  async advance(duration: Duration): Promise<void> {
    await this.#ports.engine.advance(millisecondsOf(duration))
  }

  async stop(error?: string, cause?: string): Promise<void> {
    const { engine, execution } = this.#ports
    await engine.control.executions.stop(execution.arn, {
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    })
    await this.done()
  }

  /** The task of a state that waits for somebody, once it does. */
  token(state: string): TaskAnswer {
    const { engine } = this.#ports
    const { activities } = engine.control
    const answer = async (tell: (token: string) => Promise<void>): Promise<void> => {
      await engine.until(() => this.#waiting(state) !== undefined, `A task of ${state} that waits for an answer`)
      const waiting = this.#waiting(state)
      if (waiting) await tell(await this.#tokenOf(waiting))
    }
    return {
      succeed: (output) => answer((token) => activities.taskSucceeded(token, JSON.stringify(jsonOf(output ?? {}, 'succeed')))),
      fail: (error, cause = '') => answer((token) => activities.taskFailed(token, { error, cause })),
      heartbeat: () => answer((token) => activities.taskHeartbeat(token)),
    }
  }

  /** AWS's history: what GetExecutionHistory answers. */
  history(): readonly HistoryEvent[] {
    return this.#ports.execution.events
  }

  /** Those of the children that a Map Run has begun. */
  children(): readonly (readonly HistoryEvent[])[] {
    return this.#ports.execution.children.map(({ events }) => events)
  }

  /** All visits of states in their order, those of a Map Run's children after their own Map; of one state where a path or a name is given. */
  states(state?: string): readonly StateRun[] {
    const all = statesOf(this.#ports.execution)
    return state === undefined ? all : all.filter((one) => isMeant(state, one.path, one.name))
  }

  /** The last visit of a state. Throws TestKitError where there was none. */
  state(state: string): StateRun {
    const found = this.states(state).at(-1)
    if (found) return found
    const visited = [...new Set(this.states().map(({ path }) => withoutIndexes(path)))].join(', ')
    throw new TestKitError(`${state} was not visited. Visited were: ${visited}.`)
  }

  #everybody(): readonly Followed[] {
    return withChildren(this.#ports.execution)
  }

  #frameIn(state: string): { readonly execution: Followed; readonly frame: Frame } | undefined {
    return this.#frames(state)[0]
  }

  #frames(state: string): readonly { readonly execution: Followed; readonly frame: Frame }[] {
    return this.#everybody().flatMap((execution) =>
      [...execution.state.frames.values()].flatMap((frame) => {
        if (!frame.active) return []
        const { path, state: name } = this.#ports.engine.placeOf(execution, frame)
        return isMeant(state, path, name) ? [{ execution, frame }] : []
      }),
    )
  }

  #waiting(state: string) {
    return this.#frames(state).find(({ frame }) => frame.active?.task?.token !== undefined)
  }

  async #tokenOf({ execution, frame }: { readonly execution: Followed; readonly frame: Frame }): Promise<string> {
    const scheduled = execution.events.find(({ id }) => id === frame.active?.task?.id)
    if (scheduled?.type !== 'ActivityScheduled') return frame.active?.task?.token ?? ''
    return await this.#ports.takeActivity(execution, frame, detailsOf(scheduled).resource ?? '')
  }
}

const withChildren = (execution: Followed): readonly Followed[] => [execution, ...execution.children.flatMap(withChildren)]

/** `Ship` means every state of that name; `Each/Ship` that of every item; `Each[2]/Ship` that of one. */
const isMeant = (wanted: string, path: string, name: string): boolean =>
  wanted === path || wanted === withoutIndexes(path) || wanted === name

function statesOf({ events, within, children }: Followed): readonly StateRun[] {
  const own = foldHistory(events).visits.map((visit) => stateRunOf(visit, within?.path))
  return [...own, ...children.flatMap(statesOf)]
}

function stateRunOf(visit: Visit, within: string | undefined): StateRun {
  const { name, type, status, input, output, failure, startAt, endAt } = visit
  const path = pathOfVisit(visit)
  return {
    path: within === undefined ? path : `${within}/${path}`,
    name,
    type,
    status,
    input: input === undefined ? null : (JSON.parse(input) as Json),
    output: output === undefined ? undefined : (JSON.parse(output) as Json),
    retries: retriesOf(visit),
    error: failure?.error,
    cause: failure?.cause,
    thrown: visit.events.filter(isFailure).map((event) => {
      const { error = event.type.endsWith('TimedOut') ? 'States.Timeout' : '', cause = '' } = detailsOf(event)
      return { error, cause }
    }),
    startAt: startAt * 1_000,
    endAt: endAt === undefined ? undefined : endAt * 1_000,
  }
}

const isFailure = ({ type }: HistoryEvent): boolean =>
  /^(?:Task|LambdaFunction|Activity)\w*(?:Failed|TimedOut)$|^MapRunFailed$|^EvaluationFailed$/.test(type)
