/**
 * Turns what a process prints into log events: one per line, bounded per invocation. A function that prints without end
 * fills neither memory nor disk: past the bound, lines are counted and dropped, and one line says how much is missing.
 * A carriage return inside a line stands for a line feed: our bootstraps send a record of several lines that way.
 */
import type { Readable } from 'node:stream'

/** Per invocation. CloudWatch has no such bound, but it has no local disk to fill either. */
const OUTPUT_BYTES_MAX = 1_048_576
/** Longest log event that CloudWatch keeps. */
const LINE_BYTES_MAX = 262_118
const TAIL_BYTES = 4096

export interface OutputEvent {
  readonly timestamp: number
  readonly message: string
}

export class Output {
  readonly #now: () => number
  readonly #emit: (events: OutputEvent[]) => void
  readonly #rests = new Map<Readable, Buffer[]>()
  #restBytes = 0
  #taken = 0
  #dropped = 0
  #tail: string[] = []
  #tailBytes = 0
  #batch: OutputEvent[] = []

  constructor(now: () => number, emit: (events: OutputEvent[]) => void) {
    this.#now = now
    this.#emit = emit
  }

  /** Starts reading a stream of the process. */
  follow(stream: Readable): void {
    this.#rests.set(stream, [])
    stream.on('data', (chunk: Buffer) => this.#take(stream, chunk))
    stream.on('error', () => {})
  }

  /** A new invocation: the bound and the tail start afresh. */
  begin(): void {
    this.#taken = 0
    this.#dropped = 0
    this.#tail = []
    this.#tailBytes = 0
  }

  /** Our own line (START, END, REPORT), which is never dropped. */
  line(message: string): void {
    this.#push(message)
  }

  /** Ends the lines that have begun, and says what was dropped. */
  finishLines(): void {
    for (const [stream, rest] of this.#rests) {
      if (rest.length > 0) this.#push(decode(Buffer.concat(rest)))
      this.#rests.set(stream, [])
    }
    this.#restBytes = 0
    if (this.#dropped > 0) {
      this.#push(`[Regente] ${this.#dropped} bytes of output dropped: an invocation may print ${OUTPUT_BYTES_MAX} bytes.`)
    }
    this.#dropped = 0
  }

  /** Hands on what has been gathered. */
  flush(): void {
    if (this.#batch.length === 0) return
    const batch = this.#batch
    this.#batch = []
    this.#emit(batch)
  }

  /** The last 4 KB of this invocation's log, base64, as X-Amz-Log-Result carries it. */
  tail(): string {
    const text = Buffer.from(this.#tail.map((message) => `${message}\n`).join(''))
    return text.subarray(Math.max(0, text.length - TAIL_BYTES)).toString('base64')
  }

  #take(stream: Readable, chunk: Buffer): void {
    const room = Math.max(0, OUTPUT_BYTES_MAX - this.#taken)
    this.#taken += chunk.length
    if (chunk.length > room) this.#dropped += chunk.length - room
    if (room > 0) this.#split(stream, chunk.subarray(0, room))
    this.flush()
  }

  #split(stream: Readable, chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#push(decode(Buffer.concat([...(this.#rests.get(stream) ?? []), chunk.subarray(start, end)])))
      this.#rests.set(stream, [])
      this.#restBytes = 0
      start = end + 1
    }
    if (start >= chunk.length) return
    this.#rests.get(stream)?.push(chunk.subarray(start))
    this.#restBytes += chunk.length - start
    if (this.#restBytes < LINE_BYTES_MAX) return
    this.#push(decode(Buffer.concat(this.#rests.get(stream) ?? [])))
    this.#rests.set(stream, [])
    this.#restBytes = 0
  }

  #push(message: string): void {
    this.#batch.push({ timestamp: this.#now(), message })
    this.#tail.push(message)
    this.#tailBytes += message.length + 1
    while (this.#tail.length > 1 && this.#tailBytes - (this.#tail[0]?.length ?? 0) > TAIL_BYTES) {
      this.#tailBytes -= (this.#tail.shift()?.length ?? 0) + 1
    }
  }
}

const decode = (bytes: Buffer): string => bytes.toString('utf8').replace(/\r$/, '').replaceAll('\r', '\n')
