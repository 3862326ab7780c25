/**
 * Warm processes, and which of them runs what.
 *
 * 1. An invocation takes an idle process of its function, the one that was used last. Where there is none it waits in its
 *    function's line for whichever comes first: a process that has finished, or one that has started (`demand.ts` says whether
 *    one is to be started). So functions that wait for others, or for one another, hold nobody up.
 * 2. Never more than `processesMax`, nor more than the memory of the machine can take; a function that has none goes first.
 * 3. A process serves one generation of a function (code and configuration); an old one goes as soon as it is idle.
 * 4. Idle processes go after `idleMs`, of several of one function all but one sooner, and the longest idle ones whenever room is
 *    needed.
 * 5. Where the machine has no descriptor or process left for another one, an invocation waits for `SHORTAGE_MS` at most.
 */
import { availableParallelism } from 'node:os'

import { type Deferred, deferred } from '../../base/deferred.ts'

import { moreProcesses } from './demand.ts'
import { Environment, type EnvironmentTools, type Invocation, isShortage } from './environment.ts'
import { lambdaError } from './errors.ts'
import type { LaunchPlan } from './launch.ts'
import { MemoryWatch } from './memory-watch.ts'
import type { Outcome } from './outcome.ts'

export interface PoolOptions {
  /** Processes at once, busy and idle. As many as AWS lets an account run, unless told. */
  readonly processesMax?: number
  readonly idleMs?: number
  /** After which those go of which a function has more than one. */
  readonly spareMs?: number
}

export interface Work {
  readonly functionName: string
  /** Changes with code and configuration. */
  readonly generation: string
  /** Asked for when a process is started. */
  readonly plan: () => Promise<LaunchPlan>
  readonly invocation: Invocation
}

const PROCESSES_MAX = 1_000
const IDLE_MS = 300_000
const SPARE_MS = 15_000
const ATTEMPTS_MAX = 3
const SHORTAGE_MS = 900_000
const SHORTAGE_PAUSE_MS = 200
/** How often those who wait are looked at. */
const LOOK_MS = 5
/** A start that takes longer waits for something: the next may begin. */
const SLOW_START_MS = 250
/** What a process is taken to need, and what is left to the machine. */
const PROCESS_BYTES = 64 * 1024 * 1024
const SPARED_BYTES = 256 * 1024 * 1024

interface Waiter {
  readonly work: Work
  readonly since: number
  readonly outcome: Deferred<Outcome>
  attempts: number
}

interface Member {
  readonly environment: Environment
  readonly lane: Lane
  /** Since when it is what it is. */
  since: number
  state: 'starting' | 'busy' | 'idle'
  /** Counts what it has served. */
  served: number
  /** What `served` was when it was looked at last. */
  seen: number | undefined
  /** The lane's, when it was started: an older one is not used again (invariant 3). */
  readonly epoch: number
}

/** One generation of a function. */
interface Lane {
  readonly functionName: string
  readonly generation: string
  readonly members: Set<Member>
  /** Used last at the end. */
  readonly idle: Member[]
  readonly waiting: Waiter[]
  /** How long an invocation takes, of late; undefined before the first has ended. */
  tookMs: number | undefined
  /** Launches that have no process yet. */
  launching: number
  startedAt: number
  endedAt: number
  epoch: number
}

export class Pool {
  readonly #tools: EnvironmentTools
  readonly #processesMax: number
  readonly #idleMs: number
  readonly #spareMs: number
  readonly #startsMax = availableParallelism() + 1
  readonly #memoryWatch: MemoryWatch
  readonly #lanes = new Map<string, Map<string, Lane>>()
  /** Lanes in which somebody waits. */
  readonly #crowded = new Set<Lane>()
  #processes = 0
  /** How long a start takes, of late. */
  #startMs = 80
  #look: { cancel(): void } | undefined
  #sweep: { cancel(): void } | undefined
  #isClosed = false

