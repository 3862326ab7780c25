/**
 * Multipart uploads. Completing one names the parts' segments as the object's, in one transaction: no byte is copied,
 * however large the object. Source: Amazon S3 API reference, CreateMultipartUpload to CompleteMultipartUpload.
 */
import { createHash, randomBytes } from 'node:crypto'

import { type Checksum, type ChecksumAlgorithm, type ChecksumType, DEFAULT_ALGORITHM, joinChecksums } from './checksum.ts'
import type { ContentStore, Segment } from './content.ts'
import { checkPartKey } from './customer-key.ts'
import {
  badDigest,
  entityTooSmall,
  invalidArgument,
  invalidPart,
  invalidPartOrder,
  invalidRequest,
  noSuchUpload,
} from './errors.ts'
import type { Cause } from './event-message.ts'
import { type Incoming, takeIn } from './intake.ts'
import { list, type Listing, type ListRequest, skipUntil } from './listing.ts'
import { checkKey } from './names.ts'
import { checkUploadPreconditions, type Preconditions } from './preconditions.ts'
import type { ObjectHeaders, ObjectRecord, PartRecord, Records, StoredObject, Tags, UploadRecord } from './records.ts'

export interface CompletedPart {
  readonly number: number
  readonly etag: string
  readonly checksums: ReadonlyMap<ChecksumAlgorithm, string>
}

export interface NewUpload {
  readonly headers: ObjectHeaders
  readonly tags: Tags
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | undefined
  readonly acl?: string | undefined
}

export interface Completion {
  readonly parts: readonly CompletedPart[]
  readonly preconditions?: Preconditions
  /** The caller's own idea of the whole object's checksum, and of its length. */
  readonly expected?: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined
  readonly expectedBytes?: number | undefined
  readonly cause: Cause
}

export interface PartPlace {
  readonly bucket: string
  readonly key: string
  /** Of the upload. */
  readonly id: string
  readonly number: number
}

/** What uploads need of the service around them. */
interface Surroundings {
  requireBucket(name: string): void
  nowMs(): number
  replace(bucket: string, record: ObjectRecord, preconditions: Preconditions, cause: Cause, keep: () => void): StoredObject
}

const PART_NUMBER_MAX = 10_000
const PART_BYTES_MIN = 5 * 1024 * 1024

export class Uploads {
  readonly #records: Records
  readonly #content: ContentStore
  readonly #around: Surroundings

  constructor(records: Records, content: ContentStore, around: Surroundings) {
    this.#records = records
    this.#content = content
    this.#around = around
  }

  create(bucket: string, key: string, upload: NewUpload): UploadRecord {
    checkKey(key)
    this.#around.requireBucket(bucket)
    const id = randomBytes(48).toString('base64url')
    const replaces = this.#records.object(bucket, key)?.etag
    const record = { id, bucket, key, initiatedMs: this.#around.nowMs(), replaces, ...upload }
    this.#records.insertUpload(record)
    return record
  }

  require(bucket: string, key: string, id: string): UploadRecord {
    this.#around.requireBucket(bucket)
    const upload = this.#records.upload(id)
    if (!upload || upload.bucket !== bucket || upload.key !== key) throw noSuchUpload(id)
    return upload
  }

  /** `customerKey` is what was shown of the key under which the object is to lie, if any. */
  async putPart({ bucket, key, id, number }: PartPlace, incoming: Incoming, customerKey: ObjectHeaders): Promise<PartRecord> {
    if (!(number >= 1 && number <= PART_NUMBER_MAX)) {
      throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', String(number))
    }
    const upload = this.require(bucket, key, id)
    checkPartKey(upload.headers, customerKey)
    const own = upload.checksum?.algorithm
    if (own !== undefined && incoming.checksum && incoming.checksum.algorithm !== own) {
      throw invalidRequest(
        `Checksum Type mismatch occurred, expected checksum Type: ${own.toLowerCase()}, actual checksum Type: ${incoming.checksum.algorithm.toLowerCase()}`,
      )
    }
    const checksum = incoming.checksum ?? (own && { algorithm: own, expected: () => undefined })
    const taken = await takeIn({ ...incoming, checksum }, this.#content)
    const part: PartRecord = {
      number,
      segments: [taken.segment],
      bytes: taken.bytes,
      etag: taken.etag,
      checksum: taken.checksum,
      modifiedMs: this.#around.nowMs(),
    }
    let dropped: readonly Segment[] = []
    try {
      this.#records.transact(() => {
        this.require(bucket, key, id)
        dropped = this.#records.part(id, number)?.segments ?? []
        this.#content.keep(taken.segment)
        this.#records.putPart(id, part)
        this.#content.drop(dropped)
      })
    } catch (error) {
      this.#content.discard(taken.segment)
      throw error
    }
    this.#content.sweep(dropped)
    return part
  }

  /** Parts after a number, ascending. */
  parts(bucket: string, key: string, id: string, after: number, limit: number): PartRecord[] {
    this.require(bucket, key, id)
    return this.#records.parts(id, after, limit)
  }

