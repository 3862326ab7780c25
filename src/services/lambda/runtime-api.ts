/**
 * The Lambda Runtime API for one process: the process asks for its next invocation and posts what came of it. One listener
 * per process, on the loopback, so that a caller is known by the port and no function can answer for another. Our own bootstraps
 * have a channel instead (runtime-channel.ts).
 * Source: AWS Lambda developer guide, "Using the Lambda runtime API for custom runtimes".
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'

import { parseJson } from '../../base/json-bounds.ts'
import { isObject } from '../../base/json.ts'

import { BodyTooLargeError, headerOf, readBody, sendJson, targetOf } from '../../wire/http.ts'

export interface RuntimeInvocation {
  readonly requestId: string
  readonly payload: Buffer
  readonly deadlineMs: number
  readonly functionArn: string
  readonly clientContext?: string | undefined
  /** Hears an answer that the function streams, as it comes. */
  readonly onPiece?: OnPiece | undefined
}

export type OnPiece = (piece: Buffer, contentType: string) => void

export interface RuntimeListener {
  /** The process waits for work (again). */
  onReady(): void
  onResponse(requestId: string, body: Buffer): void
  onError(requestId: string, body: Buffer): void
  onInitError(body: Buffer): void
  onResponseTooLarge(requestId: string): void
}

export class RuntimeApi {
  readonly #server: Server
  readonly #listener: RuntimeListener
  readonly #responseBytesMax: number
  readonly #hasChannel: boolean
  #waiting: ServerResponse | undefined
  #current: string | undefined
  #onPiece: OnPiece | undefined

  private constructor(responseBytesMax: number, listener: RuntimeListener, hasChannel: boolean) {
    this.#hasChannel = hasChannel
    this.#responseBytesMax = responseBytesMax
    this.#listener = listener
    this.#server = createServer((req, res) => void this.#serve(req, res).catch(() => res.destroy()))
    this.#server.requestTimeout = 0
    this.#server.headersTimeout = 0
    this.#server.keepAliveTimeout = 0
  }

