/** Every write the store knows, by name: the thread that writes carries them out, the one that asks names them. */
import type { Database } from '../../sqlite/database.ts'

import { activityWrites } from './activities.ts'
import { definitionWrites } from './definitions.ts'
import { executionWrites } from './executions.ts'
import { logWrites } from './log.ts'
import { mapRunWrites } from './map-runs.ts'
import { tagWrites } from './tags.ts'

export function allWrites(db: Database) {
  return {
    ...definitionWrites(db),
    ...activityWrites(db),
    ...tagWrites(db),
    ...executionWrites(db),
    ...logWrites(db),
    ...mapRunWrites(db),
  }
}

export type Writes = ReturnType<typeof allWrites>
