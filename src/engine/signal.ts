/** What comes in. Every signal carries its instant and the seed of all chance in its turn, so a replay gives the same events. */
import type { MapRunArn } from '../base/arn.ts'
import type { Failure } from '../base/failure.ts'
import type { FrameId, TaskId } from '../base/ids.ts'
import type { Payload } from '../base/payload.ts'
import type { Instant } from '../base/time.ts'

export interface TaskSignal {
  readonly frame: FrameId
  readonly task: TaskId
}

export type MockedAnswer =
  | { readonly kind: 'succeeded'; readonly output: Payload }
  | { readonly kind: 'failed'; readonly failure: Failure }

export type Signal = {
  readonly at: Instant
  readonly seed: string
  /** The execution goes no further than to the end of its states: its machine is being deleted. */
  readonly isMachineDeleting?: true
} & SignalBody

export type SignalBody =
  | { readonly type: 'Start' }
  /** Goes on where the log ends: after a full turn, or a restart. */
  | { readonly type: 'Continue' }
  | ({ readonly type: 'TaskSucceeded'; readonly output: Payload } & TaskSignal)
  | ({ readonly type: 'TaskFailed'; readonly failure: Failure; readonly phase: 'start' | 'run' | 'submit' } & TaskSignal)
  | ({ readonly type: 'TaskSubmitted'; readonly output: Payload } & TaskSignal)
  /** What a mock answers in the place of service or worker: all that they would tell, in one turn. */
  | ({ readonly type: 'TaskMocked'; readonly answer: MockedAnswer } & TaskSignal)
  | ({ readonly type: 'HeartbeatReceived' } & TaskSignal)
  | ({ readonly type: 'ActivityTaken'; readonly workerName?: string } & TaskSignal)
  | { readonly type: 'ActivityFound' | 'ActivityMissing'; readonly frame: FrameId }
  /** Some of what the execution waits for is due. */
  | { readonly type: 'TimerFired' }
  | ({ readonly type: 'MapRunSucceeded'; readonly output: Payload } & MapRunSignal)
  | ({ readonly type: 'MapRunFailed'; readonly failure: Failure } & MapRunSignal)
  | ({ readonly type: 'MapRunAborted' } & MapRunSignal)
  | { readonly type: 'Stop'; readonly failure: Failure }
  /** A process could not carry an Express execution on, and there is no log to go back to. */
  | { readonly type: 'Break'; readonly failure: Failure }
  | { readonly type: 'Redrive' }

export interface MapRunSignal {
  readonly frame: FrameId
  readonly mapRunArn: MapRunArn
  /** How often the run had been redriven when it came to that: what it came to before its last redrive is of no use any more. */
  readonly redriveCount: number
}
