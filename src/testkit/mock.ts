/** What stands in for the outside world: what a task's call answers, in the place of the service. */
import type { Json } from '../base/json.ts'

import { type Duration, millisecondsOf } from './duration.ts'
import { messageOf, TestKitError } from './kit-error.ts'

/** The call that is answered. */
export interface MockedCall {
  /** Where the state stands: `Pay`, `Each[2]/Ship`. */
  readonly path: string
  /** The state's own name. */
  readonly state: string
  /** Of the innermost Map around it, from 0. */
  readonly index: number | undefined
  /** From 0; one more for each retry. */
  readonly attempt: number
  /** Which of the state's calls in its execution, from 0; counted only with `workflow({ mockConfig })`. */
  readonly callIndex: number | undefined
  /** `arn:aws:states:::sns:publish`, the ARN of a function or an activity. */
  readonly resource: string
  readonly executionArn: string
  /** The same where the same call is made again, after a crash. */
  readonly idempotencyKey: string | undefined
  /** Of the execution that the state is in: of a Map Run's child, its items. */
  readonly executionInput: Json
  /** The token that answers the task, where it has one. */
  readonly token: string | undefined
  /** The time of the test, in epoch milliseconds. */
  readonly now: number
}

/** Where `mock.real()` calls: REGENTE_ENDPOINT, or AWS with the credentials of the usual chain, where nothing is said. */
export interface RealPlace {
  readonly endpoint?: string
  readonly region?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
}

/** Gets what the service would get (Parameters or Arguments, evaluated), and gives what it would answer. What it throws fails the task. */
export type MockFunction = (parameters: Json, call: MockedCall) => unknown

export type Mock =
  | { readonly kind: 'return'; readonly result: Json }
  /** Somebody who answers by a token may give no name, or no cause. */
  | { readonly kind: 'throw'; readonly error: string | undefined; readonly cause: string | undefined }
  | { readonly kind: 'fn'; readonly answer: MockFunction }
  /** Another for each call, as a function says. */
  | { readonly kind: 'pick'; readonly pick: (parameters: Json, call: MockedCall) => Mock }
  /** One after the other, for each call of the state. */
  | { readonly kind: 'sequence'; readonly mocks: readonly Mock[] }
  /** `heartbeatMs`: so often it is told meanwhile that the work goes on. */
  | { readonly kind: 'delay'; readonly ms: number; readonly then: Mock; readonly heartbeatMs?: number }
  /** Somebody answers by the token: `run.token('Approve').succeed({})`. */
  | { readonly kind: 'callback' }
  /** The function's own code. */
  | { readonly kind: 'handler'; readonly file: string; readonly name: string }
  /** The service itself answers. */
  | { readonly kind: 'real'; readonly place: RealPlace }
  /** The same, where the template says that it is. */
  | { readonly kind: 'code' }

/** The error of a task, to be thrown by a mock function: `throw new TaskError('Card.Declined', 'no cover')`. */
export class TaskError extends Error {
  override readonly name: string
  override readonly cause: string

  constructor(error: string, cause = '') {
    super(cause === '' ? error : `${error}: ${cause}`)
    this.name = error
    this.cause = cause
  }
}

export const mock = {
  /** The service answers this: the whole result of the integration (`{ Payload: … }` for `lambda:invoke`), as with TestState. */
  return: (result: unknown): Mock => ({ kind: 'return', result: jsonOf(result, 'mock.return') }),
  /** The task fails with this error. */
  throw(error: string, cause = ''): Mock {
    if (typeof error !== 'string' || error === '')
      throw new TestKitError("mock.throw takes an error's name: mock.throw('States.Timeout')")
    return { kind: 'throw', error, cause }
  },
  fn: (answer: MockFunction): Mock => ({ kind: 'fn', answer }),
  /** Says for each call which mock answers it: `mock.pick((_, { attempt }) => mock.delay(`${attempt} hours`, …))`. */
  pick: (pick: (parameters: Json, call: MockedCall) => Mock): Mock => ({ kind: 'pick', pick }),
  /** The first call gets the first answer, the second (a retry, the next item) the second. One more call fails the test. */
  sequence: (...mocks: readonly Mock[]): Mock => ({ kind: 'sequence', mocks: mocks.map((one) => toMock(one, 'mock.sequence')) }),
  /** Answers only after so much time of the test. */
  delay: (duration: Duration, then: Mock): Mock => ({
    kind: 'delay',
    ms: millisecondsOf(duration),
    then: toMock(then, 'mock.delay'),
  }),
  /** Answered by hand, by the task's token. */
  callback: (): Mock => ({ kind: 'callback' }),
  /** Runs a Lambda handler from its source: `mock.handler('./src/charge.ts')`; `name` is that of its export. */
  handler: (file: string, name = 'handler'): Mock => ({ kind: 'handler', file, name }),
  /** No mock: the call goes to the service, at a running endpoint, in real time. */
  real: (place: RealPlace = {}): Mock => ({ kind: 'real', place }),
  /** Runs the function's own code, from where the template has it (CodeUri, Handler), with its environment: `{ ChargeFunction: mock.code() }`. */
  code: (): Mock => ({ kind: 'code' }),
} as const

const KINDS: ReadonlySet<unknown> = new Set([
  'return',
  'throw',
  'fn',
  'pick',
  'sequence',
  'delay',
  'callback',
  'handler',
  'real',
  'code',
])

/** A mock, or a function, which stands for `mock.fn` of it. Throws TestKitError, with `where` it was found. */
export function toMock(value: Mock | MockFunction, where: string): Mock {
  if (typeof value === 'function') return mock.fn(value)
  if (typeof value === 'object' && value !== null && KINDS.has(value.kind)) return value
  throw new TestKitError(`${where} takes mocks: mock.return(…), mock.throw(…), mock.fn(…). It was given ${String(value)}.`)
}

/** As JSON carries it. Throws TestKitError. */
export function jsonOf(value: unknown, where: string): Json {
  if (value === undefined) return null
  try {
    return JSON.parse(JSON.stringify(value)) as Json
  } catch (error) {
    throw new TestKitError(`${where} takes what JSON can hold: ${messageOf(error)}`)
  }
}
