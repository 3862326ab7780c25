/**
 * One run of one seed: a disk, a process on it that is ended and started again, the services that it calls, and callers who
 * know only what they were told. What they were told is held against the disk at once, and again at the end.
 */
import { asId } from '../../src/base/id-in-test.ts'
import { parseStatesArn } from '../../src/base/arn.ts'

import { MemorySource } from '../../src/items/memory-source.ts'
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
import { Process } from './process.ts'
import { type Life, Scheduler } from './scheduler.ts'
import { type Script, Services } from './services.ts'
import { Sky, type Weather } from './weather.ts'
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
  process: Process | undefined
  tokenGiven: (token: string, script: Script) => void = () => {}
  lives = 0
  crashes = 0
  stops = 0
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
    this.scheduler = new Scheduler(dice.of('order'), weather.order, lines)
    this.sky = new Sky(weather, dice.of('weather'))
    this.workload = workload
    this.source = new MemorySource(workload.objects)
    this.#doubles = doubles
    this.#isQuiet = weather.stormSteps === 0 && faultOf === undefined
    this.#faultOf = faultOf ?? this.sky.faultOf
    this.services = new Services({
      scheduler: this.scheduler,
      dice: dice.of('services'),
      patchiness: () => (this.sky.isStormy ? weather.patchiness : 0),
      called: (request) => this.#checkDurable(request),
      tokenGiven: (token, script) => this.tokenGiven(token, script),
    })
  }

  get isRunning(): boolean {
    return this.#scripts > 0 || this.disk.running.size > 0 || this.process?.isStopping === true
  }

  violate(what: string): void {
    this.violations.push(what)
    this.scheduler.note(`VIOLATION: ${what}`)
  }

  /** Starts the server on what the disk has; again and again if it cannot. */
  boot(): void {
    const dice = new Dice(`${this.workload.executions.length} ${this.scheduler.traceHash} ${this.lives}`)
    const process = new Process(`p${++this.lives}`, {
      scheduler: this.scheduler,
      dice,
      services: this.services,
      source: this.source,
      observer: this.#live,
      store: openMemoryStore(this.disk),
      faultOf: this.#faultOf,
      doubles: this.#doubles,
      turnWorkMax: this.sky.weather.turnWorkMax,
      logged: (level, message, fields) => this.#logged(level, message, fields),
    })
    this.process = process
    process.whenOver(() => this.#reboot(process))
    for (const up of this.#whenUp.splice(0)) this.scheduler.post(this.outside, 'a caller connects', up)
    process.runtime.open().then(
      () => this.scheduler.note(`${process.life.name} is open`),
      (error: unknown) => {
        this.scheduler.note(`${process.life.name} cannot open: ${String(error)}`)
        if (!process.life.isOver) process.crash()
      },
    )
  }

  /** One step, and what the weather does after it. False: nothing will ever happen again. */
  async step(): Promise<boolean> {
    if (!(await this.scheduler.step())) return false
    const { process } = this
    const event = this.sky.step()
    if (event === 'clock') {
      const by = this.dice.between(-CLOCK_JUMP_MS, CLOCK_JUMP_MS)
      this.scheduler.note(`the clock is set by ${by} ms`)
      this.scheduler.setClock(by)
    } else if (event === 'crash' && process) {
      this.scheduler.note(`${process.life.name} crashes`)
      this.crashes++
      process.crash()
    } else if (event === 'stop' && process && !process.isStopping) {
      this.scheduler.note(`${process.life.name} is told to stop`)
      this.stops++
      void process.stop()
    }
    return true
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

  /** Calls the server that is up. `told` runs the moment the server answers, before anything else can happen. */
  async call<T>(label: string, operation: Operation<T>, told?: (value: T) => void): Promise<Answer<T>> {
    await this.scheduler.turn(this.outside, label)
    while (!this.process) await new Promise<void>((up) => this.#whenUp.push(up))
    const { process } = this
    return new Promise((resolve) => {
      const answered = process.answering()
      let isAnswered = false
      const answer = (given: Answer<T>, how: string) => {
        if (isAnswered) return
        isAnswered = true
        answered()
        this.scheduler.post(this.outside, `${label}: ${how}`, () => resolve(given))
      }
      process.whenOver(() => answer({ kind: 'unknown' }, 'connection lost'))
      operation(process.control, process.hangUp.signal).then(
        (value) => {
          told?.(value)
          answer({ kind: 'ok', value }, 'ok')
        },
        (error: unknown) => {
          if (error instanceof ServiceError && error.status < 500) answer({ kind: 'refused', code: error.code }, error.code)
          else answer({ kind: 'unknown' }, String(error))
        },
      )
    })
  }

  /** As a client with retries calls: until there is an answer. */
  async insist<T>(label: string, operation: Operation<T>, told?: (value: T) => void) {
    for (;;) {
      const answer = await this.call(label, operation, told)
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

  #reboot(process: Process): void {
    if (this.process === process) this.process = undefined
    this.scheduler.after(this.outside, 'the server starts', this.dice.pick([...RESTART_MS]), () => this.boot())
  }

  #logged(level: string, message: string, fields: Record<string, unknown> | undefined): void {
    const error = String(fields?.['error'] ?? '')
    this.scheduler.note(`log ${level}: ${message} ${error}`)
    if (/Assertion failed|TypeError|RangeError|ReferenceError/.test(error))
      this.violate(`${message}: ${String(fields?.['stack'] ?? error)}`)
    else if (this.#isQuiet) this.violate(`on a quiet day it logs: ${message} ${error}`)
  }
}
