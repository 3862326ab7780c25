/**
 * The port: its bounds, and how it closes without cutting anybody off who is about to be answered. A stop has two halves,
 * between which whoever works for the requests in flight may still call this port:
 * 1. `drain` ends long polls with an empty answer at once (`wire/long-poll.ts`) and waits for what others have asked by then.
 *    Our own calls are not waited for: whoever made them makes them again after the next start.
 * 2. `close` takes no connection any more, closes those on which nothing is asked, and waits for what others still ask.
 * 3. When the grace is over, all are cut off: both always end.
 * With certificates HTTPS is spoken on the same port (`secure-door.ts`), under the same bounds: Node's own listener gets either
 * kind of connection, and tracks it.
 */
import { once, setMaxListeners } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'

import { isEveryAddress } from '../base/host.ts'
import type { Log } from '../base/log.ts'

import { endPollsOn } from '../wire/long-poll.ts'

import type { Certificates } from './certificates.ts'
import { createSecureDoor } from './secure-door.ts'

export interface HttpServer {
  /** Where it is asked: for all addresses, that of the loopback. Rejects where the port cannot be had. */
  listen(host: string, port: number): Promise<string>
  /** Requests of others that are not answered yet. */
  readonly inFlight: number
  /** Aborts when `drain` begins. */
  readonly draining: AbortSignal
  /** Ends long polls, and waits for what others have asked by now; at most `graceMs`. */
  drain(graceMs: number): Promise<void>
  /** Takes nothing new, waits for what others ask, and cuts off what remains after `graceMs`. The second call waits for the first. */
  close(graceMs: number): Promise<void>
}

/** Clients keep connections between long polls of a minute; whoever takes longer to say what he wants is cut off. */
const BOUNDS = { keepAliveTimeout: 75_000, headersTimeout: 15_000, requestTimeout: 300_000, maxHeaderSize: 65_536 }
const CONNECTIONS_MAX = 20_000

export interface Secrecy {
  readonly certificates: Certificates
  readonly log: Log
}

/** `isOwn`: whether a request is a call of our own, which nobody outside waits for. Without `secrecy` no TLS is spoken. */
export function createHttpServer(
  answer: (req: IncomingMessage, res: ServerResponse) => void,
  isOwn: (req: IncomingMessage) => boolean,
  secrecy?: Secrecy,
): HttpServer {
  const drains = new AbortController()
  setMaxListeners(0, drains.signal)
  /** Answers that are owed, by connection; of those the ones that others wait for. */
  const owed = new Map<Socket, Set<ServerResponse>>()
  const awaited = new Set<ServerResponse>()
  let isClosing = false
  let closed: Promise<void> | undefined

  const server = createServer(BOUNDS, (req, res) => {
    const { socket } = req
    const answers = owed.get(socket)
    answers?.add(res)
    if (!isOwn(req)) awaited.add(res)
    endPollsOn(drains.signal, res)
    if (drains.signal.aborted) res.setHeader('connection', 'close')
    res.once('close', () => {
      awaited.delete(res)
      answers?.delete(res)
      if (isClosing && answers?.size === 0) socket.destroySoon()
    })
    answer(req, res)
  })
  server.maxConnections = CONNECTIONS_MAX
  const hear = server.listeners('connection')
  const take = (socket: Socket) => {
    if (isClosing) return void socket.destroy()
    owed.set(socket, new Set())
    socket.once('close', () => owed.delete(socket))
    for (const listener of hear) Reflect.apply(listener, server, [socket])
  }
  const door = secrecy && createSecureDoor({ ...secrecy, patienceMs: BOUNDS.headersTimeout, plain: take, secure: take })
  server.removeAllListeners('connection').on('connection', door?.take ?? take)

  /** Resolves when those that others wait for now are answered, or the time is over. */
  async function answered(graceMs: number): Promise<void> {
    const waiting = [...awaited].map((res) => (res.closed ? undefined : once(res, 'close')))
    const grace = new AbortController()
    await Promise.race([Promise.all(waiting), setTimeout(graceMs, undefined, { signal: grace.signal }).catch(() => {})])
    grace.abort()
  }

  function drain(graceMs: number): Promise<void> {
    drains.abort()
    return answered(graceMs)
  }

  async function close(graceMs: number): Promise<void> {
    isClosing = true
    const ended = new Promise<void>((resolve) => server.close(() => resolve()))
    drains.abort()
    for (const [socket, answers] of owed) {
      const last = [...answers].at(-1)
      if (!last) socket.destroy()
      else if (!last.headersSent) last.setHeader('connection', 'close')
    }
    await answered(graceMs)
    server.closeAllConnections()
    door?.close()
    await ended
  }

  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          resolve(urlOf(host, (server.address() as AddressInfo).port))
        })
      }),
    get inFlight() {
      return awaited.size
    },
    draining: drains.signal,
    drain,
    close: (graceMs) => (closed ??= close(graceMs)),
  }
}

function urlOf(host: string, port: number): string {
  const shown = isEveryAddress(host) ? (host.includes(':') ? '::1' : '127.0.0.1') : host
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`
}
