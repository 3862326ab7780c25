/** What a Map Run is asked for, what it stands on, and how its request and its end are kept with it. */
import type { ArnPlace } from '../../base/arn.ts'
import type { Clock } from '../../base/clock.ts'
import type { Failure } from '../../base/failure.ts'
import type { Log } from '../../base/log.ts'
import { Payload } from '../../base/payload.ts'
import type { Entropy } from '../../base/random.ts'

import type { ObjectSource } from '../../items/source.ts'
import type { Spool } from '../../items/spool.ts'
import type { Program } from '../../asl/program.ts'
import type { MapRunStart } from '../../engine/command.ts'
import type { ExecutionRecord, Store } from '../../store/contract.ts'

import type { KeepTrying } from '../keep-trying.ts'

/** Plain JSON: it is kept with the run, so that a restart can take it up again. */
export interface MapRunRequest extends MapRunStart {
  readonly executionKey: number
  readonly executionArn: string
  readonly executionName: string
  readonly stateMachineArn: string
  readonly stateMachineName: string
  readonly stateMachineKey: number
  readonly revisionKey: number
}

export type MapRunEnd =
  | { readonly status: 'SUCCEEDED'; readonly output: Payload }
  | { readonly status: 'FAILED'; readonly failure: Failure }
  | { readonly status: 'ABORTED' }

/**
 * What stands in `MapRunRecord.settings`. `end` is written before anything follows from it: of a run that is RUNNING it is
 * what the run stops towards, of one that is over what the parent is told, as often as it asks.
 */
export interface KeptRun {
  readonly request: MapRunRequest
  readonly end?: KeptEnd
}

type KeptEnd = Exclude<MapRunEnd, { status: 'SUCCEEDED' }> | { readonly status: 'SUCCEEDED'; readonly output: string }

export const printKept = (request: MapRunRequest, end?: MapRunEnd): string =>
  JSON.stringify({
    request,
    ...(end && { end: end.status === 'SUCCEEDED' ? { status: end.status, output: end.output.text } : end }),
  } satisfies KeptRun)

export function readKept(settings: string): { readonly request: MapRunRequest; readonly end: MapRunEnd | undefined } {
  const { request, end } = JSON.parse(settings) as KeptRun
  return { request, end: end?.status === 'SUCCEEDED' ? { status: end.status, output: Payload.ofText(end.output) } : end }
}

export interface MapRunPorts {
  readonly store: Store
  readonly clock: Clock
  readonly entropy: Entropy
  /** Lets others have their turn. */
  breathe(): Promise<void>
  readonly log: Log
  readonly source: ObjectSource
  readonly spool: Spool
  readonly place: ArnPlace
  /** The largest output of a state, in bytes. */
  readonly payloadBytesMax: number
  program(revisionKey: number): Promise<Program>
  readonly keepTrying: KeepTrying
  /**
   * Runs a PENDING, PENDING_REDRIVE or interrupted child; resolves once its end is durable. `isNew`: nobody can have run it
   * before. Undefined: the runtime closes before that. Never rejects.
   */
  runChild(child: ExecutionRecord, isNew: boolean): Promise<ExecutionRecord | undefined>
  abortChild(key: number): void
  /** Tells the parent; resolves once durable. Repeated after a crash. */
  ended(request: MapRunRequest, end: MapRunEnd): Promise<void>
}
