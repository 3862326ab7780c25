/**
 * What whoever takes shards looks at, in order: executions that a process before this one had in hand, then its Map Runs. Those
 * that only wait are not looked at: the scheduler wakes them when they are due.
 */
import { type Shard, toExecutionKey } from '../base/ids.ts'

import type { Store } from '../store/contract.ts'

import type { MapRuns } from './distributed-map/map-runs.ts'
import type { Driver } from './driver.ts'

const AT_ONCE = 200

export interface RecoveryPorts {
  readonly store: Store
  readonly driver: Driver
  readonly mapRuns: MapRuns
  breathe(): Promise<void>
}

/** Resolves when all of it is in hand. Rejects when the store fails. */
export async function recover({ store, driver, mapRuns, breathe }: RecoveryPorts, shards: readonly Shard[]): Promise<void> {
  for (let after = toExecutionKey(0); ; ) {
    const keys = await store.busy(shards, after, AT_ONCE)
    await Promise.all(keys.map((key) => driver.recover(key)))
    await breathe()
    const last = keys.at(-1)
    if (last === undefined || keys.length < AT_ONCE) break
    after = last
  }
  await mapRuns.resume(shards)
}
