/**
 * One run of one seed: a disk, a process on it that is ended and started again, or several that share it, the services that they
 * call, and callers who know only what they were told. What they were told is held against the disk at once, and again at the end.
 */
import { asId } from '../../src/base/id-in-test.ts'
import { parseStatesArn } from '../../src/base/arn.ts'

import { MemorySource } from '../../src/items/in-memory.ts'
import type { Store } from '../../src/store/contract.ts'
import { MemoryDisk } from '../../src/store/memory/disk.ts'
import { openMemoryStore } from '../../src/store/memory/store.ts'
import type { TaskRequest } from '../../src/tasks/connector.ts'
import type { Control } from '../../src/control/control.ts'
import { ServiceError } from '../../src/control/service-error.ts'

import { LiveCheck } from './check-live.ts'
import { Dice } from './dice.ts'
import { type Doubles, HONEST } from './doubles.ts'
import type { FaultOf } from './faulty-store.ts'
import { eventsOf } from './folded.ts'
import { Network } from './network.ts'
import { Process, type ProcessAsNode } from './process.ts'
import { KINDS_AMONG_NODES, type Life, Scheduler } from './scheduler.ts'
import { type Script, Services } from './services.ts'
import { type NodesWeather, Sky, type Weather } from './weather.ts'
import { Witness } from './witness.ts'
import type { Workload } from './workload.ts'

export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** The service said no. */
  | { readonly kind: 'refused'; readonly code: string }
  /** An internal failure, or the connection broke: it may have happened or not. */
  | { readonly kind: 'unknown' }

/** What somebody was told, and how the disk shows it. */
interface Promised {
  readonly what: string
  readonly isKept: () => boolean
}

/** What is asked of the server; `hangUp` aborts when a long poll is to end. */
type Operation<T> = (control: Control, hangUp: AbortSignal) => Promise<T>

export interface WorldOptions {
  readonly seed: number
  readonly weather: Weather
  readonly workload: Workload
  readonly doubles?: Doubles
  /** Faults of the store that are planned, instead of those of the weather. */
  readonly faultOf?: FaultOf
  /** Takes the trace. */
  readonly lines?: string[]
}

const RESTART_MS = [0, 200, 5_000, 90_000] as const
const CLOCK_JUMP_MS = 10 * 60_000
/** Until then everything waits that a lease has to do with. */
const CLOCK_JUMP_AMONG_NODES_MS = 30_000
/** How long a caller waits for an answer, where another node may have one. */
const PATIENCE_MS = 35_000
/** For a long poll, and for an Express execution. */
export const LONG_PATIENCE_MS = 75_000
export const SYNC_PATIENCE_MS = 300_000
/** How long a node is frozen or cut off, in leases. */
const LEASES = [0.2, 0.8, 1.5, 3] as const

export class World {
  /** The callers and all else that no crash ends. */
  readonly outside: Life = { name: 'outside', isOver: false }
  readonly disk = new MemoryDisk()
  readonly dice: Dice
  readonly scheduler: Scheduler
  readonly sky: Sky
  readonly services: Services
  readonly source: MemorySource
  readonly workload: Workload
  readonly violations: string[] = []
  /** Executions that somebody stopped, or whose machine was deleted: they end otherwise than in a quiet run. */
  readonly meddledWith = new Set<string>()
  /** ARNs of executions whose start was acknowledged, and how many heartbeats of each. */
  readonly started = new Set<string>()
  readonly heartbeatsTold = new Map<string, number>()
  /** How the Express execution ended whose result somebody waited for. */
  expressEnd: string | undefined
  /** Callers shall go home. */
  isClosing = false
  tokenGiven: (token: string, script: Script) => void = () => {}
  lives = 0
  crashes = 0
  stops = 0
  freezes = 0
  /** Sees who holds what, where several nodes share the disk. */
  readonly witness: Witness
  readonly #nodes: NodesWeather | undefined
  readonly #network: Network
  /** What happens to which node, and which one is asked. */
  readonly #nodeDice: Dice
  readonly #skews: readonly number[]
  /** Processes that are up, by place. */
  readonly #up = new Map<number, Process>()
  readonly #processes = new Map<Life, Process>()
  /** Until when a place cannot reach the disk. */
  readonly #cutOff = new Map<string, number>()
  /** Aborts long polls when callers shall go home, where several nodes share the disk. */
  readonly #closing = new AbortController()
  readonly #whenUp: (() => void)[] = []
  readonly #promises: Promised[] = []
  readonly #doubles: Doubles
  readonly #faultOf: FaultOf
  readonly #isQuiet: boolean
  readonly #live = new LiveCheck(this)
  #scripts = 0

