/**
 * Runs the embedded services in a thread (`thread.ts`), or what else answers at a socket, and starts it again when it dies.
 *
 * 1. The thread is started when it is first wanted: by a request, or at once where there is something to resume.
 * 2. While it starts for the first time callers wait; once it has died they are told so until it is up again.
 * 3. It is reached by a socket in a folder that is its owner's alone. A folder that a killed process has left is removed by
 *    the next one: nobody listens there any more.
 */
import { once } from 'node:events'
import { access, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { MessageChannel, Worker } from 'node:worker_threads'

import { type Clock, systemClock } from '../base/clock.ts'
import { type Deferred, deferred } from '../base/deferred.ts'
import { growingPause } from '../base/growing-pause.ts'
import type { Log } from '../base/log.ts'

import { MessageTransport } from '../wire/message-client.ts'

import type { FromThread, ToThread } from './thread-messages.ts'

export interface ServiceThreadOptions {
  readonly clock: Clock
  readonly log: Log
  /** Asked for at each start: the server's URL may be known by then. */
  readonly thread: () => object
  /** What the thread runs, where it is not `thread.ts`, and what that is called. */
  readonly entry?: URL
  readonly name?: string
  /** Whether it takes requests from this process by a port too: `requests` of its data. */
  readonly hasPort?: boolean
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'starting'; readonly worker: Promise<Worker> }
  | { readonly kind: 'up'; readonly worker: Worker; readonly doors: Doors; readonly since: number }
  | { readonly kind: 'away'; readonly reason: string; readonly again: { cancel(): void } }
  | { readonly kind: 'closed' }

interface Doors {
  readonly socketPath: string
  readonly transport: MessageTransport | undefined
}

const THREAD = new URL(`./thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)
const PAUSE = { firstMs: 200, longestMs: 30_000 }
/** Whatever has lived so long has not died of its start. */
const SOUND_MS = 60_000
const FOLDER = 'regente-services-'
/** A folder without a socket is that of a thread that starts, or a leftover. */
const EMPTY_MS = 3_600_000
/** `sun_path` holds 104 bytes on macOS, 108 on Linux. */
const PATH_BYTES_MAX = 100

export class ServiceThread {
  readonly #options: ServiceThreadOptions
  #state: State = { kind: 'idle' }
  #failures = 0
  #folder: Promise<string> | undefined
  #starts = 0
  /** For those who wait until it is up. */
  #up = upOrNot()

  constructor(options: ServiceThreadOptions) {
    this.#options = options
  }

  /** Where it listens, while it does. */
  get socketPath(): string | undefined {
    return this.#state.kind === 'up' ? this.#state.doors.socketPath : undefined
  }

  /** By which it is asked without a connection, while it listens; undefined too where it has no port. */
  get transport(): MessageTransport | undefined {
    return this.#state.kind === 'up' ? this.#state.doors.transport : undefined
  }

  /** Why it is away; undefined where it is not. */
  get trouble(): string | undefined {
    return this.#state.kind === 'away' ? this.#state.reason : undefined
  }

  /** Starts it where it was not started yet. Rejects with what is wrong where it is away. */
  reach(): string | Promise<string> {
    switch (this.#state.kind) {
      case 'up':
        return this.#state.doors.socketPath
      case 'idle':
        return this.#start()
      case 'starting':
        return this.#failures > 0 ? Promise.reject(new Error('they are being started again')) : this.#up.promise
      case 'away':
        return Promise.reject(new Error(this.#state.reason))
      case 'closed':
        return Promise.reject(new Error('the server stops'))
    }
  }

  /** Resolves when it is up, which it may never be. */
  whenUp(): Promise<string> {
    return this.#up.promise.catch(() => this.whenUp())
  }

  /** Ends long polls with an empty answer. */
  drain(): void {
    if (this.#state.kind === 'up') this.#state.worker.postMessage('drain' satisfies ToThread)
  }

  /** The port closes: what works by itself gets no answers from there any more. */
  leavePort(): void {
    if (this.#state.kind === 'up') this.#state.worker.postMessage('leavePort' satisfies ToThread)
  }

  /** Ends functions, writes what is under way, closes the database. */
  async close(): Promise<void> {
    const state = this.#state
    this.#state = { kind: 'closed' }
    if (state.kind === 'away') state.again.cancel()
    const worker =
      state.kind === 'up' ? state.worker : state.kind === 'starting' ? await state.worker.catch(() => undefined) : undefined
    if (worker && worker.threadId !== -1) {
      const ended = once(worker, 'exit')
      worker.postMessage('close' satisfies ToThread)
      await ended
    }
    const folder = await this.#folder?.catch(() => undefined)
    if (folder !== undefined && process.platform !== 'win32') await rm(folder, { recursive: true, force: true })
  }

  /** The promise of the first start tells its error; later ones are told by `trouble`. */
  #start(): Promise<string> {
    const up = this.#up
    const worker = this.#launch(up)
    this.#state = { kind: 'starting', worker }
    worker.catch((error: unknown) => this.#died(error))
    return up.promise
  }

  async #launch(up: Deferred<string>): Promise<Worker> {
    // Another process may have taken it for a leftover while nobody listened in it.
    if (this.#folder === undefined || !(await isThere(await this.#folder))) this.#folder = makeFolder()
    const socketPath = pathIn(await this.#folder, ++this.#starts)
    const { entry = THREAD, hasPort = false } = this.#options
    const channel = hasPort ? new MessageChannel() : undefined
    const workerData = { ...this.#options.thread(), socketPath, ...(channel && { requests: channel.port2 }) }
    const worker = new Worker(entry, { execArgv: [], workerData, transferList: channel ? [channel.port2] : [] })
    const transport = channel && new MessageTransport(channel.port1)
    let reason: unknown
    worker.on('error', (error) => (reason = error))
    worker.on('exit', (code) => {
      this.#died(reason ?? new Error(`the thread has ended with code ${code}`))
      transport?.close()
    })
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'log') return this.#options.log[message.level](message.message, message.fields)
      if (this.#state.kind === 'closed') return
      this.#state = { kind: 'up', worker, doors: { socketPath, transport }, since: this.#options.clock.elapsed() }
      up.resolve(socketPath)
    })
    return worker
  }

  #died(error: unknown): void {
    const { clock, log, name = 'the embedded services' } = this.#options
    const state = this.#state
    if (state.kind === 'closed' || state.kind === 'away') return
    if (state.kind === 'up' && clock.elapsed() - state.since > SOUND_MS) this.#failures = 0
    const pauseMs = growingPause(++this.#failures, PAUSE)
    const reason = error instanceof Error ? error.message : String(error)
    log.error(`${name} have died, and are started again`, { error, againInMs: pauseMs })
    this.#state = { kind: 'away', reason, again: clock.after(pauseMs, () => void this.#start().catch(() => {})) }
    const up = this.#up
    this.#up = upOrNot()
    up.reject(error)
  }
}

/** Nobody has to wait for it. */
function upOrNot(): Deferred<string> {
  const up = deferred<string>()
  up.promise.catch(() => {})
  return up
}

async function makeFolder(): Promise<string> {
  if (process.platform === 'win32') return `\\\\.\\pipe\\${FOLDER}${randomUUID()}`
  const isShort = Buffer.byteLength(pathIn(join(tmpdir(), `${FOLDER}XXXXXX`), 999_999)) <= PATH_BYTES_MAX
  const parent = isShort ? tmpdir() : '/tmp'
  await removeLeftovers(parent)
  return mkdtemp(join(parent, FOLDER))
}

/** A name of its own each time: what a thread that died has left is never in the way. */
const pathIn = (folder: string, start: number): string =>
  process.platform === 'win32' ? `${folder}-${start}` : join(folder, `${start}.sock`)

/** A pipe has none. */
const isThere = (folder: string): Promise<boolean> =>
  process.platform === 'win32'
    ? Promise.resolve(true)
    : access(folder).then(
        () => true,
        () => false,
      )

/**
 * Of processes that were killed: there is a socket, and nobody listens, or there has been none for an hour. Those of other users
 * are not ours to remove.
 */
async function removeLeftovers(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => [])
  for (const name of names.filter((name) => name.startsWith(FOLDER))) {
    const folder = join(parent, name)
    const sockets = await readdir(folder).catch(() => [])
    const isAlive = await Promise.all(sockets.map((socket) => isListening(join(folder, socket))))
    const isLeft = isAlive.length > 0 ? !isAlive.includes(true) : await isOlderThan(folder, EMPTY_MS)
    if (isLeft) await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
}

const isOlderThan = (folder: string, ms: number): Promise<boolean> =>
  stat(folder).then(
    ({ mtimeMs }) => systemClock.now() - mtimeMs > ms,
    () => false,
  )

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const finish = (isAlive: boolean) => {
      socket.destroy()
      resolve(isAlive)
    }
    // Any other reason (no right to ask, no descriptor) is no proof that nobody is there.
    socket
      .once('connect', () => finish(true))
      .once('error', (error: NodeJS.ErrnoException) => finish(error.code !== 'ECONNREFUSED'))
  })
}
