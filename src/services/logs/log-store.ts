/**
 * Log groups, streams and events in the local database. Appended events are collected for some milliseconds and written in one
 * transaction, which is a quarter of the work of one for each call of a function; every reader first writes what is waiting, so
 * nobody reads behind their own writes. A process that is killed takes what waits with it: nobody was told that it was safe.
 * While there is no room they wait, at most WAITING_BYTES_MAX of them; then the oldest are lost, and that is told.
 * Events of a stream or group are read in the order of their timestamps, then of their arrival.
 */
import { Alarm } from '../../base/alarm.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import type { ServicesDatabase } from '../kit/database.ts'

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

/** An event with the number of its row. */
export interface StoredEvent extends LogEvent {
  readonly id: number
}

/** Hears of events within the commit that stores them. */
export type OnEvents = (group: GroupRow, stream: StreamRow, events: readonly StoredEvent[]) => void

export interface PolicyRow {
  readonly name: string
  readonly document: string
  readonly updatedMs: number
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

/** Bytes that CloudWatch counts for an event besides its message. */
export const EVENT_OVERHEAD_BYTES = 26
/** Some milliseconds' work. */
const SWEEP_ROWS_MAX = 2000
export const PAGE_BYTES_MAX = 1_048_576
const WAITING_BYTES_MAX = 16 * 1024 * 1024
const WRITTEN_AFTER_MS = 10
/** So many are written before that time is over. */
const WRITTEN_AT_BYTES = 1024 * 1024
export const DAY_MS = 86_400_000

const bytesOf = (events: readonly LogEvent[]): number =>
  events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES, 0)

interface Waiting {
  readonly group: string
  readonly stream: string
  readonly events: readonly LogEvent[]
}

export class LogStore {
  readonly #db: ServicesDatabase
  readonly #sql: ReturnType<typeof prepare>
  readonly #clock: Clock
  readonly #log: Log
  readonly #alarm: Alarm
  readonly #onEvents: OnEvents
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #lost = 0

  constructor(db: ServicesDatabase, clock: Clock, log: Log, onEvents: OnEvents = () => {}) {
    this.#onEvents = onEvents
    this.#db = db
    this.#sql = prepare(db)
    this.#clock = clock
    this.#log = log
    this.#alarm = new Alarm({ clock, log, complaint: 'log events could not be written', work: () => this.#write() })
  }

  // ---- appending ----

