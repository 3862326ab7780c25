/**
 * What becomes of a key's versions when it is written or deleted, as its bucket's versioning has it. All of it belongs to the
 * transaction of whoever calls; bytes that nothing names any more are handed back, to be dropped.
 * Source: Amazon S3 user guide, "How S3 Versioning works", "Working with objects in a versioning-suspended bucket".
 */
import { randomBytes } from 'node:crypto'

import type { Segment } from './content.ts'
import { invalidArgument, markerNotAllowed, noSuchKey, noSuchVersion } from './errors.ts'
import type { BucketRecord, ObjectRecord, Records, StoredObject } from './records.ts'
import type { OtherVersion, VersionRecords } from './version-records.ts'

export const NULL_VERSION = 'null'

/** A key, or one version of it. */
export interface ObjectName {
  readonly key: string
  readonly version?: string | undefined
}

export interface Removal {
  /** What was removed or hidden; undefined where there was nothing. */
  readonly removed: OtherVersion | undefined
  /** The marker that now stands for the key. */
  readonly marker: OtherVersion | undefined
  readonly dropped: readonly Segment[]
}

const ID = /^[\w.-]{32}$/

export class Versions {
  readonly #records: Records
  readonly #others: VersionRecords

  constructor(records: Records, others: VersionRecords) {
    this.#records = records
    this.#others = others
  }

  /** The current object, or the version of that id. Throws NoSuchKey, NoSuchVersion, MethodNotAllowed (a marker). */
  find(bucket: string, key: string, version?: string): StoredObject {
    const current = this.#records.object(bucket, key)
    if (version === undefined) {
      if (current) return current
      const newest = this.#others.newest(bucket, key)
      throw noSuchKey(key, newest?.version)
    }
    if (current?.version === version) return current
    const other = this.#others.byId(bucket, key, checkVersionId(version))
    if (!other) throw noSuchVersion(key, version)
    if (other.isMarker) throw markerNotAllowed(other.version, other.modifiedMs)
    return other
  }

  /** Where it lies is where it stays. */
  replace(bucket: string, record: StoredObject): void {
    const current = this.#records.object(bucket, record.key)
    if (current?.number === record.number) this.#records.putObject(bucket, record)
    else this.#others.put(bucket, { ...record, isMarker: false })
  }

  /** Makes the record the current version. */
  put(
    { name, versioning }: BucketRecord,
    record: ObjectRecord,
    nowMs: number,
  ): { stored: StoredObject; dropped: readonly Segment[] } {
    const current = this.#records.object(name, record.key)
    if (versioning === undefined) {
      const stored = { ...record, version: NULL_VERSION, number: current?.number ?? 0 }
      this.#records.putObject(name, stored)
      return { stored, dropped: current?.segments ?? [] }
    }
    const number = this.#nextNumber(name, record.key, current, nowMs)
    const version = versioning === 'Enabled' ? newVersionId(number) : NULL_VERSION
    const dropped = this.#makeRoom(name, current, version, record.key)
    const stored = { ...record, version, number }
    this.#records.putObject(name, stored)
    return { stored, dropped }
  }

  /** A deletion that names no version: of an unversioned bucket the object is gone, else a marker hides it. */
  remove({ name, versioning }: BucketRecord, key: string, nowMs: number): Removal {
    const current = this.#records.object(name, key)
    const removed = current && { ...current, isMarker: false }
    if (versioning === undefined) {
      if (current) this.#records.deleteObject(name, key)
      return { removed, marker: undefined, dropped: current?.segments ?? [] }
    }
    const number = this.#nextNumber(name, key, current, nowMs)
    const version = versioning === 'Enabled' ? newVersionId(number) : NULL_VERSION
    const dropped = this.#makeRoom(name, current, version, key)
    if (current) this.#records.deleteObject(name, key)
    const marker = { ...NOTHING, key, version, number, modifiedMs: nowMs, isMarker: true }
    this.#others.put(name, marker)
    return { removed, marker, dropped }
  }

  /** For good. What was before it, if it was the newest, is the current one then. */
  removeVersion(bucket: string, key: string, version: string): Removal {
    const current = this.#records.object(bucket, key)
    if (current?.version === version) {
      this.#records.deleteObject(bucket, key)
      this.#promote(bucket, key)
      return { removed: { ...current, isMarker: false }, marker: undefined, dropped: current.segments }
    }
    const removed = this.#others.byId(bucket, key, checkVersionId(version))
    if (!removed) return { removed: undefined, marker: undefined, dropped: [] }
    this.#others.remove(bucket, removed)
    if (!current) this.#promote(bucket, key)
    return { removed, marker: undefined, dropped: removed.segments }
  }

  /** An object that is the newest version becomes the current one. */
  #promote(bucket: string, key: string): void {
    const newest = this.#others.newest(bucket, key)
    if (!newest || newest.isMarker) return
    this.#others.remove(bucket, newest)
    this.#records.putObject(bucket, newest)
  }

  /** What was current is kept as an old version, unless the new one takes its place as `null`. */
  #makeRoom(bucket: string, current: StoredObject | undefined, version: string, key: string): readonly Segment[] {
    const isReplaced = current !== undefined && version === NULL_VERSION && current.version === NULL_VERSION
    if (current && !isReplaced) this.#others.put(bucket, { ...current, isMarker: false })
    if (version !== NULL_VERSION) return []
    if (isReplaced) return current.segments
    const earlier = this.#others.byId(bucket, key, NULL_VERSION)
    if (!earlier) return []
    this.#others.remove(bucket, earlier)
    return earlier.segments
  }

  /** Later than all versions of the key, and of about now. */
  #nextNumber(bucket: string, key: string, current: StoredObject | undefined, nowMs: number): number {
    return Math.max(nowMs, (current?.number ?? 0) + 1, (this.#others.newest(bucket, key)?.number ?? 0) + 1)
  }
}

const NOTHING = { bytes: 0, etag: '', headers: [], checksum: undefined, tags: [], segments: [], partBytes: [] }

const NUMBER_CHARS = 9

/** Begins with the version's number, so that a listing goes on behind a version that is gone. */
const newVersionId = (number: number): string =>
  number.toString(36).padStart(NUMBER_CHARS, '0') +
  randomBytes(18)
    .toString('base64url')
    .slice(0, 32 - NUMBER_CHARS)

/** The number of a version that need not be there any more; undefined of `null` and of what is no id. */
export const numberOfVersionId = (id: string): number | undefined =>
  ID.test(id) ? Number.parseInt(id.slice(0, NUMBER_CHARS), 36) : undefined

/** Throws InvalidArgument. */
function checkVersionId(version: string): string {
  if (version === NULL_VERSION || ID.test(version)) return version
  throw invalidArgument('Invalid version id specified', 'versionId', version)
}
