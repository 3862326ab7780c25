/** An Express execution at a server, or at AWS: StartSyncExecution tells how it ends, and nothing tells its states. */
import type { Json, JsonObject } from '../../base/json.ts'

import type { RunStatus } from '../../engine/state.ts'

import { SkippedOnTarget, type TargetName, type TargetRun, type TaskAnswer } from '../target.ts'
import { parsedAt, type StatesClient, textAt } from './states-client.ts'

const STATUSES = ['SUCCEEDED', 'FAILED', 'TIMED_OUT'] as const

export class ExpressExecution implements TargetRun {
  readonly #target: TargetName
  readonly #answered: Promise<JsonObject>
  #told: JsonObject = {}

  constructor(target: TargetName, states: StatesClient, asked: JsonObject) {
    this.#target = target
    this.#answered = states.call('StartSyncExecution', asked)
    // Whoever waits for the end hears of it.
    this.#answered.catch(() => {})
  }

  get executionArn(): string {
    return textAt(this.#told, 'executionArn') ?? ''
  }

  get status(): RunStatus {
    const status = textAt(this.#told, 'status')
    return STATUSES.find((one) => one === status) ?? 'RUNNING'
  }

  get output(): Json | undefined {
    return parsedAt(this.#told, 'output')
  }

  get error(): string | undefined {
    return textAt(this.#told, 'error')
  }

  get cause(): string | undefined {
    return textAt(this.#told, 'cause')
  }

  get now(): number {
    return Date.now()
  }

  async done(): Promise<void> {
    this.#told = await this.#answered
  }

  async reached(): Promise<void> {
    throw this.#untold()
  }

  async advance(): Promise<void> {
    throw new SkippedOnTarget(this.#target, 'run.advance moves time, and time is real there.')
  }

  async stop(): Promise<void> {
    throw new SkippedOnTarget(this.#target, 'an Express execution cannot be stopped.')
  }

  token(): TaskAnswer {
    throw new SkippedOnTarget(this.#target, 'no task of an Express execution waits for a token.')
  }

  readonly hasHistory = false

  history(): never {
    throw this.#untold()
  }

  children(): never {
    throw this.#untold()
  }

  states(): never {
    throw this.#untold()
  }

  #untold(): SkippedOnTarget {
    return new SkippedOnTarget(this.#target, 'the API tells no history of an Express execution.')
  }
}
