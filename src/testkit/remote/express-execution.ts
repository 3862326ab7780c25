/** An Express execution at a server, or at AWS: StartSyncExecution tells how it ends, and nothing tells its states. */
import type { JsonObject } from '../../base/json.ts'

import { SkippedOnTarget, type TargetName, type TargetRun, type TaskAnswer } from '../target.ts'
import { type StatesClient, textAt } from './states-client.ts'
import { ToldExecution } from './told-execution.ts'

export class ExpressExecution extends ToldExecution implements TargetRun {
  readonly #answered: Promise<JsonObject>

  constructor(target: TargetName, states: StatesClient, asked: JsonObject) {
    super(target)
    this.#answered = states.call('StartSyncExecution', asked)
    // Whoever waits for the end hears of it.
    this.#answered.catch(() => {})
  }

  get executionArn(): string {
    return textAt(this.told, 'executionArn') ?? ''
  }

  async done(): Promise<void> {
    this.told = await this.#answered
  }

  async reached(): Promise<void> {
    throw this.#untold()
  }

  async stop(): Promise<void> {
    throw new SkippedOnTarget(this.target, 'an Express execution cannot be stopped.')
  }

  token(): TaskAnswer {
    throw new SkippedOnTarget(this.target, 'no task of an Express execution waits for a token.')
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
    return new SkippedOnTarget(this.target, 'the API tells no history of an Express execution.')
  }
}
