/** An execution of a test: waits for what it comes to, moves its time, answers its tokens, and shows what it has done. */
import type { Json } from '../base/json.ts'

import type { RunStatus } from '../engine/state.ts'
import type { HistoryEvent } from '../history/history-event.ts'

import { type Duration, millisecondsOf } from './duration.ts'
import { isMeant, withoutIndexes } from './state-path.ts'
import type { StateRun } from './state-run.ts'
import type { TargetRun, TaskAnswer } from './target.ts'
import { TestKitError } from './kit-error.ts'

export type { StateRun } from './state-run.ts'
export type { TaskAnswer } from './target.ts'

export class Run {
  readonly #on: TargetRun
  readonly #onOver: (run: Run) => void
  #isTold = false

  constructor(on: TargetRun, onOver: (run: Run) => void) {
    this.#on = on
    this.#onOver = onOver
  }

  get executionArn(): string {
    return this.#on.executionArn
  }

  get status(): RunStatus {
    return this.#on.status
  }

  /** Undefined while it runs, and where it has failed. */
  get output(): Json | undefined {
    return this.#on.output
  }

  get error(): string | undefined {
    return this.#on.error
  }

  get cause(): string | undefined {
    return this.#on.cause
  }

  /** The time of the test, in epoch milliseconds. */
  get now(): number {
    return this.#on.now
  }

  /** Goes on to its end. Rejects with TestKitError where it has none: a task without a mock, a token that nobody answers. */
  async done(): Promise<this> {
    await this.#on.done()
    if (!this.#isTold) {
      this.#isTold = true
      this.#onOver(this)
    }
    return this
  }

  /** Goes on until a state is entered, by its path or its name. */
  async reached(state: string): Promise<void> {
    await this.#on.reached(state)
  }

  /** Moves time: `run.advance('24 hours')`. Rejects with SkippedOnTarget where time is real. */
  async advance(duration: Duration): Promise<void> {
    await this.#on.advance(millisecondsOf(duration))
  }

  async stop(error?: string, cause?: string): Promise<void> {
    await this.#on.stop(error, cause)
    await this.done()
  }

  /** The task of a state that waits for somebody, once it does. */
  token(state: string): TaskAnswer {
    return this.#on.token(state)
  }

  /** AWS's history: what GetExecutionHistory answers. Throws SkippedOnTarget where states are tried one by one. */
  history(): readonly HistoryEvent[] {
    return this.#on.history()
  }

  /** Whether there is one to be asked for: not so where states are tried one by one, nor of an Express execution elsewhere. */
  get hasHistory(): boolean {
    return this.#on.hasHistory
  }

  /** Those of all children that Map Runs have begun, children's children included. */
  children(): readonly (readonly HistoryEvent[])[] {
    return this.#on.children()
  }

  /** All visits of states in their order, those of a Map Run's children after their own Map; of one state where a path or a name is given. */
  states(state?: string): readonly StateRun[] {
    const all = this.#on.states()
    return state === undefined ? all : all.filter((one) => isMeant(state, one.path, one.name))
  }

  /** The last visit of a state. Throws TestKitError where there was none. */
  state(state: string): StateRun {
    const found = this.states(state).at(-1)
    if (found) return found
    const visited = [...new Set(this.states().map(({ path }) => withoutIndexes(path)))].join(', ')
    throw new TestKitError(`${state} was not visited. Visited were: ${visited}.`)
  }
}
