/**
 * Buckets and objects, without HTTP. Invariants:
 * 1. An object is replaced in one transaction: readers see the old bytes or the new ones, never a mixture.
 * 2. Preconditions are judged in that same transaction, so of two writers with `If-None-Match: *` one fails.
 * 3. Times have S3's resolution of one second.
 * Source: Amazon S3 API reference.
 */

import { applySchema } from '../kit/database.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { ContentStore, type Segment } from './content.ts'
import { bucketAlreadyOwnedByYou, bucketNotEmpty, noSuchBucket, noSuchKey, noSuchTagSet } from './errors.ts'
import { type Incoming, takeIn } from './intake.ts'
import { type Listing, type ListRequest, list } from './listing.ts'
import { checkBucketName, checkKey } from './names.ts'
import { checkWritePreconditions, type Preconditions } from './preconditions.ts'
import { type BucketRecord, type ListedObject, type ObjectHeaders, type ObjectRecord, Records, type Tags } from './records.ts'
import { S3_SCHEMA } from './schema.ts'
import { Uploads } from './uploads.ts'

export type S3Deps = Pick<ServiceDeps, 'database' | 'directory' | 'region' | 'clock'>

/** An object that stays readable, even when it is replaced or deleted, until `close`. */
export interface OpenObject {
  readonly record: ObjectRecord
  /** Bytes `start` to `end` (exclusive). */
  read(start: number, end: number): AsyncIterable<Buffer>
  /** All bytes at once where the object is small enough to be a row, else undefined. */
  readWhole(): Buffer | undefined
  close(): void
}

export interface NewObject {
  readonly headers: ObjectHeaders
  readonly tags: Tags
  readonly preconditions?: Preconditions
}

export class S3Service {
  readonly region: string
  readonly uploads: Uploads
  readonly #records: Records
  readonly #content: ContentStore
  readonly #clock: ServiceDeps['clock']

  constructor(deps: S3Deps) {
    applySchema(deps.database, S3_SCHEMA)
    this.region = deps.region
    this.#clock = deps.clock
    this.#records = new Records(deps.database)
    this.#content = new ContentStore(deps.database, deps.directory)
    this.uploads = new Uploads(this.#records, this.#content, {
      requireBucket: (name) => this.requireBucket(name),
      nowMs: () => this.nowMs(),
      replace: (bucket, record, preconditions, keep) => this.#replace(bucket, record, preconditions, keep),
    })
  }

  /** Whole seconds, in milliseconds. */
  nowMs(): number {
    return Math.floor(this.#clock.now() / 1000) * 1000
  }

  /** In us-east-1 creating one's own bucket again succeeds; elsewhere it is BucketAlreadyOwnedByYou. */
  createBucket(name: string): void {
    checkBucketName(name)
    if (this.#records.bucket(name)) {
      if (this.region === 'us-east-1') return
      throw bucketAlreadyOwnedByYou(name)
    }
    this.#records.insertBucket(name, this.nowMs())
  }

  requireBucket(name: string): BucketRecord {
    const bucket = this.#records.bucket(name)
    if (!bucket) throw noSuchBucket(name)
    return bucket
  }

  listBuckets(): readonly BucketRecord[] {
    return this.#records.buckets()
  }

  deleteBucket(name: string): void {
    this.requireBucket(name)
    if (this.#records.hasObjects(name)) throw bucketNotEmpty(name)
    this.uploads.abortAll(name)
    this.#records.deleteBucket(name)
  }

  /** Throws NoSuchTagSet where there are none. */
  bucketTags(name: string): Tags {
    const { tags } = this.requireBucket(name)
    if (tags === undefined) throw noSuchTagSet(name)
    return tags
  }

  setBucketTags(name: string, tags: Tags | undefined): void {
    this.requireBucket(name)
    this.#records.tagBucket(name, tags)
  }

  async putObject(bucket: string, key: string, incoming: Incoming, object: NewObject): Promise<ObjectRecord> {
    checkKey(key)
    this.requireBucket(bucket)
    checkWritePreconditions(key, this.#records.object(bucket, key), object.preconditions ?? {})
    const taken = await takeIn(incoming, this.#content)
    const record: ObjectRecord = {
      key,
      bytes: taken.bytes,
      etag: taken.etag,
      modifiedMs: this.nowMs(),
      headers: object.headers,
      checksum: taken.checksum,
      tags: object.tags,
      segments: [taken.segment],
      partBytes: [],
    }
    try {
      this.#replace(bucket, record, object.preconditions ?? {}, () => this.#content.keep(taken.segment))
    } catch (error) {
      this.#content.discard(taken.segment)
      throw error
    }
    return record
  }

  headObject(bucket: string, key: string): ObjectRecord {
    this.requireBucket(bucket)
    const record = this.#records.object(bucket, key)
    if (!record) throw noSuchKey(key)
    return record
  }

  openObject(bucket: string, key: string): OpenObject {
    const record = this.headObject(bucket, key)
    return {
      record,
      read: (start, end) => this.#content.read(record.segments, start, end),
      readWhole: () => this.#content.readRow(record.segments),
      close: this.#content.pin(record.segments),
    }
  }

  /** Deleting what is not there succeeds, unless `preconditions` ask for it. */
  deleteObject(bucket: string, key: string, preconditions: Preconditions = {}): void {
    this.requireBucket(bucket)
    const current = this.#records.object(bucket, key)
    checkWritePreconditions(key, current, preconditions)
    if (!current) return
    this.#records.transact(() => {
      this.#records.deleteObject(bucket, key)
      this.#content.drop(current.segments)
    })
    this.#content.sweep(current.segments)
  }

  /** All in one transaction: a thousand deletions cost one commit. */
  deleteObjects(bucket: string, keys: readonly string[]): void {
    this.requireBucket(bucket)
    const dropped: Segment[] = []
    this.#records.transact(() => {
      for (const key of keys) {
        const current = this.#records.object(bucket, key)
        if (!current) continue
        this.#records.deleteObject(bucket, key)
        this.#content.drop(current.segments)
        dropped.push(...current.segments)
      }
    })
    this.#content.sweep(dropped)
  }

  setObjectTags(bucket: string, key: string, tags: Tags): void {
    this.headObject(bucket, key)
    this.#records.tagObject(bucket, key, tags)
  }

  listObjects(bucket: string, request: ListRequest): Listing<ListedObject> {
    this.requireBucket(bucket)
    return list(request, (lower) => this.#records.scan(bucket, lower))
  }

  close(): void {
    this.#content.close()
  }

  /** Names the new bytes and drops the old ones (invariants 1 and 2). `keep` says what else belongs to the transaction. */
  #replace(bucket: string, record: ObjectRecord, preconditions: Preconditions, keep: () => void): void {
    let dropped: readonly Segment[] = []
    this.#records.transact(() => {
      this.requireBucket(bucket)
      const current = this.#records.object(bucket, record.key)
      checkWritePreconditions(record.key, current, preconditions)
      keep()
      this.#records.putObject(bucket, record)
      dropped = current?.segments ?? []
      this.#content.drop(dropped)
    })
    this.#content.sweep(dropped)
  }
}
