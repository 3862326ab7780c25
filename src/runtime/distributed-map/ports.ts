/** What Map Runs are handed in. */
import type { MapRunArn } from '../../base/arn.ts'
import type { Clock } from '../../base/clock.ts'
import type { ExecutionKey, RevisionKey } from '../../base/ids.ts'
import type { Entropy } from '../../base/random.ts'

import type { ObjectSource } from '../../items/source.ts'
import type { Spool } from '../../items/spool.ts'
import type { Program } from '../../asl/program.ts'
import type { MapRunEnd } from '../../engine/map-run/event.ts'
import type { MapRunRequest } from '../../engine/map-run/state.ts'
import type { ExecutionRecord, Store } from '../../store/contract.ts'

import type { RunAtOnce } from '../at-once.ts'
import type { AbortedChild } from '../cluster/node-calls.ts'
import type { KeepTrying } from '../keep-trying.ts'

/** A Map Run, and the execution that it is of. */
export interface MapRunOf {
  readonly mapRunArn: MapRunArn
  readonly executionKey: ExecutionKey
  /** Of a mock file: that of the execution is that of the children. */
  readonly testCase?: string
}

export interface MapRunPorts {
  readonly store: Store
  readonly clock: Clock
  readonly entropy: Entropy
  /** Lets others have their turn. */
  breathe(): Promise<void>
  readonly source: ObjectSource
  readonly spool: Spool
  /** The largest output of a state, in bytes. */
  readonly payloadBytesMax: number
  program(revisionKey: RevisionKey): Promise<Program>
  /** How new children run that ask nothing of the world. */
  runAtOnce(request: MapRunRequest): Promise<RunAtOnce>
  readonly keepTrying: KeepTrying
  /** The run of that execution is driven here. */
  holds(executionKey: ExecutionKey): boolean
  /** A commit was refused because another node has the execution. */
  fenced(executionKey: ExecutionKey): void
  /**
   * Runs a PENDING, PENDING_REDRIVE or interrupted child; resolves once its end is durable. `isNew`: nobody can have run it
   * before. Undefined: the runtime closes before that, or another node drives the run. Never rejects.
   */
  runChild(child: ExecutionRecord, isNew: boolean, run: MapRunOf): Promise<Pick<ExecutionRecord, 'status'> | undefined>
  /** It is asked again as long as the child runs. */
  abortChild(child: AbortedChild): void
  /** Tells the parent how the run, redriven so often, has ended; resolves once durable. Repeated after a crash. */
  ended(request: MapRunRequest, end: MapRunEnd, redriveCount: number): Promise<void>
}
