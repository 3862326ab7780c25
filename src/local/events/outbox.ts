/**
 * What is to be sent to targets: rows of `events_deliveries`, written in the commit that caused them.
 * 1. A row goes only after its target took it, refused it for good, or was tried for as long as its policy says: at least once,
 *    over crashes too. Each row has an id of its own, under which a target that takes names is called again.
 * 2. At most CONCURRENCY are under way; one alarm waits for the next that is due.
 * Source: EventBridge user guide, "Retry policy" (24 hours, 185 attempts, growing pauses), "Dead-letter queues".
 */
import type { Clock } from '../../base/clock.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import type { LocalDatabase } from '../database.ts'

export interface Delivery {
  readonly id: number
  /** A UUID, the same at each attempt. */
  readonly uuid: string
  /** As PutTargets or CreateSchedule was given it. */
  readonly target: JsonObject
  readonly input: string
  /** The rule or the schedule. */
  readonly source: string
  readonly attempts: number
}

export type SendResult = { readonly kind: 'delivered' } | { readonly kind: 'again' | 'refused'; readonly reason: string }

export interface OutboxDeps {
  readonly database: LocalDatabase
  readonly clock: Clock
  readonly log: Log
  readonly send: (delivery: Delivery) => Promise<SendResult>
  /** To the target's dead-letter queue. True where it took it. */
  readonly bury: (delivery: Delivery, reason: string) => Promise<boolean>
}

const CONCURRENCY = 32
const ATTEMPTS_MAX = 185
const AGE_SECONDS_MAX = 86_400
const PAUSE_MS_MAX = 600_000

interface Row {
  readonly id: number
  readonly uuid: string
  readonly target: string
  readonly input: string
  readonly source: string
  readonly attempts: number
  readonly made_at: number
}

export class EventsOutbox {
  readonly #deps: OutboxDeps
  readonly #underWay = new Set<number>()
  #alarm: { cancel(): void } | undefined
  #isClosed = false

  constructor(deps: OutboxDeps) {
    this.#deps = deps
    deps.database.exec(`
      CREATE TABLE IF NOT EXISTS events_deliveries (
        id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL, target TEXT NOT NULL, input TEXT NOT NULL, source TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, made_at INTEGER NOT NULL, due_at INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS events_deliveries_due ON events_deliveries (due_at, id);`)
  }

  /** Call inside the commit; then `pump()`. `delayMs` lets a flexible window pass. */
  add(one: Omit<Delivery, 'id' | 'attempts'>, delayMs = 0): void {
    const now = this.#deps.clock.now()
    this.#deps.database
      .prepare('INSERT INTO events_deliveries (uuid, target, input, source, made_at, due_at) VALUES (?, ?, ?, ?, ?, ?)')
      .run(one.uuid, JSON.stringify(one.target), one.input, one.source, now + delayMs, now + delayMs)
  }

  /** Starts what is due. */
  pump(): void {
    if (this.#isClosed) return
    const { database, clock } = this.#deps
    const free = CONCURRENCY - this.#underWay.size
    if (free > 0) {
      const rows = database
        .prepare('SELECT * FROM events_deliveries WHERE due_at <= ? ORDER BY due_at, id LIMIT ?')
        .all(clock.now(), CONCURRENCY * 2) as Row[]
      for (const row of rows.filter(({ id }) => !this.#underWay.has(id)).slice(0, free)) void this.#carry(row)
    }
    this.#alarm?.cancel()
    const next = database.prepare('SELECT min(due_at) AS at FROM events_deliveries WHERE due_at > ?').get(clock.now()) as {
      at: number | null
    }
    this.#alarm = next.at === null ? undefined : clock.after(next.at - clock.now(), () => this.pump())
  }

  async #carry(row: Row): Promise<void> {
    const delivery = { ...row, target: JSON.parse(row.target) as JsonObject }
    this.#underWay.add(row.id)
    try {
      const result = await this.#deps.send(delivery)
      if (!this.#isClosed) await this.#settle(delivery, row.made_at, result)
    } catch (error) {
      this.#deps.log.error('an event could not be sent', { source: row.source, error })
      if (!this.#isClosed) await this.#settle(delivery, row.made_at, { kind: 'again', reason: String(error) })
    } finally {
      this.#underWay.delete(row.id)
      this.pump()
    }
  }

  async #settle(delivery: Delivery, madeAt: number, result: SendResult): Promise<void> {
    const { database, clock, log } = this.#deps
    const now = clock.now()
    const { attemptsMax, ageMsMax } = policyOf(delivery.target)
    if (result.kind === 'again' && delivery.attempts < attemptsMax && now - madeAt < ageMsMax) {
      const pauseMs = Math.min(PAUSE_MS_MAX, 1_000 * 2 ** Math.min(delivery.attempts, 20))
      database
        .prepare('UPDATE events_deliveries SET attempts = attempts + 1, due_at = ? WHERE id = ?')
        .run(now + pauseMs, delivery.id)
      return
    }
    if (result.kind !== 'delivered') {
      const isKept = await this.#deps.bury(delivery, result.reason)
      log.warn('an event could not be delivered', { source: delivery.source, reason: result.reason, isKept })
    }
    if (!this.#isClosed) database.prepare('DELETE FROM events_deliveries WHERE id = ?').run(delivery.id)
  }

  /** What is under way may end unheard; its rows stay and are sent again at the next start. */
  close(): void {
    this.#isClosed = true
    this.#alarm?.cancel()
  }
}

function policyOf(target: JsonObject): { attemptsMax: number; ageMsMax: number } {
  const policy = (target['RetryPolicy'] ?? {}) as { MaximumRetryAttempts?: unknown; MaximumEventAgeInSeconds?: unknown }
  const whole = (value: unknown, max: number) => (typeof value === 'number' && value >= 0 && value < max ? value : max)
  return {
    attemptsMax: whole(policy.MaximumRetryAttempts, ATTEMPTS_MAX),
    ageMsMax: whole(policy.MaximumEventAgeInSeconds, AGE_SECONDS_MAX) * 1_000,
  }
}
