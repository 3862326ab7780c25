/**
 * Warm processes, and who may run now.
 *
 * 1. At most `concurrency` invocations run at once; the rest wait in the order in which they came.
 * 2. When the first in line has waited `PATIENCE_MS`, one more may start: functions that sleep, or wait for one another,
 *    cannot hold up the rest for ever. Never more than `processesMax`.
 * 3. A function's reserved concurrency is a hard bound: past it invocations are throttled, not queued.
 * 4. A process serves one generation of a function (code and configuration); an old one goes as soon as it is idle.
 * 5. Idle processes go after `idleMs`, and the longest idle ones whenever room is needed.
 * 6. Where the machine has no descriptor or process left for another one, an invocation waits for `SHORTAGE_MS` at most.
 */
import { availableParallelism } from 'node:os'

import { Environment, type EnvironmentTools, type Invocation, isShortage } from './environment.ts'
import { lambdaError } from './errors.ts'
import type { LaunchPlan } from './launch.ts'
import type { Outcome } from './outcome.ts'

export interface PoolOptions {
  /** Invocations at once. Twice the cores unless told. */
  readonly concurrency?: number
  /** Processes at once, busy and idle. */
  readonly processesMax?: number
  readonly idleMs?: number
}

export interface Work {
  readonly functionName: string
  /** Changes with code and configuration. */
  readonly generation: string
  readonly plan: LaunchPlan
  readonly invocation: Invocation
  /** Reserved concurrency of the function, if it has one. */
  readonly reserved?: number | undefined
}

const PATIENCE_MS = 250
const IDLE_MS = 300_000
const ATTEMPTS_MAX = 3
const SHORTAGE_MS = 900_000
const SHORTAGE_PAUSE_MS = 200

interface Warm {
  readonly functionName: string
  readonly generation: string
  readonly environment: Environment
  alarm: { cancel(): void } | undefined
}

interface Waiter {
  readonly since: number
  readonly go: () => void
}

export class Pool {
  readonly #tools: EnvironmentTools
  readonly #concurrency: number
  readonly #processesMax: number
  readonly #idleMs: number
  /** Longest idle first. */
  readonly #idle: Warm[] = []
  readonly #busy = new Set<Warm>()
  /** Busy ones that serve an old generation (invariant 4). */
  readonly #retired = new WeakSet<Warm>()
  readonly #queue: Waiter[] = []
  readonly #runningByFunction = new Map<string, number>()
  #running = 0
  #patience: { cancel(): void } | undefined
  #isClosed = false

  constructor(tools: EnvironmentTools, options: PoolOptions = {}) {
    this.#tools = tools
    this.#concurrency = options.concurrency ?? Math.min(64, Math.max(4, availableParallelism() * 2))
    this.#processesMax = Math.max(this.#concurrency, options.processesMax ?? this.#concurrency * 8)
    this.#idleMs = options.idleMs ?? IDLE_MS
  }

  /** Runs one invocation to its end. Rejects with TooManyRequestsException past reserved concurrency (invariant 3). */
  async run(work: Work): Promise<Outcome> {
    const running = this.#runningByFunction.get(work.functionName) ?? 0
    if (work.reserved !== undefined && running >= work.reserved) throw throttled()
    this.#runningByFunction.set(work.functionName, running + 1)
    try {
      await this.#admit()
      return await this.#serve(work)
    } finally {
      this.#release(work.functionName)
    }
  }

