/**
 * Deliveries that are due: rows of `sns_deliveries`, stored in the commit that takes a message, removed when it arrived.
 * 1. A row is removed only after the endpoint took the message, was found gone for good, or has been tried to the end:
 *    at least once, over crashes too.
 * 2. Rows of one lane (a group of a FIFO topic to one subscription) leave one after another, in their order.
 * 3. At most CONCURRENCY are under way; one alarm waits for the next that is due.
 * Source: Amazon SNS developer guide, "Amazon SNS message delivery retries".
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import type { LocalDatabase } from '../database.ts'

export interface Delivery {
  readonly id: number
  readonly subscriptionArn: string
  /** Printed by the sender that will carry it (see senders.ts). */
  readonly payload: string
  readonly attempts: number
}

export type SendResult = { readonly kind: 'delivered' } | { readonly kind: 'again' | 'refused'; readonly reason: string }

export interface OutboxDeps {
  readonly database: LocalDatabase
  readonly clock: Clock
  readonly log: Log
  readonly send: (delivery: Delivery) => Promise<SendResult>
  /** Milliseconds to wait before the next attempt; undefined gives the delivery up. */
  readonly pauseBefore: (delivery: Delivery) => number | undefined
  readonly giveUp: (delivery: Delivery, reason: string) => Promise<void>
}

const CONCURRENCY = 32

interface Row {
  id: number
  subscription_arn: string
  payload: string
  attempts: number
}

export class Outbox {
  readonly #deps: OutboxDeps
  readonly #underWay = new Set<number>()
  #alarm: { cancel(): void } | undefined
  #isClosed = false

  constructor(deps: OutboxDeps) {
    this.#deps = deps
    deps.database.exec(`
      CREATE TABLE IF NOT EXISTS sns_deliveries (
        id INTEGER PRIMARY KEY AUTOINCREMENT, subscription_arn TEXT NOT NULL, lane TEXT, payload TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS sns_deliveries_due ON sns_deliveries (due_at, id);
      CREATE INDEX IF NOT EXISTS sns_deliveries_lane ON sns_deliveries (lane, id) WHERE lane IS NOT NULL;`)
  }

  /** Call inside the commit of the message; then `pump()`. */
  add(subscriptionArn: string, payload: string, lane: string | undefined): void {
    this.#deps.database
      .prepare('INSERT INTO sns_deliveries (subscription_arn, lane, payload, due_at) VALUES (?, ?, ?, ?)')
      .run(subscriptionArn, lane ?? null, payload, this.#deps.clock.now())
  }

  /** Starts what is due. */
  pump(): void {
    if (this.#isClosed) return
    const free = CONCURRENCY - this.#underWay.size
    if (free > 0) {
      const rows = this.#deps.database
        .prepare(
          `SELECT id, subscription_arn, payload, attempts FROM sns_deliveries d WHERE due_at <= ? AND
            (lane IS NULL OR id = (SELECT min(id) FROM sns_deliveries e WHERE e.lane = d.lane))
            ORDER BY due_at, id LIMIT ?`,
        )
        .all(this.#deps.clock.now(), CONCURRENCY * 2) as Row[]
      for (const row of rows.filter(({ id }) => !this.#underWay.has(id)).slice(0, free)) void this.#carry(row)
    }
    this.#setAlarm()
  }

  async #carry(row: Row): Promise<void> {
    const { id, subscription_arn: subscriptionArn, payload, attempts } = row
    const delivery = { id, subscriptionArn, payload, attempts }
    this.#underWay.add(id)
    try {
      const result = await this.#deps.send(delivery)
      if (!this.#isClosed) await this.#settle(delivery, result)
    } catch (error) {
      this.#deps.log.error('an SNS delivery failed unexpectedly', { subscriptionArn, error })
      if (!this.#isClosed) await this.#settle(delivery, { kind: 'again', reason: String(error) })
    } finally {
      this.#underWay.delete(id)
      this.pump()
    }
  }

  async #settle(delivery: Delivery, result: SendResult): Promise<void> {
    const { database, clock, log } = this.#deps
    if (result.kind === 'again') {
      const pause = this.#deps.pauseBefore(delivery)
      if (pause !== undefined) {
        log.debug('an SNS delivery will be tried again', {
          ...delivery,
          payload: undefined,
          reason: result.reason,
          pauseMs: pause,
        })
        database
          .prepare('UPDATE sns_deliveries SET attempts = attempts + 1, due_at = ? WHERE id = ?')
          .run(clock.now() + pause, delivery.id)
        return
      }
    }
    if (result.kind !== 'delivered') await this.#deps.giveUp(delivery, result.reason)
    if (this.#isClosed) return
    database.prepare('DELETE FROM sns_deliveries WHERE id = ?').run(delivery.id)
  }

  #setAlarm(): void {
    this.#alarm?.cancel()
    this.#alarm = undefined
    const { database, clock } = this.#deps
    const next = database.prepare('SELECT min(due_at) AS at FROM sns_deliveries WHERE due_at > ?').get(clock.now()) as {
      at: number | null
    }
    if (next.at !== null) this.#alarm = clock.after(next.at - clock.now(), () => this.pump())
  }

  /** What is under way may end unheard; its rows stay and are sent again at the next start. */
  close(): void {
    this.#isClosed = true
    this.#alarm?.cancel()
  }
}
