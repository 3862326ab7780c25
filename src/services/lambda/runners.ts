/**
 * The nodes that run functions (`--lambda`), as `regente services` knows them. An invocation goes to the node that has the fewest;
 * one that does not take it has run nothing, so the next is asked. Once a node has begun, nobody else is: where it dies, or falls
 * silent, the invocation fails as AWS's own troubles do, and its caller decides.
 */
import { createInterface } from 'node:readline'

import type { Log } from '../../base/log.ts'

import { openStream, TransportError } from '../../wire/client.ts'

import { lambdaError } from './errors.ts'
import type { Outcome } from './outcome.ts'
import type { OutputEvent } from './output.ts'
import { parseLine, printRequest, RUN_PATH, type RunRequest } from './run-protocol.ts'

export interface RunnersOptions {
  readonly log: Log
  /** With which nodes know us. */
  readonly headers: () => Readonly<Record<string, string>>
  readonly writeLog: (group: string, stream: string, events: OutputEvent[]) => void
  /** After which a node that says nothing is taken for lost. */
  readonly silenceMs?: number
}

interface Runner {
  readonly url: string
  busy: number
}

type Answer =
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }

/** A node writes a line every five seconds. */
const SILENCE_MS = 20_000

export class Runners {
  readonly #options: RunnersOptions
  /** The one that was asked last is at the end. */
  readonly #runners: Runner[] = []
  readonly #closes = new AbortController()

  constructor(options: RunnersOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#runners.length
  }

  /** Returns what takes it away: it is asked no more, and ends what it has begun. */
  add(url: string): () => void {
    const runner: Runner = { url, busy: 0 }
    this.#runners.push(runner)
    return () => this.#remove(runner)
  }

  /** Undefined where no node has taken it. Rejects with ServiceException where one has, and it cannot be told what came of it. */
  async run(request: RunRequest): Promise<Outcome | undefined> {
    const body = this.#runners.length === 0 ? '' : printRequest(request)
    for (const runner of [...this.#runners].sort((a, b) => a.busy - b.busy)) {
      if (!this.#runners.includes(runner)) continue
      const answer = await this.#ask(runner, body)
      if (answer.kind === 'ended') return answer.outcome
      if (answer.kind === 'failed')
        throw lambdaError('ServiceException', `The node on which the function ran was lost: ${answer.reason}.`)
      this.#options.log.warn('a node does not run a function now', { url: runner.url, reason: answer.reason })
    }
    return undefined
  }

  close(): void {
    this.#closes.abort()
  }

  #remove(runner: Runner): void {
    const at = this.#runners.indexOf(runner)
    if (at >= 0) this.#runners.splice(at, 1)
  }

  async #ask(runner: Runner, body: string): Promise<Answer> {
    runner.busy++
    // Of two with as few, the one that was asked longest ago is next.
    this.#remove(runner)
    this.#runners.push(runner)
    try {
      return (await this.#follow(runner.url, body)) ?? { kind: 'failed', reason: 'its answer broke off' }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      // Whoever was connected may have begun, though nothing was heard of it.
      return { kind: error instanceof TransportError && error.kind === 'connect' ? 'refused' : 'failed', reason }
    } finally {
      runner.busy--
    }
  }

  /** Undefined where it ends without having said how the function did. */
  async #follow(url: string, body: string): Promise<Answer | undefined> {
    const { headers, writeLog, silenceMs = SILENCE_MS } = this.#options
    const { status, body: answer } = await openStream({
      endpoint: url,
      path: RUN_PATH,
      region: '',
      service: '',
      headers: { 'content-type': 'application/json', ...headers() },
      body,
      signal: this.#closes.signal,
      timeoutMs: silenceMs,
    })
    if (status !== 200) {
      answer.destroy()
      return { kind: 'refused', reason: `it answered ${status}` }
    }
    let broken: Error | undefined
    answer.on('error', (error) => (broken = error))
    for await (const text of createInterface({ input: answer })) {
      if (text === '') continue
      const line = parseLine(text)
      if (line.kind === 'started') continue
      if (line.kind === 'printed') writeLog(line.group, line.stream, [...line.events])
      else return line
    }
    if (broken !== undefined) throw broken
    return undefined
  }
}
