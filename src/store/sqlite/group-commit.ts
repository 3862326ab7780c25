/**
 * Hands orders to the writer thread. While one batch is being committed the next gathers, so the cost of an fsync is shared
 * by all who wait.
 * 1. Orders are carried out in the order in which they were given.
 * 2. At most one batch is at the writer, and it is bounded.
 * 3. A promise resolves after its batch's commit. When the writer ends, all open promises reject: what became of them is not
 *    known, and whoever must know reads it back.
 * 4. A writer that ended is started again, and a disk that was full is tried again, each after a growing pause.
 * 5. A writer is asked to end, never terminated: it closes its file first.
 */
import { Worker } from 'node:worker_threads'

import { systemClock } from '../../base/clock.ts'
import { type Deferred, deferred } from '../../base/deferred.ts'
import { growingPause } from '../../base/growing-pause.ts'
import type { Log } from '../../base/log.ts'

import type { StoreHealth } from '../contract.ts'
import type { Answer, Order } from './writer.ts'

const BATCH_MAX = 2_000
/** Answers that are told before the event loop serves others. */
const TOLD_AT_ONCE = 64
const PAUSE = { firstMs: 100, longestMs: 5_000 }

interface Waiting {
  readonly order: Order
  readonly done: Deferred<unknown>
}

export class GroupCommit {
  readonly #file: string
  readonly #log: Log
  #worker: Worker | undefined
  #gathering: Waiting[] = []
  #underWay: Waiting[] = []
  #isSendDue = false
  #isClosed = false
  #health: StoreHealth = { status: 'ok' }
  #failures = 0
  #retry: { cancel(): void } | undefined
  #trying: Promise<void> | undefined
  #idle: Deferred<void> | undefined

  private constructor(file: string, log: Log) {
    this.#file = file
    this.#log = log
  }

  /** Starts the thread; rejects with its reason when it cannot open the file. */
  static async open(file: string, log: Log): Promise<GroupCommit> {
    const commits = new GroupCommit(file, log)
    await commits.#startWriter()
    return commits
  }

  health(): StoreHealth {
    return this.#health
  }

  write(order: Order): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new Error('the store is closed'))
    if (!this.#worker) return Promise.reject(new Error(`the store could not write: ${this.#reason}`))
    const done = deferred<unknown>()
    this.#gathering.push({ order, done })
    if (this.#underWay.length === 0 && !this.#isSendDue) {
      this.#isSendDue = true
      setImmediate(() => this.#sendNext())
    }
    return done.promise
  }

  /** Waits for all orders, then ends the thread, even one that is being started. Ends at once when it has ended by itself. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#retry?.cancel()
    await this.#trying
    while (this.#worker && this.#underWay.length + this.#gathering.length > 0) {
      this.#idle ??= deferred<void>()
      await this.#idle.promise
    }
    if (this.#worker) await endOf(this.#worker)
  }

  async #startWriter(): Promise<void> {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new Worker(new URL(`./writer.${extension}`, import.meta.url), {
      workerData: { file: this.#file },
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    })
    let reason: unknown
    worker.once('error', (error) => (reason = error))
    const ready = new Promise((resolve) => worker.once('message', resolve))
    // Its end is waited for, whatever the reason: only then has it let go of the file.
    const ended = new Promise((resolve) => worker.once('exit', resolve)).then((code) => {
      throw reason ?? new Error(`the writer thread ended with code ${code} before it was ready`)
    })
    await Promise.race([ready, ended])
    if (this.#isClosed) return endOf(worker)
    this.#worker = worker
    worker.on('message', (answers: readonly Answer[]) => this.#settle(answers))
    worker.on('error', (error) => this.#ended(worker, error instanceof Error ? error.message : String(error)))
    worker.on('exit', (code) => this.#ended(worker, `the writer thread ended with code ${code}`))
  }

  #sendNext(): void {
    this.#isSendDue = false
    if (this.#underWay.length > 0) return
    if (this.#gathering.length === 0 || !this.#worker) return this.#becomeIdle()
    this.#underWay = this.#gathering.splice(0, BATCH_MAX)
    this.#worker.postMessage(this.#underWay.map(({ order }) => order))
  }

  #settle(answers: readonly Answer[]): void {
    const settled = this.#underWay
    this.#underWay = []
    const failed = answers.find((answer) => 'error' in answer && answer.isStore)
    if (failed && 'error' in failed) this.#fail(failed.error)
    else this.#recover()
    // Before the promises: the writer works while their callers run.
    this.#sendNext()
    this.#tell(settled, answers, 0)
  }

  #tell(settled: readonly Waiting[], answers: readonly Answer[], from: number): void {
    for (let i = from; i < Math.min(settled.length, from + TOLD_AT_ONCE); i++) {
      const answer = answers[i]
      if (answer && 'ok' in answer) settled[i]?.done.resolve(answer.ok)
      else settled[i]?.done.reject(new Error(`the store could not write: ${answer?.error ?? 'no answer'}`))
    }
    if (from + TOLD_AT_ONCE < settled.length) setImmediate(() => this.#tell(settled, answers, from + TOLD_AT_ONCE))
  }

  #ended(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    const open = [...this.#underWay, ...this.#gathering]
    this.#underWay = []
    this.#gathering = []
    if (!this.#isClosed) this.#fail(reason)
    for (const { done } of open) done.reject(new Error(`what became of a write is not known: ${reason}`))
    this.#becomeIdle()
  }

  #fail(reason: string): void {
    this.#failures++
    if (this.#health.status === 'ok') {
      this.#health = { status: 'failing', reason, since: systemClock.now() }
      this.#log.error('the store cannot write; what asks for it is told to try again', { reason, file: this.#file })
    }
    if (this.#retry || this.#isClosed) return
    const pause = growingPause(this.#failures, PAUSE)
    this.#retry = systemClock.after(pause, () => void (this.#trying = this.#try()))
  }

  /** Finds out whether the store can write again: starts a writer that ended, or writes what changes nothing. */
  async #try(): Promise<void> {
    this.#retry = undefined
    try {
      if (this.#worker) await this.write({ kind: 'probe' })
      else {
        await this.#startWriter()
        if (this.#worker) this.#recover()
      }
    } catch (error) {
      if (!this.#retry && !this.#isClosed) this.#fail(error instanceof Error ? error.message : String(error))
    }
  }

  #recover(): void {
    if (this.#health.status === 'ok') return
    this.#retry?.cancel()
    this.#retry = undefined
    this.#failures = 0
    this.#health = { status: 'ok' }
    this.#log.warn('the store writes again', { file: this.#file })
  }

  get #reason(): string {
    return this.#health.status === 'ok' ? 'it has no writer' : this.#health.reason
  }

  #becomeIdle(): void {
    this.#idle?.resolve()
    this.#idle = undefined
  }
}

async function endOf(worker: Worker): Promise<void> {
  const exited = new Promise((resolve) => worker.once('exit', resolve))
  worker.postMessage('close')
  await exited
}
