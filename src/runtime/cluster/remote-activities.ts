/**
 * Workers and tasks of an activity on different nodes. Whoever waits for a task says so to the other nodes; a node with a task
 * and no worker of its own offers it to those; the first who takes it has it. Nothing is lost by a call that is: workers ask again
 * each time they wait, and the task stays on offer until its start is durable.
 */
import type { ActivityArn } from '../../base/arn.ts'
import type { Clock } from '../../base/clock.ts'
import type { NodeId } from '../../base/ids.ts'

import type { NodeRecord } from '../../store/contract.ts'

import type { Activities } from '../activities.ts'
import type { GivenTask, NodeCalls } from './node-calls.ts'

export interface RemoteActivityPorts {
  readonly clock: Clock
  readonly calls: NodeCalls
  readonly activities: Activities
  self(): NodeId | undefined
  node(id: NodeId): NodeRecord | undefined
  others(): readonly NodeRecord[]
  /** Have a look at who lives. */
  look(): void
}

/** A long poll and a little. */
const WANTED_MS = 65_000
/** Workers that begin to wait together are told of once. */
const TELL_MS = 5
/** While workers wait: an offer may have been lost. */
const ASK_AGAIN_MS = 1_000

export class RemoteActivities {
  readonly #ports: RemoteActivityPorts
  /** Which nodes have workers that wait, and until when that is so. */
  readonly #wanted = new Map<ActivityArn, Map<NodeId, number>>()
  readonly #telling = new Set<ActivityArn>()
  #asking: { cancel(): void } | undefined
  #forgetting: { cancel(): void } | undefined
  #isClosed = false

  constructor(ports: RemoteActivityPorts) {
    this.#ports = ports
  }

  /** Activities that workers at other nodes wait for. */
  get size(): number {
    return this.#wanted.size
  }

  close(): void {
    this.#isClosed = true
    this.#asking?.cancel()
    this.#forgetting?.cancel()
  }

  /** A worker begins to wait here. */
  waits(activityArn: ActivityArn): void {
    if (this.#isClosed || this.#telling.has(activityArn) || this.#ports.others().length === 0) return
    this.#telling.add(activityArn)
    this.#ports.clock.after(TELL_MS, () => {
      this.#telling.delete(activityArn)
      this.#tell(activityArn)
    })
    this.#askLater()
  }

  /** A task is on offer here that no worker here waits for. */
  offered(activityArn: ActivityArn): void {
    const { calls, clock, self, node } = this.#ports
    const from = self()
    const wanting = this.#wanted.get(activityArn)
    if (!wanting || from === undefined) return
    for (const [id, until] of [...wanting]) {
      const to = node(id)
      if (until < clock.elapsed()) wanting.delete(id)
      else if (to) calls.call(to, 'offerActivity', { from, activityArn }).catch((error: unknown) => error)
    }
    if (wanting.size === 0) this.#wanted.delete(activityArn)
  }

  /** Workers wait at another node. Whether there is something for them. */
  wants(from: NodeId, activityArn: ActivityArn): boolean {
    if (!this.#ports.node(from)) this.#ports.look()
    const wanting = this.#wanted.get(activityArn) ?? new Map<NodeId, number>()
    this.#wanted.set(activityArn, wanting.set(from, this.#ports.clock.elapsed() + WANTED_MS))
    this.#forgetLater()
    return this.#ports.activities.hasOffers(activityArn)
  }

  /** Another node has a task: whoever waits here takes it from there. */
  hint(from: NodeId, activityArn: ActivityArn): void {
    this.#ports.activities.hint(activityArn, from)
  }

  /** From the node that has offered one; undefined: somebody else was first. Rejects where it does not answer. */
  async take(from: NodeId, activityArn: ActivityArn, workerName: string | undefined): Promise<GivenTask | undefined> {
    const node = this.#ports.node(from)
    if (!node) {
      this.#ports.look()
      return undefined
    }
    const ask = { activityArn, ...(workerName !== undefined && { workerName }) }
    return (await this.#ports.calls.call(node, 'takeActivity', ask)).task
  }

  #tell(activityArn: ActivityArn): void {
    const { calls, self, others } = this.#ports
    const from = self()
    if (this.#isClosed || from === undefined) return
    for (const node of others())
      calls.call(node, 'wantActivity', { from, activityArn }).then(
        ({ isOffered }) => isOffered && this.hint(node.id, activityArn),
        (error: unknown) => error,
      )
  }

  /** Nodes whose workers have not asked again. */
  #forgetLater(): void {
    if (this.#isClosed) return
    this.#forgetting ??= this.#ports.clock.after(WANTED_MS, () => {
      this.#forgetting = undefined
      const now = this.#ports.clock.elapsed()
      for (const [activityArn, wanting] of [...this.#wanted]) {
        for (const [id, until] of [...wanting]) if (until <= now) wanting.delete(id)
        if (wanting.size === 0) this.#wanted.delete(activityArn)
      }
      if (this.#wanted.size > 0) this.#forgetLater()
    })
  }

  #askLater(): void {
    if (this.#isClosed) return
    this.#asking ??= this.#ports.clock.after(ASK_AGAIN_MS, () => {
      this.#asking = undefined
      const waited = this.#ports.activities.waitedFor()
      for (const activityArn of waited) this.#tell(activityArn)
      if (waited.length > 0) this.#askLater()
    })
  }
}