  constructor(tools: Omit<EnvironmentTools, 'memoryWatch'>, options: PoolOptions = {}) {
    this.#memoryWatch = new MemoryWatch(tools.clock)
    this.#tools = { ...tools, memoryWatch: this.#memoryWatch }
    this.#processesMax = options.processesMax ?? PROCESSES_MAX
    this.#idleMs = options.idleMs ?? IDLE_MS
    this.#spareMs = Math.min(this.#idleMs, options.spareMs ?? SPARE_MS)
  }

  /** Runs one invocation to its end. */
  run(work: Work): Promise<Outcome> {
    const waiter: Waiter = { work, since: this.#now(), outcome: deferred(), attempts: 0 }
    if (this.#isClosed) waiter.outcome.reject(cannotStart())
    else this.#enter(this.#laneOf(work), waiter)
    return waiter.outcome.promise
  }

  /** Ends the idle processes of a function; busy ones end with their invocation. */
  retire(functionName: string, exceptGeneration?: string): void {
    for (const lane of this.#lanes.get(functionName)?.values() ?? []) {
      if (lane.generation === exceptGeneration) continue
      lane.epoch++
      for (const member of [...lane.idle]) this.#discard(member)
      this.#forgetEmpty(lane)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#look?.cancel()
    this.#sweep?.cancel()
    this.#memoryWatch.close()
    const lanes = [...this.#lanes.values()].flatMap((generations) => [...generations.values()])
    const members = lanes.flatMap((lane) => [...lane.members])
    await Promise.all(members.map(({ environment }) => environment.stop().then(() => environment.ended)))
    for (const lane of lanes) for (const { outcome } of lane.waiting.splice(0)) outcome.reject(cannotStart())
  }

  // ---- lines (invariant 1) ----

  /** Who comes is behind all others, or before them where it was in line already. */
  #enter(lane: Lane, waiter: Waiter): void {
    const member = lane.idle.pop()
    if (member) return void this.#serve(member, waiter)
    if (waiter.attempts === 0) lane.waiting.push(waiter)
    else lane.waiting.unshift(waiter)
    this.#crowded.add(lane)
    if (lane.members.size + lane.launching === 0) this.#consider(lane)
    this.#lookSoon()
  }

  /** A process that waits for work gets it, or waits on. */
  #settle(member: Member): void {
    const { lane, environment } = member
    if (!lane.members.has(member)) return
    if (!environment.isReady && !environment.isDead) {
      // A runtime asks for its next invocation after it has answered; one that has told a fault ends instead.
      void environment.started(0).then(() => {
        if (environment.isReady || environment.isDead) this.#settle(member)
        else this.#discard(member)
      })
      return
    }
    const waiter = environment.isDead || member.epoch !== lane.epoch ? undefined : this.#nextOf(lane)
    if (waiter) return void this.#serve(member, waiter)
    if (environment.isDead || this.#isClosed || member.epoch !== lane.epoch) return this.#discard(member)
    if (member.state !== 'idle') this.#rest(member)
  }

  #nextOf(lane: Lane): Waiter | undefined {
    const waiter = lane.waiting.shift()
    if (lane.waiting.length === 0) this.#crowded.delete(lane)
    return waiter
  }

  #rest(member: Member): void {
    member.state = 'idle'
    member.since = this.#now()
    member.lane.idle.push(member)
    this.#sweepAfter(this.#spareMs)
  }

  async #serve(member: Member, waiter: Waiter): Promise<void> {
    const { lane, environment } = member
    const { isReady } = environment
    member.state = 'busy'
    member.served++
    member.since = this.#now()
    try {
      const outcome = await environment.invoke(waiter.work.invocation)
      if (outcome === undefined) this.#retry(lane, waiter)
      else {
        if (isReady) this.#learn(lane, member)
        waiter.outcome.resolve(outcome)
      }
    } catch (error) {
      if (isShortage(error)) this.#waitForRoom(lane, waiter, error)
      else waiter.outcome.reject(error)
    } finally {
      this.#settle(member)
    }
  }

