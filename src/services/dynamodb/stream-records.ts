/**
 * What streams hold: one record for each write that changed an item, in the order of the writes, written in the transaction of the
 * write and kept for 24 hours. A stream has one shard.
 * Source: Amazon DynamoDB developer guide, "Change data capture for DynamoDB Streams"; API reference, "Record", "StreamRecord".
 */
import { createHash } from 'node:crypto'

import type { Clock } from '../../base/clock.ts'
import type { JsonObject } from '../../base/json.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import { isSameItem, type Item, itemBytes } from './attribute-value.ts'
import { keyOf, type StreamView, type Table } from './table.ts'

/** Who writes, where it is no client. */
export interface WriterIdentity {
  readonly Type: string
  readonly PrincipalId: string
}

export interface StreamRow {
  readonly id: number
  readonly arn: string
  readonly table_id: number
  readonly table_name: string
  /** Label, view and keys, as DescribeStream tells them. */
  readonly description: string
  readonly made_at: number
  readonly closed_at: number | null
}

export interface RecordRow {
  readonly sequence: number
  readonly record: string
}

export const KEPT_MS = 24 * 3_600_000
const FIRST_SEQUENCE = 10n ** 20n

export class StreamRecords {
  readonly #sql
  readonly #clock: Clock
  readonly #region: string

  constructor(database: ServicesDatabase, { clock, region }: { readonly clock: Clock; readonly region: string }) {
    this.#clock = clock
    this.#region = region
    this.#sql = {
      open: database.prepare<[string, number, string, string, number]>(
        'INSERT INTO dynamodb_stream (arn, table_id, table_name, description, made_at) VALUES (?, ?, ?, ?, ?)',
      ),
      close: database.prepare<[number, number]>('UPDATE dynamodb_stream SET closed_at = ? WHERE id = ? AND closed_at IS NULL'),
      byArn: database.prepare<[string], StreamRow>('SELECT * FROM dynamodb_stream WHERE arn = ?'),
      byId: database.prepare<[number], StreamRow>('SELECT * FROM dynamodb_stream WHERE id = ?'),
      all: database.prepare<[string, string | null, string | null, number], StreamRow>(
        'SELECT * FROM dynamodb_stream WHERE arn > ? AND (? IS NULL OR table_name = ?) ORDER BY arn LIMIT ?',
      ),
      append: database.prepare<[number, number, string]>(
        'INSERT INTO dynamodb_record (stream_id, made_at, record) VALUES (?, ?, ?)',
      ),
      after: database.prepare<[number, number, number], RecordRow>(
        'SELECT sequence, record FROM dynamodb_record WHERE stream_id = ? AND sequence > ? ORDER BY sequence LIMIT ?',
      ),
      last: database.prepareValue<[], number | null>("SELECT seq FROM sqlite_sequence WHERE name = 'dynamodb_record'"),
      lastOf: database.prepareValue<[number], number | null>('SELECT max(sequence) FROM dynamodb_record WHERE stream_id = ?'),
      firstOf: database.prepareValue<[number], number | null>('SELECT min(sequence) FROM dynamodb_record WHERE stream_id = ?'),
      trim: database.prepare<[number, number]>(
        'DELETE FROM dynamodb_record WHERE sequence IN (SELECT sequence FROM dynamodb_record WHERE made_at < ? ORDER BY made_at LIMIT ?)',
      ),
      forget: database.prepare<[number]>('DELETE FROM dynamodb_stream WHERE closed_at < ?'),
    }
  }

  /** `description`: label, view and keys. */
  open(arn: string, tableId: number, tableName: string, description: JsonObject): number {
    const made = this.#sql.open.run(arn, tableId, tableName, JSON.stringify(description), this.#clock.now())
    return Number(made.lastInsertRowid)
  }

  close(id: number): void {
    this.#sql.close.run(this.#clock.now(), id)
  }

  byArn(arn: string): StreamRow | undefined {
    return this.#sql.byArn.get(arn)
  }

  byId(id: number): StreamRow | undefined {
    return this.#sql.byId.get(id)
  }

  /** By ARN, after one, of one table or of all. */
  all(after: string, tableName: string | undefined, limit: number): readonly StreamRow[] {
    return this.#sql.all.all(after, tableName ?? null, tableName ?? null, limit)
  }

  /** A write that changes nothing is told to nobody. */
  append(table: Table, before: Item | undefined, after: Item | undefined, by: WriterIdentity | undefined): void {
    const { stream } = table.record
    if (!stream || (before && after && isSameItem(before, after))) return
    const either = after ?? before
    if (!either) return
    const eventName = before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY'
    const Keys = keyOf(table, either)
    const images = imagesOf(stream.view, before, after)
    const now = this.#clock.now()
    const record = {
      eventName,
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: this.#region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(now / 1000),
        Keys,
        ...images,
        SizeBytes: [Keys, ...Object.values(images)].reduce((sum, item) => sum + itemBytes(item), 0),
        StreamViewType: stream.view,
      },
      ...(by && { userIdentity: by }),
    }
    this.#sql.append.run(stream.id, now, JSON.stringify(record))
  }

  after(streamId: number, sequence: number, limit: number): readonly RecordRow[] {
    return this.#sql.after.all(streamId, sequence, limit)
  }

  /** Of the last record of any stream. */
  lastSequence(): number {
    return this.#sql.last.get() ?? 0
  }

  rangeOf(streamId: number): { readonly first: number | undefined; readonly last: number | undefined } {
    return { first: this.#sql.firstOf.get(streamId) ?? undefined, last: this.#sql.lastOf.get(streamId) ?? undefined }
  }

  /** Removes what is older than 24 hours; whether that may not have been all. */
  trim(limit: number): boolean {
    const before = this.#clock.now() - KEPT_MS
    const { changes } = this.#sql.trim.run(before, limit)
    if (changes === limit) return true
    this.#sql.forget.run(before)
    return false
  }
}

function imagesOf(view: StreamView, before: Item | undefined, after: Item | undefined): Record<string, Item> {
  return {
    ...(after && view.startsWith('NEW') && { NewImage: after }),
    ...(before && view.includes('OLD') && { OldImage: before }),
  }
}

/** As clients see it: digits that grow. */
export const printSequence = (sequence: number): string => String(FIRST_SEQUENCE + BigInt(sequence))

/** Undefined of what `printSequence` never gave. */
export function parseSequence(text: string): number | undefined {
  if (!/^\d{21,40}$/.test(text)) return undefined
  const sequence = BigInt(text) - FIRST_SEQUENCE
  return sequence < 0n || sequence > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(sequence)
}

/** As GetRecords tells a record. */
export function toldRecord({ sequence, record }: RecordRow): JsonObject {
  const told = JSON.parse(record) as { readonly dynamodb: JsonObject }
  const eventID = createHash('md5').update(`${sequence}`).digest('hex')
  return { eventID, ...told, dynamodb: { ...told.dynamodb, SequenceNumber: printSequence(sequence) } }
}
