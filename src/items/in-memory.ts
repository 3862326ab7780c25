/** An ObjectSource over a plain map: for tests, and to look at what was written. Bodies come in pieces of a chosen size. */
import { createHash } from 'node:crypto'

import { err, ok, type Result } from '../base/result.ts'

import type { ListOptions, ObjectBody, ObjectSource, ObjectSummary, OpenedObject, OpenOptions, SourceError } from './source.ts'

export class MemorySource implements ObjectSource {
  readonly objects = new Map<string, Buffer>()
  readonly #pieceBytes: () => number
  opened = 0

  /** `pieceBytes` is asked for each piece. */
  constructor(objects: Readonly<Record<string, string | Uint8Array>> = {}, pieceBytes = () => 64 * 1024) {
    for (const [name, body] of Object.entries(objects)) this.objects.set(name, Buffer.from(body as Uint8Array))
    this.#pieceBytes = pieceBytes
  }

  async *list(bucket: string, options: ListOptions): AsyncGenerator<Result<readonly ObjectSummary[], SourceError>> {
    const start = `${bucket}/${options.prefix ?? ''}`
    const names = [...this.objects.keys()].filter((name) => name.startsWith(start)).sort()
    if (names.length === 0 && ![...this.objects.keys()].some((name) => name.startsWith(`${bucket}/`))) {
      return yield err({ code: 'NoSuchBucket', message: 'The specified bucket does not exist', status: 404 })
    }
    for (const name of names) {
      const body = this.objects.get(name) ?? Buffer.alloc(0)
      const key = name.slice(bucket.length + 1)
      yield ok([{ key, etag: etagOf(body), lastModified: 1789180622, size: body.length, storageClass: 'STANDARD' }])
    }
  }

  async open(bucket: string, key: string, options: OpenOptions = {}): Promise<Result<OpenedObject, SourceError>> {
    const body = this.objects.get(`${bucket}/${key}`)
    if (body === undefined) return err({ code: 'NoSuchKey', message: 'The specified key does not exist.', status: 404 })
    this.opened++
    const { range } = options
    const part = range === undefined ? body : body.subarray(range.start, range.end + 1)
    return ok({ body: this.#cut(part), contentType: undefined, size: body.length, etag: etagOf(body) })
  }

  async write(bucket: string, key: string, body: ObjectBody): Promise<Result<{ etag: string; size: number }, SourceError>> {
    const pieces: Uint8Array[] = []
    if (body instanceof Uint8Array) pieces.push(body)
    else for await (const piece of body.stream) pieces.push(piece)
    const whole = Buffer.concat(pieces)
    if (!(body instanceof Uint8Array) && body.bytes !== whole.length) return err({ code: 'IncompleteBody', message: 'length' })
    this.objects.set(`${bucket}/${key}`, whole)
    return ok({ etag: etagOf(whole), size: whole.length })
  }

  textOf(name: string): string | undefined {
    return this.objects.get(name)?.toString('utf8')
  }

  async *#cut(body: Buffer): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < body.length; ) {
      const end = at + Math.max(1, this.#pieceBytes())
      yield body.subarray(at, end)
      at = end
    }
  }
}

const etagOf = (body: Uint8Array): string => `"${createHash('md5').update(body).digest('hex')}"`
