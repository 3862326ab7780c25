/**
 * Undoes `content-encoding: aws-chunked`: `size[;chunk-signature=…]` CRLF data CRLF, ended by a chunk of size 0 and trailers.
 * Pieces of data pass through as they come; nothing is collected. Signatures of single chunks are not checked.
 * Source: Amazon S3 API reference, "Signature Calculations: Transferring Payload in Multiple Chunks" and "… trailing headers".
 */
import { Transform, type TransformCallback } from 'node:stream'
import type { IncomingMessage } from 'node:http'

import { WireError } from './errors.ts'
import { headerOf } from './http.ts'

const LINE_BYTES_MAX = 4_096
const TRAILERS_MAX = 32
const CR = 0x0d
const LF = 0x0a

type Step = 'size' | 'data' | 'dataEnd' | 'trailer' | 'done'

export function isAwsChunked(req: IncomingMessage): boolean {
  const sha = headerOf(req.headers, 'x-amz-content-sha256')
  if (sha?.startsWith('STREAMING-') === true) return true
  return contentCodings(req).includes('aws-chunked')
}

/** What is left of Content-Encoding for the object itself, or undefined. */
export function contentEncodingOf(req: Pick<IncomingMessage, 'headers'>): string | undefined {
  const rest = contentCodings(req).filter((coding) => coding !== 'aws-chunked')
  return rest.length === 0 ? undefined : rest.join(',')
}

const contentCodings = (req: Pick<IncomingMessage, 'headers'>): string[] =>
  (headerOf(req.headers, 'content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '')

export class AwsChunkedDecoder extends Transform {
  /** Complete once the stream has ended. Names in lower case. */
  readonly trailers = new Map<string, string>()
  #step: Step = 'size'
  #left = 0
  #line = ''

  override _transform(piece: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      let at = 0
      while (at < piece.length) {
        if (this.#step === 'data') {
          const end = Math.min(piece.length, at + this.#left)
          this.push(piece.subarray(at, end))
          this.#left -= end - at
          at = end
          if (this.#left === 0) this.#step = 'dataEnd'
        } else if (this.#step === 'done') {
          at = piece.length
        } else {
          const lineFeed = piece.indexOf(LF, at)
          const end = lineFeed < 0 ? piece.length : lineFeed
          if (this.#line.length + end - at > LINE_BYTES_MAX) throw incompleteBody()
          this.#line += piece.toString('latin1', at, end)
          at = end + 1
          if (lineFeed >= 0) this.#endLine()
        }
      }
      done()
    } catch (error) {
      done(error instanceof Error ? error : incompleteBody())
    }
  }

  override _flush(done: TransformCallback): void {
    // The last empty line is sometimes left out; the chunk of size 0 is not.
    done(this.#step === 'done' || this.#step === 'trailer' ? undefined : incompleteBody())
  }

  #endLine(): void {
    const line = this.#line.charCodeAt(this.#line.length - 1) === CR ? this.#line.slice(0, -1) : this.#line
    this.#line = ''
    if (this.#step === 'dataEnd') {
      if (line !== '') throw incompleteBody()
      this.#step = 'size'
    } else if (this.#step === 'size') {
      const size = /^([0-9a-fA-F]{1,10})(?:;|$)/.exec(line)?.[1]
      if (size === undefined) throw incompleteBody()
      this.#left = Number.parseInt(size, 16)
      this.#step = this.#left === 0 ? 'trailer' : 'data'
    } else if (line === '') this.#step = 'done'
    else this.#addTrailer(line)
  }

  #addTrailer(line: string): void {
    const colon = line.indexOf(':')
    if (colon < 1 || this.trailers.size >= TRAILERS_MAX) throw incompleteBody()
    this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
}

const incompleteBody = () =>
  new WireError(400, 'IncompleteBody', 'The request body terminated unexpectedly or is not a valid aws-chunked stream.')