  /** `hasChannel`: invocations are handed out there, and can be answered here all the same. */
  static async open(responseBytesMax: number, listener: RuntimeListener, hasChannel = false): Promise<RuntimeApi> {
    const api = new RuntimeApi(responseBytesMax, listener, hasChannel)
    api.#server.listen(0, '127.0.0.1')
    await once(api.#server, 'listening')
    // A connection that could not be taken, for want of descriptors: its process is not heard, which its timeout ends.
    api.#server.on('error', () => {})
    return api
  }

  /** What AWS_LAMBDA_RUNTIME_API is set to. */
  get address(): string {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : ''
  }

  /** Hands the invocation to the process. False when the process is not waiting. */
  deliver(invocation: RuntimeInvocation): boolean {
    const res = this.#waiting
    if (res === undefined || res.destroyed) return false
    this.#waiting = undefined
    this.expect(invocation)
    res.writeHead(200, {
      'content-type': 'application/json',
      'content-length': invocation.payload.length,
      'lambda-runtime-aws-request-id': invocation.requestId,
      'lambda-runtime-deadline-ms': String(invocation.deadlineMs),
      'lambda-runtime-invoked-function-arn': invocation.functionArn,
      'lambda-runtime-trace-id': traceId(invocation),
      ...(invocation.clientContext !== undefined && { 'lambda-runtime-client-context': invocation.clientContext }),
    })
    res.end(invocation.payload)
    return true
  }

  /** The invocation was handed over. */
  expect({ requestId, onPiece }: RuntimeInvocation): void {
    this.#current = requestId
    this.#onPiece = onPiece
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { path } = targetOf(req)
    const [, version, runtime, kind, id, action] = path.split('/')
    if (version !== '2018-06-01' || runtime !== 'runtime') return refuse(res, 404, 'InvalidPath', `No such path: ${path}`)
    if (kind === 'invocation' && id === 'next' && req.method === 'GET') return this.#next(res)
    if (req.method !== 'POST') return refuse(res, 404, 'InvalidPath', `No such path: ${path}`)
    const isStreamed = action === 'response' && headerOf(req.headers, 'lambda-runtime-function-response-mode') === 'streaming'
    if (isStreamed && this.#onPiece && id === this.#current) await this.#passOn(req, this.#onPiece)
    const body = await this.#bodyOf(req, res, id)
    if (body === undefined) return
    const failure = failureIn(req)
    if (failure && id !== undefined && id === this.#current) {
      this.#settle(() => this.#listener.onError(id, failure))
      return sendJson(res, { status: 'OK' }, { status: 202 })
    }
    if (kind === 'init' && id === 'error')
      this.#listener.onInitError(describeError(body, headerOf(req.headers, 'lambda-runtime-function-error-type')))
    else if (kind !== 'invocation' || id === undefined || id !== this.#current) {
      return refuse(res, 400, 'InvalidRequestID', 'Invalid request ID')
    } else if (action === 'response') this.#settle(() => this.#listener.onResponse(id, body))
    else if (action === 'error')
      this.#settle(() =>
        this.#listener.onError(id, describeError(body, headerOf(req.headers, 'lambda-runtime-function-error-type'))),
      )
    else return refuse(res, 404, 'InvalidPath', `No such path: ${path}`)
    sendJson(res, { status: 'OK' }, { status: 202 })
  }

  #next(res: ServerResponse): void {
    if (this.#hasChannel) return refuse(res, 403, 'Forbidden', 'Invocations of this runtime are handed to its own bootstrap.')
    this.#waiting?.destroy()
    this.#waiting = res
    res.once('close', () => {
      if (this.#waiting === res) this.#waiting = undefined
    })
    this.#listener.onReady()
  }

  /** Pieces that somebody hears are not kept. */
  async #passOn(req: IncomingMessage, onPiece: OnPiece): Promise<void> {
    const contentType = headerOf(req.headers, 'content-type') ?? 'application/octet-stream'
    for await (const piece of req) onPiece(piece as Buffer, contentType)
  }

  async #bodyOf(req: IncomingMessage, res: ServerResponse, requestId: string | undefined): Promise<Buffer | undefined> {
    try {
      return await readBody(req, this.#responseBytesMax)
    } catch (error) {
      if (!(error instanceof BodyTooLargeError)) throw error
      const reason = `Exceeded maximum allowed payload size (${this.#responseBytesMax} bytes).`
      if (requestId !== undefined && requestId === this.#current) {
        this.#settle(() => this.#listener.onResponseTooLarge(requestId))
      }
      req.resume()
      refuse(res, 413, 'RequestEntityTooLarge', reason)
      return undefined
    }
  }

  /** An invocation is answered once. */
  #settle(tell: () => void): void {
    this.#current = undefined
    tell()
  }
}

function refuse(res: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  sendJson(res, { errorMessage, errorType }, { status })
}

/** A function that fails after it has begun to answer says so behind its answer. */
function failureIn({ trailers }: IncomingMessage): Buffer | undefined {
  const errorType = trailers['lambda-runtime-function-error-type']
  if (errorType === undefined) return undefined
  const report = Buffer.from(trailers['lambda-runtime-function-error-body'] ?? '', 'base64')
  return report.length > 0 ? report : Buffer.from(JSON.stringify({ errorType, errorMessage: '' }))
}

/** A runtime may name the error's type in a header only; the caller finds it in the payload. */
export function describeError(body: Buffer, type: string | undefined): Buffer {
  try {
    const value = parseJson(body.toString('utf8'))
    if (isObject(value) && (type === undefined || Object.hasOwn(value, 'errorType'))) return body
    if (isObject(value)) return Buffer.from(JSON.stringify({ errorType: type, ...value }))
  } catch {
    // Not JSON: shown as a message below.
  }
  return Buffer.from(
    JSON.stringify({ errorType: type ?? 'Runtime.Unknown', errorMessage: body.toString('utf8').slice(0, 32_768) }),
  )
}

export function traceId(invocation: RuntimeInvocation): string {
  const hex = invocation.requestId.replaceAll('-', '')
  return `Root=1-${hex.slice(0, 8)}-${hex.slice(8, 32)};Parent=${hex.slice(0, 16)};Sampled=0`
}
