/**
 * Hands requests on to the embedded services where they run in a thread or a process of their own, and their answers back: as
 * they are, piece by piece, no faster than the slower side reads.
 *
 * 1. What is asked of services that are away is answered 503 in the protocol of the service, at once.
 * 2. Whoever gives up, caller or service, ends the other side too. A request is handed on once, never a second time.
 * 3. A connection is used again only when request and answer were whole.
 *
 * Connections are kept by hand: `node:http`'s client costs 115 µs of CPU a request here, this 45 (bench/services.ts).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'

import { CALL_HEADER, printCall, REQUEST_ID_HEADER } from '../wire/describe.ts'
import { WireError } from '../wire/errors.ts'
import { closeUnlessRead, type Handler, isSecure, SCHEME_HEADER } from '../wire/http.ts'
import { contextOf, requestIdOf } from '../wire/request-context.ts'
import { ResponseReader, type ResponseHead } from '../wire/response-reader.ts'
import { sendServiceError } from '../wire/service-error.ts'

export type Upstream =
  | { readonly kind: 'socket'; readonly path: string }
  /** `http://host:port` or `https://…`, without a path. */
  | { readonly kind: 'url'; readonly url: string }

export interface ForwardOptions {
  /** Where the services are. Rejects with what is wrong where they are away. */
  readonly upstream: () => Upstream | Promise<Upstream>
  /** Of each request, in place of what it has by these names (in small letters). */
  readonly headers?: Readonly<Record<string, string>>
}

/** Shorter than any server keeps an idle connection. */
const IDLE_MS = 4_000
const FREE_MAX = 256

export function createForward({ upstream, headers = {} }: ForwardOptions): Handler {
  const pool = new Pool()
  const left = new Set([...HOP, ...Object.keys(headers)])
  const added = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  return async (req, res) => {
    let socket: Socket
    try {
      const place = upstream()
      socket = pool.take(place instanceof Promise ? await place : place)
    } catch (error) {
      return refuse(req, res, error instanceof Error ? error.message : String(error))
    }
    if (res.destroyed) return pool.give(socket)
    const ending = await exchange(socket, req, res, { text: added, left })
    if (ending.kind === 'kept') return pool.give(socket)
    socket.destroy()
    if (ending.kind === 'broken') {
      if (res.headersSent) res.destroy()
      else if (!res.destroyed) refuse(req, res, ending.reason)
    }
  }
}

function refuse(req: IncomingMessage, res: ServerResponse, reason: string): void {
  const message = `The embedded services cannot be reached: ${reason}`
  sendServiceError(req, res, new WireError(503, 'ServiceUnavailable', message))
}

/** The headers that are set, and the names of those that do not go along. */
interface Replaced {
  readonly text: string
  readonly left: ReadonlySet<string>
}

type Ending = { readonly kind: 'kept' | 'used' } | { readonly kind: 'broken'; readonly reason: string }

function exchange(socket: Socket, req: IncomingMessage, res: ServerResponse, replaced: Replaced): Promise<Ending> {
  return new Promise((resolve) => {
    const isChunked = req.headers['transfer-encoding'] !== undefined
    const hasBody = isChunked || Number(req.headers['content-length'] ?? 0) > 0
    let isSent = !hasBody
    let isKept = false
    const finish = (ending: Ending) => {
      socket.off('data', onData).off('error', onError).off('close', onClose).off('drain', onSocketDrain)
      res.off('close', onGone).off('drain', onAnswerDrain)
      req.off('data', onPiece).off('end', onSent)
      resolve(ending)
    }
    const reader = new ResponseReader(req.method ?? 'GET', {
      head(head) {
        isKept = head.isKept
        sendHead(res, head)
      },
      body(piece) {
        if (!res.write(piece)) socket.pause()
      },
      end() {
        if (socket.isPaused()) socket.resume()
        finish({ kind: isKept && isSent ? 'kept' : 'used' })
        res.end()
      },
    })
    const onData = (piece: Buffer) => {
      try {
        reader.take(piece)
      } catch (error) {
        finish({ kind: 'broken', reason: String(error) })
      }
    }
    const onError = (error: Error) => finish({ kind: 'broken', reason: error.message })
    const onClose = () =>
      reader.close() || finish({ kind: 'broken', reason: 'the connection was closed before the answer was whole' })
    const onGone = () => finish({ kind: 'used' })
    const onAnswerDrain = () => socket.resume()
    const onSocketDrain = () => req.resume()
    const onPiece = (piece: Buffer) => {
      if (isChunked) socket.write(`${piece.length.toString(16)}\r\n`, 'latin1')
      const isTaken = socket.write(piece)
      if (isChunked) socket.write('\r\n', 'latin1')
      if (!isTaken) req.pause()
    }
    const onSent = () => {
      isSent = true
      if (isChunked) socket.write('0\r\n\r\n', 'latin1')
      socket.uncork()
    }
    socket.on('data', onData).on('error', onError).on('close', onClose).on('drain', onSocketDrain)
    res.on('close', onGone).on('drain', onAnswerDrain)
    // Head and a short body leave together.
    socket.cork()
    socket.write(headOf(req, replaced, isChunked), 'latin1')
    if (!hasBody) socket.uncork()
    else {
      req.on('data', onPiece).on('end', onSent)
      setImmediate(() => socket.uncork())
    }
  })
}

