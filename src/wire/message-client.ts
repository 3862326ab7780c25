/**
 * Asks the services of this very process, which live in a thread of it, without a connection: a request is handed over a
 * MessagePort, and arrives at the same handlers as it would over a socket (`message-server.ts`). What goes wrong is told as a
 * connection tells it.
 *
 * 1. A call ends once: with its answer, its failure, its caller's signal, its time-out, or the death of the thread.
 * 2. At most CALLS_MAX calls, and BODY_BYTES_MAX of their bodies and one more, are over there at a time; the others wait here in their order,
 *    and a call that ends while it waits is never sent. One message takes BATCH_CALLS_MAX of them.
 * 3. Of an answer that comes in pieces no more is under way than the other side's window.
 */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { MessagePort } from 'node:worker_threads'

import { systemClock } from '../base/clock.ts'

import {
  abortedBy,
  type AwsResponse,
  type SignedRequest,
  tooLate,
  tooLong,
  toTransportError,
  type Transport,
  type TransportTerms,
} from './client.ts'
import { type Answered, type AnswerHeaders, type Asked, type Batch, eachFrame, postEachTurn } from './message-frames.ts'

const CALLS_MAX = 4_096
const BODY_BYTES_MAX = 256 * 1024 * 1024
/** Of one message: more would hold up who packs it, and who reads it. */
const BATCH_CALLS_MAX = 512
const BATCH_BYTES_MAX = 4 * 1024 * 1024

interface Call {
  readonly id: number
  readonly request: SignedRequest
  readonly responseBytesMax: number
  isSent: boolean
  head: { readonly status: number; readonly headers: AnswerHeaders } | undefined
  readonly pieces: Buffer[]
  bytes: number
  readonly resolve: (response: AwsResponse) => void
  readonly reject: (error: Error) => void
  /** Lets go of its alarm and its signal. */
  readonly release: () => void
}

export class MessageTransport implements Transport {
  readonly #port: MessagePort
  readonly #bodyBytesMax: number
  readonly #post: ReturnType<typeof postEachTurn<Asked>>
  /** All that have not ended. */
  readonly #calls = new Map<number, Call>()
  #waiting: Call[] = []
  /** For the other side, about calls that it knows. */
  #notes: Asked[] = []
  #ids = 0
  #sent = 0
  #sentBytes = 0
  #isClosed = false

