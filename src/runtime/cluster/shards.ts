/**
 * Which shards this node holds. Where one process alone has the store it holds them all. Otherwise it lives by a lease, takes its
 * share of what is free, and gives up what is more than that as soon as nothing of it is being called: a call is not made twice
 * because nodes came or went. Nobody leads: each node sees the same table and sees to its own share.
 *
 * A lease that has run out is no reason to let go: while the store is away nobody can take anything, and when somebody has, the
 * next commit or the next renewal says so. Until then nothing of the node's can become durable that is not its own to write.
 *
 * Whoever could not renew its own lease does not take others for dead at once: the store may have been away for them too, and the
 * first to be back would take what they still work at. They are given the time of a lease.
 */
import type { Clock } from '../../base/clock.ts'
import { ALL_SHARDS, type ExecutionKey, type NodeId, type Shard, shardOf } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'

import type { Leases, LeaseTable, NodeRecord } from '../../store/contract.ts'

export interface ShardPorts {
  /** Undefined: this process alone has the store. */
  readonly leases: Leases | undefined
  readonly clock: Clock
  readonly log: Log
  /** Where the other nodes reach this one. */
  url(): string
  /** Takes up what the logs of these shards ask for; ends early for those that are lost meanwhile. Rejects only where it fails a start. */
  takeUp(shards: readonly Shard[]): Promise<void>
  /** Nothing of these is touched any more: another node has them, or is about to. */
  letGo(shards: ReadonlySet<Shard>): void
  /** Shards of which a call is under way. */
  callingShards(): ReadonlySet<Shard>
  /** State machines were made, changed or taken away by some node. */
  definitionsChanged(): void
  /** The lease is renewed again after it could not be. */
  storeIsBack(): void
  /** Shards are free to take: the others shall look. */
  tellFree(nodes: readonly NodeRecord[]): void
}

/** A lease is renewed so often while it lasts. */
const RENEWALS = 3
/** While more is held than the share is, or a stop waits for calls to end. */
const IMPATIENT_MS = 200
const RETRY_MS = 250

export class Shards {
  readonly #ports: ShardPorts
  /** Each with the time of its taking, of a count of its own. */
  readonly #held = new Map<Shard, number>()
  #takings = 0
  readonly #takenUp = new Set<Shard>()
  #self: NodeId | undefined
  #table: LeaseTable | undefined
  /** When the lease was renewed last, and until when the dead are spared. */
  #renewedAt: number | undefined
  #sparesUntil = 0
  #alarm: { cancel(): void } | undefined
  #looking: Promise<void> | undefined
  #isAskedAgain = false
  #isDraining = false
  #isClosed = false
  /** Why the lease could not be renewed, and since when. */
  #trouble: string | undefined
  readonly #takingUp = new Set<Promise<void>>()

  constructor(ports: ShardPorts) {
    this.#ports = ports
  }

