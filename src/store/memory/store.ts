/**
 * The store in memory: for tests, simulations, and whatever need not outlive its process. Every method is carried out the
 * moment it is called, so what a promise of the contract says of "resolved" holds from the call on.
 */
import { toExecutionKey } from '../../base/ids.ts'

import type { Store } from '../contract.ts'
import { activityVerbs } from './activities.ts'
import { definitionVerbs } from './definitions.ts'
import type { MemoryDisk } from './disk.ts'
import { executionVerbs } from './executions.ts'
import { logVerbs } from './log.ts'
import { mapRunVerbs } from './map-runs.ts'
import { tagVerbs } from './tags.ts'

export function openMemoryStore(disk: MemoryDisk): Store {
  let lastKey = disk.last.execution
  return {
    newExecutionKey: () => toExecutionKey(++lastKey),
    ...executionVerbs(disk),
    ...logVerbs(disk),
    ...mapRunVerbs(disk),
    ...definitionVerbs(disk),
    ...activityVerbs(disk),
    ...tagVerbs(disk),
    health: () => ({ status: 'ok' }),
    async close() {},
  }
}
