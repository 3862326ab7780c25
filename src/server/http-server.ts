/**
 * The port: its bounds, and how it closes without cutting anybody off who is about to be answered. Invariants:
 * 1. Once it drains, no connection is taken, and connections on which nothing is asked are closed at once.
 * 2. Whatever was asked by then, or comes on a connection that still waits for an answer, is answered, and its connection
 *    closed after it; long polls end with an empty answer at once (`wire/long-poll.ts`).
 * 3. When the grace is over, all are cut off: `drain` always ends.
 */
import { setMaxListeners } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

import { endPollsOn } from '../wire/long-poll.ts'

import { isEveryAddress } from './own-hosts.ts'

export interface HttpServer {
  /** Where it is asked: for all addresses, that of the loopback. Rejects where the port cannot be had. */
  listen(host: string, port: number): Promise<string>
  /** Requests that are not answered yet. */
  readonly inFlight: number
  /** Aborts when `drain` begins. */
  readonly draining: AbortSignal
  /** Takes nothing new, waits for what is in flight, cuts off what remains after `graceMs`. The second call waits for the first. */
  drain(graceMs: number): Promise<void>
}

/** Clients keep connections between long polls of a minute; whoever takes longer to say what he wants is cut off. */
const BOUNDS = { keepAliveTimeout: 75_000, headersTimeout: 15_000, requestTimeout: 300_000, maxHeaderSize: 65_536 }
const CONNECTIONS_MAX = 20_000

export function createHttpServer(answer: (req: IncomingMessage, res: ServerResponse) => void): HttpServer {
  const drains = new AbortController()
  setMaxListeners(0, drains.signal)
  /** Answers that are owed, by connection. */
  const owed = new Map<Socket, Set<ServerResponse>>()
  let inFlight = 0
  let drained: Promise<void> | undefined

  const server = createServer(BOUNDS, (req, res) => {
    const { socket } = req
    const answers = owed.get(socket)
    answers?.add(res)
    inFlight++
    endPollsOn(drains.signal, res)
    if (drains.signal.aborted) res.setHeader('connection', 'close')
    res.once('close', () => {
      inFlight--
      answers?.delete(res)
      if (drains.signal.aborted && answers?.size === 0) socket.destroySoon()
    })
    answer(req, res)
  })
  server.maxConnections = CONNECTIONS_MAX
  server.on('connection', (socket) => {
    owed.set(socket, new Set())
    socket.once('close', () => owed.delete(socket))
  })

  async function drain(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    drains.abort()
    for (const [socket, answers] of owed) {
      const last = [...answers].at(-1)
      if (!last) socket.destroy()
      else if (!last.headersSent) last.setHeader('connection', 'close')
    }
    const grace = setTimeout(() => server.closeAllConnections(), graceMs)
    await closed
    clearTimeout(grace)
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
      return inFlight
    },
    draining: drains.signal,
    drain: (graceMs) => (drained ??= drain(graceMs)),
  }
}

function urlOf(host: string, port: number): string {
  const shown = isEveryAddress(host) ? (host.includes(':') ? '::1' : '127.0.0.1') : host
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`
}
