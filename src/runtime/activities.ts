/**
 * Activity tasks on offer and the workers that wait for them. In memory alone: a restart takes the offers from the logs of
 * the executions that still ask. Oldest offer to oldest waiter; a task is on offer once, and no longer than it is wanted.
 */
import type { ActivityArn } from '../base/arn.ts'
import { type ExecutionKey, type FrameId, type NodeId, type Shard, shardOf, type TaskId } from '../base/ids.ts'

export interface Offer {
  readonly activityArn: ActivityArn
  readonly execution: ExecutionKey
  readonly frame: FrameId
  readonly task: TaskId
}

/** Another node says that it has a task. */
export interface Hint {
  readonly activityArn: ActivityArn
  readonly from: NodeId
}

export const isHint = (given: Offer | Hint): given is Hint => 'from' in given

type Waiter = (offer: Offer | Hint | undefined) => void

export class Activities {
  readonly #offers = new Map<ActivityArn, Map<string, Offer>>()
  readonly #waiters = new Map<ActivityArn, Set<Waiter>>()
  /** Activity by task, so that an offer can be taken back. */
  readonly #offered = new Map<string, ActivityArn>()
  readonly #unwanted: (activityArn: ActivityArn) => void
  #isClosed = false

  /** `unwanted` hears of a task that nobody here waits for. */
  constructor(unwanted: (activityArn: ActivityArn) => void = () => {}) {
    this.#unwanted = unwanted
  }

  /** Tasks on offer, and workers that wait for one. */
  get sizes(): { readonly offers: number; readonly waiters: number } {
    return { offers: this.#offered.size, waiters: [...this.#waiters.values()].reduce((sum, { size }) => sum + size, 0) }
  }

  offer(offer: Offer): void {
    const { activityArn } = offer
    const id = idOf(offer.execution, offer.task)
    if (this.#offered.has(id)) return
    const waiter = this.#waiters.get(activityArn)?.values().next().value
    if (waiter) return waiter(offer)
    const offers = this.#offers.get(activityArn) ?? new Map<string, Offer>()
    this.#offers.set(activityArn, offers.set(id, offer))
    this.#offered.set(id, activityArn)
    this.#unwanted(activityArn)
  }

  hasOffers(activityArn: ActivityArn): boolean {
    return this.#offers.has(activityArn)
  }

  /** Activities whose tasks somebody here waits for. */
  waitedFor(): readonly ActivityArn[] {
    return [...this.#waiters.keys()]
  }

  /** Another node has a task: whoever waits longest may take it there. */
  hint(activityArn: ActivityArn, from: NodeId): void {
    this.#waiters.get(activityArn)?.values().next().value?.({ activityArn, from })
  }

  /** The executions of these shards are another node's. */
  letGo(shards: ReadonlySet<Shard>): void {
    for (const [activityArn, offers] of [...this.#offers])
      for (const [id, { execution }] of [...offers]) if (shards.has(shardOf(execution))) this.#remove(activityArn, id)
  }

  /** The task is over before a worker took it. */
  withdraw(execution: ExecutionKey, task: TaskId): void {
    const id = idOf(execution, task)
    const activityArn = this.#offered.get(id)
    if (activityArn !== undefined) this.#remove(activityArn, id)
  }

  /** The next offer, if there is one. */
  takeNow(activityArn: ActivityArn): Offer | undefined {
    const next = this.#offers.get(activityArn)?.entries().next().value
    if (!next) return undefined
    this.#remove(activityArn, next[0])
    return next[1]
  }

  /** The next offer or hint, at once or when one comes; undefined once `signal` aborts. */
  take(activityArn: ActivityArn, signal: AbortSignal): Promise<Offer | Hint | undefined> {
    const next = this.takeNow(activityArn)
    if (next) return Promise.resolve(next)
    if (signal.aborted || this.#isClosed) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(activityArn) ?? new Set()
      const leave = () => waiter(undefined)
      const waiter: Waiter = (offer) => {
        signal.removeEventListener('abort', leave)
        waiters.delete(waiter)
        if (waiters.size === 0) this.#waiters.delete(activityArn)
        resolve(offer)
      }
      this.#waiters.set(activityArn, waiters.add(waiter))
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  /** Sends the waiting workers away empty. */
  close(): void {
    this.#isClosed = true
    for (const waiters of [...this.#waiters.values()]) for (const waiter of [...waiters]) waiter(undefined)
  }

  #remove(activityArn: ActivityArn, id: string): void {
    const offers = this.#offers.get(activityArn)
    offers?.delete(id)
    if (offers?.size === 0) this.#offers.delete(activityArn)
    this.#offered.delete(id)
  }
}

const idOf = (execution: ExecutionKey, task: TaskId): string => `${execution}:${task}`
