/**
 * What the Lambda Runtime API is, for our own bootstraps: one channel for each process (its descriptor 3) instead of requests. The
 * process says that it is ready, is handed an invocation, and answers it, which says as well that it is ready again. It can answer for
 * nobody but itself: the channel is its own, and what it says of an invocation that is not at hand is not heard.
 */
import type { Duplex } from 'node:stream'

import type { JsonObject } from '../../base/json.ts'

import { FrameReader, printFrame } from './frames.ts'
import { describeError, type OnPiece, type RuntimeInvocation, type RuntimeListener, traceId } from './runtime-api.ts'

export interface ChannelListener extends RuntimeListener {
  /** What came is no frame of ours: the process is to be ended. */
  onGarbage(reason: string): void
  /** The process has closed its end; mostly because it ends. */
  onClosed(): void
}

/** Of what a process sends. */
const HEAD_BYTES_MAX = 65_536
/** In which our bootstraps cut a streamed answer. */
export const PIECE_BYTES_MAX = 262_144

export class RuntimeChannel {
  readonly #stream: Duplex
  readonly #listener: ChannelListener
  readonly #responseBytesMax: number
  readonly #reader: FrameReader
  #isWaiting = false
  #current: string | undefined
  #onPiece: OnPiece | undefined
  /** Of a streamed answer that nobody hears as it comes. */
  #pieces: Buffer[] = []
  #pieceBytes = 0

  constructor(stream: Duplex, responseBytesMax: number, listener: ChannelListener) {
    this.#stream = stream
    this.#listener = listener
    this.#responseBytesMax = responseBytesMax
    this.#reader = new FrameReader(
      { headBytesMax: HEAD_BYTES_MAX, bodyBytesMax: Math.max(responseBytesMax, PIECE_BYTES_MAX) },
      {
        onFrame: (head, body) => this.#onFrame(head, body),
        onGarbage: (reason) => listener.onGarbage(reason),
      },
    )
    stream.on('data', (chunk: Buffer) => this.#reader.take(chunk))
    // A process that dies in the middle of a frame: its exit tells the rest.
    stream.on('error', () => {})
    stream.once('close', () => listener.onClosed())
  }

  /** Grows while an answer is on its way; 0 where none is. */
  get arriving(): number {
    return this.#reader.arriving
  }

  /** Hands the invocation to the process. False when the process is not waiting. */
  deliver(invocation: RuntimeInvocation): boolean {
    if (!this.#isWaiting || this.#stream.destroyed) return false
    const { requestId, payload, deadlineMs, functionArn, clientContext } = invocation
    this.#isWaiting = false
    this.#current = requestId
    this.#onPiece = invocation.onPiece
    const head = { id: requestId, deadlineMs, functionArn, traceId: traceId(invocation), clientContext }
    const pieces = printFrame(head, payload)
    if (pieces.length > 1) this.#stream.cork()
    for (const piece of pieces) this.#stream.write(piece)
    if (pieces.length > 1) this.#stream.uncork()
    return true
  }

  close(): void {
    this.#stream.destroy()
  }

  #onFrame(head: JsonObject, body: Buffer | undefined): void {
    const { kind, id } = head
    if (kind === 'ready') return this.#ready()
    if (kind === 'init-error') return this.#listener.onInitError(describeError(body ?? NOTHING, undefined))
    if (typeof id !== 'string' || !isAnswer(kind)) return this.#listener.onGarbage('a frame of an unknown kind')
    if (id === this.#current) this.#answer(kind, id, head, body)
    else if (kind === 'response' || kind === 'error') this.#ready()
  }

  #answer(kind: Answer, id: string, head: JsonObject, body: Buffer | undefined): void {
    if (kind === 'piece') return this.#takePiece(id, head, body)
    const whole = body === undefined ? undefined : this.#whole(body)
    this.#settle(() => {
      if (whole === undefined || whole.length > this.#responseBytesMax) this.#listener.onResponseTooLarge(id)
      else if (kind === 'response') this.#listener.onResponse(id, whole)
      else this.#listener.onError(id, describeError(body ?? NOTHING, undefined))
    })
    // Who reports a fault ends next.
    if (kind !== 'fault') this.#ready()
  }

  #takePiece(id: string, { contentType }: JsonObject, body: Buffer | undefined): void {
    if (body === undefined) return this.#listener.onGarbage('a piece that is too long')
    if (this.#onPiece) return this.#onPiece(body, typeof contentType === 'string' ? contentType : 'application/octet-stream')
    this.#pieceBytes += body.length
    if (this.#pieceBytes <= this.#responseBytesMax) this.#pieces.push(body)
    else this.#settle(() => this.#listener.onResponseTooLarge(id))
  }

  #whole(last: Buffer): Buffer {
    return this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last])
  }

  #ready(): void {
    this.#isWaiting = true
    this.#listener.onReady()
  }

  /** An invocation is answered once. */
  #settle(tell: () => void): void {
    this.#current = undefined
    this.#onPiece = undefined
    this.#pieces = []
    this.#pieceBytes = 0
    tell()
  }
}

const NOTHING = Buffer.alloc(0)

type Answer = 'piece' | 'response' | 'error' | 'fault'
const ANSWERS: ReadonlySet<unknown> = new Set(['piece', 'response', 'error', 'fault'])
const isAnswer = (kind: unknown): kind is Answer => ANSWERS.has(kind)