  constructor({ seed, weather, workload, doubles = HONEST, faultOf, lines }: WorldOptions) {
    const dice = new Dice(seed)
    this.dice = dice.of('callers')
    const { nodes } = weather
    this.scheduler = new Scheduler(dice.of('order'), weather.order, lines, nodes && KINDS_AMONG_NODES)
    this.sky = new Sky(weather, dice.of('weather'))
    this.workload = workload
    this.source = new MemorySource(workload.objects)
    this.#doubles = doubles
    this.#isQuiet = weather.stormSteps === 0 && faultOf === undefined
    this.#faultOf = faultOf ?? this.sky.faultOf
    this.#nodes = nodes
    this.#nodeDice = dice.of('nodes')
    this.#network = new Network(this.scheduler, this.sky, dice.of('network'), this.outside)
    const { skewMs = 0, count = 1 } = nodes ?? {}
    this.#skews = Array.from({ length: count }, () => (skewMs === 0 ? 0 : this.#nodeDice.between(-skewMs, skewMs)))
    this.witness = new Witness({
      disk: this.disk,
      now: () => this.scheduler.now(),
      violate: (what) => this.violate(what),
    })
    this.services = new Services({
      scheduler: this.scheduler,
      dice: dice.of('services'),
      patchiness: () => (this.sky.isStormy ? weather.patchiness : 0),
      called: (request, life) => {
        this.#checkDurable(request)
        if (nodes) this.#checkAlone(request, life)
      },
      tokenGiven: (token, script) => this.tokenGiven(token, script),
    })
  }

