/**
 * Reads HTTP/1.1 answers from the pieces in which they arrive: the head, then the body by its length, in chunks, or until the
 * connection ends. For connections to our own services alone (`server/forward.ts`), which write nothing unusual; throws where
 * something else comes.
 * Source: RFC 9112, 6 "Message Body" and 7.1 "Chunked Transfer Coding".
 */

export interface ResponseHead {
  readonly status: number
  readonly statusText: string
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
  /** Whether the connection can take another request afterwards. */
  readonly isKept: boolean
}

export interface ResponseParts {
  head(head: ResponseHead): void
  body(piece: Buffer): void
  end(): void
}

/** `size` and `gap` are the lines around a chunk, `trailer` those after the last. */
type State = 'head' | 'length' | 'size' | 'chunk' | 'gap' | 'trailer' | 'untilClose' | 'done'

const LINE_BYTES_MAX = 1_024
const HEAD_BYTES_MAX = 256 * 1024
const END_OF_HEAD = '\r\n\r\n'

export class ResponseReader {
  readonly #parts: ResponseParts
  readonly #hasBody: boolean
  #state: State = 'head'
  /** Bytes that are still to come of the body, or of the chunk. */
  #left = 0
  #rest: Buffer | undefined

  /** `method` is that of the request: an answer to HEAD has no body, whatever it says. */
  constructor(method: string, parts: ResponseParts) {
    this.#parts = parts
    this.#hasBody = method !== 'HEAD'
  }

  get isDone(): boolean {
    return this.#state === 'done'
  }

  /** Throws where this is no answer. */
  take(piece: Buffer): void {
    let bytes = this.#rest === undefined ? piece : Buffer.concat([this.#rest, piece])
    this.#rest = undefined
    while (bytes.length > 0) {
      const used = this.#step(bytes)
      if (used === 0) {
        this.#rest = bytes
        return
      }
      bytes = bytes.subarray(used)
    }
  }

  /** The connection has ended. False where the answer is not whole. */
  close(): boolean {
    if (this.#state === 'untilClose') this.#finish()
    return this.isDone
  }

  /** How many bytes it has used; none where more must come first. */
  #step(bytes: Buffer): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes)
      case 'length':
      case 'chunk':
      case 'untilClose':
        return this.#readBody(bytes)
      case 'size':
      case 'gap':
      case 'trailer':
        return this.#readLine(bytes)
      case 'done':
        throw new Error('more was answered than was asked')
    }
  }

  #readHead(bytes: Buffer): number {
    const end = bytes.indexOf(END_OF_HEAD)
    if (end < 0) {
      if (bytes.length > HEAD_BYTES_MAX) throw new Error('the head of an answer has no end')
      return 0
    }
    const [line = '', ...fields] = bytes.toString('latin1', 0, end).split('\r\n')
    const [, version, code, statusText = ''] = /^HTTP\/1\.([01]) (\d{3})(?: (.*))?$/.exec(line) ?? []
    if (code === undefined) throw new Error('this is no answer of HTTP/1')
    const status = Number(code)
    // What comes before the answer proper: `100 Continue`.
    if (status >= 200) this.#begin(status, statusText, fields, version === '1')
    return end + END_OF_HEAD.length
  }

  #begin(status: number, statusText: string, fields: readonly string[], canBeKept: boolean): void {
    const rawHeaders: string[] = []
    let [isKept, length, isChunked] = [canBeKept, -1, false]
    for (const field of fields) {
      const colon = field.indexOf(':')
      if (colon <= 0) throw new Error('a header of an answer has no name')
      const name = field.slice(0, colon)
      const value = field.slice(colon + 1).trim()
      rawHeaders.push(name, value)
      if (name.length === 14 && name.toLowerCase() === 'content-length') length = Number(value)
      else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') isChunked = value.toLowerCase() === 'chunked'
      else if (name.length === 10 && name.toLowerCase() === 'connection') isKept &&= value.toLowerCase() !== 'close'
    }
    const isBare = !this.#hasBody || status === 204 || status === 304
    const isUntilClose = !isBare && !isChunked && length < 0
    this.#state = isUntilClose ? 'untilClose' : isChunked ? 'size' : 'length'
    this.#left = isChunked ? 0 : length
    this.#parts.head({ status, statusText, rawHeaders, isKept: isKept && !isUntilClose })
    if (isBare || (!isChunked && length === 0)) this.#finish()
  }

  #readBody(bytes: Buffer): number {
    if (this.#state === 'untilClose') {
      this.#parts.body(bytes)
      return bytes.length
    }
    const piece = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes
    this.#left -= piece.length
    this.#parts.body(piece)
    if (this.#left === 0) {
      if (this.#state === 'length') this.#finish()
      else this.#state = 'gap'
    }
    return piece.length
  }

  #readLine(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n')
    if (end < 0) {
      if (bytes.length > LINE_BYTES_MAX) throw new Error('a line of a chunk has no end')
      return 0
    }
    if (this.#state === 'gap') this.#state = 'size'
    else if (this.#state === 'trailer') {
      if (end === 0) this.#finish()
    } else {
      this.#left = Number.parseInt(bytes.toString('latin1', 0, end), 16)
      if (!(this.#left >= 0)) throw new Error('a chunk has no size')
      this.#state = this.#left === 0 ? 'trailer' : 'chunk'
    }
    return end + 2
  }

  #finish(): void {
    this.#state = 'done'
    this.#parts.end()
  }
}
