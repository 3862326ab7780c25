/** What comes of suites: plain values, for they travel from one process to another. */
import type { HistoryEvent } from '../../history/history-event.ts'
import type { Position } from '../../source/position.ts'

/** One thing that is wrong: with a suite, or with what a case came to. */
export interface Finding {
  /** A sentence. */
  readonly message: string
  readonly file: string
  readonly position?: Position
  /** How to mend it. */
  readonly hint?: string
  /** Lines that begin with `-` (expected), `+` (what it is) or a space. */
  readonly diff?: readonly string[]
}

/** A visit of a state, for the path that a case is shown with. */
export interface Visited {
  readonly path: string
  readonly status: string
  readonly retries: number
  readonly error?: string
}

export interface CaseResult {
  readonly name: string
  readonly position?: Position
  readonly status: 'passed' | 'failed' | 'skipped'
  /** Why it was skipped. */
  readonly reason?: string
  readonly durationMs: number
  readonly findings: readonly Finding[]
  /** Of a case that failed. */
  readonly visited: readonly Visited[]
}

export interface SuiteResult {
  /** As it was given. */
  readonly file: string
  readonly name: string
  /** What is wrong with the suite as a whole. Where it has no cases, none was run. */
  readonly findings: readonly Finding[]
  readonly cases: readonly CaseResult[]
  readonly durationMs: number
  /** Files besides its own that it is made of: definition, handlers, inputs. Absolute. */
  readonly files: readonly string[]
}

/** A run that has ended, for whoever counts what runs have covered. */
export interface EndedRun {
  /** JSON text. */
  readonly definition: string
  /** Whence the definition is; undefined where the suite itself has it. */
  readonly file: string | undefined
  /** Of a template. */
  readonly resource: string | undefined
  readonly history: readonly HistoryEvent[]
  /** Of the children of its Map Runs. */
  readonly children: readonly (readonly HistoryEvent[])[]
}

/** What is told while a file's suites run. */
export type RunEvent =
  | {
      readonly type: 'CaseBegins'
      readonly suite: string
      readonly name: string
      readonly position?: Position
      readonly timeoutMs: number
    }
  | { readonly type: 'CaseEnds'; readonly result: CaseResult }
  | { readonly type: 'SuiteEnds'; readonly result: SuiteResult }
  | { readonly type: 'RunEnds'; readonly run: EndedRun }
