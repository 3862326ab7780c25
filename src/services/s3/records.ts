/**
 * The tables of S3's metadata. Keys are compared by their UTF-8 bytes, which is the order of S3's listings; an object is
 * found, and a listing scanned, on the primary key alone.
 */
import type { SqlValue } from '../../sqlite/statement.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import type { Checksum, ChecksumAlgorithm, ChecksumType } from './checksum.ts'
import type { Segment } from './content.ts'

export interface BucketRecord {
  readonly name: string
  readonly createdMs: number
  readonly tags: Tags | undefined
  /** Undefined where it was never switched on. */
  readonly versioning: Versioning | undefined
}

export type Versioning = 'Enabled' | 'Suspended'
export type Tags = readonly (readonly [key: string, value: string])[]
/** Response headers that belong to the object, `x-amz-meta-*` included. */
export type ObjectHeaders = readonly (readonly [name: string, value: string])[]

export interface ObjectRecord {
  readonly key: string
  readonly bytes: number
  /** Without quotes. */
  readonly etag: string
  /** Whole seconds, in milliseconds. */
  readonly modifiedMs: number
  readonly headers: ObjectHeaders
  readonly checksum: Checksum | undefined
  readonly tags: Tags
  readonly segments: readonly Segment[]
  /** Lengths of the parts of a multipart object, else none. */
  readonly partBytes: readonly number[]
  /** Who may do what, where that was said: a printed list of grants. */
  readonly acl?: string | undefined
}

/** What a version has that is of no matter to whoever writes it. */
export interface VersionNumber {
  /** `null` of what was written while versioning was not switched on. */
  readonly version: string
  /** Grows with each version of a key. */
  readonly number: number
}
export type StoredObject = ObjectRecord & VersionNumber

export interface ListedObject {
  readonly key: string
  readonly bytes: number
  readonly etag: string
  readonly modifiedMs: number
  readonly checksum: Checksum | undefined
}

export interface UploadRecord {
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly initiatedMs: number
  readonly headers: ObjectHeaders
  readonly tags: Tags
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | undefined
  /** The entity tag of what the key named when the upload was begun. */
  readonly replaces: string | undefined
  readonly acl?: string | undefined
}

export interface PartRecord {
  readonly number: number
  readonly segments: readonly Segment[]
  readonly bytes: number
  readonly etag: string
  readonly checksum: Checksum | undefined
  readonly modifiedMs: number
}

export interface ObjectRow {
  key: string
  bytes: number
  etag: string
  modified_ms: number
  headers: string
  checksum: string | null
  tags: string
  segments: string
  part_bytes: string
  version: string
  number: number
  acl: string | null
}
export type ListedRow = Pick<ObjectRow, 'key' | 'bytes' | 'etag' | 'modified_ms' | 'checksum'>
type UploadRow = {
  id: string
  bucket: string
  key: string
  initiated_ms: number
  headers: string
  tags: string
  checksum: string | null
  replaces: string | null
  acl: string | null
}
type PartRow = { number: number; segments: string; bytes: number; etag: string; checksum: string | null; modified_ms: number }
type BucketRow = { name: string; created_ms: number; tags: string | null; versioning: Versioning | null }

const LISTED = 'key, bytes, etag, modified_ms, checksum'
/** Of an object, beside bucket and key; in the order of `valuesOf`. */
export const OBJECT_COLUMNS = 'number, version, bytes, etag, modified_ms, headers, checksum, tags, segments, part_bytes, acl'

export class Records {
  readonly #statements
  readonly #database: ServicesDatabase

