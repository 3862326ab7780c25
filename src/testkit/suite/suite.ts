/** A suite: one workflow and the cases that it is tested by. What YAML and JSON say, and what a TypeScript file exports by default. */
import type { FieldValidationMode } from '../../tasks/api-models/check-result.ts'

import type { Duration } from '../duration.ts'
import type { Mock, MockFunction } from '../mock.ts'

export interface Suite extends SuiteDefinition {
  readonly objects?: Readonly<Record<string, string | { readonly file: string }>>
  readonly $schema?: string
  readonly name?: string
  /** For all cases; a case's own come before them. */
  readonly mocks?: SuiteMocks
  readonly validateMocks?: FieldValidationMode
  /** Mocks that no call was meant by fail a case unless this is true. */
  readonly allowUnusedMocks?: boolean
  /** When each case begins: `2026-01-01T00:00:00Z`. Time skips by itself. */
  readonly clock?: string
  readonly seed?: number
  /** How long a case may take in real time. */
  readonly timeout?: Duration
  readonly cases: readonly SuiteCase[]
}

/** Which workflow is tested: a file, an object, or a template's resource. Files are looked for from the suite's own folder. */
export interface SuiteDefinition {
  readonly file?: string
  readonly definition?: object
  readonly template?: string
  readonly resource?: string
  readonly parameters?: Readonly<Record<string, string | number | boolean>>
  readonly substitutions?: Readonly<Record<string, string | number | boolean>>
  readonly type?: 'STANDARD' | 'EXPRESS'
}

export interface SuiteCase {
  readonly name: string
  readonly input?: unknown
  readonly inputFile?: string
  readonly objects?: Readonly<Record<string, string | { readonly file: string }>>
  readonly mocks?: SuiteMocks
  readonly allowUnusedMocks?: boolean
  readonly clock?: string
  readonly seed?: number
  /** In their order, before the run goes on to its end. */
  readonly steps?: readonly SuiteStep[]
  readonly expect?: Expectation
  readonly only?: boolean
  /** Why it is not run. */
  readonly skip?: string
  readonly timeout?: Duration
}

export type RunEnd = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'RUNNING'

export interface Expectation {
  /** SUCCEEDED unless told, or unless an error is expected. RUNNING: it is not carried on to its end. */
  readonly status?: RunEnd
  /** Exactly. */
  readonly output?: unknown
  /** Objects may have more members than these. */
  readonly outputContains?: unknown
  readonly error?: string
  /** A part of the cause is enough. */
  readonly cause?: string
  /** These in this order; others may stand between them. */
  readonly path?: readonly string[]
  /** These and no others. */
  readonly pathExactly?: readonly string[]
  /** By path or name: the last visit. */
  readonly states?: Readonly<Record<string, StateExpectation>>
  /** The whole outcome is as it was when `--update` was last given. */
  readonly snapshot?: boolean
}

export interface StateExpectation {
  readonly status?: 'running' | 'succeeded' | 'caught' | 'failed' | 'aborted'
  readonly input?: unknown
  readonly output?: unknown
  readonly retries?: number
  readonly error?: string
}

export type SuiteStep =
  | 'stop'
  | { readonly stop: { readonly error?: string; readonly cause?: string } }
  | { readonly advance: Duration }
  | { readonly reached: string }
  | { readonly heartbeat: string }
  | { readonly succeed: string | { readonly state: string; readonly output?: unknown } }
  | { readonly fail: { readonly state: string; readonly error: string; readonly cause?: string } }

export type SuiteMocks = Readonly<Record<string, SuiteMock>>

export type SuiteMock =
  | 'callback'
  | { readonly return: unknown }
  | { readonly throw: string; readonly cause?: string }
  | { readonly delay: Duration; readonly then: SuiteMock }
  | { readonly handler: string; readonly name?: string }
  /** One after the other. */
  | readonly SuiteMock[]
  /** In TypeScript alone. */
  | Mock
  | MockFunction