/** What one hop agrees on with the next, and no further. `expect` was answered at our own door. */
const HOP: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'expect', 'proxy-connection'],
  ...['proxy-authenticate', 'proxy-authorization', REQUEST_ID_HEADER, CALL_HEADER],
])

function headOf(req: IncomingMessage, { text, left }: Replaced, isChunked: boolean): string {
  const { rawHeaders } = req
  const scheme = isSecure(req) ? `${SCHEME_HEADER}: https\r\n` : ''
  let head = `${req.method} ${req.url} HTTP/1.1\r\n`
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const lower = name.toLowerCase()
    if (!left.has(lower) && !(scheme !== '' && lower === SCHEME_HEADER)) head += `${name}: ${rawHeaders[at + 1]}\r\n`
  }
  const framing = isChunked ? 'transfer-encoding: chunked\r\n' : ''
  const call = contextOf(req)?.call
  // The name of an action may hold whatever a caller has written.
  const told = call && isPlain(printCall(call)) ? `${CALL_HEADER}: ${printCall(call)}\r\n` : ''
  return `${head}${text}${scheme}${REQUEST_ID_HEADER}: ${requestIdOf(req)}\r\n${told}${framing}\r\n`
}

const isPlain = (text: string): boolean => /^\w*:\w*$/.test(text)

/** What our door has set (for pages of allowed origins, and when it closes) goes with what the service says. */
function sendHead(res: ServerResponse, { status, statusText, rawHeaders }: ResponseHead): void {
  const headers: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]]
    const lower = name.toLowerCase()
    if (HOP.has(lower)) continue
    if (lower === 'vary' && res.hasHeader('vary')) res.appendHeader(name, value)
    else headers.push(name, value)
  }
  closeUnlessRead(res)
  res.writeHead(status, statusText, headers)
}

/** Connections that wait for their next request, by where they lead. */
class Pool {
  #place = ''
  /** With what ends each: whatever it says while nothing is asked, or a long silence. */
  readonly #free: { readonly socket: Socket; readonly drop: () => void }[] = []

  take(upstream: Upstream): Socket {
    const place = upstream.kind === 'socket' ? upstream.path : upstream.url
    if (place !== this.#place) {
      for (const { drop } of [...this.#free]) drop()
      this.#place = place
    }
    const free = this.#free.pop()
    if (!free) return open(upstream)
    const { socket, drop } = free
    socket.off('data', drop).off('error', drop).off('close', drop).off('timeout', drop)
    socket.setTimeout(0)
    return socket
  }

  give(socket: Socket): void {
    if (socket.destroyed || this.#free.length >= FREE_MAX) return void socket.destroy()
    const drop = () => {
      const at = this.#free.findIndex((one) => one.socket === socket)
      if (at >= 0) this.#free.splice(at, 1)
      socket.destroy()
    }
    socket.on('data', drop).on('error', drop).on('close', drop).on('timeout', drop)
    socket.setTimeout(IDLE_MS)
    this.#free.push({ socket, drop })
  }
}

function open(upstream: Upstream): Socket {
  if (upstream.kind === 'socket') return connect(upstream.path)
  const { protocol, hostname, port } = new URL(upstream.url)
  const host = hostname.replace(/^\[|\]$/g, '')
  // Loaded where it is wanted: few services are reached so.
  if (protocol === 'https:')
    return process
      .getBuiltinModule('node:tls')
      .connect({ host, port: Number(port || 443), servername: host, ALPNProtocols: ['http/1.1'] })
  return connect({ host, port: Number(port || 80), noDelay: true })
}
