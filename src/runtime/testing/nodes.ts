/**
 * Several nodes on one disk, for tests: each a runtime and a control of its own, and calls between them that arrive at once or
 * not at all. A node may fall asleep and wake, as a process that is stopped and goes on: what it was about to do it does then.
 */
import type { Clock } from '../../base/clock.ts'
import { AWS_LIMITS } from '../../base/limits.ts'

import { memorySpool } from '../../items/spool.ts'
import type { Leases, Store } from '../../store/contract.ts'
import { StoreUnavailableError } from '../../store/unavailable.ts'
import { openMemoryStore } from '../../store/memory/store.ts'
import { createControl } from '../../control/control.ts'

import type { CalledNode, NodeAnswers, NodeCalls, NodeVerbs, Verb } from '../cluster/node-calls.ts'
import { Runtime } from '../runtime.ts'
import { ScriptedService } from './service.ts'
import { ARN_SCOPE, settled, type World } from './world.ts'

export const LEASE_MS = 10_000

class Gate {
  #waiting: (() => void)[] | undefined

  sleep(): void {
    this.#waiting ??= []
  }

  wake(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const go of waiting) go()
  }

  get isShut(): boolean {
    return this.#waiting !== undefined
  }

  pass(go: () => void): void {
    if (this.#waiting) this.#waiting.push(go)
    else go()
  }

  awake(): Promise<void> {
    return new Promise((resolve) => this.pass(resolve))
  }
}

/** Calls begin and are answered while the node is awake, and reject while the store is away. */
function gated<T extends object>(inner: T, gate: Gate, isAway: () => boolean): T {
  return new Proxy(inner, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property)
      if (property === 'leases' && value) return gated(value, gate, isAway)
      if (typeof value !== 'function') return value
      if (AT_ONCE.has(String(property))) return value.bind(target)
      return async (...args: unknown[]) => {
        await gate.awake()
        if (isAway()) throw new StoreUnavailableError('the store is away')
        const answer: unknown = await Reflect.apply(value, target, args)
        await gate.awake()
        return answer
      }
    },
  })
}

const AT_ONCE: ReadonlySet<string> = new Set<keyof Store | keyof Leases>(['newExecutionKey', 'health', 'held', 'leaseMs'])

const gatedClock = (clock: Clock, gate: Gate): Clock => ({
  now: () => clock.now(),
  elapsed: () => clock.elapsed(),
  after: (ms, go) => clock.after(ms, () => gate.pass(go)),
  at: (at, go) => clock.at(at, () => gate.pass(go)),
})

export class Nodes {
  readonly world: World
  readonly #answers = new Map<string, { readonly answers: NodeAnswers; readonly gate: Gate }>()
  /** Nodes that no call reaches. */
  readonly cutOff = new Set<string>()
  /** Nodes that do not reach the store. */
  readonly withoutStore = new Set<string>()
  /** Calls that were made, by verb. */
  readonly called: Verb[] = []
  #count = 0

  constructor(world: World) {
    this.world = world
  }

  readonly calls: NodeCalls = {
    call: async <V extends Verb>({ url }: CalledNode, verb: V, ask: NodeVerbs[V]['ask']): Promise<NodeVerbs[V]['answer']> => {
      this.called.push(verb)
      const node = this.cutOff.has(url) ? undefined : this.#answers.get(url)
      if (!node || node.gate.isShut) throw new Error(`${url} does not answer`)
      // As it crosses a wire.
      return asJson(await node.answers[verb](asJson(ask)))
    },
  }

  /** Another node, opened. Those that were there give it its share as time passes. */
  async open() {
    const { world } = this
    const url = `http://node-${++this.#count}`
    const gate = new Gate()
    const service = new ScriptedService()
    const store = gated(openMemoryStore(world.disk, { clock: world.clock, leaseMs: LEASE_MS }), gate, () =>
      this.withoutStore.has(url),
    )
    const { entropy, log } = world
    const clock = gatedClock(world.clock, gate)
    const shared = { store, clock, entropy, arnScope: ARN_SCOPE, limits: AWS_LIMITS, breathe: async () => {} }
    const runtime: Runtime = new Runtime({
      ...shared,
      log,
      connectors: service,
      source: world.source,
      spool: memorySpool,
      observer: { committed() {} },
      cluster: { url: () => url, calls: this.calls },
      definitionsChanged: () => control.machines.forget(),
    })
    const control = createControl({
      ...shared,
      executionPort: runtime,
      logGroups: { exists: async () => true },
      pageTokenKey: Buffer.alloc(32),
    })
    const answers = runtime.nodeAnswers
    if (!answers) throw new Error('a node on a shared store answers others')
    this.#answers.set(url, { answers, gate })
    await runtime.open()
    await settled()
    return {
      url,
      runtime,
      control,
      service,
      store,
      sleep: () => gate.sleep(),
      wake: () => gate.wake(),
      /** It is gone, wherever it stands; what it held is free when its lease has run out. */
      kill: () => gate.sleep(),
    }
  }
}

const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
