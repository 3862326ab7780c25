/**
 * What an expression may see and how it fails. Every evaluator in this room (JSONPath, intrinsic functions, payload
 * templates, JSONata) takes a Scope and nothing else: no clock, no chance but the draws that the caller hands in.
 */
import type { Json } from '../base/json.ts'

import type { Work } from './work.ts'

export interface Scope {
  /** `$`: the state's effective input (or result, in ResultSelector). */
  readonly input: Json
  /** `$$`: the context object, built on demand. */
  context(): Json
  /** `$name`: a workflow variable, or undefined when it has no value here. */
  variable(name: string): Json | undefined
  /** For `States.UUID` and unseeded `States.MathRandom`; the turn's recorded seed feeds it. */
  readonly draws: Draws
  /** Shared by all that one state evaluates; a template or a lone expression has its own when there is none. */
  readonly work?: Work
}

export interface Draws {
  uuid(): string
  /** Uniform in [0, 1). */
  next(): number
}

/**
 * Why an expression has no value. `cause` lacks the prefix "An error occurred while executing the state 'X' (entered at
 * the event id #N). ": only the engine knows state and event, and adds it.
 */
export interface EvaluationFailure {
  readonly error: string
  readonly cause: string
}