  constructor(database: ServicesDatabase) {
    this.#database = database
    const prepare = <P extends SqlValue[], R = unknown>(sql: string) => database.prepare<P, R>(sql)
    this.#statements = {
      bucket: prepare<[string], BucketRow>('select * from s3_bucket where name = ?'),
      buckets: prepare<[], BucketRow>('select * from s3_bucket order by name'),
      insertBucket: prepare<[string, number]>('insert into s3_bucket (name, created_ms) values (?, ?)'),
      tagBucket: prepare<[string | null, string]>('update s3_bucket set tags = ? where name = ?'),
      deleteBucket: prepare<[string]>('delete from s3_bucket where name = ?'),
      setVersioning: prepare<[string, string]>('update s3_bucket set versioning = ? where name = ?'),
      anyObject: prepare<[string]>('select 1 from s3_object where bucket = ? limit 1'),
      object: prepare<[string, string], ObjectRow>('select * from s3_object where bucket = ? and key = ?'),
      putObject: prepare<SqlValue[]>(
        `insert or replace into s3_object (bucket, key, ${OBJECT_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      deleteObject: prepare<[string, string]>('delete from s3_object where bucket = ? and key = ?'),
      scan: prepare<[string, Buffer], ListedRow>(
        `select ${LISTED} from s3_object where bucket = ? and key >= cast(? as text) order by key`,
      ),
      upload: prepare<[string], UploadRow>('select * from s3_upload where id = ?'),
      uploads: prepare<[string, Buffer], UploadRow>(
        'select * from s3_upload where bucket = ? and key >= cast(? as text) order by key, id',
      ),
      insertUpload: prepare<SqlValue[]>('insert into s3_upload values (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
      deleteUpload: prepare<[string]>('delete from s3_upload where id = ?'),
      part: prepare<[string, number], PartRow>('select * from s3_part where upload = ? and number = ?'),
      parts: prepare<[string, number, number], PartRow>(
        'select * from s3_part where upload = ? and number > ? order by number limit ?',
      ),
      putPart: prepare<SqlValue[]>('insert or replace into s3_part values (?, ?, ?, ?, ?, ?, ?)'),
      deleteParts: prepare<[string]>('delete from s3_part where upload = ?'),
    }
  }

  /** All or nothing; nothing else runs in between. */
  transact<T>(work: () => T): T {
    return this.#database.transaction(work)
  }

  bucket(name: string): BucketRecord | undefined {
    const row = this.#statements.bucket.get(name)
    return row && toBucket(row)
  }

  buckets(): BucketRecord[] {
    return this.#statements.buckets.all().map(toBucket)
  }

  insertBucket(name: string, createdMs: number): void {
    this.#statements.insertBucket.run(name, createdMs)
  }

  tagBucket(name: string, tags: Tags | undefined): void {
    this.#statements.tagBucket.run(tags === undefined ? null : JSON.stringify(tags), name)
  }

  deleteBucket(name: string): void {
    this.#statements.deleteBucket.run(name)
  }

  setVersioning(name: string, versioning: Versioning): void {
    this.#statements.setVersioning.run(versioning, name)
  }

  hasObjects(bucket: string): boolean {
    return this.#statements.anyObject.get(bucket) !== undefined
  }

  object(bucket: string, key: string): StoredObject | undefined {
    const row = this.#statements.object.get(bucket, key)
    return row && toObject(row)
  }

  putObject(bucket: string, record: StoredObject): void {
    this.#statements.putObject.run(bucket, record.key, ...valuesOf(record))
  }

  deleteObject(bucket: string, key: string): void {
    this.#statements.deleteObject.run(bucket, key)
  }

  /** Objects from `lower` (UTF-8 bytes) on, in the order of keys. Stop early: rows are read as they are asked for. */
  *scan(bucket: string, lower: Buffer): Generator<ListedObject> {
    for (const row of this.#statements.scan.iterate(bucket, lower)) yield toListed(row)
  }

  upload(id: string): UploadRecord | undefined {
    const row = this.#statements.upload.get(id)
    return row && toUpload(row)
  }

  *scanUploads(bucket: string, lower: Buffer): Generator<UploadRecord> {
    for (const row of this.#statements.uploads.iterate(bucket, lower)) yield toUpload(row)
  }

  insertUpload(record: UploadRecord): void {
    const { id, bucket, key, initiatedMs, replaces = null, acl = null } = record
    const [headers, tags, checksum] = [
      JSON.stringify(record.headers),
      JSON.stringify(record.tags),
      printOptional(record.checksum),
    ]
    this.#statements.insertUpload.run(id, bucket, key, initiatedMs, headers, tags, checksum, replaces, acl)
  }

  deleteUpload(id: string): void {
    this.#statements.deleteUpload.run(id)
    this.#statements.deleteParts.run(id)
  }

  part(upload: string, number: number): PartRecord | undefined {
    const row = this.#statements.part.get(upload, number)
    return row && toPart(row)
  }

  /** Parts with a number greater than `after`, ascending, at most `limit`. */
  parts(upload: string, after = 0, limit = 10_001): PartRecord[] {
    return this.#statements.parts.all(upload, after, limit).map(toPart)
  }

  putPart(upload: string, part: PartRecord): void {
    const segments = JSON.stringify(part.segments.map(({ id, bytes }) => ({ id, bytes })))
    const checksum = printOptional(part.checksum)
    this.#statements.putPart.run(upload, part.number, segments, part.bytes, part.etag, checksum, part.modifiedMs)
  }
}

const printOptional = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))
const readOptional = <T>(text: string | null): T | undefined => (text === null ? undefined : (JSON.parse(text) as T))

const toBucket = (row: BucketRow): BucketRecord => ({
  name: row.name,
  createdMs: row.created_ms,
  tags: readOptional<Tags>(row.tags),
  versioning: row.versioning ?? undefined,
})

/** In the order of `OBJECT_COLUMNS`. */
export const valuesOf = (record: StoredObject): SqlValue[] => [
  record.number,
  record.version,
  record.bytes,
  record.etag,
  record.modifiedMs,
  JSON.stringify(record.headers),
  printOptional(record.checksum),
  JSON.stringify(record.tags),
  JSON.stringify(record.segments.map(({ id, bytes }) => ({ id, bytes }))),
  JSON.stringify(record.partBytes),
  record.acl ?? null,
]

export const toListed = (row: ListedRow): ListedObject => ({
  key: row.key,
  bytes: row.bytes,
  etag: row.etag,
  modifiedMs: row.modified_ms,
  checksum: readOptional<Checksum>(row.checksum),
})

export const toObject = (row: ObjectRow): StoredObject => ({
  ...toListed(row),
  headers: JSON.parse(row.headers) as ObjectHeaders,
  tags: JSON.parse(row.tags) as Tags,
  segments: JSON.parse(row.segments) as Segment[],
  partBytes: JSON.parse(row.part_bytes) as number[],
  version: row.version,
  number: row.number,
  acl: row.acl ?? undefined,
})

const toUpload = (row: UploadRow): UploadRecord => ({
  id: row.id,
  bucket: row.bucket,
  key: row.key,
  initiatedMs: row.initiated_ms,
  headers: JSON.parse(row.headers) as ObjectHeaders,
  tags: JSON.parse(row.tags) as Tags,
  checksum: readOptional<{ algorithm: ChecksumAlgorithm; type: ChecksumType }>(row.checksum),
  replaces: row.replaces ?? undefined,
  acl: row.acl ?? undefined,
})

const toPart = (row: PartRow): PartRecord => ({
  number: row.number,
  segments: JSON.parse(row.segments) as Segment[],
  bytes: row.bytes,
  etag: row.etag,
  checksum: readOptional<Checksum>(row.checksum),
  modifiedMs: row.modified_ms,
})
