/** All kinds, and the order in which they are read: who runs as which role is known at the end. */
import type { Inventory, Kind } from '../inventory.ts'
import type { Source } from '../source.ts'

import { readActivities } from './activities.ts'
import { readFunctions } from './functions.ts'
import { readMachines } from './machines.ts'
import { readParameters } from './parameters.ts'
import { readQueues } from './queues.ts'
import { readRoles } from './roles.ts'
import { readRules } from './rules.ts'
import { readSchedules } from './schedules.ts'
import { readTables } from './tables.ts'
import { readTopics } from './topics.ts'

const READERS: Readonly<Record<Kind, (source: Source, inventory: Inventory) => Promise<void>>> = {
  queues: readQueues,
  topics: readTopics,
  tables: readTables,
  parameters: readParameters,
  activities: readActivities,
  functions: readFunctions,
  machines: readMachines,
  rules: readRules,
  schedules: readSchedules,
  roles: readRoles,
}

/** A kind that is refused as a whole is left, and the rest goes on. */
export async function readAll(source: Source, inventory: Inventory, wanted: ReadonlySet<string>): Promise<void> {
  for (const kind of Object.keys(READERS).filter((name): name is Kind => wanted.has(name)))
    await inventory.attempt(kind, `all ${kind}`, () => READERS[kind](source, inventory))
}
