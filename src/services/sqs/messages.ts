/**
 * Messages at rest: rows of `sqs_messages`. A message is visible when `visible_at` has come; it is in flight when it was
 * received (`receipt` set) and `visible_at` is still ahead; delayed when it never was.
 * 1. A FIFO group with a message in flight gives out no other message.
 * 2. A message received `maxReceiveCount` times moves to the dead-letter queue instead of being received again.
 * Source: Amazon SQS developer guide, "Visibility timeout", "FIFO delivery logic", "Dead-letter queues".
 */
import { randomBytes } from 'node:crypto'

import type { Instant } from '../../base/time.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import type { MessageAttributes } from './digest.ts'
import { parseAttributes, printAttributes } from './message-attributes.ts'

export interface NewMessage {
  readonly messageId: string
  readonly body: string
  readonly attributes: MessageAttributes
  readonly traceHeader: string | undefined
  readonly groupId: string | undefined
  readonly deduplicationId: string | undefined
  readonly sentAt: Instant
  readonly visibleAt: number
  readonly expiresAt: number
}

export interface StoredMessage extends NewMessage {
  readonly id: number
  /** From this queue. */
  readonly receiveCount: number
  /** From the queues that it lay in before. */
  readonly receivedBefore: number
  readonly firstReceivedAt: number | undefined
  readonly receipt: string | undefined
  readonly sourceArn: string | undefined
}

export interface Counts {
  readonly visible: number
  readonly inFlight: number
  readonly delayed: number
}

interface Row {
  id: number
  message_id: string
  body: string
  attributes: string
  trace_header: string | null
  group_id: string | null
  deduplication_id: string | null
  sent_at: number
  visible_at: number
  expires_at: number
  receive_count: number
  received_before: number
  first_received_at: number | null
  receipt: string | null
  source_arn: string | null
}

/** How far into a FIFO queue a receive looks for a group that is free. AWS has such a bound too (20,000). */
const FIFO_LOOKAHEAD = 20_000
export const DEDUPLICATION_MS = 5 * 60_000
/** What one sweep removes: some milliseconds. */
const SWEEP_ROWS = 2_000

