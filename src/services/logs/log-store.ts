/**
 * Log groups, streams and events in the local database. Appended events are collected and written once per turn of the
 * event loop, in one transaction; every reader first writes what is waiting, so nobody reads behind their own writes.
 * While there is no room they wait, at most WAITING_BYTES_MAX of them; then the oldest are lost, and that is told.
 * Events of a stream or group are read in the order of their timestamps, then of their arrival.
 */
import { Alarm } from '../../base/alarm.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import type { LocalDatabase } from '../database.ts'

export interface LogEvent {
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly message: string
}

export interface GroupRow {
  readonly id: number
  readonly name: string
  readonly createdMs: number
  readonly retentionDays: number | null
  readonly class: string
  readonly kmsKeyId: string | null
  /** JSON. */
  readonly tags: string
  readonly storedBytes: number
}

export interface StreamRow {
  readonly id: number
  readonly groupId: number
  readonly name: string
  readonly createdMs: number
  readonly firstEventMs: number | null
  readonly lastEventMs: number | null
  readonly lastIngestionMs: number | null
  readonly storedBytes: number
}

export interface EventRow {
  readonly id: number
  readonly streamId: number
  readonly timestamp: number
  readonly ingestionMs: number
  readonly message: string
}

/** A place between events: after all events before (timestamp, id) and including it. */
export interface Position {
  readonly timestamp: number
  readonly id: number
}

