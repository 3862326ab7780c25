/**
 * Reads `multipart/form-data` as it comes: fields, which are small, and then the file, which is streamed. Bounded: all fields
 * together, and the header of each part. What follows the file is read and passed over.
 * Source: RFC 7578; RFC 2046, section 5.1; Amazon S3 API reference, "POST Object" (`file` is the last field).
 */
import { malformedPost } from './errors.ts'

export interface UploadForm {
  /** By their names in small letters, in the order of the form. */
  readonly fields: ReadonlyMap<string, string>
  readonly file: AsyncIterable<Buffer>
  /** As the sender names it; may be empty. */
  readonly fileName: string
}

/** S3's bound on the form without its file. */
const FIELDS_BYTES_MAX = 20 * 1024
const HEADER_BYTES_MAX = 4 * 1024
const LINE_END = Buffer.from('\r\n')
const HEADER_END = Buffer.from('\r\n\r\n')

/** Undefined where it is no such form. */
export const boundaryOf = (contentType = ''): string | undefined => {
  const match = /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType)
  return match?.[1] ?? match?.[2]
}

/** Throws WireError where the form is broken, too large, or without a file. */
export async function readUploadForm(body: AsyncIterable<Buffer>, boundary: string): Promise<UploadForm> {
  const pieces = new Pieces(body)
  const between = Buffer.from(`\r\n--${boundary}`)
  const fields = new Map<string, string>()
  let room = FIELDS_BYTES_MAX
  await pieces.readUntil(Buffer.from(`--${boundary}`), HEADER_BYTES_MAX)
  // Behind the last part `--` stands in the place of the line's end.
  while ((await pieces.readUntil(LINE_END, HEADER_BYTES_MAX)).trim() === '') {
    const header = await pieces.readUntil(HEADER_END, HEADER_BYTES_MAX)
    const name = parameterOf(header, 'name')?.toLowerCase()
    if (name === undefined) throw malformedPost()
    if (name === 'file') return { fields, file: pieces.until(between), fileName: parameterOf(header, 'filename') ?? '' }
    const value = await pieces.readUntil(between, room)
    room -= header.length + value.length
    fields.set(name, value)
  }
  throw malformedPost()
}

/** `name="a"` of the line that says what a part is. */
function parameterOf(header: string, name: string): string | undefined {
  const line = /^content-disposition:(.*)$/im.exec(header)?.[1] ?? ''
  const [, quoted, bare] = new RegExp(`;\\s*${name}=(?:"([^"\\r\\n]*)"|([^\\s;"]+))`, 'i').exec(line) ?? []
  return quoted ?? bare
}

/** A stream that is read up to delimiters. Holds one piece of it and less than a delimiter. */
class Pieces {
  readonly #pieces: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(body: AsyncIterable<Buffer>) {
    this.#pieces = body[Symbol.asyncIterator]()
  }

  async readUntil(delimiter: Buffer, bytesMax: number): Promise<string> {
    const found: Buffer[] = []
    let bytes = 0
    for await (const piece of this.until(delimiter)) {
      bytes += piece.length
      if (bytes > bytesMax) throw malformedPost()
      found.push(piece)
    }
    return Buffer.concat(found).toString('utf8')
  }

  /** What stands before the delimiter, which is passed over. */
  async *until(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#rest.indexOf(delimiter)
      const end = at < 0 ? this.#rest.length - delimiter.length + 1 : at
      if (end > 0) yield this.#rest.subarray(0, end)
      if (at >= 0) {
        this.#rest = this.#rest.subarray(at + delimiter.length)
        return
      }
      const { done, value } = await this.#pieces.next()
      if (done === true) throw malformedPost()
      this.#rest = Buffer.concat([this.#rest.subarray(Math.max(0, end)), value])
    }
  }
}
