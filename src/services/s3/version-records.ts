/**
 * The versions of objects that are not current, and delete markers. What is current lies in `s3_object`, so that nothing but
 * listings of versions ever looks at old ones. Invariant: a key has a row in `s3_object` if and only if its newest version is no
 * marker, and that row is it.
 */
import type { SqlValue } from '../../sqlite/statement.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import {
  type ListedObject,
  type ListedRow,
  OBJECT_COLUMNS,
  type ObjectRow,
  type StoredObject,
  toListed,
  toObject,
  valuesOf,
  type VersionNumber,
} from './records.ts'

/** One that is not current, or a marker. */
export type OtherVersion = StoredObject & { readonly isMarker: boolean }

export type ListedVersion = ListedObject & VersionNumber & { readonly isMarker: boolean; readonly isLatest: boolean }

type Row = ObjectRow & { is_marker: number }
type VersionRow = ListedRow & { number: number; version: string; is_marker: number }

const LISTED = 'key, number, version, bytes, etag, modified_ms, checksum'

export class VersionRecords {
  readonly #sql

  constructor(database: ServicesDatabase) {
    const prepare = <P extends SqlValue[], R = unknown>(sql: string) => database.prepare<P, R>(sql)
    this.#sql = {
      byId: prepare<[string, string, string], Row>('select * from s3_version where bucket = ? and key = ? and version = ?'),
      newest: prepare<[string, string], Row>(
        'select * from s3_version where bucket = ? and key = ? order by number desc limit 1',
      ),
      any: prepare<[string]>('select 1 from s3_version where bucket = ? limit 1'),
      put: prepare<SqlValue[]>(
        `insert or replace into s3_version (bucket, key, is_marker, ${OBJECT_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      remove: prepare<[string, string, number]>('delete from s3_version where bucket = ? and key = ? and number = ?'),
      scan: prepare<[string, Buffer, string, Buffer], VersionRow>(
        `select ${LISTED}, 0 as is_marker from s3_object where bucket = ? and key >= cast(? as text)
        union all select ${LISTED}, is_marker from s3_version where bucket = ? and key >= cast(? as text)
        order by key, number desc`,
      ),
    }
  }

  byId(bucket: string, key: string, version: string): OtherVersion | undefined {
    const row = this.#sql.byId.get(bucket, key, version)
    return row && toVersion(row)
  }

  newest(bucket: string, key: string): OtherVersion | undefined {
    const row = this.#sql.newest.get(bucket, key)
    return row && toVersion(row)
  }

  hasAny(bucket: string): boolean {
    return this.#sql.any.get(bucket) !== undefined
  }

  put(bucket: string, version: OtherVersion): void {
    this.#sql.put.run(bucket, version.key, version.isMarker ? 1 : 0, ...valuesOf(version))
  }

  remove(bucket: string, { key, number }: Pick<OtherVersion, 'key' | 'number'>): void {
    this.#sql.remove.run(bucket, key, number)
  }

  /** All versions from `lower` (UTF-8 bytes) on, current ones among them: by key, of a key the newest first. */
  *scan(bucket: string, lower: Buffer): Generator<ListedVersion> {
    let before: string | undefined
    for (const row of this.#sql.scan.iterate(bucket, lower, bucket, lower)) {
      const { version, number } = row
      yield { ...toListed(row), version, number, isMarker: row.is_marker === 1, isLatest: row.key !== before }
      before = row.key
    }
  }
}

const toVersion = (row: Row): OtherVersion => ({ ...toObject(row), isMarker: row.is_marker === 1 })
