/** A run whose states are tried by TestState: there is no execution, and so neither history, tokens nor time. */
import type { Json, JsonObject } from '../../base/json.ts'

import type { RunStatus } from '../../engine/state.ts'

import type { StateRun } from '../state-run.ts'
import { SkippedOnTarget, type TargetRun, type TaskAnswer } from '../target.ts'
import { type RemoteOptions, roleOf } from './remote-options.ts'
import type { StatesClient } from './states-client.ts'
import { type Ended, Walk } from './walk.ts'

export class WalkedRun implements TargetRun {
  readonly executionArn: string
  readonly #remote: RemoteOptions
  readonly #walk: Walk
  readonly #input: string
  #ended: Ended | undefined

  constructor(remote: RemoteOptions, states: StatesClient, input: string, name: string) {
    this.#remote = remote
    this.#input = input
    this.executionArn = `arn:aws:states:us-east-1:000000000000:execution:workflow:${name}`
    this.#walk = new Walk({
      target: remote.target,
      states,
      mocks: remote.mocks,
      resources: remote.read.resources,
      validation: remote.options.validateMocks ?? 'STRICT',
      executionArn: this.executionArn,
      role: () => roleOf(remote),
    })
  }

  get status(): RunStatus {
    if (!this.#ended) return 'RUNNING'
    return this.#ended.kind === 'succeeded' ? 'SUCCEEDED' : 'FAILED'
  }

  get output(): Json | undefined {
    return this.#ended?.kind === 'succeeded' ? this.#ended.output : undefined
  }

  get error(): string | undefined {
    return this.#ended?.kind === 'failed' ? this.#ended.error : undefined
  }

  get cause(): string | undefined {
    return this.#ended?.kind === 'failed' ? this.#ended.cause : undefined
  }

  get now(): number {
    return Date.now()
  }

  async done(): Promise<void> {
    if (this.#ended) return
    const { read, mocks } = this.#remote
    this.#ended = await this.#walk.run(JSON.parse(read.definition) as JsonObject, JSON.parse(this.#input) as Json)
    mocks.forget(this.executionArn)
  }

  async reached(): Promise<void> {
    throw this.#skip('states are tried by TestState, and a run stops nowhere in between.')
  }

  async advance(): Promise<void> {
    throw this.#skip('run.advance moves time, and TestState knows none.')
  }

  async stop(): Promise<void> {
    throw this.#skip('states are tried by TestState, and there is no execution to stop.')
  }

  token(): TaskAnswer {
    throw this.#skip('states are tried by TestState, and no task waits for its token.')
  }

  readonly hasHistory = false

  history(): never {
    throw this.#skip('states are tried by TestState, and there is no history.')
  }

  children(): never {
    throw this.#skip('states are tried by TestState, and there is no history.')
  }

  states(): readonly StateRun[] {
    return this.#walk.visits
  }

  #skip(reason: string): SkippedOnTarget {
    return new SkippedOnTarget(this.#remote.target, reason)
  }
}