  /** Kept some milliseconds later, or when somebody reads; group and stream are made when missing. */
  append(group: string, stream: string, events: readonly LogEvent[]): void {
    if (events.length === 0) return
    if (this.#waiting.length === 0) this.#alarm.setFor(this.#clock.now() + WRITTEN_AFTER_MS)
    this.#waiting.push({ group, stream, events })
    this.#waitingBytes += bytesOf(events)
    if (this.#waitingBytes > WRITTEN_AT_BYTES) this.flush()
    while (this.#waitingBytes > WAITING_BYTES_MAX) {
      const { events: oldest } = this.#waiting.shift() ?? { events: [] }
      this.#waitingBytes -= bytesOf(oldest)
      this.#lost += oldest.length
    }
  }

  /** Writes what is waiting. Never throws: what cannot be written waits on. */
  flush(): void {
    if (this.#waiting.length > 0) this.#alarm.ring()
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
      for (const { group, stream, events } of byStream(this.#waiting)) {
        const groupRow = this.#sql.group.get(group) ?? this.createGroup(group)
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
    const bytes = bytesOf(events)
    let first = Number.POSITIVE_INFINITY
    let last = 0
    const stored: StoredEvent[] = []
    for (const { timestamp, message } of events) {
      const { lastInsertRowid } = this.#sql.insertEvent.run(group.id, stream.id, timestamp, now, message)
      stored.push({ id: lastInsertRowid, timestamp, message })
      first = Math.min(first, timestamp)
      last = Math.max(last, timestamp)
    }
    this.#sql.countInStream.run(first, first, last, now, bytes, stream.id)
    this.#sql.countInGroup.run(bytes, group.id)
    this.#onEvents(group, stream, stored)
  }

  // ---- groups ----

  group(name: string): GroupRow | undefined {
    this.flush()
    return this.#sql.group.get(name)
  }

  createGroup(name: string, more: { class?: string; kmsKeyId?: string | undefined; tags?: string } = {}): GroupRow {
    const { class: kind = 'STANDARD', kmsKeyId = null, tags = '{}' } = more
    const row = this.#sql.createGroup.get(name, this.#clock.now(), kind, kmsKeyId, tags)
    if (!row) throw new Error('the database did not return the group')
    return row
  }

  setGroup(group: GroupRow, change: Partial<Pick<GroupRow, 'retentionDays' | 'tags' | 'kmsKeyId'>>): void {
    const { retentionDays, tags, kmsKeyId } = { ...group, ...change }
    this.#sql.setGroup.run(retentionDays, tags, kmsKeyId, group.id)
  }

  /** Its events are removed by `sweep`. */
  deleteGroup(group: GroupRow): void {
    this.flush()
    this.#db.transaction(() => {
      this.#sql.deleteStreams.run(group.id)
      this.#sql.deleteGroup.run(group.id)
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
    const { prefix = '', pattern = '', after, limit, class: kind = null } = filter
    return this.#sql.groups.all(after, [...prefix].length, prefix, pattern, kind, kind, limit)
  }

  // ---- streams ----

  stream(group: GroupRow, name: string): StreamRow | undefined {
    return this.#sql.stream.get(group.id, name)
  }

  createStream(group: GroupRow, name: string): StreamRow {
    const row = this.#sql.createStream.get(group.id, name, this.#clock.now())
    if (!row) throw new Error('the database did not return the stream')
    return row
  }

  deleteStream(group: GroupRow, stream: StreamRow): void {
    this.flush()
    this.#db.transaction(() => {
      this.#sql.deleteEvents.run(stream.id)
      this.#sql.deleteStream.run(stream.id)
      this.#sql.discountInGroup.run(stream.storedBytes, group.id)
    })
  }

  /** Ordered by name or by last event; `offset` counts from the first. */
  streams(
    group: GroupRow,
    filter: { prefix?: string | undefined; byTime?: boolean; descending?: boolean; offset: number; limit: number },
  ): StreamRow[] {
    this.flush()
    const { prefix = '', offset, limit } = filter
    const order = this.#sql.streams[filter.byTime === true ? 'byTime' : 'byName']
    const statement = order[filter.descending === true ? 'descending' : 'ascending']
    return statement.all(group.id, [...prefix].length, prefix, limit, offset)
  }

  /** Streams by id, for showing an event's stream. */
  streamName(id: number): string {
    return this.#sql.streamName.get(id) ?? ''
  }

  // ---- events ----

  /** Oldest first, after `after`; as many as one answer may carry. */
  eventsAfter(stream: StreamRow, range: EventRange, after: Position, limit: number): EventRow[] {
    this.flush()
    const rows = this.#sql.eventsAfter.iterate(
      stream.id,
      Math.max(range.fromMs, after.timestamp),
      range.toMs,
      after.timestamp,
      after.id,
      limit,
    )
    return fitPage(rows)
  }

  /** The latest before `before`, oldest first; as many as one answer may carry. */
  eventsBefore(stream: StreamRow, range: EventRange, before: Position, limit: number): EventRow[] {
    this.flush()
    const rows = this.#sql.eventsBefore.iterate(
      stream.id,
      range.fromMs,
      Math.min(range.toMs, before.timestamp + 1),
      before.timestamp,
      before.id,
      limit,
    )
    return fitPage(rows).reverse()
  }

  /** Of the whole group, oldest first, streams interleaved. */
  groupEvents(group: GroupRow, range: EventRange, after: Position, limit: number): EventRow[] {
    this.flush()
    return this.#sql.groupEvents.all(
      group.id,
      Math.max(range.fromMs, after.timestamp),
      range.toMs,
      after.timestamp,
      after.id,
      limit,
    )
  }

