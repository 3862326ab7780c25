/**
 * What an execution was: what it was given, what the world answered to each of its calls, what came of it. Made of a history by
 * `recordingOf`, kept in a file, taken again by `replay`.
 */
import type { Json } from '../../base/json.ts'

export const RECORDING_VERSION = 1

export interface Recording {
  readonly version: typeof RECORDING_VERSION
  /** Whence it comes: the execution's ARN, or a file. */
  readonly source: string
  readonly type: 'STANDARD' | 'EXPRESS'
  /** The definition that it ran, as text; undefined where nobody had it. */
  readonly definition: string | undefined
  /** The execution's name. */
  readonly name: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly input: Json
  /** By the path of the state that called (`Each[2]/Ship`), in the order of the calls: retries and later visits follow. */
  readonly calls: Readonly<Record<string, readonly RecordedCall[]>>
  /** By the path of a distributed Map: the inputs of its children, in their order; null where their histories were not at hand. */
  readonly children: Readonly<Record<string, readonly Json[] | null>>
  readonly expect: Expected
  /** What the history did not tell, in sentences. */
  readonly notes: readonly string[]
}

export interface Expected {
  readonly status: EndStatus
  /** Undefined where it failed, and where the history does not tell it. */
  readonly output?: Json
  readonly error?: string
  readonly cause?: string
  /** Paths of the states in the order in which they were entered. */
  readonly path: readonly string[]
  /** How long the execution took, in milliseconds. */
  readonly ms: number
}

export const END_STATUSES = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const
export type EndStatus = (typeof END_STATUSES)[number]

/** Of a call that failed before it was scheduled: the history does not name what was to be called. */
export const UNKNOWN_RESOURCE = ''

export type RecordedCall = {
  /** `arn:aws:states:::sns:publish`, the ARN of a function or an activity, or UNKNOWN_RESOURCE. */
  readonly resource: string
  /** From the call to its answer, or to when nobody waited for it any more; milliseconds. */
  readonly ms: number
  /** How often somebody had to say that the work goes on; what was said, a history does not tell. */
  readonly heartbeatSeconds?: number
} & RecordedAnswer

export type RecordedAnswer =
  /** The whole result of the call, of the job, or what was told by the token. */
  | { readonly outcome: 'succeeded'; readonly result: Json }
  /** `phase`: before the service was called, while it worked, or when a job was to be submitted. */
  | { readonly outcome: 'failed'; readonly error?: string; readonly cause?: string; readonly phase: Phase }
  /** It was not answered in the time, or between two heartbeats, that it had. */
  | { readonly outcome: 'timedOut' }
  /** What was around it was over before. */
  | { readonly outcome: 'unanswered' }
  /** It succeeded, and the history does not tell with what. */
  | { readonly outcome: 'untold' }

export const PHASES = ['start', 'run', 'submit'] as const
export type Phase = (typeof PHASES)[number]