export interface EventRange {
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS log_groups (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, createdMs INTEGER NOT NULL, retentionDays INTEGER,
    class TEXT NOT NULL DEFAULT 'STANDARD', kmsKeyId TEXT, tags TEXT NOT NULL DEFAULT '{}', storedBytes INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE IF NOT EXISTS log_streams (
    id INTEGER PRIMARY KEY, groupId INTEGER NOT NULL, name TEXT NOT NULL, createdMs INTEGER NOT NULL,
    firstEventMs INTEGER, lastEventMs INTEGER, lastIngestionMs INTEGER, storedBytes INTEGER NOT NULL DEFAULT 0, UNIQUE (groupId, name));
  CREATE TABLE IF NOT EXISTS log_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, groupId INTEGER NOT NULL, streamId INTEGER NOT NULL,
    timestamp INTEGER NOT NULL, ingestionMs INTEGER NOT NULL, message TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS log_events_by_stream ON log_events (streamId, timestamp, id);
  CREATE INDEX IF NOT EXISTS log_events_by_group ON log_events (groupId, timestamp, id);
  CREATE TABLE IF NOT EXISTS log_policies (name TEXT PRIMARY KEY, document TEXT NOT NULL, updatedMs INTEGER NOT NULL);`

/** Bytes that CloudWatch counts for an event besides its message. */
export const EVENT_OVERHEAD_BYTES = 26
/** Some milliseconds' work. */
const SWEEP_ROWS_MAX = 2000
const ORPHANED = `
  WITH RECURSIVE each (groupId) AS (
    SELECT min(groupId) FROM log_events
    UNION ALL SELECT (SELECT min(groupId) FROM log_events WHERE groupId > each.groupId) FROM each WHERE each.groupId IS NOT NULL)
  SELECT groupId FROM each WHERE groupId IS NOT NULL AND groupId NOT IN (SELECT id FROM log_groups) LIMIT 1`
export const PAGE_BYTES_MAX = 1_048_576
const WAITING_BYTES_MAX = 16 * 1024 * 1024
export const DAY_MS = 86_400_000

const bytesOf = (events: readonly LogEvent[]): number =>
  events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES, 0)

interface Waiting {
  readonly group: string
  readonly stream: string
  readonly events: readonly LogEvent[]
}

export class LogStore {
  readonly #db: LocalDatabase
  readonly #clock: Clock
  readonly #log: Log
  readonly #alarm: Alarm
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #lost = 0

  constructor(db: LocalDatabase, clock: Clock, log: Log) {
    db.exec(SCHEMA)
    this.#db = db
    this.#clock = clock
    this.#log = log
    this.#alarm = new Alarm({ clock, log, complaint: 'log events could not be written', work: () => this.#write() })
  }

  // ---- appending ----

  /** Kept at the end of this turn of the event loop; group and stream are made when missing. */
  append(group: string, stream: string, events: readonly LogEvent[]): void {
    if (events.length === 0) return
    if (this.#waiting.length === 0) setImmediate(() => this.flush())
    this.#waiting.push({ group, stream, events })
    this.#waitingBytes += bytesOf(events)
    while (this.#waitingBytes > WAITING_BYTES_MAX) {
      const { events: oldest } = this.#waiting.shift() ?? { events: [] }
      this.#waitingBytes -= bytesOf(oldest)
      this.#lost += oldest.length
    }
  }

  /** Writes what is waiting. Never throws: what cannot be written waits on. */
  flush(): void {
    this.#alarm.ring()
  }

  /** Writes what is waiting for the last time. */
  close(): void {
    this.#alarm.close()
    try {
      this.#write()
    } catch (error) {
      this.#log.error('log events could not be written', { error: String(error) })
    }
    this.#lost += this.#waiting.reduce((sum, { events }) => sum + events.length, 0)
    this.#tellLost()
  }

  #write(): void {
    if (this.#waiting.length === 0) return
    this.#db.transaction(() => {
      for (const { group, stream, events } of this.#waiting) {
        const groupRow = this.group(group) ?? this.createGroup(group)
        const streamRow = this.stream(groupRow, stream) ?? this.createStream(groupRow, stream)
        this.#insert(groupRow, streamRow, events)
      }
    })
    this.#waiting = []
    this.#waitingBytes = 0
    this.#tellLost()
  }

  #tellLost(): void {
    if (this.#lost > 0) this.#log.warn('log events were lost', { events: this.#lost })
    this.#lost = 0
  }

  /** Written at once: the caller is told that the events are safe. */
  put(group: GroupRow, stream: StreamRow, events: readonly LogEvent[]): void {
    this.flush()
    this.#db.transaction(() => this.#insert(group, stream, events))
  }

  #insert(group: GroupRow, stream: StreamRow, events: readonly LogEvent[]): void {
    const now = this.#clock.now()
    const insert = this.#db.prepare(
      'INSERT INTO log_events (groupId, streamId, timestamp, ingestionMs, message) VALUES (?, ?, ?, ?, ?)',
    )
    const bytes = bytesOf(events)
    let first = Number.POSITIVE_INFINITY
    let last = 0
    for (const { timestamp, message } of events) {
      insert.run(group.id, stream.id, timestamp, now, message)
      first = Math.min(first, timestamp)
      last = Math.max(last, timestamp)
    }
    this.#db
      .prepare(
        `UPDATE log_streams SET firstEventMs = MIN(COALESCE(firstEventMs, ?), ?), lastEventMs = MAX(COALESCE(lastEventMs, 0), ?),
         lastIngestionMs = ?, storedBytes = storedBytes + ? WHERE id = ?`,
      )
      .run(first, first, last, now, bytes, stream.id)
    this.#db.prepare('UPDATE log_groups SET storedBytes = storedBytes + ? WHERE id = ?').run(bytes, group.id)
  }

  // ---- groups ----

  group(name: string): GroupRow | undefined {
    return this.#db.prepare<[string], GroupRow>('SELECT * FROM log_groups WHERE name = ?').get(name)
  }

  createGroup(name: string, more: { class?: string; kmsKeyId?: string | undefined; tags?: string } = {}): GroupRow {
    const row = this.#db
      .prepare<[string, number, string, string | null, string], GroupRow>(
        // A number that was used before may still have events that wait to be removed.
        `INSERT INTO log_groups (id, name, createdMs, class, kmsKeyId, tags) VALUES (
          (SELECT 1 + max(coalesce((SELECT max(id) FROM log_groups), 0), coalesce((SELECT max(groupId) FROM log_events), 0))),
          ?, ?, ?, ?, ?) RETURNING *`,
      )
      .get(name, this.#clock.now(), more.class ?? 'STANDARD', more.kmsKeyId ?? null, more.tags ?? '{}')
    if (!row) throw new Error('the database did not return the group')
    return row
  }

  setGroup(group: GroupRow, change: Partial<Pick<GroupRow, 'retentionDays' | 'tags' | 'kmsKeyId'>>): void {
    const { retentionDays, tags, kmsKeyId } = { ...group, ...change }
    this.#db
      .prepare('UPDATE log_groups SET retentionDays = ?, tags = ?, kmsKeyId = ? WHERE id = ?')
      .run(retentionDays, tags, kmsKeyId, group.id)
  }

  /** Its events are removed by `sweep`. */
  deleteGroup(group: GroupRow): void {
    this.flush()
    this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM log_streams WHERE groupId = ?').run(group.id)
      this.#db.prepare('DELETE FROM log_groups WHERE id = ?').run(group.id)
    })
  }

  /** By name, after `after`; `pattern` is part of the name, in any case. */
  groups(filter: {
    prefix?: string | undefined
    pattern?: string | undefined
    class?: string | undefined
    after: string
    limit: number
  }): GroupRow[] {
    this.flush()
    const { prefix = '', pattern = '', after, limit } = filter
    return this.#db
      .prepare<[string, number, string, string, string | null, string | null, number], GroupRow>(
        `SELECT * FROM log_groups WHERE name > ? AND substr(name, 1, ?) = ? AND instr(lower(name), lower(?)) > 0
         AND (? IS NULL OR class = ?) ORDER BY name LIMIT ?`,
      )
      .all(after, [...prefix].length, prefix, pattern, filter.class ?? null, filter.class ?? null, limit)
  }

  // ---- streams ----

  stream(group: GroupRow, name: string): StreamRow | undefined {
    return this.#db
      .prepare<[number, string], StreamRow>('SELECT * FROM log_streams WHERE groupId = ? AND name = ?')
      .get(group.id, name)
  }

  createStream(group: GroupRow, name: string): StreamRow {
    const row = this.#db
      .prepare<[number, string, number], StreamRow>(
        `INSERT INTO log_streams (id, groupId, name, createdMs) VALUES (
          (SELECT 1 + max(coalesce((SELECT max(id) FROM log_streams), 0), coalesce((SELECT max(streamId) FROM log_events), 0))),
          ?, ?, ?) RETURNING *`,
      )
      .get(group.id, name, this.#clock.now())
    if (!row) throw new Error('the database did not return the stream')
    return row
  }

  deleteStream(group: GroupRow, stream: StreamRow): void {
    this.flush()
    this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM log_events WHERE streamId = ?').run(stream.id)
      this.#db.prepare('DELETE FROM log_streams WHERE id = ?').run(stream.id)
      this.#db
        .prepare('UPDATE log_groups SET storedBytes = MAX(0, storedBytes - ?) WHERE id = ?')
        .run(stream.storedBytes, group.id)
    })
  }

  /** Ordered by name or by last event; `offset` counts from the first. */
  streams(
    group: GroupRow,
    filter: { prefix?: string | undefined; byTime?: boolean; descending?: boolean; offset: number; limit: number },
  ): StreamRow[] {
    this.flush()
    const { prefix = '', offset, limit } = filter
    const direction = filter.descending === true ? 'DESC' : 'ASC'
    const order = filter.byTime === true ? `COALESCE(lastEventMs, createdMs) ${direction}, name` : `name ${direction}`
    return this.#db
      .prepare<[number, number, string, number, number], StreamRow>(
        `SELECT * FROM log_streams WHERE groupId = ? AND substr(name, 1, ?) = ? ORDER BY ${order} LIMIT ? OFFSET ?`,
      )
      .all(group.id, [...prefix].length, prefix, limit, offset)
  }

  /** Streams by id, for showing an event's stream. */
  streamName(id: number): string {
    return this.#db.prepare<[number], { name: string }>('SELECT name FROM log_streams WHERE id = ?').get(id)?.name ?? ''
  }

  // ---- events ----

  /** Oldest first, after `after`; as many as one answer may carry. */
  eventsAfter(stream: StreamRow, range: EventRange, after: Position, limit: number): EventRow[] {
    this.flush()
    const rows = this.#db
      .prepare<[number, number, number, number, number, number], EventRow>(
        `SELECT * FROM log_events WHERE streamId = ? AND timestamp >= ? AND timestamp < ? AND (timestamp, id) > (?, ?)
         ORDER BY timestamp, id LIMIT ?`,
      )
      .iterate(stream.id, Math.max(range.fromMs, after.timestamp), range.toMs, after.timestamp, after.id, limit)
    return fitPage(rows)
  }

  /** The latest before `before`, oldest first; as many as one answer may carry. */
  eventsBefore(stream: StreamRow, range: EventRange, before: Position, limit: number): EventRow[] {
    this.flush()
    const rows = this.#db
      .prepare<[number, number, number, number, number, number], EventRow>(
        `SELECT * FROM log_events WHERE streamId = ? AND timestamp >= ? AND timestamp < ? AND (timestamp, id) < (?, ?)
         ORDER BY timestamp DESC, id DESC LIMIT ?`,
      )
      .iterate(stream.id, range.fromMs, Math.min(range.toMs, before.timestamp + 1), before.timestamp, before.id, limit)
    return fitPage(rows).reverse()
  }

  /** Of the whole group, oldest first, streams interleaved. */
  groupEvents(group: GroupRow, range: EventRange, after: Position, limit: number): EventRow[] {
    this.flush()
    return this.#db
      .prepare<[number, number, number, number, number, number], EventRow>(
        `SELECT * FROM log_events WHERE groupId = ? AND timestamp >= ? AND timestamp < ? AND (timestamp, id) > (?, ?)
         ORDER BY timestamp, id LIMIT ?`,
      )
      .all(group.id, Math.max(range.fromMs, after.timestamp), range.toMs, after.timestamp, after.id, limit)
  }

  /** Removes some events past their group's retention, or whose group is deleted. True when there may be more. */
  sweep(): boolean {
    const orphaned = this.#db.prepare<[], { groupId: number }>(ORPHANED).get()
    let isMore = orphaned !== undefined
    if (orphaned)
      this.#db
        .prepare(
          'DELETE FROM log_events WHERE id IN (SELECT id FROM log_events WHERE groupId = ? ORDER BY timestamp, id LIMIT ?)',
        )
        .run(orphaned.groupId, SWEEP_ROWS_MAX)
    const groups = this.#db.prepare<[], GroupRow>('SELECT * FROM log_groups WHERE retentionDays IS NOT NULL').all()
    for (const group of groups) {
      const oldest = this.#clock.now() - (group.retentionDays ?? 0) * DAY_MS
      const { changes } = this.#db
        .prepare('DELETE FROM log_events WHERE id IN (SELECT id FROM log_events WHERE groupId = ? AND timestamp < ? LIMIT ?)')
        .run(group.id, oldest, SWEEP_ROWS_MAX)
      if (changes === SWEEP_ROWS_MAX) isMore = true
    }
    return isMore
  }

  // ---- resource policies ----

  putPolicy(name: string, document: string): { name: string; document: string; updatedMs: number } {
    const updatedMs = this.#clock.now()
    this.#db
      .prepare('INSERT OR REPLACE INTO log_policies (name, document, updatedMs) VALUES (?, ?, ?)')
      .run(name, document, updatedMs)
    return { name, document, updatedMs }
  }

  deletePolicy(name: string): boolean {
    return this.#db.prepare('DELETE FROM log_policies WHERE name = ?').run(name).changes > 0
  }

  policies(): { name: string; document: string; updatedMs: number }[] {
    return this.#db
      .prepare<[], { name: string; document: string; updatedMs: number }>('SELECT * FROM log_policies ORDER BY name')
      .all()
  }
}

/** As many of the rows, from the first, as one answer may carry. What is not taken is not read. */
function fitPage(rows: Iterable<EventRow>): EventRow[] {
  const taken: EventRow[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += Buffer.byteLength(row.message)
    if (bytes > PAGE_BYTES_MAX && taken.length > 0) break
    taken.push(row)
  }
  return taken
}
