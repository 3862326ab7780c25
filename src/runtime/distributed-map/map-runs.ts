/** All Map Runs of this process: begun by a state's command, taken up again after a restart, stopped with their parent. */
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
import type { ExecutionRecord, MapRunRecord, Store } from '../../store/contract.ts'

import type { KeepTrying } from '../keep-trying.ts'
import { MapRun } from './map-run.ts'

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

export class MapRuns {
  readonly #ports: MapRunPorts
  readonly #opening = new Map<string, Promise<void>>()
  readonly #running = new Map<string, { readonly run: MapRun; readonly over: Promise<unknown> }>()

  constructor(ports: MapRunPorts) {
    this.#ports = ports
  }

  get size(): number {
    return this.#running.size
  }

  /** Begins the run, or takes up the one of that ARN. Resolves when its row is durable. */
  start(request: MapRunRequest): Promise<void> {
    return this.#inTurn(request.mapRunArn, () => this.#start(request))
  }

  /** Goes on with a run that has ended, or is about to: its children that did not succeed run again. */
  redrive(request: MapRunRequest, redriveCount: number): Promise<void> {
    return this.#inTurn(request.mapRunArn, () => this.#redrive(request, redriveCount))
  }

  /** One opening of a run at a time: a row that was read before another opening is not driven after it. */
  #inTurn(arn: string, open: () => Promise<void>): Promise<void> {
    const opened = (this.#opening.get(arn) ?? Promise.resolve()).catch(() => {}).then(open)
    const last = opened.finally(() => {
      if (this.#opening.get(arn) === last) this.#opening.delete(arn)
    })
    this.#opening.set(arn, last)
    return last
  }

  async #start(request: MapRunRequest): Promise<void> {
    if (this.#running.has(request.mapRunArn)) return
    const { store, clock } = this.#ports
    const { mapRunArn, executionKey, executionArn, stateMachineArn, mapState } = request
    const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = request
    const record = await store.createMapRun({
      ...{ arn: mapRunArn, executionKey, executionArn, mapState, status: 'RUNNING', startAt: clock.now() },
      // As ListMapRuns tells it (recorded: api_map_run).
      stateMachineArn: `${stateMachineArn}/${request.label}`,
      ...{
        maxConcurrency,
        toleratedFailureCount,
        toleratedFailurePercentage,
        redriveCount: 0,
        settings: printKept(request),
      },
      ...{ itemsRead: 0, isReadingDone: false, resultsWritten: 0 },
    })
    this.#drive(record)
  }

  async #redrive(request: MapRunRequest, redriveCount: number): Promise<void> {
    const { store, clock } = this.#ports
    const { mapRunArn } = request
    await this.#running.get(mapRunArn)?.over
    this.#drive(await store.redriveMapRun(mapRunArn, redriveCount, clock.now(), printKept(request)))
  }

  /** All runs that a process before this one left. Those whose parent ended before it could stop them are stopped now. */
  async resume(): Promise<void> {
    const { store, keepTrying } = this.#ports
    for (const record of await store.runningMapRuns()) {
      const parent = await store.executionByKey(record.executionKey)
      // Requests are served meanwhile: the run may be in hand already, or over.
      const now = await store.wholeMapRun(record.arn)
      if (now?.status !== 'RUNNING' || this.#running.has(record.arn)) continue
      this.#drive(now)
      if (parent?.status !== 'RUNNING') void keepTrying.until('stopping a Map Run', () => this.stop(record.arn))
    }
  }

  async stop(mapRunArn: string): Promise<void> {
    await this.#running.get(mapRunArn)?.run.stop()
  }

  changed(mapRunArn: string): void {
    void this.#ports.keepTrying.until('taking new limits into a Map Run', async () =>
      this.#running.get(mapRunArn)?.run.reloadLimits(),
    )
  }

  close(): void {
    for (const { run } of this.#running.values()) run.detach()
    this.#running.clear()
  }

  /** Begins to drive a run, unless it is driven already. Where our own store fails it, it is taken up anew from its rows. */
  #drive(record: MapRunRecord): void {
    const { arn } = record
    if (this.#running.has(arn)) return
    const { keepTrying, store } = this.#ports
    const driven = { run: new MapRun(this.#ports, record), over: Promise.resolve<unknown>(undefined) }
    this.#running.set(arn, driven)
    let isFirst = true
    const drive = async () => {
      const now = isFirst ? record : await store.wholeMapRun(arn)
      if (!now) return
      if (!isFirst) driven.run = new MapRun(this.#ports, now)
      isFirst = false
      await driven.run.run()
    }
    // Not before whoever drives it has said what is known already, so that a run to be stopped starts nothing.
    driven.over = Promise.resolve()
      .then(() => keepTrying.until('a Map Run', drive))
      .finally(() => this.#running.delete(arn))
  }
}
