/**
 * What this node believes of itself: its number, the session that its connections write under, and the epochs of the shards that
 * it holds. Every write is checked against the tables by these (functions/commit.ts).
 */
import { assert } from '../../base/assert.ts'
import type { Shard } from '../../base/ids.ts'

import { arrayOf } from './binary-array.ts'
import type { SqlValue } from './shape.ts'

/** Shards as they are told with a write. */
export interface Told {
  readonly session: number
  readonly epochs: ReadonlyMap<Shard, number>
  /** The first four arguments of the functions that write. */
  readonly values: readonly SqlValue[]
}

export class Fence {
  readonly #epochs = new Map<Shard, number>()
  #node: number | undefined
  session = 0

  get node(): number {
    assert(this.#node !== undefined, 'the node has joined')
    return this.#node
  }

  get hasJoined(): boolean {
    return this.#node !== undefined
  }

  join(node: number): void {
    this.#node = node
  }

  /** The same set as long as nothing changes. */
  held(): ReadonlySet<Shard> {
    return (this.#held ??= new Set(this.#epochs.keys()))
  }
  #held: ReadonlySet<Shard> | undefined

  epochOf(shard: Shard): number | undefined {
    return this.#epochs.get(shard)
  }

  take(shard: Shard, epoch: number): void {
    this.#epochs.set(shard, epoch)
    this.#held = undefined
  }

  /** With an epoch: unless the shard has been taken anew since. */
  lose(shard: Shard, epoch?: number): void {
    if (epoch !== undefined && this.#epochs.get(shard) !== epoch) return
    this.#epochs.delete(shard)
    this.#held = undefined
  }

  loseAll(): void {
    this.#epochs.clear()
    this.#held = undefined
  }

  /** Of these shards, those that are held. */
  tell(shards: Iterable<Shard>): Told {
    const epochs = new Map<Shard, number>()
    for (const shard of shards) {
      const epoch = this.#epochs.get(shard)
      if (epoch !== undefined) epochs.set(shard, epoch)
    }
    const { node, session } = this
    return { session, epochs, values: [node, session, arrayOf('int4', epochs.keys()), arrayOf('int8', epochs.values())] }
  }

  /** What a refusal 'F…' names is lost. */
  refused(refusal: string, told: Told): ReadonlySet<Shard> {
    const lost = new Set(namesIn(refusal))
    const shards = new Set<Shard>()
    for (const [shard, epoch] of told.epochs) {
      if (!lost.has(shard)) continue
      shards.add(shard)
      this.lose(shard, epoch)
    }
    return shards
  }
}

/** Numbers behind the letter of a refusal. */
export const namesIn = (refusal: string): readonly number[] => refusal.slice(1).split(',').map(Number)
