/**
 * Buckets and objects, without HTTP. Invariants:
 * 1. An object is replaced in one transaction: readers see the old bytes or the new ones, never a mixture.
 * 2. Preconditions are judged in that same transaction, so of two writers with `If-None-Match: *` one fails.
 * 3. Times have S3's resolution of one second.
 * 4. What happened is told of in the same transaction (announcements.ts).
 * Source: Amazon S3 API reference.
 */
import { WireError } from '../../wire/errors.ts'

import { applySchema } from '../kit/database.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { Announcements, type AnnouncementsDeps } from './announcements.ts'
import { BucketSettings } from './bucket-settings.ts'
import { ContentStore, type Segment } from './content.ts'
import { bucketAlreadyOwnedByYou, bucketNotEmpty, noSuchBucket, noSuchTagSet } from './errors.ts'
import type { Cause, EventName } from './event-message.ts'
import { Expirations } from './expirations.ts'
import { type Incoming, takeIn } from './intake.ts'
import { type Listing, type ListRequest, list, skipUntil } from './listing.ts'
import { checkBucketName, checkKey } from './names.ts'
import { checkWritePreconditions, type Preconditions } from './preconditions.ts'
import {
  type BucketRecord,
  type ListedObject,
  type ObjectHeaders,
  type ObjectRecord,
  Records,
  type StoredObject,
  type Tags,
  type Versioning,
} from './records.ts'
import { S3_SCHEMA } from './schema.ts'
import { Uploads } from './uploads.ts'
import { type ListedVersion, VersionRecords } from './version-records.ts'
import { NULL_VERSION, numberOfVersionId, type ObjectName, type Removal, Versions } from './versions.ts'

export type S3Deps = Pick<ServiceDeps, 'directory'> & AnnouncementsDeps

/** An object that stays readable, even when it is replaced or deleted, until `close`. */
export interface OpenObject {
  readonly record: StoredObject
  /** Bytes `start` to `end` (exclusive). */
  read(start: number, end: number): AsyncIterable<Buffer>
  /** All bytes at once where the object is small enough to be a row, else undefined. */
  readWhole(): Buffer | undefined
  close(): void
}

export interface NewObject {
  readonly headers: ObjectHeaders
  readonly tags: Tags
  readonly acl?: string | undefined
  readonly preconditions?: Preconditions
  readonly cause: Cause
}

export interface VersionListRequest extends ListRequest {
  /** Of the key `after`: only what comes behind this version. */
  readonly afterVersion: string
}

export class S3Service {
  readonly region: string
  readonly uploads: Uploads
  readonly settings: BucketSettings
  readonly announcements: Announcements
  readonly #records: Records
  readonly #others: VersionRecords
  readonly #versions: Versions
  readonly #content: ContentStore
  readonly #expirations: Expirations
  readonly #clock: ServiceDeps['clock']

