/** What a test says in place of the outside world. */
import type { Failure } from '../../base/failure.ts'
import type { Json } from '../../base/json.ts'
import type { Payload } from '../../base/payload.ts'

export type Mock = { readonly result: Payload } | { readonly failure: Failure }

export interface TestStateConfiguration {
  /** How often the retrier that takes the error has been used. */
  readonly retrierRetryCount: number
  readonly mapIterationFailureCount: number | undefined
  /** What the ItemReader would have read. */
  readonly mapItemReaderData: Json | undefined
}

/** The mock and the configuration do not fit each other: the caller is told so. */
export class MockMismatch extends Error {
  override readonly name = 'MockMismatch'
}
