/**
 * What an engine and its services tell each other past AWS's APIs, where they do not share a thread: doors for engines
 * alone, under `/_regente/services/`. `link` stays open as long as the engine lives: the services learn its URL, by which they
 * start executions, and it whether any rule listens. `events` takes what AWS's own services tell the default bus; `inventory` tells what is here; `authorize` gives
 * the secrets of a connection, `archive` the code of a function, and only to an engine that is trusted.
 */
import { setMaxListeners } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { isArray, isObject, type Json } from '../base/json.ts'

import { REQUEST_ID_HEADER } from '../wire/describe.ts'
import { type Handler, headerOf, readBody, send, sendEmpty, sendJson } from '../wire/http.ts'
import { pollSignal } from '../wire/long-poll.ts'
import type { ServiceEvent } from '../aws/service-events.ts'

import { printInventory } from './coverage.ts'
import { ARCHIVE_PATH, isArchivePath } from './lambda/run-protocol.ts'
import type { Services } from './services.ts'

/** By which the requests that an engine hands on are known as its own. */
export const ENGINE_HEADER = 'x-regente-engine'
export const LINK_PATH = '/_regente/services/link'
export const EVENTS_PATH = '/_regente/services/events'
export const INVENTORY_PATH = '/_regente/services/inventory'
export const AUTHORIZE_PATH = '/_regente/services/authorize'
/** A line is written as often, so that a side that hangs is known from one that has nothing to say. */
export const HEARTBEAT_MS = 5_000

/** A batch of events with their inputs and outputs. */
const BODY_BYTES_MAX = 64 * 1024 * 1024

/** What an engine tells of itself. */
export interface Engine {
  /** Where it is reached. */
  readonly url: string
  /** One of several that keep the same executions: where it, and so the others too, reaches these services. */
  readonly servicesUrl?: string
  /** Whether it runs functions. */
  readonly runsFunctions?: boolean
}

/** The engines that hold a link. */
export class Engines {
  readonly #held = new Map<string, Engine & { readonly ends: AbortController }>()
  readonly #ownUrl: () => string

  /** `ownUrl` stands in where there is no engine. */
  constructor(ownUrl: () => string) {
    this.#ownUrl = ownUrl
  }

  /**
   * What others are told to call: the engine that came last, which hands on what is for the services; but where engines come and
   * go, the services, which hand on what is for an engine.
   */
  readonly url = (): string => {
    const last = [...this.#held.values()].at(-1)
    return last === undefined ? this.#ownUrl() : (last.servicesUrl ?? last.url)
  }

  /** Where each is, in the order in which they came. */
  readonly urls = (): readonly string[] => [...new Set([...this.#held.values()].map(({ url }) => url))]

  get count(): number {
    return this.#held.size
  }

  /** Returns what takes it away: then the long polls that it has handed on end with an empty answer. */
  add(name: string, engine: Engine): () => void {
    const held = { ...engine, ends: new AbortController() }
    setMaxListeners(0, held.ends.signal)
    this.#held.set(name, held)
    return () => {
      // It may hold a newer link by now.
      if (this.#held.get(name) === held) this.#held.delete(name)
      held.ends.abort()
    }
  }

  /** Aborts when the engine that has handed this request on lets go of its link; undefined where there is none. */
  endOf(req: IncomingMessage): AbortSignal | undefined {
    return this.#held.get(headerOf(req.headers, ENGINE_HEADER) ?? '')?.ends.signal
  }
}

export interface LinkDoorOptions {
  readonly services: Pick<Services, 'events' | 'inventory' | 'lambda' | 'watchListeners' | 'resume'>
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

/** Finds the handler of these doors. */
export function createLinkDoor({
  services,
  engines,
  region,
  account,
  trusts,
}: LinkDoorOptions): (req: IncomingMessage) => Handler | undefined {
  const link: Handler = async (req, res) => {
    const input = await readInput(req)
    const engine = parseEngine(input)
    if (engine === undefined) return sendJson(res, { message: 'url is missing.' }, { status: 400 })
    const name = headerOf(req.headers, ENGINE_HEADER)
    if (name === undefined) return sendJson(res, { message: `${ENGINE_HEADER} is missing.` }, { status: 400 })
    const forget = engines.add(name, engine)
    // Code and payloads are for those alone who have the key.
    const dismiss = engine.runsFunctions && trusts(req) ? services.lambda.service.runners.add(engine.url) : undefined
    const leave = () => {
      forget()
      dismiss?.()
    }
    hold(res, leave, { region, account, isTrusted: trusts(req) })
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

  const inventory: Handler = async (req, res) => {
    await readInput(req)
    sendJson(res, printInventory(services.inventory()))
  }

  const archive: Handler = async (req, res) => {
    if (!trusts(req)) return sendJson(res, { message: UNTRUSTED }, { status: 403 })
    const input = await readInput(req)
    const path = isObject(input) ? input['path'] : undefined
    if (typeof path !== 'string' || !isArchivePath(path)) return sendJson(res, { message: 'path is missing.' }, { status: 400 })
    const bytes = await services.lambda.service.archive(path).catch(() => undefined)
    if (bytes === undefined) return sendJson(res, { message: 'There is no such archive.' }, { status: 404 })
    send(res, bytes, { contentType: 'application/zip' }, REQUEST_ID_HEADER)
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
    [INVENTORY_PATH, inventory],
    [AUTHORIZE_PATH, authorize],
    [ARCHIVE_PATH, archive],
  ])
  return (req) => (req.method === 'POST' ? doors.get(req.url ?? '') : undefined)
}

const UNTRUSTED =
  'The secrets of connections, and the code of functions, are given to engines alone that have the key of these services: --services-key FOLDER/services.key.'

function parseEngine(input: Json): Engine | undefined {
  if (!isObject(input)) return undefined
  const { url, servicesUrl, runsFunctions } = input
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined
  const isShared = typeof servicesUrl === 'string' && URL.canParse(servicesUrl)
  return { url, ...(isShared && { servicesUrl }), runsFunctions: runsFunctions === true }
}

const readInput = async (req: IncomingMessage): Promise<Json> =>
  JSON.parse((await readBody(req, BODY_BYTES_MAX)).toString('utf8')) as Json

const isServiceEvent = (value: Json): boolean =>
  isObject(value) &&
  typeof value['source'] === 'string' &&
  typeof value['detailType'] === 'string' &&
  isArray(value['resources']) &&
  isObject(value['detail'])
