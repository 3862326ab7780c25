/**
 * One signed call to one endpoint. No retry, no redirect, no endpoint discovery: what happened is told, the caller decides.
 * Connections are kept open per origin and dropped after a few idle seconds, before servers usually drop them. Where this
 * process has no descriptor left for a connection the call has not begun: it waits until there is one.
 */
import {
  type ClientRequest,
  request as httpRequest,
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http'
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https'
import { pipeline, type Readable } from 'node:stream'

import { systemClock } from '../base/clock.ts'

import { connectionsWithin, grantedDescriptors } from './descriptors.ts'
import { encodeRfc3986 } from './percent.ts'
import { type Credentials, sha256Hex, signRequest, UNSIGNED_PAYLOAD } from './sigv4.ts'

export interface AwsCall {
  /** `http://127.0.0.1:8083` or `https://sqs.eu-west-1.amazonaws.com`; a path in it is put before `path`. */
  readonly endpoint: string
  /** Where to connect instead of the endpoint's host, which is still the one that is asked: a Unix socket, a named pipe. */
  readonly socketPath?: string | undefined
  readonly region: string
  /** Name in the credential scope: `sqs`, `lambda`. */
  readonly service: string
  /** Without credentials the request goes unsigned. */
  readonly credentials?: Credentials | undefined
  readonly method?: string
  /** Percent-encoded. `/` unless told. */
  readonly path?: string
  readonly query?: URLSearchParams | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
  /** For the whole exchange; in a stream, until the headers of the answer and then between two pieces. */
  readonly timeoutMs?: number | undefined
  /** Longest answer taken. 64 MiB unless told. */
  readonly responseBytesMax?: number
}

/** A body that is produced while it is sent. Its length must be known; it is not part of the signature. */
export interface AwsStreamCall extends Omit<AwsCall, 'body'> {
  readonly body?: string | Uint8Array | { readonly stream: Readable; readonly bytes: number } | undefined
}

export interface AwsResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface AwsStreamResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Must be read to its end or destroyed. */
  readonly body: IncomingMessage
}

export type TransportErrorKind = 'connect' | 'timeout' | 'aborted' | 'broken' | 'tooLarge'

/** No usable answer came. After `connect` the service has certainly not seen the request. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly kind: TransportErrorKind

  constructor(kind: TransportErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

const RESPONSE_BYTES_MAX = 64 * 1024 * 1024
const DEFAULT_TIMEOUT_MS = 60_000
const IDLE_SOCKET_MS = 4_000
const agentOptions = {
  keepAlive: true,
  maxSockets: connectionsWithin(grantedDescriptors(), 512),
  maxFreeSockets: 64,
  timeout: IDLE_SOCKET_MS,
  scheduling: 'lifo',
} as const
const httpAgent = new HttpAgent(agentOptions)
const httpsAgent = new HttpsAgent(agentOptions)

/** Any status is an answer; rejects with TransportError only. */
export function callAws(call: AwsCall): Promise<AwsResponse> {
  return onceThereIsRoom(call.signal, () => callOnce(call))
}

async function callOnce(call: AwsCall): Promise<AwsResponse> {
  const deadline = new AbortController()
  const timeoutMs = call.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const late = new TransportError('timeout', `no answer within ${timeoutMs} ms`)
  const alarm = systemClock.after(timeoutMs, () => deadline.abort(late))
  const unfollow = follow(call.signal, deadline)
  try {
    const { status, headers, body } = await exchange(call, call.body, deadline.signal)
    return { status, headers, body: await collect(body, call.responseBytesMax) }
  } catch (error) {
    throw deadline.signal.aborted ? deadline.signal.reason : toTransportError(error)
  } finally {
    alarm.cancel()
    unfollow()
  }
}

/** Answers as soon as the headers are in; the body streams. A failure after that destroys the body with the error. */
export function openStream(call: AwsStreamCall): Promise<AwsStreamResponse> {
  // A stream can be read once.
  if (typeof call.body === 'object' && 'stream' in call.body) return openOnce(call)
  return onceThereIsRoom(call.signal, () => openOnce(call))
}

async function openOnce(call: AwsStreamCall): Promise<AwsStreamResponse> {
  const deadline = new AbortController()
  const timeoutMs = call.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const unfollow = follow(call.signal, deadline)
  try {
    const response = await exchange(call, call.body, deadline.signal, (request) => {
      request.setTimeout(timeoutMs, () => abortUnlessMoved(request, deadline, timeoutMs))
    })
    response.body.once('close', unfollow)
    return response
  } catch (error) {
    unfollow()
    throw deadline.signal.aborted ? deadline.signal.reason : toTransportError(error)
  }
}

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 1_000
/** What the system says when it has no descriptor, port or buffer for another connection: nobody has been asked anything. */
const NO_ROOM = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'EADDRNOTAVAIL'])

