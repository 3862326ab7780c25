/**
 * One signed call to one endpoint. No retry, no redirect, no endpoint discovery: what happened is told, the caller decides.
 * A call goes over a connection, or by a transport that hands the same request over another way. Connections are kept open per origin and dropped after a few idle seconds, before servers usually drop them. Where this
 * process has no descriptor left for a connection the call has not begun: it waits until there is one.
 */
import {
  type ClientRequest,
  request as httpRequest,
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http'
import { pipeline, type Readable } from 'node:stream'

import { systemClock } from '../base/clock.ts'

import { connectionsWithin, grantedDescriptors } from './descriptors.ts'
import { encodeRfc3986 } from './percent.ts'
import { type Credentials, lowerCased, sha256Hex, signRequest, UNSIGNED_PAYLOAD } from './sigv4.ts'

export interface AwsCall {
  /** `http://127.0.0.1:8083` or `https://sqs.eu-west-1.amazonaws.com`; a path in it is put before `path`. */
  readonly endpoint: string
  /** Where to connect instead of the endpoint's host, which is still the one that is asked: a Unix socket, a named pipe. */
  readonly socketPath?: string | undefined
  /** Takes the request instead of a connection. Whole bodies only: streams go over the connection. */
  readonly transport?: Transport | undefined
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

/** A request as it travels. Names of headers in small letters. */
export interface SignedRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
  /** Of the body, in UTF-8. */
  readonly bytes: number
}

export interface TransportTerms {
  readonly signal: AbortSignal | undefined
  /** For the whole exchange. */
  readonly timeoutMs: number
  readonly responseBytesMax: number
}

/** Rejects with TransportError only, as a call over a connection does. */
export interface Transport {
  send(request: SignedRequest, terms: TransportTerms): Promise<AwsResponse>
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
const http = { agent: new HttpAgent(agentOptions), request: httpRequest }
/** Loaded for the first call by HTTPS: it brings OpenSSL's TLS, 5 MB that most servers never need. */
let https: ReturnType<typeof loadHttps> | undefined

/** Any status is an answer; rejects with TransportError only. */
export function callAws(call: AwsCall): Promise<AwsResponse> {
  if (call.transport !== undefined) return handOver(call, call.transport)
  return onceThereIsRoom(call.signal, () => callOnce(call))
}

async function handOver(call: AwsCall, transport: Transport): Promise<AwsResponse> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS, responseBytesMax = RESPONSE_BYTES_MAX } = call
  return transport.send(signedRequest(call), { signal, timeoutMs, responseBytesMax })
}

function signedRequest(call: AwsCall): SignedRequest {
  try {
    const { method, target, headers, bytes } = preparedOf(call, call.body)
    const sent = { ...(call.credentials === undefined ? lowerCased(headers) : headers), connection: 'keep-alive' }
    return { method, target, headers: sent, body: call.body, bytes }
  } catch (error) {
    throw toTransportError(error)
  }
}

async function callOnce(call: AwsCall): Promise<AwsResponse> {
  const deadline = new Deadline()
  const timeoutMs = call.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const alarm = systemClock.after(timeoutMs, () => deadline.end(tooLate(timeoutMs)))
  const unfollow = follow(call.signal, deadline)
  try {
    const { status, headers, body } = await exchange(call, call.body, deadline)
    return { status, headers, body: await collect(body, call.responseBytesMax) }
  } catch (error) {
    throw deadline.reason ?? toTransportError(error)
  } finally {
    alarm.cancel()
    unfollow()
  }
}

/** Answers as soon as the headers are in; the body streams. A failure after that destroys the body with the error. */
export function openStream(call: AwsStreamCall): Promise<AwsStreamResponse> {
  // A stream can be read once.
  if (isStream(call.body)) return openOnce(call)
  return onceThereIsRoom(call.signal, () => openOnce(call))
}

async function openOnce(call: AwsStreamCall): Promise<AwsStreamResponse> {
  const deadline = new Deadline()
  const timeoutMs = call.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const unfollow = follow(call.signal, deadline)
  try {
    const response = await exchange(call, call.body, deadline, (request) => {
      request.setTimeout(timeoutMs, () => endUnlessMoved(request, deadline, timeoutMs))
    })
    response.body.once('close', unfollow)
    return response
  } catch (error) {
    unfollow()
    throw deadline.reason ?? toTransportError(error)
  }
}

/** Ends an exchange for a reason of ours. An AbortController, and what Node hangs on its signal, cost 10 µs of each call. */
class Deadline {
  #request: ClientRequest | undefined
  reason: TransportError | undefined

  end(reason: TransportError): void {
    this.reason ??= reason
    this.#request?.destroy(this.reason)
  }

