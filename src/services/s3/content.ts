/**
 * The bytes of objects, in segments. A segment of up to 16 KiB is a row of `local.sqlite`; a longer one is a file with a
 * random name, so that no key ever becomes a path. Invariants:
 * 1. A file is complete, synced and under its final name before any metadata names it.
 * 2. Every segment that no metadata names has a row in `s3_garbage`, written before the file gets its final name and removed
 *    in the transaction that first names it: what a crash leaves behind is found at the next start.
 * 3. A segment that someone reads is not removed before the last reader is done.
 */
import { randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, rmSync, unlinkSync } from 'node:fs'
import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import type { ServicesDatabase } from '../kit/database.ts'
import { syncFolder } from '../kit/sync-folder.ts'

/** `r` + id for a row, `f` + id for a file. */
export interface Segment {
  readonly id: string
  readonly bytes: number
}

/** Written, but not yet named by metadata. */
export interface FreshSegment extends Segment {
  readonly data?: Buffer
}

const ROW_BYTES_MAX = 16 * 1024
const READ_BYTES = 256 * 1024

export class ContentStore {
  readonly #directory: string
  readonly #isTemporary: boolean
  readonly #pins = new Map<string, number>()
  readonly #doomed = new Set<string>()
  readonly #insertRow
  readonly #selectRow
  readonly #deleteRow
  readonly #insertGarbage
  readonly #deleteGarbage

  constructor(database: ServicesDatabase, directory: string | undefined) {
    this.#isTemporary = directory === undefined
    this.#directory = directory === undefined ? mkdtempSync(join(tmpdir(), 'regente-s3-')) : join(directory, 's3')
    this.#insertRow = database.prepare<[string, Buffer]>('insert into s3_content (id, data) values (?, ?)')
    this.#selectRow = database.prepareValue<[string], Uint8Array<ArrayBuffer>>('select data from s3_content where id = ?')
    this.#deleteRow = database.prepare<[string]>('delete from s3_content where id = ?')
    this.#insertGarbage = database.prepare<[string]>('insert or ignore into s3_garbage (id) values (?)')
    this.#deleteGarbage = database.prepare<[string]>('delete from s3_garbage where id = ?')
    this.#prepareFolders()
    const garbage = database.prepareValue<[], string>('select id from s3_garbage').all()
    for (const id of garbage) id.startsWith('r') ? this.#removeRow(id) : this.#unlinkNow(id)
  }

