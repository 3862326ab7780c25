/**
 * The store in memory: for tests, simulations, and whatever need not outlive its process. Every method is carried out the
 * moment it is called, so what a promise of the contract says of "resolved" holds from the call on. Several may be opened on
 * one disk, as nodes that share it.
 */
import { ALL_SHARDS, type ExecutionKey, shardOf, toExecutionKey } from '../../base/ids.ts'

import type { Store } from '../contract.ts'
import { activityOperations } from './activities.ts'
import { definitionOperations } from './definitions.ts'
import type { MemoryDisk } from './disk.ts'
import { executionOperations } from './executions.ts'
import { type LeaseOptions, MemoryLeases } from './leases.ts'
import { logOperations } from './log.ts'
import { mapRunOperations } from './map-runs.ts'
import { tagOperations } from './tags.ts'

const STRIDE = 101

/** With `shared`, the store of one of several nodes. */
export function openMemoryStore(disk: MemoryDisk, shared?: LeaseOptions): Store {
  const leases = shared && new MemoryLeases(disk, shared)
  const isHeld = (key: ExecutionKey) => leases === undefined || leases.checks(shardOf(key))
  let lastKey = disk.last.execution
  let turn = 0
  return {
    ...(leases && { leases }),
    newExecutionKey(where = 'here') {
      if (!leases) return toExecutionKey(++lastKey)
      const shards = where === 'anywhere' ? ALL_SHARDS : [...leases.held()]
      // Neighbours go to different nodes.
      const shard = shards[(turn++ * STRIDE) % shards.length]
      if (shard === undefined) throw new Error('this node holds no shard')
      disk.last.execution = (Math.floor(disk.last.execution / ALL_SHARDS.length) + 1) * ALL_SHARDS.length + shard
      return toExecutionKey(disk.last.execution)
    },
    ...executionOperations(disk, isHeld),
    ...logOperations(disk),
    ...mapRunOperations(disk, isHeld),
    ...definitionOperations(disk),
    ...activityOperations(disk),
    ...tagOperations(disk),
    health: () => ({ status: 'ok' }),
    async close() {},
  }
}
