/**
 * What a test runs on: the engine in this process, a Regente that is up, or AWS. The same test runs on each; what one of them cannot do is
 * told by SkippedOnTarget, so that a runner skips the test instead of failing it.
 *
 * 1. `process`: everything. Time is the test's own, mocks answer all calls, chaos strikes.
 * 2. `server` and `aws`, a workflow without mocks (or with `mock.real()` alone): it is made a state machine there and runs for real, in
 *    real time.
 * 3. `server` and `aws`, with mocks: each state is tried by TestState, one after the other, its output the next one's input. No execution
 *    is begun: there is no history, no token and no time.
 */
import type { Json } from '../base/json.ts'

import type { RunStatus } from '../engine/state.ts'
import type { HistoryEvent } from '../history/history-event.ts'

import type { Chaos } from './chaos.ts'
import type { StateRun } from './state-run.ts'
import { TestKitError } from './kit-error.ts'

const TARGETS = ['process', 'server', 'aws'] as const
export type TargetName = (typeof TARGETS)[number]

export interface StartOptions {
  readonly name?: string | undefined
  /** Besides the workflow's own. */
  readonly chaos?: readonly Chaos[] | undefined
}

/** One state machine, somewhere. */
export interface Target {
  readonly name: TargetName
  /** `input`: JSON text. */
  start(input: string, options: StartOptions): Promise<TargetRun>
  putObject(name: string, body: string | Uint8Array): void
  object(name: string): string | undefined
  objects(): readonly string[]
  /** Takes away what it has made. */
  close(): Promise<void>
}

/** Answers a task that waits, by its token. */
export interface TaskAnswer {
  succeed(output?: unknown): Promise<void>
  fail(error: string, cause?: string): Promise<void>
  heartbeat(): Promise<void>
}

/** One execution there. What is told without waiting is as of the last time that something was waited for. */
export interface TargetRun {
  readonly executionArn: string
  readonly status: RunStatus
  readonly output: Json | undefined
  readonly error: string | undefined
  readonly cause: string | undefined
  /** Epoch milliseconds. */
  readonly now: number
  done(): Promise<void>
  reached(state: string): Promise<void>
  advance(ms: number): Promise<void>
  stop(error: string | undefined, cause: string | undefined): Promise<void>
  token(state: string): TaskAnswer
  readonly hasHistory: boolean
  /** Throws SkippedOnTarget where it has none. */
  history(): readonly HistoryEvent[]
  /** Throws SkippedOnTarget where it has none. */
  children(): readonly (readonly HistoryEvent[])[]
  states(): readonly StateRun[]
}

/** The test asks for what its target cannot do: nothing is wrong with the test, nor with the workflow. */
export class SkippedOnTarget extends Error {
  override readonly name = 'SkippedOnTarget'
  readonly target: TargetName

  constructor(target: TargetName, reason: string) {
    super(`On ${target} this cannot be tested: ${reason}`)
    this.target = target
  }
}

/** Why a test is skipped; undefined where `error` is another one: `catch (error) { const reason = skipReason(error); if (reason) … }`. */
export const skipReason = (error: unknown): string | undefined => (error instanceof SkippedOnTarget ? error.message : undefined)

/** As REGENTE_TARGET has it where nothing is said. Throws TestKitError. */
export function targetNamed(name: string = process.env['REGENTE_TARGET'] || 'process'): TargetName {
  const found = TARGETS.find((one) => one === name)
  if (found) return found
  throw new TestKitError(`REGENTE_TARGET is '${name}', and there is no such target: ${TARGETS.join(', ')}.`)
}
