/** A thread for heavy work: one job after the other, started with the first one, ended when there was none for a while. */
import { Worker } from 'node:worker_threads'

import type { Clock } from '../../base/clock.ts'
import { type Deferred, deferred } from '../../base/deferred.ts'

import type { Work } from './heavy-work.ts'
import type { Answer, Job } from './heavy-worker.ts'

const IDLE_MS = 10_000

export class HelperThread {
  readonly #clock: Clock
  readonly #jobs: Deferred<unknown>[] = []
  #worker: Worker | undefined
  #idle: { cancel(): void } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Rejects with the name and the message of what the work throws. Bytes that own their memory are handed over, not copied. */
  run<N extends keyof Work>(name: N, ...parameters: Parameters<Work[N]>): Promise<Awaited<ReturnType<Work[N]>>> {
    const done = deferred<unknown>()
    this.#idle?.cancel()
    this.#worker ??= this.#start()
    this.#jobs.push(done)
    const job = { name, parameters } as Job
    this.#worker.postMessage(job, parameters.flatMap(ownMemory))
    return done.promise as Promise<Awaited<ReturnType<Work[N]>>>
  }

  async close(): Promise<void> {
    this.#idle?.cancel()
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new Worker(new URL(`./heavy-worker.${extension}`, import.meta.url), { execArgv: [] })
    worker.on('message', (answer: Answer) => this.#settle(answer))
    worker.on('error', (error) => this.#fail(worker, error))
    worker.on('exit', () => this.#fail(worker, new Error('the thread for heavy work has ended')))
    return worker
  }

  #settle(answer: Answer): void {
    const done = this.#jobs.shift()
    if ('ok' in answer) done?.resolve(answer.ok)
    else done?.reject(Object.assign(new Error(answer.error.message), { name: answer.error.name }))
    if (this.#jobs.length === 0) this.#idle = this.#clock.after(IDLE_MS, () => this.#rest())
  }

  /** A job that comes while the thread ends must not go to it. */
  #rest(): void {
    const worker = this.#worker
    this.#worker = undefined
    void worker?.terminate()
  }

  /** The next job starts another thread. */
  #fail(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const done of this.#jobs.splice(0)) done.reject(error)
  }
}

function ownMemory(value: unknown): ArrayBuffer[] {
  const isWhole = value instanceof Uint8Array && value.byteLength === value.buffer.byteLength
  return isWhole && value.buffer instanceof ArrayBuffer ? [value.buffer] : []
}