  /** All bytes of `source`; `onPiece` sees each piece first and may throw. A failure leaves nothing behind. */
  async write(source: AsyncIterable<Buffer>, onPiece: (piece: Buffer) => void): Promise<FreshSegment> {
    const id = randomBytes(16).toString('hex')
    let held: Buffer[] = []
    let bytes = 0
    let file: FileHandle | undefined
    try {
      for await (const piece of source) {
        onPiece(piece)
        held.push(piece)
        bytes += piece.length
        if (bytes <= ROW_BYTES_MAX) continue
        file ??= await open(this.#temporaryPath(id), 'wx', 0o600)
        await file.appendFile(held.length === 1 && held[0] ? held[0] : Buffer.concat(held))
        held = []
      }
      if (!file) return { id: `r${id}`, bytes, data: Buffer.concat(held, bytes) }
      await file.datasync()
      await file.close()
      const name = `f${id}`
      this.#insertGarbage.run(name)
      await rename(this.#temporaryPath(id), this.#path(name))
      await syncFolder(dirname(this.#path(name)))
      return { id: name, bytes }
    } catch (error) {
      await file?.close().catch(() => {})
      if (file) await unlink(this.#temporaryPath(id)).catch(() => {})
      throw error
    }
  }

  /** Inside the transaction that names the segment. */
  keep(segment: FreshSegment): void {
    if (segment.data) this.#insertRow.run(segment.id, segment.data)
    else this.#deleteGarbage.run(segment.id)
  }

  /** For a written segment that no metadata will name. */
  discard(segment: FreshSegment): void {
    if (!segment.data) this.sweep([segment])
  }

  /** Inside the transaction that stops naming the segments; `sweep` them after it. Pinned rows stay until unpinned. */
  drop(segments: readonly Segment[]): void {
    for (const { id } of segments) {
      if (id.startsWith('f')) this.#insertGarbage.run(id)
      else if (this.#pins.has(id)) {
        this.#doomed.add(id)
        this.#insertGarbage.run(id)
      } else this.#deleteRow.run(id)
    }
  }

  /** After that transaction: removes the files, now or when their last reader is done. */
  sweep(segments: readonly Segment[]): void {
    for (const { id } of segments) {
      if (!id.startsWith('f')) continue
      if (this.#pins.has(id)) this.#doomed.add(id)
      else this.#unlinkSoon(id)
    }
  }

  /** Keeps the segments readable until the returned function is called, whatever happens to the object meanwhile. */
  pin(segments: readonly Segment[]): () => void {
    for (const { id } of segments) this.#pins.set(id, (this.#pins.get(id) ?? 0) + 1)
    let isPinned = true
    return () => {
      if (!isPinned) return
      isPinned = false
      for (const { id } of segments) this.#unpin(id)
    }
  }

  #unpin(id: string): void {
    const left = (this.#pins.get(id) ?? 1) - 1
    if (left > 0) {
      this.#pins.set(id, left)
      return
    }
    this.#pins.delete(id)
    if (!this.#doomed.delete(id)) return
    if (id.startsWith('f')) this.#unlinkSoon(id)
    else this.#leaveOnFailure(() => this.#removeRow(id))
  }

  #removeRow(id: string): void {
    this.#deleteRow.run(id)
    this.#deleteGarbage.run(id)
  }

  /** Bytes `start` to `end` (exclusive) of the segments laid end to end. Pin them first. */
  async *read(segments: readonly Segment[], start: number, end: number): AsyncGenerator<Buffer> {
    let offset = 0
    for (const { id, bytes } of segments) {
      const from = Math.max(0, start - offset)
      const to = Math.min(bytes, end - offset)
      offset += bytes
      if (from >= to) continue
      if (id.startsWith('r')) yield this.#rowData(id).subarray(from, to)
      else yield* createReadStream(this.#path(id), { start: from, end: to - 1, highWaterMark: READ_BYTES })
    }
  }

  /** The bytes themselves where they are one small row: the short way for small objects. */
  readRow(segments: readonly Segment[]): Buffer | undefined {
    const [only] = segments
    if (only === undefined) return Buffer.alloc(0)
    return segments.length === 1 && only.id.startsWith('r') ? this.#rowData(only.id) : undefined
  }

  #rowData(id: string): Buffer {
    const data = this.#selectRow.get(id)
    if (data === undefined) throw new Error(`S3 content ${id} is missing`)
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  }

  close(): void {
    if (this.#isTemporary) rmSync(this.#directory, { recursive: true, force: true })
  }

  #prepareFolders(): void {
    mkdirSync(join(this.#directory, 'tmp'), { recursive: true })
    for (const name of readdirSync(join(this.#directory, 'tmp'))) rmSync(join(this.#directory, 'tmp', name), { force: true })
    for (let i = 0; i < 256; i++) {
      mkdirSync(join(this.#directory, 'objects', i.toString(16).padStart(2, '0')), { recursive: true })
    }
  }

  #unlinkNow(id: string): void {
    try {
      unlinkSync(this.#path(id))
    } catch (error) {
      if (!isMissing(error)) throw error
    }
    this.#deleteGarbage.run(id)
  }

  /** A file that cannot be removed now keeps its row and is tried again at the next start. */
  #unlinkSoon(id: string): void {
    const forget = () => this.#leaveOnFailure(() => this.#deleteGarbage.run(id))
    unlink(this.#path(id)).then(forget, (error: unknown) => isMissing(error) && forget())
  }

  /** What cannot be removed (the disk is full, the database is closed) has a row in `s3_garbage`: the next start removes it. */
  #leaveOnFailure(removal: () => void): void {
    try {
      removal()
    } catch {
      // Invariant 2.
    }
  }

  #path(id: string): string {
    return join(this.#directory, ...segmentPath(id))
  }

  #temporaryPath(id: string): string {
    return join(this.#directory, 'tmp', id)
  }
}

/** Of a file, below the folder of S3. */
export const segmentPath = (id: string): readonly string[] => ['objects', id.slice(1, 3), id]

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT'
