/**
 * All asynchrony of a simulation in one queue: each answer of the store, result of a service, timer and step of a caller is
 * a task, and the dice choose which comes next. After each task everything that follows from it alone (microtasks) runs to
 * its end. Time passes only when the queue is empty.
 *
 * 1. Nothing else may wait: no timer of Node, no I/O. So one seed is one order of events.
 * 2. A task belongs to a life (a process, or the world outside). When the life is over its tasks are never run; while it is
 *    frozen (SIGSTOP) they wait, and those whose time comes meanwhile wait with them.
 */
import type { Clock } from '../../src/base/clock.ts'
import { type Instant, toInstant } from '../../src/base/time.ts'

import { type Dice, hash } from './dice.ts'

/** Whose tasks they are: those of a process that has ended are dropped with it. */
export interface Life {
  readonly name: string
  isOver: boolean
  /** How far its machine's wall clock is off the world's, in milliseconds. */
  readonly skewMs?: number
  /** It is frozen: what it will do when it goes on. */
  waiting?: Task[] | undefined
}

interface Task {
  readonly life: Life
  readonly label: string
  /** For whoever reads the trace: who set the alarm. */
  readonly setBy?: string
  readonly run: () => void
}

interface Alarm extends Task {
  readonly at: number
  readonly order: number
  isCancelled: boolean
}

/**
 * In which order tasks are taken: any, as they came, the newest first as often as not, or any but those of one kind, which
 * wait as long as there are others (so that what is rarely slow is slow for once; the kind changes now and then).
 */
export type Order = 'any' | 'as they came' | 'newest first' | 'one kind waits'

const KINDS = ['commit', 'log', 'executionByKey', 'revision', 'mapRun', 'children', 'write', 'call', 'timer', 'wakes'] as const
/** Where several nodes share a disk. */
export const KINDS_AMONG_NODES = [
  ...KINDS,
  'renew',
  'take',
  'release',
  'Message',
  'deliver',
  'runChildren',
  'childrenEnded',
] as const
const KIND_STEPS = 80

const CLOCK_CHECK_MS = 60_000
const START = Date.UTC(2026, 0, 1)

export class Scheduler {
  readonly #dice: Dice
  readonly #order: Order
  readonly #kinds: readonly [string, ...string[]]
  readonly #lines: string[] | undefined
  #tasks: Task[] = []
  #alarms: Alarm[] = []
  #alarmsSet = 0
  #elapsed = 0
  /** How far the wall clock is off. */
  #skew = 0
  #traceHash = 0
  /** The kind of tasks that waits, when one does. */
  #waiting: string = KINDS[0]
  steps = 0

  /** `lines` takes the trace, when somebody wants to read it. */
  constructor(dice: Dice, order: Order, lines?: string[], kinds: readonly [string, ...string[]] = KINDS) {
    this.#dice = dice
    this.#order = order
    this.#lines = lines
    this.#kinds = kinds
  }

  /** Milliseconds that really passed, whatever the wall clock says. */
  get elapsed(): number {
    return this.#elapsed
  }

  /** Of all that happened, in its order. */
  get traceHash(): string {
    return this.#traceHash.toString(16).padStart(8, '0')
  }

  note(line: string, aside = ''): void {
    this.#traceHash = hash(line, this.#traceHash ^ this.#elapsed)
    this.#lines?.push(`${String(this.steps).padStart(5)} ${(this.#elapsed / 1000).toFixed(3).padStart(10)} ${line}${aside}`)
  }

  post(life: Life, label: string, run: () => void): void {
    this.#put({ life, label, run })
  }

  /** Whatever it was about to do it does when it goes on. */
  freeze(life: Life): void {
    if (life.waiting) return
    life.waiting = this.#tasks.filter((task) => task.life === life)
    this.#tasks = this.#tasks.filter((task) => task.life !== life)
  }

  goOn(life: Life): void {
    const waiting = life.waiting ?? []
    life.waiting = undefined
    this.#tasks.push(...waiting)
  }

