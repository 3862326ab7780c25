/**
 * Keys of executions: 53 bits, of which 14 are the day since 2026-01-01, 31 a counter of the day, and the lowest 8 the shard.
 * Counters come in blocks from the database, which no two nodes share; with one counter a key is made in each shard, once. The
 * next block is fetched before the last one is used up, and one of the new day when the day has turned.
 */
import { systemClock } from '../../base/clock.ts'
import { ALL_SHARDS, type ExecutionKey, type Shard, shardOf, toExecutionKey } from '../../base/ids.ts'
import { describeBug, type Log } from '../../base/log.ts'

import { row } from '../../sqlite/row.ts'

import type { Query } from './channel.ts'
import { integer, key } from './shape.ts'
import { prepared } from './statement.ts'

const BLOCK = 16_384
const FETCH_BELOW = BLOCK / 2
const DAY_MS = 86_400_000
const FIRST_DAY = Date.UTC(2026, 0, 1) / DAY_MS
export const DAY_KEYS = 2 ** 39
export const SHARD_COUNT = ALL_SHARDS.length
const COUNTERS_A_DAY = 2 ** 31
/** Neighbours go to different nodes, which hold shards in rows. */
const STRIDE = 101
const SPREAD_SHARDS = ALL_SHARDS.map((_, i) => ALL_SHARDS[(i * STRIDE) % ALL_SHARDS.length] ?? shardOf(toExecutionKey(0)))

export const NEXT_BLOCK = prepared(
  `INSERT INTO key_blocks (day, next) VALUES (regente_today_v1(), ${BLOCK})
   ON CONFLICT (day) DO UPDATE SET next = key_blocks.next + ${BLOCK} RETURNING day, next`,
  row({ day: integer, next: key<number>() }),
)

interface Block {
  readonly day: number
  next: number
  readonly end: number
}

/** A counter, and the shards that it has not been used in. */
interface Round {
  readonly first: number
  readonly shards: readonly Shard[]
  place: number
}
const NO_ROUND: Round = { first: 0, shards: [], place: 0 }

export interface KeyPorts {
  readonly query: Query
  readonly held: () => ReadonlySet<Shard>
  readonly log: Log
}

export class Keys {
  readonly #ports: KeyPorts
  #blocks: Block[] = []
  #fetching: Promise<void> | undefined
  #dayAsked = 0
  #here = NO_ROUND
  #anywhere = NO_ROUND

  constructor(ports: KeyPorts) {
    this.#ports = ports
  }

  /** Before the first key is asked for. */
  async open(): Promise<void> {
    await this.#fetch()
  }

  /** Throws where this node holds no shard, or has no counter left: the database has not answered for long. */
  next(where: 'here' | 'anywhere' = 'here'): ExecutionKey {
    const { held } = this.#ports
    if (where === 'anywhere') {
      if (this.#anywhere.place === this.#anywhere.shards.length) this.#anywhere = this.#round(SPREAD_SHARDS)
      return keyOf(this.#anywhere, this.#anywhere.place++)
    }
    const shards = held()
    for (;;) {
      if (shards.size === 0) throw new Error('this node holds no shard')
      if (this.#here.place === this.#here.shards.length) this.#here = this.#round([...shards])
      const place = this.#here.place++
      const shard = this.#here.shards[place]
      if (shard !== undefined && shards.has(shard)) return keyOf(this.#here, place)
    }
  }

  #round(shards: readonly Shard[]): Round {
    const block = this.#blocks[0]
    const left = this.#blocks.reduce((sum, { next, end }) => sum + end - next, 0)
    const today = Math.floor(systemClock.now() / DAY_MS) - FIRST_DAY
    const hasTurned = block !== undefined && today > block.day && today !== this.#dayAsked
    if (left < FETCH_BELOW || hasTurned) {
      this.#dayAsked = today
      void this.#fetch().catch((error: unknown) => this.#ports.log.warn('no new execution keys', describeBug(error)))
    }
    if (!block) throw new Error('there is no execution key left: the database gave no new ones')
    const first = block.day * DAY_KEYS + block.next++ * ALL_SHARDS.length
    if (block.next === block.end) this.#blocks.shift()
    return { first, shards, place: 0 }
  }

  #fetch(): Promise<void> {
    this.#fetching ??= this.#add().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #add(): Promise<void> {
    const [block] = await this.#ports.query(NEXT_BLOCK)
    if (!block) throw new Error('the database gave no block of keys')
    if (block.next > COUNTERS_A_DAY) throw new Error('the keys of this day are used up')
    // What is left of another day is given up: its partition of the log may be gone before its keys are.
    this.#blocks = this.#blocks.filter(({ day }) => day === block.day)
    this.#blocks.push({ day: block.day, next: block.next - BLOCK, end: block.next })
  }
}

const keyOf = ({ first, shards }: Round, place: number): ExecutionKey => toExecutionKey(first + (shards[place] ?? 0))
