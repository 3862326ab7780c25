/**
 * Sees the disk that nodes share as it is, and every write to it: who holds which shard, how they came by it and how they lost
 * it. So it knows who may write, and when a call may be made again.
 */
import { type ExecutionKey, type NodeId, type Shard, shardOf } from '../../src/base/ids.ts'

import type { Leases, Store, TurnRecord } from '../../src/store/contract.ts'
import type { MemoryDisk } from '../../src/store/memory/disk.ts'

import type { Life } from './scheduler.ts'
import { withOwn } from './with-own.ts'

/** A shard in a node's hands, from its taking on. `lost`: another took it when the lease had run out. */
interface Tenure {
  readonly shard: Shard
  readonly life: Life
  readonly epoch: number
  end?: 'released' | 'lost'
}

/** A call that was made. */
interface Effect {
  readonly life: Life
  readonly tenure: Tenure | undefined
}

export interface WitnessPorts {
  readonly disk: MemoryDisk
  now(): number
  violate(what: string): void
}

export class Witness {
  readonly #ports: WitnessPorts
  readonly #nodes = new Map<Life, NodeId>()
  readonly #aliveUntil = new Map<NodeId, number>()
  /** The last of each shard, and of each shard and life. */
  readonly #tenures = new Map<Shard, Tenure>()
  readonly #ofLife = new Map<Life, Map<Shard, Tenure>>()
  readonly #writers = new Map<string, Life>()
  readonly #effects = new Map<string, Effect>()
  readonly #calls = new Map<string, number>()

  constructor(ports: WitnessPorts) {
    this.#ports = ports
  }

  /** Calls that were made more than once, whatever the reason. */
  get madeAgain(): readonly string[] {
    return [...this.#calls].filter(([, times]) => times > 1).map(([key]) => key)
  }

  /** The same store, watched. */
  watch(store: Store, lifeOf: () => Life): Store {
    const { leases } = store
    return withOwn<Store>(store, {
      ...(leases && { leases: this.#watchLeases(leases, lifeOf) }),
      commit: (turns) => {
        const outcomes = store.commit(turns)
        const holders = turns.map(({ key }) => this.#ports.disk.shards.get(shardOf(key)))
        return outcomes.then((all) => {
          for (const [index, outcome] of all.entries())
            if (outcome === 'committed') this.#wrote(lifeOf(), (turns[index] as TurnRecord).key, holders[index])
          return all
        })
      },
      commitMapRun: async (turn) => {
        const executionKey = this.#ports.disk.mapRuns.get(turn.key)?.executionKey
        const outcome = await store.commitMapRun(turn)
        if (outcome === 'committed' && executionKey !== undefined)
          this.#wrote(lifeOf(), executionKey, this.#ports.disk.shards.get(shardOf(executionKey)))
        return outcome
      },
    })
  }

  /**
   * A call is made. `mayBeMadeAgain`: of calls of that life nobody can say whether they took effect. Nobody makes a call a second
   * time unless the node that made it died, or lost the shard to another that took it for dead.
   */
  called(life: Life, call: string, key: ExecutionKey | undefined, mayBeMadeAgain: (life: Life) => boolean): void {
    this.#calls.set(call, (this.#calls.get(call) ?? 0) + 1)
    const before = this.#effects.get(call)
    const effect = { life, tenure: key === undefined ? undefined : this.#ofLife.get(life)?.get(shardOf(key)) }
    this.#effects.set(call, effect)
    if (!before) return
    const isExcused = ({ life: maker, tenure }: Effect) => mayBeMadeAgain(maker) || tenure?.end === 'lost'
    if (!isExcused(before) && !isExcused(effect))
      this.#ports.violate(`${call} is called again by ${life.name}, and ${before.life.name} that has called it before lives`)
  }

  #watchLeases(leases: Leases, lifeOf: () => Life): Leases {
    const { disk, now, violate } = this.#ports
    return withOwn<Leases>(leases, {
      join: async (url) => {
        const id = await leases.join(url)
        this.#nodes.set(lifeOf(), id)
        this.#lives(lifeOf(), leases.leaseMs)
        return id
      },
      renew: async () => {
        const table = await leases.renew()
        this.#lives(lifeOf(), leases.leaseMs)
        return table
      },
      take: async (...of) => {
        const before = new Map(disk.shards)
        const taken = await leases.take(...of)
        const life = lifeOf()
        for (const shard of taken) {
          const row = before.get(shard)
          if (row?.holder !== undefined && (this.#aliveUntil.get(row.holder) ?? 0) > now())
            violate(`${life.name} takes a shard from ${row.holder}, which lives`)
          this.#took(life, shard)
        }
        return taken
      },
      release: (shards) => {
        this.#gaveUp(lifeOf(), shards)
        return leases.release(shards)
      },
      leave: () => {
        this.#lives(lifeOf(), 0)
        this.#gaveUp(lifeOf(), [...(this.#ofLife.get(lifeOf())?.keys() ?? [])])
        return leases.leave()
      },
    })
  }

  #lives(life: Life, leaseMs: number): void {
    const id = this.#nodes.get(life)
    if (id !== undefined) this.#aliveUntil.set(id, this.#ports.now() + leaseMs)
  }

  #took(life: Life, shard: Shard): void {
    const { disk, violate } = this.#ports
    const epoch = disk.shards.get(shard)?.epoch ?? 0
    const before = this.#tenures.get(shard)
    if (before && epoch <= before.epoch) violate(`${life.name} takes a shard, and its epoch is not a new one`)
    if (before) before.end ??= 'lost'
    const tenure = { shard, life, epoch }
    this.#tenures.set(shard, tenure)
    const own = this.#ofLife.get(life) ?? new Map<Shard, Tenure>()
    this.#ofLife.set(life, own.set(shard, tenure))
  }

  #gaveUp(life: Life, shards: readonly Shard[]): void {
    for (const shard of shards) {
      const tenure = this.#ofLife.get(life)?.get(shard)
      if (tenure) tenure.end ??= 'released'
    }
  }

  #wrote(life: Life, key: ExecutionKey, row: { readonly holder: NodeId | undefined; readonly epoch: number } | undefined): void {
    const { violate } = this.#ports
    if (row?.holder === undefined || row.holder !== this.#nodes.get(life))
      return violate(`${life.name} has written a turn of the execution ${key}, which ${row?.holder ?? 'nobody'} holds`)
    const place = `${shardOf(key)} ${row.epoch}`
    const writer = this.#writers.get(place) ?? life
    this.#writers.set(place, writer)
    if (writer !== life) violate(`${life.name} and ${writer.name} have written in one epoch of a shard`)
  }
}