  #put(task: Task): void {
    const tasks = task.life.waiting ?? this.#tasks
    tasks.push(task)
  }

  /** Resolves in a step of its own. */
  turn(life: Life, label: string): Promise<void> {
    return new Promise((resolve) => this.post(life, label, resolve))
  }

  sleep(life: Life, label: string, delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(life, label, delayMs, resolve))
  }

  after(life: Life, label: string, delayMs: number, run: () => void): { cancel(): void } {
    const at = this.#elapsed + Math.max(0, delayMs)
    const setBy = this.#lines && ` (${new Error().stack?.split('\n')[3]?.trim()})`
    const alarm: Alarm = {
      life,
      label,
      at,
      order: this.#alarmsSet++,
      isCancelled: false,
      run: () => alarm.isCancelled || run(),
      ...(setBy !== undefined && { setBy }),
    }
    this.#alarms.push(alarm)
    return { cancel: () => void (alarm.isCancelled = true) }
  }

  clockOf(life: Life): Clock {
    return {
      now: () => this.#nowOf(life),
      elapsed: () => this.#elapsed,
      after: (delayMs, callback) => this.after(life, `${life.name} timer`, delayMs, callback),
      at: (at, callback) => this.#at(life, at, callback),
    }
  }

  /** By the wall clock: looked at every so often, as the real one does. */
  #at(life: Life, at: number, callback: () => void): { cancel(): void } {
    const wait = (): { cancel(): void } =>
      this.after(life, `${life.name} due`, Math.min(at - this.#nowOf(life), CLOCK_CHECK_MS), () => {
        if (this.#nowOf(life) < at) alarm = wait()
        else callback()
      })
    let alarm = wait()
    return { cancel: () => alarm.cancel() }
  }

  #nowOf({ skewMs = 0 }: Life): Instant {
    return toInstant(this.now() + skewMs)
  }

  now(): Instant {
    return toInstant(START + this.#elapsed + this.#skew)
  }

  /** The wall clock is set forward or back; alarms are not moved. */
  setClock(byMs: number): void {
    this.#skew += byMs
  }

  /** Alarms that will still ring for `life`. */
  alarmsOf(life: Life): readonly string[] {
    return this.#alarms.filter((alarm) => alarm.life === life && !alarm.isCancelled).map(({ label, setBy = '' }) => label + setBy)
  }

  /** One task, and all that follows from it alone. False: there was none, and no alarm either. */
  async step(): Promise<boolean> {
    this.#tasks = this.#tasks.filter(({ life }) => !life.isOver)
    while (this.#tasks.length === 0 && this.#passTime());
    const [task] = this.#tasks.splice(this.#choose(), 1)
    if (task) {
      this.steps++
      this.note(task.label, task.setBy)
      task.run()
    }
    await new Promise<void>((resolve) => setImmediate(resolve))
    return task !== undefined || this.#tasks.length > 0
  }

  #choose(): number {
    const count = this.#tasks.length
    if (count === 0) return 0
    if (this.#order === 'as they came') return 0
    if (this.#order === 'newest first' && this.#dice.chance(0.5)) return count - 1
    if (this.#order === 'one kind waits') {
      if (this.steps % KIND_STEPS === 0) this.#waiting = this.#dice.pick(this.#kinds)
      const others = [...this.#tasks.keys()].filter((index) => !this.#tasks[index]?.label.includes(this.#waiting))
      const chosen = others[this.#dice.below(Math.max(1, others.length))]
      if (chosen !== undefined) return chosen
    }
    return this.#dice.below(count)
  }

  /** Everything that is due at the next instant of all becomes a task. False: nothing will ever be due. */
  #passTime(): boolean {
    this.#alarms = this.#alarms.filter(({ life, isCancelled }) => !life.isOver && !isCancelled)
    if (this.#alarms.length === 0) return false
    const at = this.#alarms.reduce((least, alarm) => Math.min(least, alarm.at), Number.POSITIVE_INFINITY)
    const due = this.#alarms.filter((alarm) => alarm.at === at).sort((a, b) => a.order - b.order)
    this.#alarms = this.#alarms.filter((alarm) => alarm.at !== at)
    this.#elapsed = Math.max(this.#elapsed, at)
    for (const alarm of due) this.#put(alarm)
    return true
  }
}