  watch(request: ClientRequest): void {
    this.#request = request
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

/** Ends with the caller's signal, until the returned function is called. */
function follow(signal: AbortSignal | undefined, deadline: Deadline): () => void {
  if (signal === undefined) return ignore
  const abort = () => deadline.end(abortedBy(signal))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return () => signal.removeEventListener('abort', abort)
}

const ignore = () => {}

export const tooLate = (timeoutMs: number) => new TransportError('timeout', `no answer within ${timeoutMs} ms`)
export const tooLong = (bytesMax: number) => new TransportError('tooLarge', `the answer is longer than ${bytesMax} bytes`)
export const abortedBy = (signal: AbortSignal | undefined) =>
  new TransportError('aborted', 'the call was aborted', { cause: signal?.reason })

/** A process that was stopped meanwhile finds here what has arrived since, a turn later. */
function endUnlessMoved(request: ClientRequest, deadline: Deadline, timeoutMs: number): void {
  const bytes = request.socket?.bytesRead
  setImmediate(() => {
    if (request.socket?.bytesRead === bytes) deadline.end(new TransportError('timeout', `nothing moved for ${timeoutMs} ms`))
  })
}

function loadHttps() {
  const { Agent, request } = process.getBuiltinModule('node:https')
  return { agent: new Agent(agentOptions), request }
}

function exchange(
  call: Omit<AwsCall, 'body'>,
  body: AwsStreamCall['body'],
  deadline: Deadline,
  onRequest?: (request: ClientRequest) => void,
): Promise<AwsStreamResponse> {
  const { method, target, headers, origin } = preparedOf(call, body)
  const { isHttps, hostname, port } = origin
  return new Promise((resolve, reject) => {
    if (deadline.reason) return reject(deadline.reason)
    const { agent, request: open } = isHttps ? (https ??= loadHttps()) : http
    const request = open({
      agent,
      ...(call.socketPath !== undefined && { socketPath: call.socketPath }),
      host: hostname,
      port,
      method,
      path: target,
      headers,
    })
    deadline.watch(request)
    request.on('error', reject)
    request.on('response', (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response })
    })
    onRequest?.(request)
    // The answer may come before the body is sent (an early refusal), so only a failing source ends the request here.
    if (isStream(body)) pipeline(body.stream, request, (error) => error && request.destroy(error))
    else request.end(body)
  })
}

interface Origin {
  readonly isHttps: boolean
  readonly hostname: string
  readonly port: number
  /** With the port, where the protocol has another. */
  readonly host: string
  readonly path: string
}

/** Few are called, often. Bounded: the oldest goes first. */
const origins = new Map<string, Origin>()
const ORIGINS_MAX = 100

/** Throws where it is no URL. */
function originOf(endpoint: string): Origin {
  const known = origins.get(endpoint)
  if (known) return known
  const { protocol, hostname, port, host, pathname } = new URL(endpoint)
  const isHttps = protocol === 'https:'
  const origin = {
    isHttps,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isHttps ? 443 : 80) : Number(port),
    host,
    path: pathname,
  }
  const [oldest] = origins.keys()
  if (origins.size >= ORIGINS_MAX && oldest !== undefined) origins.delete(oldest)
  origins.set(endpoint, origin)
  return origin
}

function preparedOf(call: Omit<AwsCall, 'body'>, body: AwsStreamCall['body']) {
  const origin = originOf(call.endpoint)
  const method = call.method ?? 'POST'
  const path = joinPaths(origin.path, call.path ?? '/')
  const bytes = bytesOf(body)
  const headers: Record<string, string> = { host: origin.host, ...call.headers }
  if (body !== undefined || method === 'POST' || method === 'PUT') headers['content-length'] = String(bytes)
  const target = path + searchOf(call.query)
  if (call.credentials === undefined) return { method, target, headers, origin, bytes }
  const payloadHash = isStream(body) ? UNSIGNED_PAYLOAD : sha256Hex(body ?? '')
  const signed = signRequest({ method, path, query: call.query, headers }, payloadHash, call, call.credentials, new Date())
  return { method, target, headers: signed, origin, bytes }
}

const isStream = (body: AwsStreamCall['body']): body is { readonly stream: Readable; readonly bytes: number } =>
  typeof body === 'object' && 'stream' in body

function bytesOf(body: AwsStreamCall['body']): number {
  if (typeof body === 'string') return Buffer.byteLength(body)
  return isStream(body) ? body.bytes : (body?.length ?? 0)
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
      else body.destroy(tooLong(bytesMax))
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

export function toTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error
  const message = error instanceof Error && error.message !== '' ? error.message : String(error)
  const code = codeOf(error)
  return new TransportError(NOT_CONNECTED.has(code) ? 'connect' : 'broken', code === '' ? message : `${code}: ${message}`, {
    cause: error,
  })
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : ''