  constructor(port: MessagePort, bodyBytesMax = BODY_BYTES_MAX) {
    this.#port = port
    this.#bodyBytesMax = bodyBytesMax
    this.#post = postEachTurn<Asked>(port, (batch) => this.#collect(batch))
    port.on('message', (message) => eachFrame<Answered>(message, (frame, body) => this.#hear(frame, body)))
    port.on('close', () => this.close())
  }

  /** The other side is gone: what it was asked breaks, what it was not asked yet finds nobody. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#port.close()
    for (const call of [...this.#calls.values()]) this.#fail(call, call.isSent ? brokenOff(call) : refusedConnection())
  }

  send(request: SignedRequest, { signal, timeoutMs, responseBytesMax }: TransportTerms): Promise<AwsResponse> {
    const wrong = this.#isClosed ? refusedConnection() : signal?.aborted === true ? abortedBy(signal) : faultOf(request)
    if (wrong) return Promise.reject(toTransportError(wrong))
    return new Promise((resolve, reject) => {
      const leave = (error: Error) => this.#leave(call, error)
      const alarm = systemClock.after(timeoutMs, () => leave(tooLate(timeoutMs)))
      const abort = () => leave(abortedBy(signal))
      signal?.addEventListener('abort', abort, { once: true })
      const release = () => {
        alarm.cancel()
        signal?.removeEventListener('abort', abort)
      }
      const id = ++this.#ids
      const call: Call = {
        id,
        request,
        responseBytesMax,
        isSent: false,
        head: undefined,
        pieces: [],
        bytes: 0,
        resolve,
        reject,
        release,
      }
      this.#calls.set(id, call)
      this.#waiting.push(call)
      this.#post.wake()
    })
  }

  #collect(batch: Batch<Asked>): void {
    if (this.#isClosed) return
    for (const note of this.#notes) batch.add(note)
    this.#notes = []
    let taken = 0
    for (const call of this.#waiting) {
      const isLeft = !this.#calls.has(call.id)
      if (!isLeft && !this.#hasRoom()) break
      if (batch.frames > BATCH_CALLS_MAX || batch.bytes > BATCH_BYTES_MAX) {
        this.#post.wake()
        break
      }
      taken++
      if (!isLeft) this.#ask(call, batch)
    }
    this.#waiting = taken === this.#waiting.length ? [] : this.#waiting.slice(taken)
  }

  #hasRoom(): boolean {
    return this.#sent < CALLS_MAX && this.#sentBytes < this.#bodyBytesMax
  }

  #ask(call: Call, batch: Batch<Asked>): void {
    const { method, target, headers, body, bytes } = call.request
    call.isSent = true
    this.#sent++
    this.#sentBytes += bytes
    batch.add(['ask', call.id, method, target, headers, bytes])
    if (body !== undefined) batch.addBody(body, bytes)
  }

  #hear(frame: Answered, body: (bytes: number) => Buffer): void {
    const call = this.#calls.get(frame[1])
    switch (frame[0]) {
      case 'head': {
        const [, , status, headers, bytes, isWhole] = frame
        if (call) call.head = { status, headers }
        return this.#take(call, body(bytes), isWhole)
      }
      case 'more': {
        const [, , bytes, isWhole] = frame
        return this.#take(call, body(bytes), isWhole)
      }
      case 'cut':
        return call && this.#fail(call, brokenOff(call))
      case 'refused':
        return call && this.#fail(call, refusedConnection())
    }
  }

  #take(call: Call | undefined, piece: Buffer, isWhole: boolean): void {
    if (call?.head === undefined) return
    call.bytes += piece.length
    if (call.bytes > call.responseBytesMax) return this.#leave(call, tooLong(call.responseBytesMax))
    if (piece.length > 0) call.pieces.push(piece)
    if (isWhole) {
      this.#end(call)
      const [only] = call.pieces
      call.resolve({ ...call.head, body: only && call.pieces.length === 1 ? only : Buffer.concat(call.pieces, call.bytes) })
    } else this.#note(['taken', call.id, piece.length])
  }

  /** The caller does not want it any more. */
  #leave(call: Call, error: Error): void {
    if (call.isSent) this.#note(['leave', call.id])
    this.#fail(call, error)
  }

  #note(note: Asked): void {
    this.#notes.push(note)
    this.#post.wake()
  }

  #fail(call: Call, error: Error): void {
    this.#end(call)
    call.reject(toTransportError(error))
  }

  #end(call: Call): void {
    this.#calls.delete(call.id)
    call.release()
    if (call.isSent) {
      this.#sent--
      this.#sentBytes -= call.request.bytes
    }
    if (this.#waiting.length > 0) this.#post.wake()
  }
}

const systemError = (code: string, message: string): Error => Object.assign(new Error(message), { code })
/** As node:http tells of a connection that ends before the answer, or in it. */
const brokenOff = ({ head }: Call) => systemError('ECONNRESET', head === undefined ? 'socket hang up' : 'aborted')
const refusedConnection = () => systemError('ECONNREFUSED', 'nobody listens there any more')

/** What node:http takes in no target. */
const UNESCAPED = /[^\u0021-\u00ff]/

/** What node:http would not send. */
function faultOf({ target, headers }: SignedRequest): Error | undefined {
  if (UNESCAPED.test(target)) return systemError('ERR_UNESCAPED_CHARACTERS', 'Request path contains unescaped characters')
  try {
    for (const name in headers) {
      validateHeaderName(name)
      validateHeaderValue(name, headers[name] ?? '')
    }
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