/** Whether a call failed because this process, and not the service, has run short of something. */
export const isShortage = (error: unknown): boolean => error instanceof TransportError && NO_ROOM.has(codeOf(error.cause))

async function onceThereIsRoom<T>(signal: AbortSignal | undefined, attempt: () => Promise<T>): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt()
    } catch (error) {
      if (signal?.aborted === true || !isShortage(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

/** Aborts with the caller's signal, until the returned function is called. `AbortSignal.any` would leave a trace of each call on it. */
function follow(signal: AbortSignal | undefined, deadline: AbortController): () => void {
  const abort = () => deadline.abort(new TransportError('aborted', 'the call was aborted', { cause: signal?.reason }))
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort, { once: true })
  return () => signal?.removeEventListener('abort', abort)
}

/** A process that was stopped meanwhile finds here what has arrived since, a turn later. */
function abortUnlessMoved(request: ClientRequest, deadline: AbortController, timeoutMs: number): void {
  const bytes = request.socket?.bytesRead
  setImmediate(() => {
    if (request.socket?.bytesRead === bytes) deadline.abort(new TransportError('timeout', `nothing moved for ${timeoutMs} ms`))
  })
}

function exchange(
  call: Omit<AwsCall, 'body'>,
  body: AwsStreamCall['body'],
  signal: AbortSignal,
  onRequest?: (request: ClientRequest) => void,
): Promise<AwsStreamResponse> {
  const url = new URL(call.endpoint)
  const method = call.method ?? 'POST'
  const path = joinPaths(url.pathname, call.path ?? '/')
  const headers = headersOf(call, url, method, path, body)
  const isHttps = url.protocol === 'https:'
  const search = searchOf(call.query)
  return new Promise((resolve, reject) => {
    const request = (isHttps ? httpsRequest : httpRequest)({
      agent: isHttps ? httpsAgent : httpAgent,
      ...(call.socketPath !== undefined && { socketPath: call.socketPath }),
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (isHttps ? 443 : 80) : Number(url.port),
      method,
      path: path + search,
      headers,
      signal,
    })
    request.on('error', reject)
    request.on('response', (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response })
    })
    onRequest?.(request)
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) request.end(body)
    // The answer may come before the body is sent (an early refusal), so only a failing source ends the request here.
    else pipeline(body.stream, request, (error) => error && request.destroy(error))
  })
}

function headersOf(
  call: Omit<AwsCall, 'body'>,
  url: URL,
  method: string,
  path: string,
  body: AwsStreamCall['body'],
): Record<string, string> {
  const isStream = typeof body === 'object' && 'stream' in body
  const length = isStream ? body.bytes : typeof body === 'string' ? Buffer.byteLength(body) : (body?.length ?? 0)
  const headers: Record<string, string> = { host: url.host, ...call.headers }
  if (body !== undefined || method === 'POST' || method === 'PUT') headers['content-length'] = String(length)
  if (call.credentials === undefined) return headers
  const payloadHash = isStream ? UNSIGNED_PAYLOAD : sha256Hex(body ?? '')
  return signRequest({ method, path, query: call.query, headers }, payloadHash, call, call.credentials, new Date())
}

function searchOf(query: URLSearchParams | undefined): string {
  if (query === undefined || query.size === 0) return ''
  return `?${[...query].map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`).join('&')}`
}

const joinPaths = (base: string, path: string): string => (base === '/' || base === '' ? path : base.replace(/\/$/, '') + path)

/** The whole body of an answer; rejects where it is longer than `bytesMax`, or breaks off. */
export function collect(body: IncomingMessage, bytesMax = RESPONSE_BYTES_MAX): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    let bytes = 0
    body.on('error', reject)
    body.on('close', () => body.readableEnded || reject(new Error('the connection was closed before the answer was whole')))
    body.on('end', () => resolve(Buffer.concat(pieces, bytes)))
    body.on('data', (piece: Buffer) => {
      bytes += piece.length
      if (bytes <= bytesMax) pieces.push(piece)
      else body.destroy(new TransportError('tooLarge', `the answer is longer than ${bytesMax} bytes`))
    })
  })
}

const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_INVALID_URL',
  'ERR_INVALID_CHAR',
])

function toTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error
  const message = error instanceof Error && error.message !== '' ? error.message : String(error)
  const code = codeOf(error)
  return new TransportError(NOT_CONNECTED.has(code) ? 'connect' : 'broken', code === '' ? message : `${code}: ${message}`, {
    cause: error,
  })
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : ''