  get isRunning(): boolean {
    const isAnyAway = [...this.#up.values()].some(({ isStopping, isFrozen }) => isStopping || isFrozen)
    return this.#scripts > 0 || this.disk.running.size > 0 || isAnyAway
  }

  /** Several nodes share the disk. */
  get isShared(): boolean {
    return this.#nodes !== undefined
  }

  /** Nothing goes wrong in it. */
  get isQuiet(): boolean {
    return this.#isQuiet
  }

  /** The server where it is one, or the first node that is up. */
  get process(): Process | undefined {
    return this.processes[0]
  }

  get processes(): readonly Process[] {
    return [...this.#up.keys()].sort((a, b) => a - b).flatMap((place) => this.#up.get(place) ?? [])
  }

  /** How many are up when all are. */
  get places(): number {
    return this.#skews.length
  }

  /** Puts a bug into the code; the answer takes it out. */
  plant(): () => void {
    return this.#doubles.plant()
  }

  /** Callers go home. */
  close(): void {
    this.sky.calm()
    this.isClosing = true
    if (this.isShared) this.#closing.abort()
  }

  violate(what: string): void {
    this.violations.push(what)
    this.scheduler.note(`VIOLATION: ${what}`)
  }

  /** Starts the server, or all nodes, on what the disk has; again and again if it cannot. */
  boot(): void {
    for (const place of this.#skews.keys()) this.#boot(place)
  }

  #boot(place: number): void {
    const dice = new Dice(`${this.workload.executions.length} ${this.scheduler.traceHash} ${this.lives}`)
    const node = this.#nodes && this.#nodeAt(place)
    const faultOf: FaultOf = (call) => (this.#isCutOff(place) ? 'fail' : this.#faultOf(call))
    const process: Process = new Process(`p${++this.lives}`, {
      scheduler: this.scheduler,
      dice,
      node,
      services: this.services,
      source: this.source,
      observer: this.#live,
      disk: this.disk,
      store: this.#storeFor(() => process.life),
      unfenced: this.#storeFor(() => process.life, true),
      faultOf,
      doubles: this.#doubles,
      turnWorkMax: this.sky.weather.turnWorkMax,
      logged: (level, message, fields) => this.#logged(level, message, fields),
    })
    this.#up.set(place, process)
    this.#processes.set(process.life, process)
    const { nodeAnswers } = process.runtime
    if (node && nodeAnswers) this.#network.listen(node.url, process.life, nodeAnswers)
    process.whenOver(() => {
      if (node) this.#network.hangUp(node.url, process.life)
      this.#reboot(place, process)
    })
    for (const up of this.#whenUp.splice(0)) this.scheduler.post(this.outside, 'a caller connects', up)
    process.runtime.open().then(
      () => this.scheduler.note(`${process.life.name} is open`),
      (error: unknown) => {
        this.scheduler.note(`${process.life.name} cannot open: ${String(error)}`)
        if (!process.life.isOver) process.crash()
      },
    )
  }

  #nodeAt(place: number): ProcessAsNode {
    const url = urlOf(place)
    return {
      url,
      skewMs: this.#skews[place] ?? 0,
      callsOf: (life, wire) => this.#network.callsOf({ url, life, wire }),
    }
  }

  #storeFor(life: () => Life, isUnfenced = false): Store {
    const nodes = this.#nodes
    if (!nodes) return openMemoryStore(this.disk)
    const shared = { clock: this.scheduler, leaseMs: nodes.leaseMs }
    return this.witness.watch(openMemoryStore(this.disk, isUnfenced ? undefined : shared), life)
  }

  #isCutOff(place: number): boolean {
    return (this.#cutOff.get(urlOf(place)) ?? 0) > this.scheduler.elapsed
  }

  /** One step, and what the weather does after it. False: nothing will ever happen again. */
  async step(): Promise<boolean> {
    if (!(await this.scheduler.step())) return false
    const event = this.sky.step()
    if (event === 'clock') {
      const most = this.isShared ? CLOCK_JUMP_AMONG_NODES_MS : CLOCK_JUMP_MS
      const by = this.dice.between(-most, most)
      this.scheduler.note(`the clock is set by ${by} ms`)
      this.scheduler.setClock(by)
    } else if (event) this.#befall(event)
    return true
  }

  #befall(event: 'crash' | 'stop' | 'freeze' | 'part' | 'cut off'): void {
    const place = this.#chosen([...this.#up.keys()].sort((a, b) => a - b))
    const process = place === undefined ? undefined : this.#up.get(place)
    if (!process || place === undefined) return
    const { name } = process.life
    const leaseMs = this.#nodes?.leaseMs ?? 0
    const forMs = () => this.#nodeDice.pick([...LEASES]) * leaseMs
    switch (event) {
      case 'crash':
        this.scheduler.note(`${name} crashes`)
        this.crashes++
        return process.crash()
      case 'stop':
        if (process.isStopping || process.isFrozen) return
        this.scheduler.note(`${name} is told to stop`)
        this.stops++
        return void process.stop()
      case 'freeze': {
        if (process.isFrozen) return
        const ms = forMs()
        this.scheduler.note(`${name} is frozen for ${ms} ms`)
        this.freezes++
        process.freeze(this.#nodeDice.chance(0.5))
        this.scheduler.after(this.outside, `${name} goes on`, ms, () => process.goOn())
        return
      }
      case 'part': {
        const other = this.#nodeDice.below(this.places)
        const ms = forMs()
        this.scheduler.note(`${urlOf(place)} and ${urlOf(other)} are parted for ${ms} ms`)
        return this.#network.part(urlOf(place), urlOf(other), ms)
      }
      case 'cut off': {
        const ms = forMs()
        this.scheduler.note(`${name} cannot reach the disk for ${ms} ms`)
        this.#cutOff.set(urlOf(place), this.scheduler.elapsed + ms)
        return
      }
    }
  }

  /** Any of several; without a draw where there is one. */
  #chosen<T>(choices: readonly T[]): T | undefined {
    return choices.length > 1 ? choices[this.#nodeDice.below(choices.length)] : choices[0]
  }

  /** A caller or a worker at work; the run is not over before they all are. */
  script(name: string, work: () => Promise<void>): void {
    this.#scripts++
    this.scheduler.post(this.outside, `${name} begins`, () => {
      work().then(
        () => void this.#scripts--,
        (error: unknown) => this.violate(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
      )
    })
  }

  sleep(ms: number): Promise<void> {
    return this.scheduler.sleep(this.outside, 'a caller wakes', ms)
  }

  /** Calls any node that is up. `told` runs the moment it answers, before anything else can happen. */
  async call<T>(label: string, operation: Operation<T>, told?: (value: T) => void, patienceMs = PATIENCE_MS): Promise<Answer<T>> {
    await this.scheduler.turn(this.outside, label)
    while (this.#up.size === 0) await new Promise<void>((up) => this.#whenUp.push(up))
    const process = this.#chosen(this.processes)
    if (!process) throw new Error('some process is up')
    return new Promise((resolve) => {
      const answered = process.answering()
      let isAnswered = false
      const answer = (given: Answer<T>, how: string) => {
        if (isAnswered) return
        isAnswered = true
        answered()
        patience?.cancel()
        this.scheduler.post(this.outside, `${label}: ${how}`, () => resolve(given))
      }
      const patience = this.isShared
        ? this.scheduler.after(this.outside, `${label} waits no longer`, patienceMs, () =>
            answer({ kind: 'unknown' }, 'no answer in time'),
          )
        : undefined
      process.whenOver(() => answer({ kind: 'unknown' }, 'connection lost'))
      const begin = () =>
        operation(process.control, this.#hangUpOf(process)).then(
          (value) => {
            if (!isAnswered) told?.(value)
            answer({ kind: 'ok', value }, 'ok')
          },
          (error: unknown) => {
            if (error instanceof ServiceError && error.status < 500) answer({ kind: 'refused', code: error.code }, error.code)
            else answer({ kind: 'unknown' }, String(error))
          },
        )
      // One that is frozen hears it when it goes on.
      if (process.isFrozen) this.scheduler.post(process.life, `${process.life.name} hears: ${label}`, () => void begin())
      else void begin()
    })
  }

  #hangUpOf({ hangUp }: Process): AbortSignal {
    return this.isShared ? AbortSignal.any([hangUp.signal, this.#closing.signal]) : hangUp.signal
  }

  /** As a client with retries calls: until there is an answer. */
  async insist<T>(label: string, operation: Operation<T>, told?: (value: T) => void, patienceMs?: number) {
    for (;;) {
      const answer = await this.call(label, operation, told, patienceMs)
      if (answer.kind !== 'unknown') return answer
      await this.sleep(this.dice.pick([50, 300, 2_000]))
    }
  }

  /** Somebody was told something: it is on the disk now, and stays there. */
  promise(what: string, isKept: () => boolean): void {
    this.expectKept({ what, isKept }, 'when it was acknowledged')
    this.#promises.push({ what, isKept })
  }

  expectPromisesKept(): void {
    for (const promise of this.#promises) this.expectKept(promise, 'at the end')
  }

  expectKept({ what, isKept }: Promised, when: string): void {
    if (!isKept()) this.violate(`${what} was acknowledged, and is not on the disk ${when}`)
  }

  /** Nothing is called before the log says so. Express executions have none. */
  #checkDurable({ idempotencyKey, executionArn }: TaskRequest): void {
    const record = this.disk.executions.get(this.disk.keysByArn.get(asId(executionArn)) ?? asId(0))
    if (parseStatesArn(executionArn)?.kind === 'express') return
    const task = Number(idempotencyKey.slice(executionArn.length + 1))
    const isLogged = record && eventsOf(this.disk, record.key).some(({ id, type }) => id === task && type.endsWith('Scheduled'))
    if (!isLogged) this.violate(`${idempotencyKey} is called, and the log does not say so`)
  }

  /** A call is made again only when the node that made it has died or lost the shard. */
  #checkAlone({ idempotencyKey, executionArn }: TaskRequest, life: Life): void {
    this.witness.called(life, idempotencyKey, this.disk.keysByArn.get(asId(executionArn)), (maker) => {
      const process = this.#processes.get(maker)
      return maker.isOver || process?.isClosing === true
    })
  }

  #reboot(place: number, process: Process): void {
    if (this.#up.get(place) === process) this.#up.delete(place)
    this.scheduler.after(this.outside, 'the server starts', this.dice.pick([...RESTART_MS]), () => this.#boot(place))
  }

  #logged(level: string, message: string, fields: Record<string, unknown> | undefined): void {
    const error = String(fields?.['error'] ?? '')
    this.scheduler.note(`log ${level}: ${message} ${error}`)
    if (/Assertion failed|TypeError|RangeError|ReferenceError/.test(error))
      this.violate(`${message}: ${String(fields?.['stack'] ?? error)}`)
    else if (this.#isQuiet) this.violate(`on a quiet day it logs: ${message} ${error}`)
  }
}

const urlOf = (place: number): string => `http://node-${place}`
