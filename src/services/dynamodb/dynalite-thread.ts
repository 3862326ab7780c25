/**
 * dynalite in a thread of its own: its streams throw where nobody can catch it when LevelDB's files fail, and that ends a
 * process; and its parser may work on one expression for ever. Here that ends the thread: what was asked is told so, and
 * the next call opens the tables again.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import type { Clock } from '../../base/clock.ts'
import { type Deferred, deferred } from '../../base/deferred.ts'
import type { JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

import type { DynaliteOptions } from './dynalite.ts'
import type { Answer, Call } from './dynalite-worker.ts'

/** A call that takes longer never ends. */
const CALL_MS_MAX = 10_000
/** As on the main thread: an expression that nests too deeply is refused by it. */
const STACK_MB = 1

export class DynaliteThread {
  readonly #options: DynaliteOptions
  readonly #open = new Map<number, Deferred<string>>()
  #worker: Worker | undefined
  #lastId = 0

  readonly #clock: Clock

  constructor(options: DynaliteOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  /** JSON text of an operation's output. Rejects with WireError as DynamoDB would answer, or with what broke the tables. */
  call(operation: string, input: JsonObject): Promise<string> {
    this.#worker ??= this.#start()
    const id = ++this.#lastId
    const done = deferred<string>()
    this.#open.set(id, done)
    const worker = this.#worker
    worker.postMessage({ id, operation, input } satisfies Call)
    const alarm = this.#clock.after(CALL_MS_MAX, () => void worker.terminate())
    return done.promise.finally(() => alarm.cancel())
  }

  async close(): Promise<void> {
    const worker = this.#worker
    if (!worker) return
    const exited = once(worker, 'exit')
    worker.postMessage('close')
    await exited
  }

  #start(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const url = new URL(`./dynalite-worker.${extension}`, import.meta.url)
    const worker = new Worker(url, { workerData: this.#options, execArgv: [], resourceLimits: { stackSizeMb: STACK_MB } })
    worker.on('message', (answer: Answer) => this.#settle(answer))
    worker.on('error', (error) => this.#ended(worker, error))
    worker.on('exit', () => this.#ended(worker, new Error('the thread of the tables has ended')))
    return worker
  }

  #settle(answer: Answer): void {
    const done = this.#open.get(answer.id)
    this.#open.delete(answer.id)
    if ('ok' in answer) done?.resolve(answer.ok)
    else if ('wire' in answer) {
      const { status, code, message, detail } = answer.wire
      done?.reject(new WireError(status, code, message, detail))
    } else done?.reject(new Error(answer.broken))
  }

  #ended(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const done of this.#open.values()) done.reject(error)
    this.#open.clear()
  }
}
