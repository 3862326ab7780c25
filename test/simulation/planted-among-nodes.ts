/** Bugs on purpose, as in `planted-bugs.ts`, of nodes that share a disk: in what they believe of each other, and in how they let go. */
import type { Leases, Store } from '../../src/store/contract.ts'
import { toInstant } from '../../src/base/time.ts'
import { ChildCalls } from '../../src/runtime/cluster/child-calls.ts'
import { Children } from '../../src/runtime/distributed-map/children.ts'
import { MapRuns } from '../../src/runtime/distributed-map/map-runs.ts'
import { Driver } from '../../src/runtime/driver.ts'

import { type Doubles, HONEST } from './doubles.ts'
import { withOwn } from './with-own.ts'

/** A method of a class is another one for a while. */
function instead<T extends object, K extends keyof T>(prototype: T, name: K, make: (honest: T[K]) => T[K]): () => void {
  const honest = prototype[name]
  prototype[name] = make(honest)
  return () => {
    prototype[name] = honest
  }
}

function leasing(store: Store, own: (leases: Leases) => Partial<Leases>): Store {
  const { leases } = store
  return leases ? withOwn<Store>(store, { leases: withOwn(leases, own(leases)) }) : store
}

export const PLANTED_AMONG_NODES: Readonly<Record<string, Doubles>> = {
  /** A node writes whatever it believes to hold. */
  'commits are not fenced': {
    ...HONEST,
    store: (store, { unfenced }) =>
      withOwn<Store>(store, {
        async commit(turns) {
          const outcomes = await store.commit(turns)
          const again = turns.filter((_, index) => outcomes[index] === 'fenced')
          const written = [...(again.length > 0 ? await unfenced.commit(again) : [])]
          return outcomes.map((outcome) => (outcome === 'fenced' ? (written.shift() ?? outcome) : outcome))
        },
      }),
  },

  /** A node is taken for dead before its lease has run out. */
  'shards are taken from who lives': {
    ...HONEST,
    store: (store, { disk, scheduler }) =>
      leasing(store, (leases) => ({
        take(...of) {
          const now = scheduler.now()
          for (const node of disk.nodes.values())
            if (node.aliveUntil < now + leases.leaseMs / 2) disk.nodes.set(node.id, { ...node, aliveUntil: toInstant(now - 1) })
          return leases.take(...of)
        },
      })),
  },

  /** Shards whose taking was not answered are held by a node that does not know. */
  'taken and not known': {
    ...HONEST,
    store: (store) => {
      const known = new Set<number>()
      return leasing(store, (leases) => ({
        async take(...of) {
          const taken = await leases.take(...of)
          for (const shard of taken) known.add(shard)
          return taken
        },
        held: () => new Set([...leases.held()].filter((shard) => known.has(shard))),
      }))
    },
  },

  /** Of what a shard has in flight not everything is found by the node that takes it. */
  'taken and not taken up': {
    ...HONEST,
    store: (store, { dice }) =>
      withOwn<Store>(store, {
        busy: async (...of) => {
          const keys = await store.busy(...of)
          return dice.chance(0.3) ? keys.slice(1) : keys
        },
      }),
  },

  'shards go while they call': { ...HONEST, plant: () => instead(Driver.prototype, 'callingShards', () => () => new Set()) },
  'executions stay when their shards go': { ...HONEST, plant: () => instead(Driver.prototype, 'letGo', () => () => {}) },
  'Map Runs stay when their shards go': { ...HONEST, plant: () => instead(MapRuns.prototype, 'letGo', () => () => {}) },
  'children stay when their shards go': { ...HONEST, plant: () => instead(Children.prototype, 'letGo', () => () => {}) },

  /** Who asks again for a child, because he has not heard of its end, is not heard. */
  'the ends of children are told once': {
    ...HONEST,
    plant: () => {
      const seen = new WeakMap<ChildCalls, Set<number>>()
      return instead(
        ChildCalls.prototype,
        'ask',
        (honest) =>
          function (this: ChildCalls, from, children) {
            const asked = seen.get(this) ?? new Set()
            seen.set(this, asked)
            const fresh = children.filter(({ key }) => !asked.has(key))
            for (const { key } of fresh) asked.add(key)
            honest.call(this, from, fresh)
          },
      )
    },
  },

  /** An answer is written to a message that nobody has carried out. */
  'messages are dropped': {
    ...HONEST,
    store: (store, { dice }) =>
      leasing(store, (leases) => ({
        async messages(...of) {
          const messages = await leases.messages(...of)
          const dropped = new Set(messages.filter(() => dice.chance(0.3)))
          for (const { id } of dropped) await leases.answerMessage(id, 'changed')
          return messages.filter((message) => !dropped.has(message))
        },
      })),
  },

  /** A state machine that another node deletes is not known to be deleted. */
  'deletions are not heard of': {
    ...HONEST,
    store: (store) => leasing(store, (leases) => ({ renew: async () => ({ ...(await leases.renew()), definitionsVersion: 0 }) })),
  },
}