  /** Ends the idle processes of a function; busy ones end with their invocation. */
  retire(functionName: string, exceptGeneration?: string): void {
    for (const warm of [...this.#idle]) {
      if (warm.functionName === functionName && warm.generation !== exceptGeneration) this.#discard(warm)
    }
    for (const warm of this.#busy) {
      if (warm.functionName === functionName && warm.generation !== exceptGeneration) this.#retired.add(warm)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#patience?.cancel()
    const all = [...this.#idle, ...this.#busy]
    for (const warm of all) warm.alarm?.cancel()
    this.#idle.length = 0
    await Promise.all(all.map(({ environment }) => environment.stop().then(() => environment.ended)))
    for (const waiter of this.#queue.splice(0)) waiter.go()
  }

  // ---- admission (invariants 1 and 2) ----

  async #admit(): Promise<void> {
    if (this.#running < this.#concurrency && this.#queue.length === 0) {
      this.#running++
      return
    }
    await new Promise<void>((go) => {
      this.#queue.push({ since: this.#tools.clock.now(), go })
      this.#watchQueue()
    })
  }

  #release(functionName: string): void {
    const left = (this.#runningByFunction.get(functionName) ?? 1) - 1
    if (left > 0) this.#runningByFunction.set(functionName, left)
    else this.#runningByFunction.delete(functionName)
    this.#running--
    if (this.#running < this.#concurrency) this.#admitNext()
  }

  #admitNext(): void {
    const next = this.#queue.shift()
    if (!next) return
    this.#running++
    next.go()
  }

  #watchQueue(): void {
    const head = this.#queue[0]
    if (head === undefined || this.#patience !== undefined || this.#isClosed) return
    this.#patience = this.#tools.clock.after(PATIENCE_MS, () => {
      this.#patience = undefined
      const first = this.#queue[0]
      const isLate = first !== undefined && this.#tools.clock.now() - first.since >= PATIENCE_MS
      if (isLate && this.#running < this.#processesMax) this.#admitNext()
      this.#watchQueue()
    })
  }

  // ---- processes ----

  async #serve(work: Work): Promise<Outcome> {
    const until = this.#tools.clock.now() + SHORTAGE_MS
    for (let attempt = 1; attempt <= ATTEMPTS_MAX && !this.#isClosed; ) {
      try {
        const outcome = await this.#attempt(work)
        if (outcome !== undefined) return outcome
        attempt++
      } catch (error) {
        if (!isShortage(error)) throw error
        if (this.#tools.clock.now() >= until) throw lambdaError('ServiceException', (error as Error).message)
        // The longest idle process gives its descriptors back.
        const oldest = this.#idle[0]
        if (oldest) this.#discard(oldest)
        await new Promise<void>((resolve) => this.#tools.clock.after(SHORTAGE_PAUSE_MS, resolve))
      }
    }
    throw lambdaError('ServiceException', 'The function could not be started: Regente is stopping or its processes keep ending.')
  }

  async #attempt(work: Work): Promise<Outcome | undefined> {
    const warm = this.#takeWarm(work) ?? (await this.#start(work))
    this.#busy.add(warm)
    return await warm.environment.invoke(work.invocation).finally(() => {
      this.#busy.delete(warm)
      this.#keep(warm)
    })
  }

  #takeWarm(work: Work): Warm | undefined {
    const at = this.#idle.findLastIndex(
      (warm) => warm.functionName === work.functionName && warm.generation === work.generation && !warm.environment.isDead,
    )
    const [warm] = at < 0 ? [] : this.#idle.splice(at, 1)
    warm?.alarm?.cancel()
    return warm
  }

  async #start(work: Work): Promise<Warm> {
    while (this.#idle.length > 0 && this.#idle.length + this.#busy.size >= this.#processesMax) {
      const oldest = this.#idle[0]
      if (oldest) this.#discard(oldest)
    }
    const environment = await Environment.start(work.plan, this.#tools)
    const warm: Warm = { functionName: work.functionName, generation: work.generation, environment, alarm: undefined }
    void environment.ended.then(() => this.#discard(warm))
    if (this.#isClosed) await environment.stop()
    return warm
  }

  #keep(warm: Warm): void {
    if (this.#isClosed || this.#retired.has(warm) || warm.environment.isDead) {
      this.#discard(warm)
      return
    }
    warm.alarm = this.#tools.clock.after(this.#idleMs, () => this.#discard(warm))
    this.#idle.push(warm)
  }

  #discard(warm: Warm): void {
    warm.alarm?.cancel()
    const at = this.#idle.indexOf(warm)
    if (at >= 0) this.#idle.splice(at, 1)
    if (!this.#busy.has(warm)) void warm.environment.stop()
  }
}

function throttled() {
  return lambdaError('TooManyRequestsException', 'Rate Exceeded.', {
    detail: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' },
  })
}
