/**
 * A request and its answer as handlers know them from node:http, without a connection below. The request is whole from the
 * start. The answer goes as it is written: a head with all that there is of the body in the same turn, further pieces as the
 * other side takes them. Headers come out as a client of node:http would read them.
 */
import {
  IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  validateHeaderName,
  validateHeaderValue,
} from 'node:http'
import { Socket } from 'node:net'
import { Writable } from 'node:stream'

import { assert } from '../base/assert.ts'

import type { Answered, AnswerHeaders, Batch, Headers } from './message-frames.ts'

/** Never connected: it has no address, and no certificate. */
const NO_SOCKET = new Socket()

export class HandedRequest extends IncomingMessage {
  #body: Buffer | undefined

  constructor(method: string, target: string, headers: Headers, body: Buffer) {
    super(NO_SOCKET)
    this.method = method
    this.url = target
    this.httpVersion = '1.1'
    this.httpVersionMajor = 1
    this.httpVersionMinor = 1
    this.headers = headers
    this.rawHeaders = Object.entries(headers).flat()
    this.complete = true
    this.#body = body
  }

  override _read(): void {
    const body = this.#body
    if (body === undefined) return
    this.#body = undefined
    if (body.length > 0) this.push(body)
    this.push(null)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.aborted = !this.readableEnded
    done(error)
  }
}

/** Of one answer that is under way. */
const WINDOW_BYTES = 1024 * 1024

const UTF8: ReadonlySet<string> = new Set(['utf8', 'utf-8'])

type Told = 'nothing' | 'head' | 'all'

export class HandedResponse extends Writable {
  readonly req: IncomingMessage
  readonly socket = null
  statusCode = 200
  statusMessage = ''
  headersSent = false
  readonly #id: number
  /** Calls for `speak` in this turn. */
  readonly #wake: (isOver: boolean) => void
  readonly #headers = new Map<string, { readonly name: string; readonly value: OutgoingHttpHeader }>()
  #told: Told = 'nothing'
  /** Texts are kept as they are: they are encoded once, where all that is said in a turn is put together. */
  #pieces: (string | Buffer)[] = []
  #bytes = 0
  /** Written, and not taken yet. */
  #underWay = 0
  #resume: (() => void) | undefined
  #isWhole = false
  /** Nobody waits for it. */
  #isLeft = false

  constructor(id: number, req: IncomingMessage, wake: (isOver: boolean) => void) {
    super({ highWaterMark: 64 * 1024, decodeStrings: false })
    this.#id = id
    this.req = req
    this.#wake = wake
  }

  setHeader(name: string, value: OutgoingHttpHeader | readonly string[]): this {
    this.#assertUnsent()
    validateHeaderName(name)
    if (typeof value === 'object') for (const item of value) validateHeaderValue(name, item)
    // It takes numbers too, and refuses what is undefined.
    else validateHeaderValue(name, value as string)
    this.#headers.set(name.toLowerCase(), { name, value: typeof value === 'object' ? [...value] : value })
    return this
  }

  setHeaders(headers: ReadonlyMap<string, OutgoingHttpHeader>): this {
    for (const [name, value] of headers) this.setHeader(name, value)
    return this
  }

  appendHeader(name: string, value: string | readonly string[]): this {
    const before = this.getHeader(name)
    const list = before === undefined ? [] : Array.isArray(before) ? before : [String(before)]
    return this.setHeader(name, [...list, ...(typeof value === 'string' ? [value] : value)])
  }

  getHeader(name: string): OutgoingHttpHeader | undefined {
    return this.#headers.get(name.toLowerCase())?.value
  }