export class Messages {
  readonly #db: ServicesDatabase
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase) {
    this.#db = database
    this.#sql = prepare(database)
  }

  /** Runs `work` in one commit. */
  atomically<T>(work: () => T): T {
    return this.#db.transaction(work)
  }

  /** Runs `work` in one commit with others of this turn of the event loop. What wakes others has to wait for it. */
  inGroup<T>(work: () => T): Promise<T> {
    return this.#db.inGroup(work)
  }

  /** Returns the row's number, which grows with every message: the FIFO order. `from` is the queue that gave it up. */
  add(queue: number, m: NewMessage, from?: { readonly arn: string; readonly receiveCount: number }): number {
    return this.#sql.insert.run(
      queue,
      m.messageId,
      m.body,
      printAttributes(m.attributes),
      m.traceHeader ?? null,
      m.groupId ?? null,
      m.deduplicationId ?? null,
      m.sentAt,
      m.visibleAt,
      m.expiresAt,
      from?.arn ?? null,
      from?.receiveCount ?? 0,
    ).lastInsertRowid
  }

  /** The message that was sent with this deduplication id in the last five minutes, if any. */
  findDuplicate(queue: number, scope: string, dedup: string, now: Instant): { messageId: string; id: number } | undefined {
    const row = this.#sql.duplicate.get(queue, scope, dedup, now) as { message_id: string; row: number } | undefined
    return row && { messageId: row.message_id, id: row.row }
  }

  rememberDuplicate(queue: number, scope: string, dedup: string, messageId: string, id: number, now: Instant): void {
    this.#sql.forgetDuplicates.run(now)
    this.#sql.rememberDuplicate.run(queue, scope, dedup, messageId, id, now + DEDUPLICATION_MS)
  }

  /** Visible messages that may be received now, in the order in which they should be, at most `limit`. */
  receivable(queue: number, isFifo: boolean, now: Instant, limit: number): readonly StoredMessage[] {
    this.#sql.expire.run(queue, now)
    const rows = isFifo ? this.#receivableFifo(queue, now, limit) : (this.#sql.receivable.all(queue, now, limit) as Row[])
    return rows.map(toMessage)
  }

  /** As many as possible of the group whose turn it is, then of the next one. */
  #receivableFifo(queue: number, now: Instant, limit: number): readonly Row[] {
    const rows: Row[] = []
    const groups: string[] = []
    while (rows.length < limit) {
      const found = this.#sql.freeGroup.get(queue, FIFO_LOOKAHEAD, now, JSON.stringify(groups)) as
        | { group_id: string }
        | undefined
      if (!found) break
      groups.push(found.group_id)
      rows.push(...(this.#sql.ofGroup.all(queue, found.group_id, limit - rows.length) as Row[]))
    }
    return rows
  }

  /** Marks one as in flight until `visibleAt`; returns its new receipt. */
  take(message: StoredMessage, visibleAt: number, now: Instant): string {
    const receipt = randomBytes(12).toString('base64url')
    this.#sql.take.run(visibleAt, now, receipt, message.id)
    return receipt
  }

  /** Moves a message to another queue, keeping its id, its age and what was said in it. */
  move(message: StoredMessage, queue: number, sourceArn: string, expiresAt: number, now: Instant): void {
    this.#sql.remove.run(message.id)
    const receiveCount = message.receiveCount + message.receivedBefore
    this.add(queue, { ...message, visibleAt: now, expiresAt }, { arn: sourceArn, receiveCount })
  }

  find(queue: number, id: number): StoredMessage | undefined {
    const row = this.#sql.find.get(id, queue) as Row | undefined
    return row && toMessage(row)
  }

  /** Messages of a queue as they lie, oldest first, after the row `after`. Nothing about them changes. */
  peek(queue: number, after: number, now: Instant, limit: number): readonly StoredMessage[] {
    return (this.#sql.peek.all(queue, after, now, limit) as Row[]).map(toMessage)
  }

  remove(id: number): void {
    this.#sql.remove.run(id)
  }

  setVisibleAt(id: number, visibleAt: number): void {
    this.#sql.setVisibleAt.run(visibleAt, id)
  }

  /** Removes some messages of queues that are no more. True when there are more. */
  sweep(): boolean {
    const orphaned = this.#sql.orphaned.get() as { queue: number } | undefined
    if (orphaned) this.#sql.removeSome.run(orphaned.queue, SWEEP_ROWS)
    return orphaned !== undefined
  }

  /** When the next invisible message turns visible, if there is one. */
  nextVisibleAt(queue: number, now: Instant): number | undefined {
    const row = this.#sql.nextVisible.get(queue, now) as { at: number | null }
    return row.at ?? undefined
  }

  count(queue: number, now: Instant): Counts {
    return this.#sql.count.get(now, now, now, queue, now) as Counts
  }
}

const prepare = (db: ServicesDatabase) => ({
  insert: db.prepare(`INSERT INTO sqs_messages
    (queue, message_id, body, attributes, trace_header, group_id, deduplication_id, sent_at, visible_at, expires_at, source_arn,
    received_before)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  duplicate: db.prepare(
    'SELECT message_id, row FROM sqs_deduplication WHERE queue = ? AND scope = ? AND dedup = ? AND until > ?',
  ),
  rememberDuplicate: db.prepare('INSERT OR REPLACE INTO sqs_deduplication VALUES (?, ?, ?, ?, ?, ?)'),
  forgetDuplicates: db.prepare('DELETE FROM sqs_deduplication WHERE until <= ?'),
  expire: db.prepare('DELETE FROM sqs_messages WHERE queue = ? AND expires_at <= ?'),
  receivable: db.prepare('SELECT * FROM sqs_messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?'),
  freeGroup: db.prepare(`
    SELECT group_id FROM
      (SELECT id, queue, group_id FROM sqs_messages WHERE queue = ? AND group_id IS NOT NULL ORDER BY id LIMIT ?) m
    WHERE NOT EXISTS (SELECT 1 FROM sqs_messages b WHERE b.queue = m.queue AND b.group_id = m.group_id AND b.visible_at > ?)
      AND group_id NOT IN (SELECT value FROM json_each(?))
    ORDER BY id LIMIT 1`),
  ofGroup: db.prepare('SELECT * FROM sqs_messages WHERE queue = ? AND group_id = ? ORDER BY id LIMIT ?'),
  take: db.prepare(`UPDATE sqs_messages SET visible_at = ?, first_received_at = coalesce(first_received_at, ?), receipt = ?,
    receive_count = receive_count + 1 WHERE id = ?`),
  find: db.prepare('SELECT * FROM sqs_messages WHERE id = ? AND queue = ?'),
  peek: db.prepare('SELECT * FROM sqs_messages WHERE queue = ? AND id > ? AND expires_at > ? ORDER BY id LIMIT ?'),
  remove: db.prepare('DELETE FROM sqs_messages WHERE id = ?'),
  setVisibleAt: db.prepare('UPDATE sqs_messages SET visible_at = ? WHERE id = ?'),
  orphaned: db.prepare(`
    WITH RECURSIVE each (queue) AS (
      SELECT min(queue) FROM sqs_messages
      UNION ALL SELECT (SELECT min(queue) FROM sqs_messages WHERE queue > each.queue) FROM each WHERE each.queue IS NOT NULL)
    SELECT queue FROM each WHERE queue IS NOT NULL AND queue NOT IN (SELECT id FROM sqs_queues) LIMIT 1`),
  removeSome: db.prepare(
    'DELETE FROM sqs_messages WHERE id IN (SELECT id FROM sqs_messages WHERE queue = ? ORDER BY visible_at, id LIMIT ?)',
  ),
  nextVisible: db.prepare('SELECT min(visible_at) AS at FROM sqs_messages WHERE queue = ? AND visible_at > ?'),
  count: db.prepare(`
    SELECT count(*) FILTER (WHERE visible_at <= ?) AS visible,
      count(*) FILTER (WHERE visible_at > ? AND receipt IS NOT NULL) AS inFlight,
      count(*) FILTER (WHERE visible_at > ? AND receipt IS NULL) AS delayed
    FROM sqs_messages WHERE queue = ? AND expires_at > ?`),
})

const toMessage = (row: Row): StoredMessage => ({
  id: row.id,
  messageId: row.message_id,
  body: row.body,
  attributes: parseAttributes(row.attributes),
  traceHeader: row.trace_header ?? undefined,
  groupId: row.group_id ?? undefined,
  deduplicationId: row.deduplication_id ?? undefined,
  sentAt: row.sent_at as Instant,
  visibleAt: row.visible_at,
  expiresAt: row.expires_at,
  receiveCount: row.receive_count,
  receivedBefore: row.received_before,
  firstReceivedAt: row.first_received_at ?? undefined,
  receipt: row.receipt ?? undefined,
  sourceArn: row.source_arn ?? undefined,
})