  /** Parts that the caller leaves out are dropped. */
  complete(bucket: string, key: string, id: string, completion: Completion): StoredObject {
    const upload = this.require(bucket, key, id)
    const known = new Map(this.#records.parts(id).map((part) => [part.number, part]))
    const chosen = choose(completion.parts, known)
    const record = assemble(upload, chosen, this.#around.nowMs())
    const { expected } = completion
    const { checksum } = record
    if (expected?.algorithm === checksum?.algorithm && expected?.value.split('-')[0] !== checksum?.value.split('-')[0])
      throw badDigest(checksum?.algorithm ?? '')
    if (completion.expectedBytes !== undefined && completion.expectedBytes !== record.bytes) {
      throw invalidRequest('The provided x-amz-mp-object-size header does not match the size of the object.')
    }
    const kept = new Set(chosen)
    const unused = [...known.values()].filter((part) => !kept.has(part)).flatMap((part) => part.segments)
    const preconditions = completion.preconditions ?? {}
    const stored = this.#around.replace(bucket, record, preconditions, completion.cause, () => {
      checkUploadPreconditions(upload, this.#records.object(bucket, key), preconditions)
      this.#records.deleteUpload(id)
      this.#content.drop(unused)
    })
    this.#content.sweep(unused)
    return stored
  }

  abort(bucket: string, key: string, id: string): void {
    this.require(bucket, key, id)
    this.#remove([id])
  }

  /** When the bucket goes, its unfinished uploads go. */
  abortAll(bucket: string): void {
    this.#remove([...this.#records.scanUploads(bucket, Buffer.alloc(0))].map((upload) => upload.id))
  }

  /** By key, then by id. `afterId`: go on inside the uploads of the key `request.after`. */
  list(bucket: string, request: ListRequest, afterId: string): Listing<UploadRecord> {
    this.#around.requireBucket(bucket)
    if (request.after === '' || afterId === '') {
      return list(request, (lower) => this.#records.scanUploads(bucket, lower))
    }
    const { after } = request
    const rest = { ...request, after: '' }
    return list(rest, (lower) => {
      const from = Buffer.from(after, 'utf8')
      const start = Buffer.compare(lower, from) > 0 ? lower : from
      return skipUntil(this.#records.scanUploads(bucket, start), (one) => one.key !== after || one.id > afterId)
    })
  }

  #remove(ids: readonly string[]): void {
    const dropped: Segment[] = []
    this.#records.transact(() => {
      for (const id of ids) {
        const segments = this.#records.parts(id).flatMap((part) => part.segments)
        this.#records.deleteUpload(id)
        this.#content.drop(segments)
        dropped.push(...segments)
      }
    })
    this.#content.sweep(dropped)
  }
}

function choose(listed: readonly CompletedPart[], stored: ReadonlyMap<number, PartRecord>): PartRecord[] {
  let before = 0
  const chosen = listed.map((wanted) => {
    if (wanted.number <= before) throw invalidPartOrder()
    before = wanted.number
    const part = stored.get(wanted.number)
    if (!part || part.etag !== wanted.etag.replace(/^"|"$/g, '')) throw invalidPart({ PartNumber: String(wanted.number) })
    for (const [algorithm, value] of wanted.checksums) {
      if (part.checksum && (part.checksum.algorithm !== algorithm || part.checksum.value !== value)) {
        throw invalidPart({ PartNumber: String(wanted.number) })
      }
    }
    return part
  })
  for (const part of chosen.slice(0, -1)) {
    if (part.bytes >= PART_BYTES_MIN) continue
    const detail = { ProposedSize: String(part.bytes), MinSizeAllowed: String(PART_BYTES_MIN), PartNumber: String(part.number) }
    throw entityTooSmall(detail)
  }
  return chosen
}

function assemble(upload: UploadRecord, parts: readonly PartRecord[], nowMs: number): ObjectRecord {
  const md5 = createHash('md5')
  for (const part of parts) md5.update(Buffer.from(part.etag, 'hex'))
  return {
    key: upload.key,
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    etag: `${md5.digest('hex')}-${parts.length}`,
    modifiedMs: nowMs,
    headers: upload.headers,
    checksum: wholeChecksum(upload, parts),
    tags: upload.tags,
    segments: parts.flatMap((part) => part.segments),
    partBytes: parts.map((part) => part.bytes),
    acl: upload.acl,
  }
}

/** None where nothing was asked for of the upload, and its parts have brought others. */
function wholeChecksum(upload: UploadRecord, parts: readonly PartRecord[]): Checksum | undefined {
  const { algorithm, type } = upload.checksum ?? { algorithm: DEFAULT_ALGORITHM, type: 'FULL_OBJECT' as const }
  if (parts.some((part) => part.checksum?.algorithm !== algorithm)) return undefined
  const values = parts.map((part) => ({ value: part.checksum?.value ?? '', bytes: part.bytes }))
  return joinChecksums(algorithm, type, values)
}
