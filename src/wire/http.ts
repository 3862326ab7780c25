/**
 * The small shapes on both sides of an HTTP exchange: bounded bodies in, answers with request ids out.
 * Keeps one rule: a request whose body was not read to its end closes the connection, so that nobody can make us read for ever.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'

import { WireError } from './errors.ts'
import { formPairs } from './form.ts'
import { requestIdOf } from './request-context.ts'

export type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void>

/** The body is longer than the service takes (413). */
export class BodyTooLargeError extends WireError {
  constructor(bytesMax: number) {
    super(413, 'RequestEntityTooLarge', `Request must be smaller than ${bytesMax} bytes.`)
  }
}

/** The caller went away before the body was whole. Nobody is left to read an answer. */
export class RequestAbortedError extends WireError {
  constructor() {
    super(400, 'RequestTimeout', 'The connection was closed before the request was whole.')
  }
}

/** The caller has stopped in the middle of the body. */
export class SlowRequestError extends WireError {
  constructor() {
    super(408, 'RequestTimeout', `No more of the request has come for ${BODY_SILENCE_MS / 1000} seconds.`)
  }
}

/** How long a body may stand still before its caller is given up. */
const BODY_SILENCE_MS = 30_000
/** Requests whose callers were given up: nobody waits for them a second time. */
const silenced = new WeakSet<IncomingMessage>()

/** The whole body. Rejects with BodyTooLargeError as soon as `bytesMax` is passed, without reading on. */
export async function readBody(req: IncomingMessage, bytesMax: number): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > bytesMax) throw new BodyTooLargeError(bytesMax)
  const pieces: Buffer[] = []
  await eachPiece(req, bytesMax, (piece) => pieces.push(piece))
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
}

function eachPiece(req: IncomingMessage, bytesMax: number, take: (piece: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let bytes = 0
    const silence = setTimeout(() => {
      silenced.add(req)
      finish(() => reject(new SlowRequestError()))
    }, BODY_SILENCE_MS)
    const finish = (action: () => void) => {
      clearTimeout(silence)
      req.off('data', onData).off('end', onEnd).off('close', onClose)
      action()
    }
    const onData = (piece: Buffer) => {
      bytes += piece.length
      silence.refresh()
      if (bytes > bytesMax) {
        req.pause()
        finish(() => reject(new BodyTooLargeError(bytesMax)))
      } else take(piece)
    }
    const onEnd = () => finish(resolve)
    const onClose = () => finish(() => reject(new RequestAbortedError()))
    if (req.readableEnded) return onEnd()
    if (req.destroyed) return onClose()
    req.on('error', ignore).on('data', onData).on('end', onEnd).on('close', onClose)
  })
}

const ignore = () => {}

/** Longer bodies are not waited for; their callers may find the connection closed before they have read why. */
const DRAINED_BYTES_MAX = 16 * 1024 * 1024

/** Reads and drops what is left of a body, up to `bytesMax`: a refused caller can then read why. */
export async function drainBody(req: IncomingMessage, bytesMax = DRAINED_BYTES_MAX): Promise<void> {
  if (req.readableEnded || req.destroyed || silenced.has(req)) return
  if (Number(req.headers['content-length'] ?? 0) > bytesMax) return
  const rest = eachPiece(req, bytesMax, ignore).catch(ignore)
  // Whoever read before may have paused it, or have left it in a pipe that no longer moves.
  req.unpipe()
  req.resume()
  await rest
}

export interface SendOptions {
  readonly status?: number
  readonly requestId?: string
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string | number | undefined>>
}

/** A JSON text (already printed) or value. Content type `application/json` unless told. */
export function sendJson(res: ServerResponse, body: unknown, options: SendOptions = {}): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  send(res, text, { contentType: 'application/json', ...options }, 'x-amzn-RequestId')
}

export function sendXml(res: ServerResponse, xml: string, options: SendOptions = {}): void {
  send(res, xml, { contentType: 'text/xml', ...options }, 'x-amzn-RequestId')
}

/** No body: 200 unless told. */
export function sendEmpty(res: ServerResponse, options: SendOptions = {}): void {
  send(res, '', options, 'x-amzn-RequestId')
}

/** The common end of all answers. `requestIdHeader`: `x-amzn-RequestId`, or `x-amz-request-id` where the service is S3. */
export function send(res: ServerResponse, body: string | Buffer, options: SendOptions, requestIdHeader: string): void {
  if (res.headersSent || res.destroyed) {
    res.destroy()
    return
  }
  // Node writes a text together with the headers before it, bytes as a second piece. Headers of others may be in Latin-1.
  const whole = typeof body === 'string' && options.headers ? Buffer.from(body, 'utf8') : body
  const length = Buffer.byteLength(whole)
  const status = options.status ?? 200
  res.statusCode = status
  res.setHeader(requestIdHeader, options.requestId ?? requestIdOf(res.req))
  if (length > 0 && options.contentType !== undefined) res.setHeader('content-type', options.contentType)
  if (status !== 204 && status !== 304) res.setHeader('content-length', length)
  setHeaders(res, options.headers)
  closeUnlessRead(res)
  res.end(res.req.method === 'HEAD' ? undefined : whole)
}

export function setHeaders(res: ServerResponse, headers: SendOptions['headers'] = {}): void {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) res.setHeader(name, value)
}

/** Keep-alive only after a body that was read to its end. */
export function closeUnlessRead(res: ServerResponse): void {
  if (!res.req.complete) res.setHeader('connection', 'close')
}

/** One header's value; repeated ones joined as HTTP allows. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

/** Whether the connection that it came by, if any, is TLS: told by what a TLSSocket has, so that TLS need not be loaded. */
export const isSecure = ({ socket }: { readonly socket?: object }): boolean =>
  socket !== undefined && 'encrypted' in socket && socket.encrypted === true

/** In which one of our doors, or a proxy before it, tells the next how a caller speaks with it. */
export const SCHEME_HEADER = 'x-forwarded-proto'

/** How its caller speaks: what is written into URLs that he is to follow. */
export const schemeOf = (req: IncomingMessage): 'http' | 'https' =>
  isSecure(req) || headerOf(req.headers, SCHEME_HEADER) === 'https' ? 'https' : 'http'

/** Whether the body is a form, as Query requests are. */
export const isForm = ({ headers }: IncomingMessage): boolean =>
  headerOf(headers, 'content-type')?.startsWith('application/x-www-form-urlencoded') === true

export interface RequestTarget {
  /** Still percent-encoded, always with a leading slash. */
  readonly path: string
  readonly query: URLSearchParams
}

/** Splits `req.url`; never throws, and never resolves `..`. An absolute form (`http://host/path`) is accepted. */
export function targetOf(req: IncomingMessage): RequestTarget {
  const url = (req.url ?? '/').replace(/^https?:\/\/[^/?#]*/i, '')
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  return { path: path.startsWith('/') ? path : `/${path}`, query: queryOf(mark < 0 ? '' : url.slice(mark + 1)) }
}

/** A query string's parameters, read by `formPairs`: see there why not by the constructor. */
const queryOf = (text: string): URLSearchParams => new URLSearchParams(formPairs(text))

/** Percent-decoding that reports broken escapes instead of throwing. `+` stays `+`, as in paths. */
export function decodeSegment(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