  /** Resolves when what could be held at once is held, and taken up. Rejects when the store fails. */
  async open(): Promise<void> {
    const { leases, url } = this.#ports
    if (!leases) this.#gain(ALL_SHARDS)
    else {
      this.#self = await leases.join(url())
      await this.look()
      const others = this.others()
      if (others.length > 0) this.#ports.tellFree(others)
    }
    await Promise.all(this.#takingUp)
  }

  /** Turns of that execution may be taken here. */
  holds(key: ExecutionKey): boolean {
    return this.#held.has(shardOf(key))
  }

  holdsShard(shard: Shard): boolean {
    return this.#held.has(shard)
  }

  get holdsAny(): boolean {
    return this.#held.size > 0
  }

  held(): readonly Shard[] {
    return [...this.#held.keys()]
  }

  /** What the log of that execution asks for is in somebody's hands here. */
  isTakenUp(key: ExecutionKey): boolean {
    return this.#takenUp.has(shardOf(key))
  }

  get self(): NodeId | undefined {
    return this.#self
  }

  /** The other nodes that live, as far as is known. */
  others(): readonly NodeRecord[] {
    return (this.#table?.nodes ?? []).filter(({ id }) => id !== this.#self)
  }

  node(id: NodeId): NodeRecord | undefined {
    return this.others().find((node) => node.id === id)
  }

  /** Who holds that execution, as far as is known; undefined: nobody, or this node. */
  holderOf(key: ExecutionKey): NodeRecord | undefined {
    const holder = this.#table?.holders.get(shardOf(key))
    return holder === undefined ? undefined : this.node(holder)
  }

  /** What keeps the node from its work. */
  get trouble(): string | undefined {
    if (this.#trouble !== undefined) return `The lease cannot be renewed: ${this.#trouble}`
    if (this.#isDraining) return 'The node gives its shards up.'
    if (this.#held.size === 0) return 'The node holds no shard yet.'
    return this.#takenUp.size < this.#held.size ? 'The node takes its shards up.' : undefined
  }

  /** Another node has one of our shards. */
  fenced(key: ExecutionKey): void {
    this.#lose([shardOf(key)])
    void this.look()
  }

  /** Renews the lease and sees to the share, now. Never rejects. */
  look(): Promise<void> {
    this.#isAskedAgain = this.#looking !== undefined
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined
      if (this.#isAskedAgain) void this.look()
    })
    return this.#looking
  }

  /** Gives everything up, each shard when no call of it is under way; resolves when nothing is held, or after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    const { leases, clock, log } = this.#ports
    if (!leases || this.#self === undefined || this.#isDraining) return
    this.#isDraining = true
    const until = clock.elapsed() + graceMs
    await leases
      .drain()
      .catch((error: unknown) => log.warn('the other nodes cannot be told of the stop', { error: String(error) }))
    while (this.#held.size > 0 && clock.elapsed() < until && !this.#isClosed) {
      await this.look()
      if (this.#held.size > 0) await new Promise<void>((resolve) => clock.after(Math.min(IMPATIENT_MS, graceMs), resolve))
    }
  }

  /** Gives up what is left, whatever is under way, and leaves the nodes. Never rejects. */
  async close(): Promise<void> {
    const { leases, log, tellFree } = this.#ports
    this.#isClosed = true
    this.#alarm?.cancel()
    await this.#looking
    if (!leases || this.#self === undefined) return
    try {
      await leases.leave()
      tellFree(this.others())
    } catch (error) {
      log.warn('the shards could not be given up; others take them when the lease has run out', { error: String(error) })
    }
  }

  async #lookOnce(): Promise<void> {
    const { leases, log } = this.#ports
    if (!leases || this.#self === undefined || this.#isClosed) return
    this.#alarm?.cancel()
    try {
      const table = await leases.renew()
      this.#renewed(leases)
      this.#read(table)
      await this.#markDraining(leases)
      await this.#balance(leases)
      if (this.#trouble !== undefined) {
        log.warn('the lease is renewed again')
        this.#trouble = undefined
        this.#ports.storeIsBack()
      }
    } catch (error) {
      if (this.#trouble === undefined) log.error('the lease cannot be renewed', { error: String(error) })
      this.#trouble = error instanceof Error ? error.message : String(error)
    }
    this.#sleep(leases)
  }

  /** A node that was taken for dead meanwhile is one that stays, for all that the table says. */
  async #markDraining(leases: Leases): Promise<void> {
    if (this.#isDraining && this.#table?.nodes.some(({ id, isDraining }) => id === this.#self && !isDraining))
      await leases.drain()
  }

  #sleep({ leaseMs }: Leases): void {
    if (this.#isClosed) return
    const isImpatient = this.#held.size > this.#share && !this.#isDraining
    const ms = this.#trouble !== undefined ? RETRY_MS : isImpatient ? IMPATIENT_MS : leaseMs / RENEWALS
    this.#alarm = this.#ports.clock.after(ms, () => void this.look())
  }

  #renewed({ leaseMs }: Leases): void {
    const now = this.#ports.clock.elapsed()
    // Another may have renewed its own so long before the store went away.
    const endangersOthers = leaseMs - leaseMs / RENEWALS
    if (this.#renewedAt !== undefined && now - this.#renewedAt > endangersOthers) this.#sparesUntil = now + leaseMs
    this.#renewedAt = now
  }

  #read(table: LeaseTable): void {
    const before = this.#table
    this.#table = table
    const { leases, definitionsChanged } = this.#ports
    const held = leases?.held() ?? new Set()
    this.#lose([...this.#held.keys()].filter((shard) => !held.has(shard)))
    this.#gain([...held].filter((shard) => !this.#held.has(shard)))
    // The first time too: it may have changed since the node looked.
    if (before?.definitionsVersion !== table.definitionsVersion) definitionsChanged()
  }

  /** What each node that stays should hold, at most. */
  get #share(): number {
    const staying = (this.#table?.nodes ?? []).filter(({ isDraining }) => !isDraining)
    return Math.ceil(ALL_SHARDS.length / Math.max(1, staying.length))
  }

  async #balance(leases: Leases): Promise<void> {
    const share = this.#isDraining ? 0 : this.#share
    const isSomeFree = (this.#table?.holders.size ?? 0) < ALL_SHARDS.length
    if (this.#held.size < share && isSomeFree)
      this.#gain(await leases.take(share - this.#held.size, this.#ports.clock.elapsed() < this.#sparesUntil))
    const tooMany = this.#held.size - share
    if (tooMany <= 0) return
    const calling = this.#ports.callingShards()
    const idle = [...this.#held.keys()].filter((shard) => !calling.has(shard)).slice(-tooMany)
    if (idle.length === 0) return
    this.#lose(idle)
    await leases.release(idle)
    this.#ports.tellFree(this.others())
  }

  #gain(shards: readonly Shard[]): void {
    if (shards.length === 0) return
    const time = ++this.#takings
    for (const shard of shards) this.#held.set(shard, time)
    const taking = this.#ports.takeUp(shards).then(() => {
      for (const shard of shards) if (this.#held.get(shard) === time) this.#takenUp.add(shard)
    })
    this.#takingUp.add(taking)
    const over = () => void this.#takingUp.delete(taking)
    taking.then(over, over)
  }

  #lose(shards: readonly Shard[]): void {
    const lost = new Set(shards.filter((shard) => this.#held.delete(shard)))
    if (lost.size === 0) return
    for (const shard of lost) this.#takenUp.delete(shard)
    this.#ports.letGo(lost)
  }
}
