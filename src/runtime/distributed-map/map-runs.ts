/**
 * All Map Runs of this process: begun by a state's command, taken up again after a restart or from another node, stopped with
 * their parent. A run is driven where its parent's shard is held.
 */
import { type MapRunArn, partArn } from '../../base/arn.ts'
import { assert } from '../../base/assert.ts'
import { type ExecutionKey, type Shard, shardOf } from '../../base/ids.ts'

import { beginMapRun, redriveMapRun } from '../../engine/map-run/step.ts'
import type { MapRunRequest } from '../../engine/map-run/state.ts'
import type { MapRunLimits } from '../../engine/map-run/tolerance.ts'
import type { MapRunRecord } from '../../store/contract.ts'

import { type Fate, isLost } from '../activation.ts'
import { MapRun } from './map-run.ts'
import { commitRun, foldLogOf, printKept } from './map-run-log.ts'
import type { MapRunPorts } from './ports.ts'

interface Driven {
  run: MapRun
  readonly executionKey: ExecutionKey
  over: Promise<unknown>
}

export class MapRuns {
  readonly #ports: MapRunPorts
  readonly #opening = new Map<string, Promise<void>>()
  readonly #running = new Map<string, Driven>()
  #isClosed = false

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

  /** Goes on with a run when it has ended, as it is about to: its children that did not succeed run again. */
  redrive(request: MapRunRequest, redriveCount: number): Promise<void> {
    return this.#inTurn(request.mapRunArn, () => this.#redrive(request, redriveCount))
  }

  /** One opening of a run at a time: a row that was read before another opening is not driven after it. */
  #inTurn(arn: MapRunArn, open: () => Promise<void>): Promise<void> {
    const opened = (this.#opening.get(arn) ?? Promise.resolve()).catch(() => {}).then(open)
    const last = opened.finally(() => {
      if (this.#opening.get(arn) === last) this.#opening.delete(arn)
    })
    this.#opening.set(arn, last)
    return last
  }

  async #start(request: MapRunRequest): Promise<void> {
    const { store, clock, entropy, holds } = this.#ports
    if (this.#running.has(request.mapRunArn) || !holds(request.executionKey)) return
    const { mapRunArn, executionKey, executionArn, stateMachineArn, mapState } = request
    const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = request
    const startAt = clock.now()
    const row: Omit<MapRunRecord, 'key'> = {
      arn: mapRunArn,
      executionKey,
      executionArn,
      mapState,
      status: 'RUNNING',
      startAt,
      // As ListMapRuns tells it (recorded: api_map_run).
      stateMachineArn: partArn(stateMachineArn, request.label),
      maxConcurrency,
      toleratedFailureCount,
      toleratedFailurePercentage,
      redriveCount: 0,
      settings: printKept(request),
      itemsRead: 0,
      isReadingDone: false,
      resultsWritten: 0,
    }
    this.#drive(await store.createMapRun(row, [beginMapRun(startAt, { seed: entropy.seed() })]))
  }

  async #redrive(request: MapRunRequest, redriveCount: number): Promise<void> {
    const { store, clock, entropy, holds } = this.#ports
    const { mapRunArn } = request
    if (this.#isClosed || !holds(request.executionKey)) return
    await this.#running.get(mapRunArn)?.over
    const record = await store.wholeMapRun(mapRunArn)
    assert(record, 'a run that is redriven was created')
    const state = await foldLogOf(this.#ports, record, entropy)
    const events = redriveMapRun(state, clock.now(), redriveCount)
    if (events.length === 0) {
      this.#drive(record)
      // It was left before it had ended, as it is about to.
      return state.redriveCount < redriveCount ? this.#redrive(request, redriveCount) : undefined
    }
    await commitRun(this.#ports, record, state, { events, redrive: request })
    this.#drive({ ...record, settings: printKept(request) })
  }

  /** All runs of these shards that were left. Those whose parent ended before it could stop them are stopped now. */
  async resume(shards: readonly Shard[]): Promise<void> {
    const { store, keepTrying, holds } = this.#ports
    for (const record of await store.runningMapRuns(shards)) {
      const parent = await store.executionByKey(record.executionKey)
      // Requests are served meanwhile: the run may be in hand already, or over.
      const now = await store.wholeMapRun(record.arn)
      if (now?.status !== 'RUNNING' || this.#running.has(record.arn) || !holds(record.executionKey)) continue
      this.#drive(now)
      if (parent?.status !== 'RUNNING') void keepTrying.until('stopping a Map Run', () => this.stop(record.arn))
    }
  }

  /** Leaves the runs of these shards as they stand: another node drives them. */
  letGo(shards: ReadonlySet<Shard>): void {
    for (const [arn, { run, executionKey }] of [...this.#running]) {
      if (!shards.has(shardOf(executionKey))) continue
      run.detach()
      this.#running.delete(arn)
    }
  }

  /** The Map state has ended without the run: no child runs on. Rejects when that could not be recorded. */
  async stop(mapRunArn: MapRunArn): Promise<void> {
    const fate = await this.#running.get(mapRunArn)?.run.send({ type: 'Stop' })
    if (fate !== undefined && isLost(fate)) throw new Error('it could not be recorded')
  }

  /** Limits of a run that goes on; `refused` when it does not. Never rejects. */
  async changeLimits(mapRunArn: MapRunArn, limits: Partial<MapRunLimits>): Promise<Fate> {
    const driven = this.#running.get(mapRunArn)
    if (driven) return driven.run.send({ type: 'LimitsChanged', limits })
    // It is over, or nobody has taken it up yet.
    const row = await this.#ports.store.mapRun(mapRunArn).catch(() => 'unknown' as const)
    return row === 'unknown' || row?.status === 'RUNNING' ? 'lost' : 'refused'
  }

  close(): void {
    this.#isClosed = true
    for (const { run } of this.#running.values()) run.detach()
    this.#running.clear()
  }

  /** Begins to drive a run, unless it is driven already. Where our own store fails it, it is taken up anew from its rows. */
  #drive(record: MapRunRecord): void {
    const { arn, executionKey } = record
    if (this.#running.has(arn)) return
    const { keepTrying, store, holds } = this.#ports
    const driven: Driven = { run: new MapRun(this.#ports, record), executionKey, over: Promise.resolve() }
    this.#running.set(arn, driven)
    let isFirst = true
    const drive = async () => {
      const now = isFirst ? record : await store.wholeMapRun(arn)
      // It may have gone and come again: then somebody else here drives it.
      if (!now || !holds(executionKey) || this.#running.get(arn) !== driven) return
      if (!isFirst) driven.run = new MapRun(this.#ports, now)
      isFirst = false
      await driven.run.run()
    }
    // Not before whoever drives it has said what is known already, so that a run to be stopped starts nothing.
    driven.over = Promise.resolve()
      .then(() => keepTrying.until('a Map Run', drive))
      .finally(() => {
        if (this.#running.get(arn) === driven) this.#running.delete(arn)
      })
  }
}
