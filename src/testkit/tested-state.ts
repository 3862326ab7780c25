/** What a single state came to, with assertions that read one after the other: `.assertRetried(0).assertRetryBackoffSeconds(2)`. */
import type { Json } from '../base/json.ts'

import { differenceOf, fits, isSame, type Pattern, patternText } from './expect/same.ts'

/** As TestState names them. */
export type TestedStatus = 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR'

/** What its data looked like on its way: TestState's InspectionData, with its texts as the JSON that they are. */
export interface InspectionData {
  readonly input?: Json
  readonly afterInputPath?: Json
  readonly afterParameters?: Json
  readonly afterArguments?: Json
  readonly result?: Json
  readonly afterResultSelector?: Json
  readonly afterResultPath?: Json
  readonly afterItemsPath?: Json
  readonly afterItemsPointer?: Json
  readonly afterItemSelector?: Json
  readonly afterItemBatcher?: Json
  readonly maxConcurrency?: number
  readonly toleratedFailureCount?: number
  readonly toleratedFailurePercentage?: number
  readonly variables?: Json
  readonly errorDetails?: ErrorDetails
}

export interface ErrorDetails {
  /** Which of Catch's catchers took the error, from 0. */
  readonly catchIndex?: number
  /** Which of Retry's retriers took the error, from 0; also where it is used up, and then without a back-off. */
  readonly retryIndex?: number
  readonly retryBackoffIntervalSeconds?: number
}

export interface TestedStateData {
  readonly name: string
  readonly status: TestedStatus
  readonly output: Json | undefined
  readonly error: string | undefined
  readonly cause: string | undefined
  readonly nextState: string | undefined
  /** Undefined at level INFO. */
  readonly inspectionData: InspectionData | undefined
  readonly errorDetails: ErrorDetails | undefined
}

const DONE: Readonly<Record<TestedStatus, string>> = {
  SUCCEEDED: 'to succeed',
  FAILED: 'to fail',
  RETRIABLE: 'to retry',
  CAUGHT_ERROR: 'to catch an error',
}

/** Each assertion throws an Error that says what was expected and what is there, or gives the tested state for the next one. */
export class TestedState implements TestedStateData {
  readonly name: string
  readonly status: TestedStatus
  readonly output: Json | undefined
  readonly error: string | undefined
  readonly cause: string | undefined
  readonly nextState: string | undefined
  readonly inspectionData: InspectionData | undefined
  readonly errorDetails: ErrorDetails | undefined

  constructor({ name, status, output, error, cause, nextState, inspectionData, errorDetails }: TestedStateData) {
    this.name = name
    this.status = status
    this.output = output
    this.error = error
    this.cause = cause
    this.nextState = nextState
    this.inspectionData = inspectionData
    this.errorDetails = errorDetails
  }

  assertSucceeded(): this {
    return this.#status('SUCCEEDED')
  }

  /** No retrier and no catcher takes its error. */
  assertFailed(error?: Pattern, cause?: Pattern): this {
    this.#status('FAILED')
    return error === undefined && cause === undefined ? this : this.#error(error, cause)
  }

  /** Whatever became of the error: failed, retried or caught. */
  assertError(error: Pattern, cause?: Pattern): this {
    return this.#error(error, cause)
  }

  /** The state that comes next; of a caught error, the catcher's. */
  assertNextState(name: string): this {
    if (this.nextState === name) return this
    throw this.#unlike(`to go on to ${name}`)
  }

  /** Nothing comes next. */
  assertEnd(): this {
    if (this.nextState === undefined && this.status === 'SUCCEEDED') return this
    throw this.#unlike('to end here')
  }

  /** A retrier takes the error, so that the state is tried again; the one with this index, where it is given. */
  assertRetried(retryIndex?: number): this {
    this.#status('RETRIABLE')
    if (retryIndex === undefined || this.errorDetails?.retryIndex === retryIndex) return this
    throw this.#unlike(`to be retried by the retrier ${retryIndex}`)
  }

  /** How long it waits before it is tried again. */
  assertRetryBackoffSeconds(seconds: number): this {
    if (this.errorDetails?.retryBackoffIntervalSeconds === seconds) return this
    throw this.#unlike(`to wait ${secondsText(seconds)} before it is tried again`)
  }

  /** A catcher takes the error; the one with this index, where it is given. */
  assertCaught(catchIndex?: number): this {
    this.#status('CAUGHT_ERROR')
    if (catchIndex === undefined || this.errorDetails?.catchIndex === catchIndex) return this
    throw this.#unlike(`to be caught by the catcher ${catchIndex}`)
  }

  assertOutput(output: unknown): this {
    return this.#data('output', this.output, output)
  }

  /** Of the data on its way those that are named: `{ afterParameters: { … } }`. */
  assertInspected(data: { readonly [K in keyof InspectionData]?: unknown }): this {
    const inspected = this.inspectionData
    if (!inspected)
      throw new Error(`${this.name} was tested at level INFO, which tells nothing of its data: { inspectionLevel: 'DEBUG' }.`)
    for (const name of Object.keys(data) as (keyof InspectionData)[]) {
      if (inspected[name] === undefined && data[name] !== undefined)
        throw new Error(`TestState tells no ${name} of ${this.name}. It tells ${Object.keys(inspected).join(', ')}.`)
      this.#data(name, inspected[name], data[name])
    }
    return this
  }

  #status(status: TestedStatus): this {
    if (this.status === status) return this
    throw this.#unlike(DONE[status])
  }

  #error(error: Pattern | undefined, cause: Pattern | undefined): this {
    if (this.error !== undefined && fits(this.error, error) && fits(this.cause, cause)) return this
    const wanted = [error, cause].filter((one) => one !== undefined).map(patternText)
    throw this.#unlike(`to have the error ${wanted.join(': ')}`)
  }

  #data(what: string, received: unknown, expected: unknown): this {
    if (isSame(received, expected)) return this
    throw new Error(`${this.name} has another ${what} than expected; ${this.#told()}.\n\n${differenceOf(received, expected)}`)
  }

  #unlike(expected: string): Error {
    return new Error(`Expected ${this.name} ${expected}; ${this.#told()}.`)
  }

  /** In one sentence. */
  #told(): string {
    const { status, nextState, errorDetails: { retryIndex, catchIndex, retryBackoffIntervalSeconds } = {} } = this
    const error = `${this.error ?? 'an error without a name'}${this.cause ? `: ${this.cause}` : ''}`
    const next = nextState === undefined ? '' : ` and goes on to ${nextState}`
    switch (status) {
      case 'SUCCEEDED':
        return `it succeeded${next || ' and ends'}`
      case 'FAILED':
        return `it failed with ${error}${retryIndex === undefined ? '' : ` (the retrier ${retryIndex} is used up)`}`
      case 'RETRIABLE':
        return `the retrier ${retryIndex ?? '?'} tries it again after ${secondsText(retryBackoffIntervalSeconds ?? 0)}, for ${error}`
      case 'CAUGHT_ERROR':
        return `the catcher ${catchIndex ?? '?'} caught ${error}${next}`
    }
  }
}

const secondsText = (seconds: number): string => `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