  getHeaders(): OutgoingHttpHeaders {
    return Object.fromEntries([...this.#headers].map(([name, { value }]) => [name, value]))
  }

  getHeaderNames(): string[] {
    return [...this.#headers.keys()]
  }

  getRawHeaderNames(): string[] {
    return [...this.#headers.values()].map(({ name }) => name)
  }

  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase())
  }

  removeHeader(name: string): void {
    this.#assertUnsent()
    this.#headers.delete(name.toLowerCase())
  }

  writeHead(status: number, reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[], more?: typeof reason): this {
    this.#assertUnsent()
    const headers = typeof reason === 'string' ? more : reason
    if (typeof reason === 'string') this.statusMessage = reason
    this.statusCode = status
    for (const [name, value] of pairsOf(headers)) if (value !== undefined) this.setHeader(name, value)
    this.#fixHead(undefined)
    return this
  }

  flushHeaders(): void {
    if (!this.headersSent) this.#fixHead(undefined)
    this.#wake(false)
  }

  override end(...parts: unknown[]): this {
    const [chunk, encoding] = parts
    if (!this.headersSent && !this.destroyed) this.#fixHead(bytesOf(chunk, encoding))
    return super.end(...(parts as []))
  }

  override _write(piece: string | Buffer, encoding: BufferEncoding, done: () => void): void {
    if (!this.headersSent) this.#fixHead(undefined)
    if (this.#hasBody()) {
      const held = typeof piece === 'string' && !UTF8.has(encoding) ? Buffer.from(piece, encoding) : piece
      const bytes = Buffer.byteLength(held)
      this.#pieces.push(held)
      this.#bytes += bytes
      this.#underWay += bytes
    }
    this.#wake(false)
    if (this.#underWay <= WINDOW_BYTES) done()
    else this.#resume = done
  }

  override _final(done: () => void): void {
    this.#isWhole = true
    this.#wake(true)
    done()
  }

  override _destroy(_error: Error | null, done: () => void): void {
    if (!this.#isWhole) this.#wake(true)
    done()
  }

  /** Whoever has asked is gone. */
  leave(): void {
    this.#isLeft = true
    if (!this.req.readableEnded) this.req.destroy()
    this.destroy()
  }

  taken(bytes: number): void {
    this.#underWay -= bytes
    const resume = this.#resume
    if (resume === undefined || this.#underWay > WINDOW_BYTES) return
    this.#resume = undefined
    resume()
  }

  /** Adds what there is to say since the last time. */
  speak(batch: Batch<Answered>): void {
    if (this.#isLeft || this.#told === 'all') return
    if (this.destroyed && !this.#isWhole) {
      this.#told = 'all'
      return batch.add(['cut', this.#id])
    }
    const bytes = this.#bytes
    batch.add(
      this.#told === 'nothing'
        ? ['head', this.#id, this.statusCode, this.#headersAsRead(), bytes, this.#isWhole]
        : ['more', this.#id, bytes, this.#isWhole],
    )
    for (const piece of this.#pieces) batch.addBody(piece, Buffer.byteLength(piece))
    this.#pieces = []
    this.#bytes = 0
    this.#told = this.#isWhole ? 'all' : 'head'
  }

  #assertUnsent(): void {
    assert(!this.headersSent, 'the headers of an answer are set before they are sent')
  }

  /** `bytes`: of the whole body, where it is known. What a server of node:http adds by itself. */
  #fixHead(bytes: number | undefined): void {
    if (this.#hasBody() && !this.hasHeader('content-length') && !this.hasHeader('transfer-encoding')) {
      if (bytes === undefined) this.setHeader('transfer-encoding', 'chunked')
      else this.setHeader('content-length', bytes)
    }
    if (!this.hasHeader('date')) this.setHeader('date', httpDate())
    if (!this.hasHeader('connection')) this.setHeader('connection', 'keep-alive')
    this.headersSent = true
  }

  #hasBody(): boolean {
    return this.req.method !== 'HEAD' && this.statusCode !== 204 && this.statusCode !== 304
  }

  #headersAsRead(): AnswerHeaders {
    const read: Record<string, string | string[]> = {}
    for (const [name, { value }] of this.#headers) {
      if (name === 'set-cookie') read[name] = typeof value === 'object' ? value.map(trimmed) : [trimmed(String(value))]
      else read[name] = trimmed(typeof value === 'object' ? value.map(trimmed).join(', ') : String(value))
    }
    return read
  }
}

/** As the parser of HTTP leaves it. */
const trimmed = (value: string): string => value.replace(/^[ \t]+|[ \t]+$/g, '')

function pairsOf(
  headers: OutgoingHttpHeaders | OutgoingHttpHeader[] | string | undefined,
): [string, OutgoingHttpHeader | undefined][] {
  if (headers === undefined || typeof headers === 'string') return []
  if (!Array.isArray(headers)) return Object.entries(headers)
  return headers.flatMap((name, index) => (index % 2 === 0 ? [[String(name), headers[index + 1]]] : []))
}

function bytesOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  return chunk instanceof Uint8Array ? chunk.length : 0
}

let printedSecond = 0
let printed = ''

function httpDate(): string {
  const second = Math.floor(Date.now() / 1000)
  if (second !== printedSecond) {
    printed = new Date(second * 1000).toUTCString()
    printedSecond = second
  }
  return printed
}
