/**
 * What an engine and its services tell each other past AWS's APIs, where they do not share a thread: three doors for engines
 * alone, under `/_regente/services/`. `link` stays open as long as the engine lives: the services learn its URL, which functions
 * and rules call, and it whether any rule listens. `events` takes what AWS's own services tell the default bus; `authorize` gives
 * the secrets of a connection, and only to an engine that is trusted.
 */
import { setMaxListeners } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { isArray, isObject, type Json } from '../base/json.ts'

import { type Handler, headerOf, readBody, sendEmpty, sendJson } from '../wire/http.ts'
import { pollSignal } from '../wire/long-poll.ts'
import type { ServiceEvent } from '../aws/service-events.ts'

import type { Services } from './services.ts'

/** By which the requests that an engine hands on are known as its own. */
export const ENGINE_HEADER = 'x-regente-engine'
export const LINK_PATH = '/_regente/services/link'
export const EVENTS_PATH = '/_regente/services/events'
export const AUTHORIZE_PATH = '/_regente/services/authorize'
/** A line is written as often, so that a side that hangs is known from one that has nothing to say. */
export const HEARTBEAT_MS = 5_000

/** A batch of events with their inputs and outputs. */
const BODY_BYTES_MAX = 64 * 1024 * 1024

/** The engines that hold a link. */
export class Engines {
  readonly #held = new Map<string, { readonly url: string; readonly ends: AbortController }>()
  readonly #ownUrl: () => string

  /** `ownUrl` stands in where there is no engine. */
  constructor(ownUrl: () => string) {
    this.#ownUrl = ownUrl
  }

  /** Of the engine that came last. */
  readonly url = (): string => [...this.#held.values()].at(-1)?.url ?? this.#ownUrl()

  get isEmpty(): boolean {
    return this.#held.size === 0
  }

  /** Returns what takes it away: then the long polls that it has handed on end with an empty answer. */
  add(engine: string, url: string): () => void {
    const held = { url, ends: new AbortController() }
    setMaxListeners(0, held.ends.signal)
    this.#held.set(engine, held)
    return () => {
      // It may hold a newer link by now.
      if (this.#held.get(engine) === held) this.#held.delete(engine)
      held.ends.abort()
    }
  }

  /** Aborts when the engine that has handed this request on lets go of its link; undefined where there is none. */
  endOf(req: IncomingMessage): AbortSignal | undefined {
    return this.#held.get(headerOf(req.headers, ENGINE_HEADER) ?? '')?.ends.signal
  }
}

export interface LinkDoorOptions {
  readonly services: Pick<Services, 'events' | 'watchListeners' | 'resume'>
  readonly engines: Engines
  readonly region: string
  readonly account: string
  /** Whether secrets may be told to whoever sends this. */
  readonly trusts: (req: IncomingMessage) => boolean
}

/** The first line of a link: what an engine and its services have to agree on. */
export interface Greeting {
  readonly region: string
  readonly account: string
  readonly isTrusted: boolean
}

/** Finds the handler of the three doors. */
export function createLinkDoor({
  services,
  engines,
  region,
  account,
  trusts,
}: LinkDoorOptions): (req: IncomingMessage) => Handler | undefined {
  const link: Handler = async (req, res) => {
    const input = await readInput(req)
    const url = isObject(input) ? input['url'] : undefined
    if (typeof url !== 'string' || !URL.canParse(url)) return sendJson(res, { message: 'url is missing.' }, { status: 400 })
    const engine = headerOf(req.headers, ENGINE_HEADER)
    if (engine === undefined) return sendJson(res, { message: `${ENGINE_HEADER} is missing.` }, { status: 400 })
    hold(res, engines.add(engine, url), { region, account, isTrusted: trusts(req) })
    services.resume()
  }

  function hold(res: ServerResponse, forget: () => void, greeting: Greeting): void {
    res.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
    res.write(`${JSON.stringify(greeting)}\n`)
    const unwatch = services.watchListeners((hasListeners) => res.write(`${JSON.stringify({ hasListeners })}\n`))
    const heartbeat = setInterval(() => res.write('\n'), HEARTBEAT_MS).unref()
    pollSignal(res).addEventListener('abort', () => res.end(), { once: true })
    res.once('close', () => {
      clearInterval(heartbeat)
      unwatch()
      forget()
    })
  }

  const events: Handler = async (req, res) => {
    const input = await readInput(req)
    if (!isArray(input) || !input.every(isServiceEvent)) return sendJson(res, { message: 'No events.' }, { status: 400 })
    services.events.service.publish(input as unknown as readonly ServiceEvent[])
    sendEmpty(res)
  }

  const authorize: Handler = async (req, res) => {
    if (!trusts(req)) return sendJson(res, { message: UNTRUSTED }, { status: 403 })
    const input = await readInput(req)
    const arn = isObject(input) ? input['connectionArn'] : undefined
    if (typeof arn !== 'string') return sendJson(res, { message: 'connectionArn is missing.' }, { status: 400 })
    try {
      sendJson(res, { parts: (await services.events.connections.authorize(arn)) ?? null })
    } catch (error) {
      sendJson(res, { message: error instanceof Error ? error.message : String(error) }, { status: 422 })
    }
  }

  const doors = new Map([
    [LINK_PATH, link],
    [EVENTS_PATH, events],
    [AUTHORIZE_PATH, authorize],
  ])
  return (req) => (req.method === 'POST' ? doors.get(req.url ?? '') : undefined)
}

const UNTRUSTED =
  'The secrets of connections are given to engines alone that have the key of these services: --services-key FOLDER/services.key.'

const readInput = async (req: IncomingMessage): Promise<Json> =>
  JSON.parse((await readBody(req, BODY_BYTES_MAX)).toString('utf8')) as Json

const isServiceEvent = (value: Json): boolean =>
  isObject(value) &&
  typeof value['source'] === 'string' &&
  typeof value['detailType'] === 'string' &&
  isArray(value['resources']) &&
  isObject(value['detail'])
