/**
 * Frames on the channel between Regente and the bootstrap of a process: two lengths of four bytes (big-endian), a head that is
 * JSON and says what the frame is, and a body that nobody here looks into. What comes from a process is bounded before it is
 * kept: a head that is too long, or no JSON object, is garbage, after which nothing is read any more; a body that is too long is
 * passed over, not kept.
 */
import { type JsonObject, isObject } from '../../base/json.ts'

export interface FrameBounds {
  readonly headBytesMax: number
  readonly bodyBytesMax: number
}

export interface FrameListener {
  /** `body` is undefined where it was longer than the bound. */
  onFrame(head: JsonObject, body: Buffer | undefined): void
  /** What came is no frame. Nothing is told after this. */
  onGarbage(reason: string): void
}

const LENGTHS_BYTES = 8
/** Bodies up to this length are copied behind their head: one small write costs less than two. */
const SMALL_BODY_BYTES = 16_384
const NOTHING = Buffer.alloc(0)

/** The pieces to write, in their order. */
export function printFrame(head: object, body: Buffer): readonly Buffer[] {
  const text = JSON.stringify(head)
  const headBytes = Buffer.byteLength(text)
  const isSmall = body.length <= SMALL_BODY_BYTES
  const front = Buffer.allocUnsafe(LENGTHS_BYTES + headBytes + (isSmall ? body.length : 0))
  front.writeUInt32BE(headBytes, 0)
  front.writeUInt32BE(body.length, 4)
  front.write(text, LENGTHS_BYTES)
  if (!isSmall) return [front, body]
  body.copy(front, LENGTHS_BYTES + headBytes)
  return [front]
}

export class FrameReader {
  readonly #bounds: FrameBounds
  readonly #listener: FrameListener
  /** What of the frame at hand is here, without what is passed over. */
  #parts: Buffer[] = []
  #bytes = 0
  /** Of a body that is too long, still to come. */
  #passing = 0
  #passedHead: JsonObject | undefined
  #isBroken = false
  #taken = 0

  constructor(bounds: FrameBounds, listener: FrameListener) {
    this.#bounds = bounds
    this.#listener = listener
  }

  /** Bytes so far, where a frame has begun to arrive and is not whole; else 0. */
  get arriving(): number {
    return this.#bytes + this.#passing > 0 ? this.#taken : 0
  }

  take(chunk: Buffer): void {
    if (this.#isBroken) return
    this.#taken += chunk.length
    this.#read(chunk)
  }

  #read(chunk: Buffer): void {
    const rest = this.#passing > 0 ? this.#passOver(chunk) : chunk
    if (rest.length === 0) return
    this.#parts.push(rest)
    this.#bytes += rest.length
    while (!this.#isBroken && this.#readFrame()) {}
  }

  /** Whether there was a whole one. */
  #readFrame(): boolean {
    if (this.#bytes < LENGTHS_BYTES) return false
    const lengths = this.#front(LENGTHS_BYTES)
    const headBytes = lengths.readUInt32BE(0)
    const bodyBytes = lengths.readUInt32BE(4)
    if (headBytes > this.#bounds.headBytesMax) return this.#break(`a head of ${headBytes} bytes`)
    const bodyAt = LENGTHS_BYTES + headBytes
    const isTooLong = bodyBytes > this.#bounds.bodyBytesMax
    if (this.#bytes < (isTooLong ? bodyAt : bodyAt + bodyBytes)) return false
    const whole = this.#front(isTooLong ? bodyAt : bodyAt + bodyBytes)
    const head = parseHead(whole.toString('utf8', LENGTHS_BYTES, bodyAt))
    if (head === undefined) return this.#break('a head that is no JSON object')
    if (isTooLong) return this.#startPassing(head, bodyAt, bodyBytes)
    this.#drop(whole.length)
    this.#listener.onFrame(head, bodyBytes === 0 ? NOTHING : whole.subarray(bodyAt, bodyAt + bodyBytes))
    return this.#bytes > 0
  }

  /** At least so many bytes in one piece; they are put together once, when all of them are here. */
  #front(bytes: number): Buffer {
    const [first = NOTHING] = this.#parts
    if (first.length >= bytes) return first.subarray(0, bytes)
    if (bytes === LENGTHS_BYTES) return Buffer.concat(this.#parts.slice(0, LENGTHS_BYTES), LENGTHS_BYTES)
    const all = Buffer.concat(this.#parts, this.#bytes)
    this.#parts = [all]
    return all.subarray(0, bytes)
  }

  #drop(bytes: number): void {
    const [first = NOTHING] = this.#parts
    this.#bytes -= bytes
    if (this.#bytes === 0) this.#parts = []
    else if (first.length > bytes) this.#parts[0] = first.subarray(bytes)
    else this.#parts.shift()
  }

  #startPassing(head: JsonObject, bodyAt: number, bodyBytes: number): boolean {
    this.#passedHead = head
    this.#passing = bodyBytes
    this.#drop(bodyAt)
    const arrived = this.#parts
    this.#parts = []
    this.#bytes = 0
    for (const part of arrived) this.#read(part)
    return false
  }

  /** What lies behind the body that is passed over. */
  #passOver(chunk: Buffer): Buffer {
    const passed = Math.min(this.#passing, chunk.length)
    this.#passing -= passed
    if (this.#passing === 0 && this.#passedHead) {
      const head = this.#passedHead
      this.#passedHead = undefined
      this.#listener.onFrame(head, undefined)
    }
    return chunk.subarray(passed)
  }

  #break(what: string): false {
    this.#isBroken = true
    this.#parts = []
    this.#listener.onGarbage(what)
    return false
  }
}

function parseHead(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
