/**
 * Runs the children of Map Runs: here where their shards are held here, else at the node that holds them. Where a shard moves
 * while its child runs, whoever has it then is asked; what a child has come to, its row says.
 */
import type { ArnScope } from '../../base/arn.ts'
import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import { type ExecutionKey, type Shard, shardOf } from '../../base/ids.ts'
import { Payload } from '../../base/payload.ts'

import { newExecutionState } from '../../engine/state.ts'
import type { ExecutionRecord, Store } from '../../store/contract.ts'

import { newActivation } from '../activation.ts'
import type { Driver } from '../driver.ts'
import { identityOf } from '../identity.ts'
import type { KeepTrying } from '../keep-trying.ts'
import type { Programs } from '../programs.ts'
import type { MapRunOf } from './ports.ts'

/** How a child has ended, as far as its run needs to know. */
export type EndedChild = Pick<ExecutionRecord, 'status'>

export interface ChildrenPorts {
  readonly store: Store
  readonly clock: Clock
  readonly arnScope: ArnScope
  readonly programs: Programs
  readonly driver: Driver
  readonly keepTrying: KeepTrying
  holds(key: ExecutionKey): boolean
  /** By the node that holds it; `moved` when that is this one now. Undefined: the run is not driven here any more, or nothing is. */
  runElsewhere(child: ExecutionRecord, isNew: boolean, run: MapRunOf): Promise<EndedChild | 'moved' | undefined>
}

type Ended = EndedChild | 'moved' | undefined

export class Children {
  readonly #ports: ChildrenPorts
  /** Those that are run here: whoever asks for one again, as a run that is taken up anew does, has the same end. */
  readonly #running = new Map<ExecutionKey, { readonly ended: Promise<Ended>; move(): void }>()

  constructor(ports: ChildrenPorts) {
    this.#ports = ports
  }

  /** Children that are run here. */
  get size(): number {
    return this.#running.size
  }

  /** Undefined: the runtime closes before the child has ended, or another node drives its run. Never rejects. */
  async run(child: ExecutionRecord, isNew: boolean, run: MapRunOf): Promise<EndedChild | undefined> {
    for (let isFirst = true; ; isFirst = false) {
      const isUntouched = isNew && isFirst
      const ended = this.#ports.holds(child.key)
        ? await this.runHere(child, isUntouched, run)
        : await this.#ports.runElsewhere(child, isUntouched, run)
      if (ended !== 'moved') return ended
    }
  }

  /** `moved`: its shard is not held here, or not any more. `isNew`: nobody can have run it before. Never rejects. */
  runHere(child: ExecutionRecord, isNew: boolean, run: MapRunOf): Promise<Ended> {
    const { key } = child
    const running = this.#running.get(key)
    if (running) return running.ended
    const { promise, resolve } = Promise.withResolvers<Ended>()
    const entry = { ended: promise, move: () => resolve('moved') }
    this.#running.set(key, entry)
    void promise.then(() => {
      if (this.#running.get(key) === entry) this.#running.delete(key)
    })
    this.#begin(child, isNew, run, promise, resolve)
    return promise
  }

  /** Their shards are another node's. */
  letGo(shards: ReadonlySet<Shard>): void {
    for (const [key, { move }] of [...this.#running]) {
      if (!shards.has(shardOf(key))) continue
      this.#running.delete(key)
      move()
    }
  }

  #begin(child: ExecutionRecord, isNew: boolean, run: MapRunOf, over: Promise<Ended>, end: (ended: Ended) => void): void {
    const { driver, keepTrying, store, holds } = this.#ports
    const takeBack = driver.whenEnded(child.key, end)
    void over.then(takeBack)
    let isKnown = isNew
    const begun = keepTrying.until('starting a child of a Map Run', async () => {
      if (!holds(child.key)) return 'moved'
      // What an earlier attempt has left behind is for the store to say.
      const now = isKnown ? child : ((await store.executionByKey(child.key)) ?? child)
      isKnown = false
      return (await this.#start(now, run)) ?? 'begun'
    })
    void begun.then((ended) => ended !== 'begun' && end(ended))
  }

  /** Sees to it that a child runs; its record when it has ended already. */
  async #start(child: ExecutionRecord, { mapRunArn, testCase }: MapRunOf): Promise<EndedChild | undefined> {
    const { store, clock, arnScope, driver, programs } = this.#ports
    if (driver.find(child.key)) return undefined
    if (child.type === 'STANDARD' && child.status === 'RUNNING') {
      // In hand since recovery, or parked; or it ended in between.
      const now = await store.executionByKey(child.key)
      return now && now.status !== 'RUNNING' ? now : undefined
    }
    const isRedriven = child.status === 'PENDING_REDRIVE'
    if (!isRedriven && child.status !== 'PENDING') return child
    if (isRedriven && child.type === 'STANDARD' && child.lastEventId > 0) {
      const activation = await driver.load(child.key, true)
      if (!activation) throw new Error('a child that is redriven has a log')
      driver.post(activation, { type: 'Redrive' })
      return undefined
    }
    const { program, roleArn, loggingConfiguration } = await programs.runnable(child.revisionKey)
    const startAt = clock.now()
    const identity = { ...identityOf(child, roleArn, arnScope), ...(testCase !== undefined && { testCase }) }
    const state = newExecutionState(program, identity, Payload.ofText(child.input), startAt)
    // An Express child is redriven by a start from the beginning.
    if (isRedriven) state.redriveCount = child.redriveCount + 1
    const activation = newActivation({ ...child, startAt }, state, { loggingConfiguration, mapRunArn })
    const outcome = await driver.start(activation, true)
    assert(outcome !== 'name-taken' && outcome !== 'machine-gone', 'the row of a child is there')
    if (outcome !== 'started') throw new Error('its start could not be recorded')
    return undefined
  }
}