  /** Removes some events past their group's retention, or whose group is deleted. True when there may be more. */
  sweep(): boolean {
    const orphaned = this.#sql.orphaned.get()
    let isMore = orphaned !== undefined
    if (orphaned !== undefined) this.#sql.deleteSome.run(orphaned, SWEEP_ROWS_MAX)
    for (const { id, retentionDays } of this.#sql.groupsWithRetention.all()) {
      const oldest = this.#clock.now() - (retentionDays ?? 0) * DAY_MS
      const { changes } = this.#sql.deleteOld.run(id, oldest, SWEEP_ROWS_MAX)
      if (changes === SWEEP_ROWS_MAX) isMore = true
    }
    return isMore
  }

  // ---- resource policies ----

  putPolicy(name: string, document: string): PolicyRow {
    const updatedMs = this.#clock.now()
    this.#sql.putPolicy.run(name, document, updatedMs)
    return { name, document, updatedMs }
  }

  deletePolicy(name: string): boolean {
    return this.#sql.deletePolicy.run(name).changes > 0
  }

  policies(): PolicyRow[] {
    return this.#sql.policies.all()
  }
}

/** What waits, with all events of a stream together in their order. */
function byStream(waiting: readonly Waiting[]): Iterable<Waiting> {
  const found = new Map<string, { group: string; stream: string; events: LogEvent[] }>()
  for (const { group, stream, events } of waiting) {
    const key = JSON.stringify([group, stream])
    const known = found.get(key)
    if (known) for (const event of events) known.events.push(event)
    else found.set(key, { group, stream, events: [...events] })
  }
  return found.values()
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

type EventQuery = [number, number, number, number, number, number]

const prepareStreams = (db: ServicesDatabase, order: string) =>
  db.prepare<[number, number, string, number, number], StreamRow>(
    `SELECT * FROM log_streams WHERE groupId = ? AND substr(name, 1, ?) = ? ORDER BY ${order} LIMIT ? OFFSET ?`,
  )

/** A number that was used before may still have events that wait to be removed: a new one is higher than all. */
const prepare = (db: ServicesDatabase) => ({
  group: db.prepare<[string], GroupRow>('SELECT * FROM log_groups WHERE name = ?'),
  createGroup: db.prepare<[string, number, string, string | null, string], GroupRow>(
    `INSERT INTO log_groups (id, name, createdMs, class, kmsKeyId, tags) VALUES (
      (SELECT 1 + max(coalesce((SELECT max(id) FROM log_groups), 0), coalesce((SELECT max(groupId) FROM log_events), 0))),
      ?, ?, ?, ?, ?) RETURNING *`,
  ),
  setGroup: db.prepare<[number | null, string, string | null, number]>(
    'UPDATE log_groups SET retentionDays = ?, tags = ?, kmsKeyId = ? WHERE id = ?',
  ),
  deleteGroup: db.prepare<[number]>('DELETE FROM log_groups WHERE id = ?'),
  groups: db.prepare<[string, number, string, string, string | null, string | null, number], GroupRow>(
    `SELECT * FROM log_groups WHERE name > ? AND substr(name, 1, ?) = ? AND instr(lower(name), lower(?)) > 0
     AND (? IS NULL OR class = ?) ORDER BY name LIMIT ?`,
  ),
  groupsWithRetention: db.prepare<[], GroupRow>('SELECT * FROM log_groups WHERE retentionDays IS NOT NULL'),
  countInGroup: db.prepare<[number, number]>('UPDATE log_groups SET storedBytes = storedBytes + ? WHERE id = ?'),
  discountInGroup: db.prepare<[number, number]>('UPDATE log_groups SET storedBytes = MAX(0, storedBytes - ?) WHERE id = ?'),
  stream: db.prepare<[number, string], StreamRow>('SELECT * FROM log_streams WHERE groupId = ? AND name = ?'),
  createStream: db.prepare<[number, string, number], StreamRow>(
    `INSERT INTO log_streams (id, groupId, name, createdMs) VALUES (
      (SELECT 1 + max(coalesce((SELECT max(id) FROM log_streams), 0), coalesce((SELECT max(streamId) FROM log_events), 0))),
      ?, ?, ?) RETURNING *`,
  ),
  deleteStream: db.prepare<[number]>('DELETE FROM log_streams WHERE id = ?'),
  deleteStreams: db.prepare<[number]>('DELETE FROM log_streams WHERE groupId = ?'),
  streams: {
    byName: { ascending: prepareStreams(db, 'name ASC'), descending: prepareStreams(db, 'name DESC') },
    byTime: {
      ascending: prepareStreams(db, 'COALESCE(lastEventMs, createdMs) ASC, name'),
      descending: prepareStreams(db, 'COALESCE(lastEventMs, createdMs) DESC, name'),
    },
  },
  streamName: db.prepareValue<[number], string>('SELECT name FROM log_streams WHERE id = ?'),
  countInStream: db.prepare<[number, number, number, number, number, number]>(
    `UPDATE log_streams SET firstEventMs = MIN(COALESCE(firstEventMs, ?), ?), lastEventMs = MAX(COALESCE(lastEventMs, 0), ?),
     lastIngestionMs = ?, storedBytes = storedBytes + ? WHERE id = ?`,
  ),
  insertEvent: db.prepare<[number, number, number, number, string]>(
    'INSERT INTO log_events (groupId, streamId, timestamp, ingestionMs, message) VALUES (?, ?, ?, ?, ?)',
  ),
  eventsAfter: db.prepare<EventQuery, EventRow>(
    `SELECT * FROM log_events WHERE streamId = ? AND timestamp >= ? AND timestamp < ? AND (timestamp, id) > (?, ?)
     ORDER BY timestamp, id LIMIT ?`,
  ),
  eventsBefore: db.prepare<EventQuery, EventRow>(
    `SELECT * FROM log_events WHERE streamId = ? AND timestamp >= ? AND timestamp < ? AND (timestamp, id) < (?, ?)
     ORDER BY timestamp DESC, id DESC LIMIT ?`,
  ),
  groupEvents: db.prepare<EventQuery, EventRow>(
    `SELECT * FROM log_events WHERE groupId = ? AND timestamp >= ? AND timestamp < ? AND (timestamp, id) > (?, ?)
     ORDER BY timestamp, id LIMIT ?`,
  ),
  deleteEvents: db.prepare<[number]>('DELETE FROM log_events WHERE streamId = ?'),
  orphaned: db.prepareValue<[], number>(`
    WITH RECURSIVE each (groupId) AS (
      SELECT min(groupId) FROM log_events
      UNION ALL SELECT (SELECT min(groupId) FROM log_events WHERE groupId > each.groupId) FROM each WHERE each.groupId IS NOT NULL)
    SELECT groupId FROM each WHERE groupId IS NOT NULL AND groupId NOT IN (SELECT id FROM log_groups) LIMIT 1`),
  deleteSome: db.prepare<[number, number]>(
    'DELETE FROM log_events WHERE id IN (SELECT id FROM log_events WHERE groupId = ? ORDER BY timestamp, id LIMIT ?)',
  ),
  deleteOld: db.prepare<[number, number, number]>(
    'DELETE FROM log_events WHERE id IN (SELECT id FROM log_events WHERE groupId = ? AND timestamp < ? LIMIT ?)',
  ),
  putPolicy: db.prepare<[string, string, number]>(
    'INSERT OR REPLACE INTO log_policies (name, document, updatedMs) VALUES (?, ?, ?)',
  ),
  deletePolicy: db.prepare<[string]>('DELETE FROM log_policies WHERE name = ?'),
  policies: db.prepare<[], PolicyRow>('SELECT * FROM log_policies ORDER BY name'),
})