  constructor(deps: S3Deps) {
    applySchema(deps.database, S3_SCHEMA)
    this.region = deps.region
    this.#clock = deps.clock
    this.#records = new Records(deps.database)
    this.#others = new VersionRecords(deps.database)
    this.#versions = new Versions(this.#records, this.#others)
    this.#content = new ContentStore(deps.database, deps.directory)
    this.settings = new BucketSettings(deps.database)
    this.announcements = new Announcements(deps, this.settings)
    this.uploads = new Uploads(this.#records, this.#content, {
      requireBucket: (name) => this.requireBucket(name),
      nowMs: () => this.nowMs(),
      replace: (bucket, record, preconditions, cause, keep) => this.#replace(bucket, record, preconditions, cause, keep),
    })
    this.#expirations = new Expirations(deps, this.settings, {
      versions: (bucket, lower) => this.#others.scan(bucket, lower),
      tags: (bucket, key, version) => this.headObject(bucket, { key, version }).tags,
      uploads: (bucket) => this.#records.scanUploads(bucket, Buffer.alloc(0)),
      remove: (bucket, names, requestId) => {
        const cause = { event: 'LifecycleExpiration:Delete', requestId, sourceIp: '' } as const
        this.deleteObjects(bucket, names, cause)
      },
      abort: (bucket, key, id) => this.uploads.abort(bucket, key, id),
    })
  }

  /** Carries on with what an earlier process left undone. When `endpoint()` answers. */
  resume(): void {
    this.announcements.pump()
    this.#expirations.start()
  }

  /** Whole seconds, in milliseconds. */
  nowMs(): number {
    return Math.floor(this.#clock.now() / 1000) * 1000
  }

  // ---- buckets

  /** In us-east-1 creating one's own bucket again succeeds; elsewhere it is BucketAlreadyOwnedByYou. `more`: of a new one. */
  createBucket(name: string, more: (name: string) => void = () => {}): void {
    checkBucketName(name)
    if (this.#records.bucket(name)) {
      if (this.region === 'us-east-1') return
      throw bucketAlreadyOwnedByYou(name)
    }
    this.#records.transact(() => {
      this.#records.insertBucket(name, this.nowMs())
      more(name)
    })
  }

  requireBucket(name: string): BucketRecord {
    const bucket = this.#records.bucket(name)
    if (!bucket) throw noSuchBucket(name)
    return bucket
  }

  hasBucket(name: string): boolean {
    return this.#records.bucket(name) !== undefined
  }

  listBuckets(): readonly BucketRecord[] {
    return this.#records.buckets()
  }

  deleteBucket(name: string): void {
    this.requireBucket(name)
    if (this.#records.hasObjects(name)) throw bucketNotEmpty(name)
    if (this.#others.hasAny(name))
      throw bucketNotEmpty(name, 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.')
    this.uploads.abortAll(name)
    this.#records.transact(() => {
      this.#records.deleteBucket(name)
      this.settings.removeAll(name)
    })
  }

  setVersioning(name: string, versioning: Versioning): void {
    this.requireBucket(name)
    if (versioning === 'Suspended' && this.settings.text(name, 'object-lock') !== undefined)
      throw new WireError(
        409,
        'InvalidBucketState',
        'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
      )
    this.#records.setVersioning(name, versioning)
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

  // ---- objects

  async putObject(bucket: string, key: string, incoming: Incoming, object: NewObject): Promise<StoredObject> {
    checkKey(key)
    this.requireBucket(bucket)
    const { headers, tags, acl, preconditions = {}, cause } = object
    checkWritePreconditions(key, this.#records.object(bucket, key), preconditions)
    const taken = await takeIn(incoming, this.#content)
    const record: ObjectRecord = {
      key,
      bytes: taken.bytes,
      etag: taken.etag,
      modifiedMs: this.nowMs(),
      headers,
      checksum: taken.checksum,
      tags,
      segments: [taken.segment],
      partBytes: [],
      acl,
    }
    try {
      return this.#replace(bucket, record, preconditions, cause, () => this.#content.keep(taken.segment))
    } catch (error) {
      this.#content.discard(taken.segment)
      throw error
    }
  }

  headObject(bucket: string, { key, version }: ObjectName): StoredObject {
    this.requireBucket(bucket)
    return this.#versions.find(bucket, key, version)
  }

  openObject(bucket: string, name: ObjectName): OpenObject {
    const record = this.headObject(bucket, name)
    return {
      record,
      read: (start, end) => this.#content.read(record.segments, start, end),
      readWhole: () => this.#content.readRow(record.segments),
      close: this.#content.pin(record.segments),
    }
  }

  /** What versions are called in answers: nothing where the bucket never had any. */
  versionTold(bucket: string, version: string): string | undefined {
    return this.requireBucket(bucket).versioning === undefined && version === NULL_VERSION ? undefined : version
  }

  /** Deleting what is not there succeeds, unless `preconditions` ask for it. */
  deleteObject(bucket: string, name: ObjectName, cause: Cause, preconditions: Preconditions = {}): Removal {
    return this.#removing((remove) => {
      checkWritePreconditions(name.key, this.#records.object(bucket, name.key), preconditions)
      return remove(this.requireBucket(bucket), name, cause)
    })
  }

  /** All in one transaction: a thousand deletions cost one commit. */
  deleteObjects(bucket: string, names: readonly ObjectName[], cause: Cause): readonly Removal[] {
    return this.#removing((remove) => {
      const found = this.requireBucket(bucket)
      return names.map((name) => remove(found, name, cause))
    })
  }

  #removing<T>(work: (remove: (bucket: BucketRecord, name: ObjectName, cause: Cause) => Removal) => T): T {
    const dropped: Segment[] = []
    const result = this.#records.transact(() =>
      work((bucket, { key, version }, cause) => {
        const removal =
          version === undefined
            ? this.#versions.remove(bucket, key, this.nowMs())
            : this.#versions.removeVersion(bucket.name, key, version)
        this.#content.drop(removal.dropped)
        dropped.push(...removal.dropped)
        this.#announceRemoval(bucket, removal, cause)
        return removal
      }),
    )
    this.#content.sweep(dropped)
    this.announcements.pump()
    return result
  }

  #announceRemoval(bucket: BucketRecord, { removed, marker }: Removal, cause: Cause): void {
    const gone = marker ?? removed
    if (!gone) return
    const event = (marker ? cause.event.replace(/:.*/, ':DeleteMarkerCreated') : cause.event) as EventName
    this.#announce(bucket, gone, { ...cause, event })
  }

  /** Tells of a change of an object that is there. Inside the transaction. */
  #announce({ name, versioning }: BucketRecord, object: StoredObject, cause: Cause): void {
    const { key, bytes, etag, version } = object
    const told = versioning === undefined ? undefined : version
    this.announcements.add(name, cause, { key, bytes, etag, version: told, sequence: this.#clock.now() * 1000 })
  }

  /** Changes what is said of an object, not its bytes. */
  changeObject(bucket: string, name: ObjectName, change: Partial<ObjectRecord>, cause?: Cause): StoredObject {
    const changed = this.#records.transact(() => {
      const object = { ...this.headObject(bucket, name), ...change }
      this.#versions.replace(bucket, object)
      if (cause) this.#announce(this.requireBucket(bucket), object, cause)
      return object
    })
    this.announcements.pump()
    return changed
  }

  listObjects(bucket: string, request: ListRequest): Listing<ListedObject> {
    this.requireBucket(bucket)
    return list(request, (lower) => this.#records.scan(bucket, lower))
  }

  /** By key, of a key the newest first. */
  listVersions(bucket: string, { afterVersion, ...request }: VersionListRequest): Listing<ListedVersion> {
    this.requireBucket(bucket)
    const { after } = request
    if (after === '' || afterVersion === '') return list(request, (lower) => this.#others.scan(bucket, lower))
    const below = numberOfVersionId(afterVersion) ?? this.#numberOf(bucket, after, afterVersion)
    return list({ ...request, after: '' }, (lower) => {
      const from = Buffer.from(after, 'utf8')
      const start = Buffer.compare(lower, from) > 0 ? lower : from
      return skipUntil(this.#others.scan(bucket, start), (one) => one.key !== after || one.number < below)
    })
  }

  /** Of one that is gone nothing is known: all that is left of its key comes behind it. */
  #numberOf(bucket: string, key: string, version: string): number {
    const current = this.#records.object(bucket, key)
    const found = current?.version === version ? current : this.#others.byId(bucket, key, version)
    return found?.number ?? Number.POSITIVE_INFINITY
  }

  close(): void {
    this.#expirations.close()
    this.announcements.close()
    this.#content.close()
  }

  /** Names the new bytes and drops the old ones (invariants 1 and 2). `keep` says what else belongs to the transaction. */
  #replace(name: string, record: ObjectRecord, preconditions: Preconditions, cause: Cause, keep: () => void): StoredObject {
    const { stored, dropped } = this.#records.transact(() => {
      const bucket = this.requireBucket(name)
      checkWritePreconditions(record.key, this.#records.object(name, record.key), preconditions)
      keep()
      const put = this.#versions.put(bucket, record, this.nowMs())
      this.#content.drop(put.dropped)
      this.#announce(bucket, put.stored, cause)
      return put
    })
    this.#content.sweep(dropped)
    this.announcements.pump()
    return stored
  }
}
