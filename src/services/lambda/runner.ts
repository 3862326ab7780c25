/**
 * A node's end of running functions for `regente services` (`--lambda`): their processes, and copies of their code, which is fetched by
 * its hash when it is first needed and kept until the next start. Functions, versions and logs have their home with the services.
 * What a process prints goes along with the answer of the invocation at hand; what it prints after that, with the next answer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { basename } from 'node:path'

import type { Clock } from '../../base/clock.ts'
import type { Json } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import { callAws } from '../../wire/client.ts'
import { readBody, sendJson } from '../../wire/http.ts'

import { codeRoot, type CodeStore, openCodeStore } from './code-store.ts'
import { Confinement } from './confinement.ts'
import { HelperThread } from './helper-thread.ts'
import { LaidLayers } from './laid-layers.ts'
import type { OutputEvent } from './output.ts'
import { Pool, type PoolOptions } from './pool.ts'
import { Reaper } from './reaper.ts'
import { ARCHIVE_PATH, parseRequest, printLine, RUN_BYTES_MAX, type RunLine, type RunRequest } from './run-protocol.ts'

export interface RunnerOptions {
  /** Copies of code lie in it, and nothing else that lasts. Functions do not see the folder `hidden`. */
  readonly directory: string
  readonly hidden: string
  /** Where `regente services` is, and what shows it that we are its node. */
  readonly servicesUrl: string
  readonly headers: Readonly<Record<string, string>>
  /** What functions are told to call. */
  readonly endpoint: () => string
  readonly clock: Clock
  readonly log: Log
  readonly pool?: PoolOptions
}

interface Printed {
  readonly group: string
  readonly stream: string
  readonly events: readonly OutputEvent[]
}

const HEARTBEAT_MS = 5_000
/** As large as an archive may be. */
const ARCHIVE_BYTES_MAX = 256 * 1024 * 1024
/** Lines that were printed when nobody asked: the oldest are dropped. */
const LEFT_MAX = 1_000

export class FunctionRunner {
  readonly #options: RunnerOptions
  readonly #packer: HelperThread
  readonly #codeStore: CodeStore
  readonly #layers: LaidLayers
  readonly #reaper = new Reaper()
  readonly #pool: Pool
  readonly #copies = new Map<string, Promise<string>>()
  /** By the invocation that they are for. */
  readonly #answers = new Map<string, ServerResponse>()
  readonly #left: Printed[] = []

  constructor(options: RunnerOptions) {
    const { clock, log, directory, hidden } = options
    this.#options = options
    this.#packer = new HelperThread(clock)
    this.#codeStore = openCodeStore(codeRoot(directory), false, new Set(), this.#packer)
    this.#layers = new LaidLayers(this.#codeStore.root)
    const tools = { clock, log, reaper: this.#reaper, confinement: new Confinement({ hidden, log }) }
    this.#pool = new Pool({ ...tools, writeLog: (...printed) => this.#print(...printed) }, options.pool)
  }

  /** Answers when the function has ended, line by line until then. */
  async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const request = parseRequest(JSON.parse((await readBody(req, RUN_BYTES_MAX)).toString('utf8')) as Json)
    if (request === undefined) return sendJson(res, { message: 'This is no invocation.' }, { status: 400 })
    const { requestId } = request.invocation
    res.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
    write(res, { kind: 'started' })
    this.#answers.set(requestId, res)
    for (const printed of this.#left.splice(0)) write(res, { kind: 'printed', ...printed })
    const heartbeat = setInterval(() => res.write('\n'), HEARTBEAT_MS)
    try {
      write(res, await this.#run(request))
    } finally {
      clearInterval(heartbeat)
      this.#answers.delete(requestId)
      res.end()
    }
  }

  async close(): Promise<void> {
    await this.#pool.close()
    this.#reaper.close()
    await this.#codeStore.close()
    await this.#packer.close()
  }

  async #run({ plan, code, layers, generation, invocation }: RunRequest): Promise<RunLine> {
    let directories: readonly [string, string | undefined]
    try {
      directories = await Promise.all([this.#copyOf(code), this.#lay(layers)])
    } catch (error) {
      return { kind: 'refused', reason: `its code could not be fetched: ${reasonOf(error)}` }
    }
    const [directory, optDirectory] = directories
    try {
      const outcome = await this.#pool.run({
        functionName: plan.functionName,
        generation,
        plan: async () => ({ ...plan, directory, optDirectory, isLive: false, endpoint: this.#options.endpoint() }),
        invocation,
      })
      return { kind: 'ended', outcome }
    } catch (error) {
      return { kind: 'failed', reason: reasonOf(error) }
    }
  }

  async #lay(layers: readonly string[]): Promise<string | undefined> {
    return this.#layers.lay(await Promise.all(layers.map((path) => this.#copyOf(path))))
  }

  /** Where the copy lies. */
  #copyOf(path: string): Promise<string> {
    const copy = this.#copies.get(path) ?? this.#fetch(path)
    this.#copies.set(path, copy)
    return copy.catch((error: unknown) => {
      this.#copies.delete(path)
      throw error
    })
  }

  async #fetch(path: string): Promise<string> {
    const { servicesUrl, headers } = this.#options
    const { status, body } = await callAws({
      endpoint: servicesUrl,
      path: ARCHIVE_PATH,
      region: '',
      service: '',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ path }),
      responseBytesMax: ARCHIVE_BYTES_MAX,
    })
    if (status !== 200) throw new Error(`the services answered ${status}`)
    const [home = ''] = path.split('/')
    const { directory } = await this.#codeStore.unpack(home, body)
    if (basename(directory) !== basename(path)) throw new Error('it is not what it should be')
    return directory
  }

  #print(group: string, stream: string, events: readonly OutputEvent[], requestId: string | undefined): void {
    const printed = { group, stream, events }
    const answer = requestId === undefined ? undefined : this.#answers.get(requestId)
    if (answer) return write(answer, { kind: 'printed', ...printed })
    this.#left.push(printed)
    if (this.#left.length > LEFT_MAX) this.#left.shift()
  }
}

const write = (res: ServerResponse, line: RunLine): void => void res.write(printLine(line))
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
