/**
 * Hands orders to the writer thread. While one batch is being committed the next gathers, so the cost of an fsync is shared
 * by all who wait.
 * 1. Orders are carried out in the order in which they were given.
 * 2. At most one batch is at the writer, and it is bounded.
 * 3. A promise resolves after its batch's commit. When the writer dies, all open promises reject: what became of them is not known.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { type Deferred, deferred } from '../../base/deferred.ts'

import type { Answer, Order } from './writer.ts'

const BATCH_MAX = 2_000

interface Waiting {
  readonly order: Order
  readonly done: Deferred<unknown>
}

export class GroupCommit {
  readonly #worker: Worker
  #gathering: Waiting[] = []
  #underWay: Waiting[] = []
  #isSendDue = false
  #failure: Error | undefined
  #idle: Deferred<void> | undefined

  private constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (answers: readonly Answer[]) => this.#settle(answers))
    worker.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', (code) => this.#fail(new Error(`the writer thread ended with code ${code}`)))
  }

  /** Starts the thread; rejects with its reason when it cannot open the file. */
  static async open(file: string): Promise<GroupCommit> {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new Worker(new URL(`./writer.${extension}`, import.meta.url), {
      workerData: { file },
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    })
    await once(worker, 'message')
    return new GroupCommit(worker)
  }

  write(order: Order): Promise<unknown> {
    if (this.#failure) return Promise.reject(this.#failure)
    const done = deferred<unknown>()
    this.#gathering.push({ order, done })
    if (this.#underWay.length === 0 && !this.#isSendDue) {
      this.#isSendDue = true
      setImmediate(() => this.#sendNext())
    }
    return done.promise
  }

  /** Waits for all orders, then ends the thread. */
  async close(): Promise<void> {
    while (!this.#failure && this.#underWay.length + this.#gathering.length > 0) {
      this.#idle ??= deferred<void>()
      await this.#idle.promise
    }
    const exited = once(this.#worker, 'exit')
    this.#failure ??= new Error('the store is closed')
    this.#worker.postMessage('close')
    await exited
  }

  #sendNext(): void {
    this.#isSendDue = false
    if (this.#underWay.length > 0) return
    if (this.#gathering.length === 0) return this.#becomeIdle()
    this.#underWay = this.#gathering.splice(0, BATCH_MAX)
    this.#worker.postMessage(this.#underWay.map(({ order }) => order))
  }

  #settle(answers: readonly Answer[]): void {
    const settled = this.#underWay
    this.#underWay = []
    // Before the promises: the writer works while their callers run.
    this.#sendNext()
    for (const [i, { done }] of settled.entries()) {
      const answer = answers[i]
      if (answer && 'ok' in answer) done.resolve(answer.ok)
      else done.reject(new Error(`the store could not write: ${answer?.error ?? 'no answer'}`))
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { done } of [...this.#underWay, ...this.#gathering]) done.reject(error)
    this.#underWay = []
    this.#gathering = []
    this.#becomeIdle()
  }

  #becomeIdle(): void {
    this.#idle?.resolve()
    this.#idle = undefined
  }
}
