/**
 * The store in memory: for tests, simulations, and whatever need not outlive its process. Every method is carried out the
 * moment it is called, so what a promise of the contract says of "resolved" holds from the call on.
 */
import { toExecutionKey } from '../../base/ids.ts'

import type { Store } from '../contract.ts'
import { activityOperations } from './activities.ts'
import { definitionOperations } from './definitions.ts'
import type { MemoryDisk } from './disk.ts'
import { executionOperations } from './executions.ts'
import { logOperations } from './log.ts'
import { mapRunOperations } from './map-runs.ts'
import { tagOperations } from './tags.ts'

export function openMemoryStore(disk: MemoryDisk): Store {
  let lastKey = disk.last.execution
  return {
    newExecutionKey: () => toExecutionKey(++lastKey),
    ...executionOperations(disk),
    ...logOperations(disk),
    ...mapRunOperations(disk),
    ...definitionOperations(disk),
    ...activityOperations(disk),
    ...tagOperations(disk),
    health: () => ({ status: 'ok' }),
    async close() {},
  }
}
