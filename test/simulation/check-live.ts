/** While it runs: whenever a turn is told to be durable, what the process has in memory is what the log folds to. */
import { shown } from '../../src/engine/flow-in-test.ts'
import type { Observed, Observer } from '../../src/runtime/activation.ts'

import { eventsOf, folded } from './folded.ts'
import type { World } from './world.ts'

/** Folding is dear: every so many turns. */
const EVERY = 3

export class LiveCheck implements Observer {
  readonly #world: World
  #turns = 0

  constructor(world: World) {
    this.#world = world
  }

  committed(execution: Observed): void {
    this.#check(execution)
    if (this.#world.sky.observerFails) throw new Error('an observer fails')
  }

  #check({ record, state }: Observed): void {
    if (record.type === 'EXPRESS' || this.#turns++ % EVERY > 0) return
    const { disk } = this.#world
    const row = disk.executions.get(record.key)
    if (!row) return this.#world.violate(`${record.name} is told to be durable and has no row`)
    const events = eventsOf(disk, record.key)
    // Another node may have gone on with it since.
    const logged = this.#world.isShared ? Math.min(events.length, state.sequence) : events.length
    const fold = folded(disk, row, events.slice(0, logged))
    if (!fold) return this.#world.violate(`the revision that ${record.name} runs is gone`)
    if (logged !== state.sequence)
      this.#world.violate(`${record.name} has ${state.sequence} events in memory and ${logged} in the log`)
    else if (shown(fold) !== shown(state)) this.#world.violate(`the log of ${record.name} does not fold to its state`)
  }
}
