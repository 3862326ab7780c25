/**
 * The engine's end of what it and its services tell each other past AWS's APIs (`link-door.ts`). Holds a link for as long as it
 * lives, and takes it up again with growing pauses where it breaks; meanwhile events wait with whoever publishes them.
 */
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import type { Clock } from '../base/clock.ts'
import { growingPause } from '../base/growing-pause.ts'
import { isObject, type Json } from '../base/json.ts'
import type { Log } from '../base/log.ts'

import { type AwsCall, callAws, openStream } from '../wire/client.ts'
import type { ConnectionParts, ConnectionSecrets } from '../aws/connections.ts'
import type { Place } from '../aws/endpoints.ts'
import type { ServiceEvent, ServiceEventBus } from '../aws/service-events.ts'

import { type Inventory, readInventory } from './coverage.ts'
import { AUTHORIZE_PATH, type Engine, EVENTS_PATH, type Greeting, HEARTBEAT_MS, INVENTORY_PATH, LINK_PATH } from './link-door.ts'

export interface ServicesLinkOptions {
  /** Where the services are. Rejects where they are away. */
  readonly place: () => Promise<Place>
  /** Resolves when there is reason to hold a link: services that nobody has asked yet need none. */
  readonly whenWanted: () => Promise<unknown>
  /** Where the services find the engine. */
  readonly engineUrl: () => string
  /** Whether it is one of several that keep the same executions. */
  readonly isNode?: boolean
  /** Whether it runs functions for the services. */
  readonly runsFunctions?: boolean
  readonly headers: Readonly<Record<string, string>>
  /** What is expected of the services; `isTrusted` where a key was given. */
  readonly expected: Greeting
  readonly clock: Clock
  readonly log: Log
}

const PAUSE = { firstMs: 100, longestMs: 5_000 }
const SILENCE_MS = HEARTBEAT_MS * 6

export class ServicesLink implements ConnectionSecrets, ServiceEventBus {
  readonly #options: ServicesLinkOptions
  readonly #closes = new AbortController()
  #hasListeners = false
  #failures = 0
  /** What is wrong; undefined while the link holds, and before it was wanted. */
  #trouble: string | undefined

  constructor(options: ServicesLinkOptions) {
    this.#options = options
  }

  /** Holds the link until it is closed. Resolves when it holds for the first time, or has failed to. */
  async open(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    void this.#keep(resolve)
    await promise
  }

  /** Why the services cannot be reached; undefined where nothing is known to be wrong. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Before the engine ends: its long polls there end with an empty answer. */
  close(): void {
    this.#closes.abort()
  }

  hasListeners(): boolean {
    return this.#hasListeners
  }

  async publish(events: readonly ServiceEvent[]): Promise<void> {
    const { status, text } = await this.#ask(EVENTS_PATH, events)
    if (status !== 200) throw new Error(`the services answered ${status}: ${text}`)
  }

  async inventory(): Promise<Inventory> {
    const { status, text } = await this.#ask(INVENTORY_PATH, {})
    if (status !== 200) throw new Error(`the services answered ${status}`)
    return readInventory(text)
  }

  async authorize(connectionArn: string): Promise<ConnectionParts | undefined> {
    const { status, text } = await this.#ask(AUTHORIZE_PATH, { connectionArn })
    const answer = JSON.parse(text) as Json
    if (!isObject(answer)) throw new Error(`the services answered ${status}`)
    if (status !== 200) throw new Error(String(answer['message']))
    return (answer['parts'] ?? undefined) as ConnectionParts | undefined
  }

  async #keep(tried: () => void): Promise<void> {
    const { clock, log, whenWanted } = this.#options
    const { signal } = this.#closes
    const closed = once(signal, 'abort')
    while (!signal.aborted) {
      await Promise.race([whenWanted(), closed])
      if (signal.aborted) return tried()
      const reason = await this.#hold(tried)
      if (signal.aborted) return
      const pauseMs = growingPause(++this.#failures, PAUSE)
      if (this.#trouble === undefined) log.warn('the link to the embedded services is broken', { reason, againInMs: pauseMs })
      this.#trouble = reason
      tried()
      const paused = Promise.withResolvers<void>()
      const alarm = clock.after(pauseMs, paused.resolve)
      await Promise.race([paused.promise, closed])
      alarm.cancel()
    }
  }

  /** Until the link breaks: says why. */
  async #hold(held: () => void): Promise<string> {
    const { log, engineUrl, isNode = false, runsFunctions = false } = this.#options
    try {
      const call = await this.#callTo(LINK_PATH)
      const engine: Engine = { url: engineUrl(), ...(isNode && { servicesUrl: call.endpoint }), runsFunctions }
      const { status, body } = await openStream({
        ...call,
        body: JSON.stringify(engine),
        signal: this.#closes.signal,
        timeoutMs: SILENCE_MS,
      })
      if (status !== 200) {
        body.destroy()
        return `the services answered ${status}; is this the address of \`regente services\`?`
      }
      // Broken ends of the stream end the lines too.
      body.on('error', () => {})
      for await (const line of createInterface({ input: body })) {
        if (this.#trouble !== undefined) log.warn('the link to the embedded services holds again')
        this.#trouble = undefined
        this.#failures = 0
        if (line !== '') this.#hear(JSON.parse(line) as Json)
        held()
      }
      return 'the services have closed it'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  #hear(told: Json): void {
    if (!isObject(told)) return
    const { log, expected } = this.#options
    if ('hasListeners' in told) this.#hasListeners = told['hasListeners'] === true
    for (const member of ['region', 'account'] as const)
      if (member in told && told[member] !== expected[member])
        log.warn(`the embedded services have another ${member}: what is asked for here is not what they keep`, {
          theirs: told[member],
          ours: expected[member],
        })
    if (told['isTrusted'] === false && expected.isTrusted)
      log.warn(
        'the embedded services do not know this key: HTTP Tasks get nothing from their connections, and no function runs here',
      )
  }

  async #ask(path: string, input: object): Promise<{ readonly status: number; readonly text: string }> {
    const { status, body } = await callAws({ ...(await this.#callTo(path)), body: JSON.stringify(input) })
    return { status, text: body.toString('utf8') }
  }

  async #callTo(path: string): Promise<AwsCall> {
    const place = await this.#options.place()
    const headers = { 'content-type': 'application/json', ...this.#options.headers }
    return { ...place, service: 'regente', path, headers }
  }
}
