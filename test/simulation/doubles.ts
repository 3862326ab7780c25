/** Where a simulation may put something false between the process and its world: planted bugs, to see that they are found. */
import type { Store } from '../../src/store/contract.ts'
import type { MemoryDisk } from '../../src/store/memory/disk.ts'
import type { ConnectorRegistry } from '../../src/tasks/registry.ts'
import type { ExecutionPort } from '../../src/control/execution-port.ts'

import type { Dice } from './dice.ts'
import type { Life, Scheduler } from './scheduler.ts'

/** What a double may look at. */
export interface Stage {
  readonly life: Life
  readonly scheduler: Scheduler
  readonly dice: Dice
  readonly disk: MemoryDisk
  /** The disk as a store writes to it that is asked for no lease. */
  readonly unfenced: Store
  isStopping(): boolean
  /** Cuts the calls that the process has open. */
  cutCalls(): void
}

export interface Doubles {
  /** What the process takes for the store. */
  store(store: Store, stage: Stage): Store
  connectors(registry: ConnectorRegistry, stage: Stage): ConnectorRegistry
  /** What control takes for the runtime. */
  room(room: ExecutionPort, stage: Stage): ExecutionPort
  /** Before the runtime is closed. */
  stopping(stage: Stage): void
  /** Puts a bug into the code itself for one run; the answer takes it out again. */
  plant(): () => void
}

export const HONEST: Doubles = {
  store: (store) => store,
  connectors: (registry) => registry,
  room: (room) => room,
  stopping() {},
  plant: () => () => {},
}
