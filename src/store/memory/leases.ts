/** Who lives and who holds which shard, and the messages that nodes leave each other. */
import type { ExecutionArn } from '../../base/arn.ts'
import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import { ALL_SHARDS, type ExecutionKey, type NodeId, type Shard, shardOf, toNodeId } from '../../base/ids.ts'
import { toInstant } from '../../base/time.ts'

import type { InboxMessage, Leases, LeaseTable } from '../contract.ts'
import type { MemoryDisk } from './disk.ts'

export interface LeaseOptions {
  /** The disk's own, the same for all nodes. */
  readonly clock: Pick<Clock, 'now'>
  readonly leaseMs: number
}

/** Whether turns of that execution may be written here. */
export type IsHeld = (key: ExecutionKey) => boolean

export class MemoryLeases implements Leases {
  readonly #disk: MemoryDisk
  readonly #clock: Pick<Clock, 'now'>
  readonly leaseMs: number
  readonly #epochs = new Map<Shard, number>()
  #node: NodeId | undefined
  #url = ''

  constructor(disk: MemoryDisk, { clock, leaseMs }: LeaseOptions) {
    this.#disk = disk
    this.#clock = clock
    this.leaseMs = leaseMs
  }

  async join(url: string): Promise<NodeId> {
    this.#node = toNodeId(`node-${++this.#disk.last.node}`)
    this.#url = url
    this.#live(false)
    return this.#node
  }

  async renew(): Promise<LeaseTable> {
    const { nodes, shards, last } = this.#disk
    const own = nodes.get(this.#id)
    if (own) this.#live(own.isDraining)
    else {
      this.#epochs.clear()
      this.#live(false)
    }
    const alive = [...nodes.values()].filter(({ aliveUntil }) => aliveUntil > this.#clock.now())
    const ids = new Set(alive.map(({ id }) => id))
    const held = [...shards].flatMap(([shard, { holder }]) => (holder && ids.has(holder) ? [[shard, holder] as const] : []))
    return {
      nodes: alive.map(({ id, url, isDraining }) => ({ id, url, isDraining })),
      holders: new Map(held),
      definitionsVersion: last.definitions,
    }
  }

  async take(count: number, sparesDead = false): Promise<readonly Shard[]> {
    const { nodes, shards } = this.#disk
    for (const { id, aliveUntil } of sparesDead ? [] : [...nodes.values()]) {
      if (aliveUntil > this.#clock.now() || id === this.#node) continue
      nodes.delete(id)
      for (const [shard, row] of shards) if (row.holder === id) shards.set(shard, { ...row, holder: undefined })
    }
    // A node that was taken for dead, and does not know yet, would hold what nobody could take from it.
    if ((nodes.get(this.#id)?.aliveUntil ?? 0) <= this.#clock.now()) return []
    const free = ALL_SHARDS.filter((shard) => shards.get(shard)?.holder === undefined).slice(0, count)
    for (const shard of free) {
      const epoch = (shards.get(shard)?.epoch ?? 0) + 1
      shards.set(shard, { holder: this.#id, epoch })
      this.#epochs.set(shard, epoch)
    }
    return free
  }

  async release(given: readonly Shard[]): Promise<void> {
    const { shards } = this.#disk
    for (const shard of given) {
      this.#epochs.delete(shard)
      const row = shards.get(shard)
      if (row?.holder === this.#node) shards.set(shard, { epoch: row?.epoch ?? 0, holder: undefined })
    }
  }

  held(): ReadonlySet<Shard> {
    return new Set(this.#epochs.keys())
  }

  /** As every commit asks: by the table, not by what this node believes. */
  checks(shard: Shard): boolean {
    const epoch = this.#epochs.get(shard)
    const row = this.#disk.shards.get(shard)
    if (epoch !== undefined && row?.epoch === epoch && row.holder === this.#node) return true
    this.#epochs.delete(shard)
    return false
  }

  async drain(): Promise<void> {
    const { nodes } = this.#disk
    const own = nodes.get(this.#id)
    if (own) nodes.set(own.id, { ...own, isDraining: true })
  }

  async leave(): Promise<void> {
    await this.release([...this.#epochs.keys()])
    this.#disk.nodes.delete(this.#id)
  }

  async putMessage(message: InboxMessage): Promise<void> {
    const { inbox } = this.#disk
    if (!inbox.has(message.id)) inbox.set(message.id, { ...message, at: this.#clock.now() })
  }

  async messages(shards: readonly Shard[], limit: number): Promise<readonly InboxMessage[]> {
    const open = [...this.#disk.inbox.values()].filter(({ key, answer }) => answer === undefined && shards.includes(shardOf(key)))
    return open.slice(0, limit).map(({ id, key, body }) => ({ id, key, body }))
  }

  async answerMessage(id: string, answer: string): Promise<void> {
    const message = this.#disk.inbox.get(id)
    if (message) this.#disk.inbox.set(id, { ...message, answer })
  }

  messageAnswer = async (id: string): Promise<string | undefined> => this.#disk.inbox.get(id)?.answer

  async removeMessage(id: string): Promise<void> {
    this.#disk.inbox.delete(id)
  }

  async removeOldMessages(ageMs: number): Promise<void> {
    for (const { id, at } of [...this.#disk.inbox.values()]) if (at < this.#clock.now() - ageMs) this.#disk.inbox.delete(id)
  }

  async secret(name: string, make: () => Buffer): Promise<Buffer> {
    const { secrets } = this.#disk
    const secret = secrets.get(name) ?? make()
    secrets.set(name, secret)
    return secret
  }

  async positions(arns: readonly ExecutionArn[]): Promise<ReadonlyMap<ExecutionArn, number>> {
    const { executions, keysByArn } = this.#disk
    const rows = arns.map((arn) => [arn, keysByArn.get(arn)] as const)
    const found = rows.flatMap(([arn, key]) => (key === undefined ? [] : [[arn, executions.get(key)?.lastEventId ?? 0] as const]))
    return new Map(found)
  }

  get #id(): NodeId {
    assert(this.#node, 'the node has joined')
    return this.#node
  }

  #live(isDraining: boolean): void {
    const aliveUntil = toInstant(this.#clock.now() + this.leaseMs)
    this.#disk.nodes.set(this.#id, { id: this.#id, url: this.#url, isDraining, aliveUntil })
  }
}
