/**
 * One life of the server: runtime and control, whole and unchanged, over a faulty store, scripted services and a virtual
 * clock. It ends by a crash, which drops every object of it wherever it stands, or by a stop in order. Where it is one of several
 * nodes it may be frozen, and go on later as if nothing had been.
 */
import type { Log } from '../../src/base/log.ts'

import { memorySpool } from '../../src/items/spool.ts'
import type { ObjectSource } from '../../src/items/source.ts'
import { AWS_LIMITS } from '../../src/base/limits.ts'
import type { Store } from '../../src/store/contract.ts'
import type { MemoryDisk } from '../../src/store/memory/disk.ts'
import { type Control, createControl } from '../../src/control/control.ts'
import type { Observer } from '../../src/runtime/activation.ts'
import type { NodeCalls } from '../../src/runtime/cluster/node-calls.ts'
import { Runtime } from '../../src/runtime/runtime.ts'

import type { Dice } from './dice.ts'
import type { Doubles, Stage } from './doubles.ts'
import { type FaultOf, type FaultyStore, faultyStore } from './faulty-store.ts'
import type { Life, Scheduler } from './scheduler.ts'
import type { Services } from './services.ts'
import { ACCOUNT, REGION } from './workload.ts'

export interface ProcessPorts {
  readonly scheduler: Scheduler
  readonly dice: Dice
  readonly services: Services
  readonly source: ObjectSource
  readonly observer: Observer
  readonly disk: MemoryDisk
  /** The store on the disk, without faults; and the same as one writes to it who is asked for no lease. */
  readonly store: Store
  readonly unfenced: Store
  readonly faultOf: FaultOf
  readonly doubles: Doubles
  readonly turnWorkMax: number | undefined
  /** One of several nodes. */
  readonly node?: ProcessAsNode | undefined
  logged(level: string, message: string, fields: Record<string, unknown> | undefined): void
}

export interface ProcessAsNode {
  readonly url: string
  readonly skewMs: number
  callsOf(life: Life, wire: Life): NodeCalls
}

const GRACE_MS = 10_000
const ARN_SCOPE = { partition: 'aws', region: REGION, account: ACCOUNT }

export class Process {
  readonly life: Life
  /** What it has sent and nobody has received yet. */
  readonly wire: Life
  readonly runtime: Runtime
  readonly control: Control
  readonly store: FaultyStore
  readonly #ports: ProcessPorts
  readonly #stage: Stage
  readonly #whenOver: (() => void)[] = []
  readonly #answers = new Set<Promise<void>>()
  /** Aborts when long polls are to end with an empty answer. */
  readonly hangUp = new AbortController()
  isStopping = false
  /** Its calls are cut off. */
  isClosing = false

  constructor(name: string, ports: ProcessPorts) {
    const { scheduler, services, observer, dice, node } = ports
    const life: Life = { name, isOver: false, skewMs: node?.skewMs ?? 0 }
    const clock = scheduler.clockOf(life)
    // A slice of long work takes a millisecond, whatever the machine.
    let workedMs = 0
    const breathe = Object.assign(() => scheduler.turn(life, `${name} breathes`), { workedMs: () => ++workedMs })
    const entropy = { seed: () => dice.seed(), uuid: () => dice.uuid() }
    this.#ports = ports
    this.life = life
    this.wire = { name: `the wire of ${name}`, isOver: false }
    this.store = faultyStore(ports.store, life, scheduler, ports.faultOf, this.wire)
    const { doubles } = ports
    this.#stage = {
      life,
      scheduler,
      dice: dice.of('doubles'),
      disk: ports.disk,
      unfenced: ports.unfenced,
      isStopping: () => this.isStopping,
      cutCalls: () => services.cut(life),
    }
    const store = doubles.store(this.store.store, this.#stage)
    this.runtime = new Runtime({
      store,
      clock,
      entropy,
      observer,
      arnScope: ARN_SCOPE,
      limits: AWS_LIMITS,
      log: this.#log(),
      turnWorkMax: ports.turnWorkMax,
      connectors: doubles.connectors(services.connectorsFor(life), this.#stage),
      source: stepwise(ports.source, life, scheduler),
      spool: memorySpool,
      breathe,
      cluster: node && { url: () => node.url, calls: node.callsOf(life, this.wire) },
      definitionsChanged: () => this.control.machines.forget(),
    })
    this.control = createControl({
      store,
      clock,
      entropy,
      limits: AWS_LIMITS,
      breathe,
      arnScope: ARN_SCOPE,
      executionPort: doubles.room(this.runtime, this.#stage),
      logGroups: { exists: async () => true },
      pageTokenKey: Buffer.alloc(32),
    })
  }

  /** Calls back when the process is gone, however. */
  whenOver(tell: () => void): void {
    this.#whenOver.push(tell)
  }

  /** Gone between two steps. */
  crash(): void {
    this.store.crash(this.#ports.dice.below(101) / 100)
    this.#end()
  }

  get isFrozen(): boolean {
    return this.life.waiting !== undefined
  }

  /** SIGSTOP. What is on its way may stand still too. */
  freeze(isWireFrozen: boolean): void {
    this.#ports.scheduler.freeze(this.life)
    if (isWireFrozen) this.#ports.scheduler.freeze(this.wire)
  }

  /** SIGCONT. */
  goOn(): void {
    this.#ports.scheduler.goOn(this.life)
    this.#ports.scheduler.goOn(this.wire)
  }

  /** An API call begins; what comes back ends it. */
  answering(): () => void {
    const answered = Promise.withResolvers<void>()
    this.#answers.add(answered.promise)
    return () => {
      this.#answers.delete(answered.promise)
      answered.resolve()
    }
  }

  /** SIGTERM, as regente.ts goes about it: resolves when the process has ended. */
  async stop(): Promise<void> {
    const { services, scheduler, dice, doubles } = this.#ports
    this.isStopping = true
    doubles.stopping(this.#stage)
    this.hangUp.abort()
    const answered = Promise.all(this.#answers)
    await Promise.race([
      this.#ports.node ? Promise.all([answered, this.runtime.drain(GRACE_MS)]) : answered,
      scheduler.sleep(this.life, `${this.life.name} loses patience`, GRACE_MS),
    ])
    this.isClosing = true
    await this.runtime.close()
    services.cut(this.life)
    for (let steps = dice.below(20); steps > 0; steps--) await scheduler.turn(this.life, `${this.life.name} closes its port`)
    this.#end()
  }

  /** Once: a stop may be under way when the process crashes. */
  #end(): void {
    if (this.life.isOver) return
    this.life.isOver = true
    this.wire.isOver = true
    for (const tell of this.#whenOver) tell()
  }

  #log(): Log {
    const at = (level: string) => (message: string, fields?: Record<string, unknown>) =>
      this.#ports.logged(level, message, fields)
    return { debug() {}, info() {}, warn: at('warn'), error: at('error') }
  }
}

/** Objects are read and written in steps of their own. */
function stepwise(inner: ObjectSource, life: Life, scheduler: Scheduler): ObjectSource {
  return {
    async *list(bucket, options) {
      for await (const page of inner.list(bucket, options)) {
        await scheduler.turn(life, `${life.name} lists objects`)
        yield page
      }
    },
    async open(bucket, key, options) {
      await scheduler.turn(life, `${life.name} opens ${key}`)
      return inner.open(bucket, key, options)
    },
    async write(bucket, key, body, contentType) {
      await scheduler.turn(life, `${life.name} writes an object`)
      const written = await inner.write(bucket, key, body, contentType)
      await scheduler.turn(life, `${life.name} wrote an object`)
      return written
    },
  }
}