  /** One that takes long among many that do not changes little. */
  #learn(lane: Lane, { since }: Member): void {
    lane.endedAt = this.#now()
    const tookMs = lane.endedAt - since
    const { tookMs: known = tookMs } = lane
    lane.tookMs = Math.min(Math.max(tookMs, known * 0.8), known * 1.25 + 1)
  }

  /** The process had ended before it took the invocation. */
  #retry(lane: Lane, waiter: Waiter): void {
    if (++waiter.attempts >= ATTEMPTS_MAX || this.#isClosed) return waiter.outcome.reject(cannotStart())
    this.#putBack(lane, waiter)
  }

  #putBack(lane: Lane, waiter: Waiter): void {
    if (this.#isClosed) return waiter.outcome.reject(cannotStart())
    this.#enter(this.#laneOf(waiter.work, lane), waiter)
  }

  /** The longest idle process gives its descriptors back (invariant 5). */
  #waitForRoom(lane: Lane, waiter: Waiter, error: Error): void {
    waiter.attempts ||= 1
    if (this.#now() >= waiter.since + SHORTAGE_MS) return waiter.outcome.reject(lambdaError('ServiceException', error.message))
    const oldest = this.#longestIdle()
    if (oldest) this.#discard(oldest)
    this.#tools.clock.after(SHORTAGE_PAUSE_MS, () => this.#putBack(lane, waiter))
  }

  // ---- starting (invariants 1 and 2) ----

  #lookSoon(): void {
    if (this.#look !== undefined || this.#crowded.size === 0 || this.#isClosed) return
    // What has answered meanwhile is heard before: where this loop is late, nobody else is.
    this.#look = this.#tools.clock.after(LOOK_MS, () => setImmediate(() => this.#lookAround()))
  }

  #lookAround(): void {
    this.#look = undefined
    const isBare = ({ members, launching }: Lane) => members.size + launching === 0
    for (const lane of [...this.#crowded].sort((a, b) => Number(isBare(b)) - Number(isBare(a)))) {
      this.#consider(lane)
      for (const member of lane.members) member.seen = member.served
    }
    this.#lookSoon()
  }

  #consider(lane: Lane): void {
    const head = lane.waiting[0]
    if (head === undefined || this.#isClosed) return
    const now = this.#now()
    const members = [...lane.members]
    const wanted = moreProcesses({
      waiting: lane.waiting.length,
      waitedMs: now - head.since,
      launching: lane.launching,
      members: members.map((member) => ({
        isStarting: member.state === 'starting',
        forMs: now - member.since,
        wasSeen: member.seen === member.served,
        isComputing: () => member.environment.isComputing,
      })),
      tookMs: lane.tookMs,
      stillMs: now - Math.max(lane.startedAt, lane.endedAt),
      startMs: this.#startMs,
      cores: availableParallelism(),
    })
    for (let i = 0; i < wanted && this.#mayStart(lane, now); i++) void this.#start(lane, head.work)
  }

  #mayStart(lane: Lane, now: number): boolean {
    if (this.#startsUnderWay(now) >= this.#startsMax) return false
    const isFull = this.#processes >= this.#processesMax
    if (!isFull && process.availableMemory() > SPARED_BYTES + PROCESS_BYTES * this.#startsUnderWay(now)) return true
    const oldest = this.#longestIdle()
    if (oldest) this.#discard(oldest)
    return oldest !== undefined || (!isFull && lane.members.size + lane.launching === 0)
  }

  #startsUnderWay(now: number): number {
    const isQuick = ({ state, since }: Member) => state === 'starting' && now - since < SLOW_START_MS
    return this.#allLanes().reduce((sum, lane) => sum + lane.launching + [...lane.members].filter(isQuick).length, 0)
  }

  async #start(lane: Lane, work: Work): Promise<void> {
    const begunAt = this.#now()
    lane.launching++
    lane.startedAt = begunAt
    const { epoch } = lane
    this.#processes++
    let member: Member | undefined
    try {
      const environment = await Environment.start(await work.plan(), this.#tools)
      member = { environment, lane, since: begunAt, state: 'starting', served: 0, seen: undefined, epoch }
      lane.members.add(member)
      const started = member
      // Of a start that failed whoever is first in line is told before another one begins.
      void environment.ended.then(() => started.state !== 'starting' && this.#discard(started))
      if (this.#isClosed) await environment.stop()
    } catch (error) {
      this.#onFailedStart(lane, error)
    } finally {
      lane.launching--
      if (member === undefined) this.#processes--
    }
    if (member) await this.#onStarted(member, work, begunAt)
  }

  async #onStarted(member: Member, { invocation }: Work, begunAt: number): Promise<void> {
    const { environment, lane } = member
    await environment.started(invocation.timeoutSeconds)
    // What comes of a start that fails, or does not end, whoever is first in line is told.
    if (environment.isReady) this.#startMs = this.#startMs * 0.7 + Math.min(1_000, this.#now() - begunAt) * 0.3
    const waiter = environment.isReady ? undefined : this.#nextOf(lane)
    if (waiter) await this.#serve(member, waiter)
    else this.#settle(member)
  }

  #onFailedStart(lane: Lane, error: unknown): void {
    const waiter = this.#nextOf(lane)
    if (waiter === undefined) return
    if (isShortage(error)) this.#waitForRoom(lane, waiter, error)
    else waiter.outcome.reject(error)
  }

  // ---- ending (invariants 3 and 4) ----

  #discard(member: Member): void {
    const { lane, environment } = member
    if (!lane.members.delete(member)) return
    this.#processes--
    const at = lane.idle.indexOf(member)
    if (at >= 0) lane.idle.splice(at, 1)
    void environment.stop()
    this.#consider(lane)
    this.#lookSoon()
    this.#forgetEmpty(lane)
  }

  #longestIdle(): Member | undefined {
    const first = this.#allLanes().flatMap(({ idle }) => idle[0] ?? [])
    return first.length === 0 ? undefined : first.reduce((a, b) => (b.since < a.since ? b : a))
  }

  #sweepAfter(ms: number): void {
    if (this.#isClosed) return
    this.#sweep ??= this.#tools.clock.after(ms, () => {
      this.#sweep = undefined
      this.#sweepIdle()
    })
  }

  #sweepIdle(): void {
    const now = this.#now()
    let nextMs = Number.POSITIVE_INFINITY
    for (const lane of this.#allLanes()) {
      for (const [at, member] of [...lane.idle].entries()) {
        const leftMs = member.since + (at < lane.members.size - 1 ? this.#spareMs : this.#idleMs) - now
        if (leftMs <= 0) this.#discard(member)
        else nextMs = Math.min(nextMs, leftMs)
      }
    }
    if (nextMs !== Number.POSITIVE_INFINITY) this.#sweepAfter(Math.min(nextMs, this.#spareMs))
  }

  // ---- lanes ----

  #laneOf({ functionName, generation }: Work, known?: Lane): Lane {
    const generations = this.#lanes.get(functionName) ?? new Map<string, Lane>()
    this.#lanes.set(functionName, generations)
    const found = generations.get(generation)
    if (found) return found
    const lane: Lane = known ?? {
      functionName,
      generation,
      members: new Set(),
      idle: [],
      waiting: [],
      tookMs: undefined,
      launching: 0,
      startedAt: 0,
      endedAt: 0,
      epoch: 0,
    }
    generations.set(generation, lane)
    return lane
  }

  #forgetEmpty(lane: Lane): void {
    if (lane.members.size + lane.launching + lane.waiting.length > 0) return
    const generations = this.#lanes.get(lane.functionName)
    if (generations?.get(lane.generation) === lane) generations.delete(lane.generation)
    if (generations?.size === 0) this.#lanes.delete(lane.functionName)
  }

  #allLanes(): Lane[] {
    return [...this.#lanes.values()].flatMap((generations) => [...generations.values()])
  }

  #now(): number {
    return this.#tools.clock.elapsed()
  }
}

const cannotStart = () =>
  lambdaError('ServiceException', 'The function could not be started: Regente is stopping or its processes keep ending.')
