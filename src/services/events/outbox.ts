/**
 * What is to be sent to targets: rows of `events_deliveries`, written in the commit that caused them. Each row has an id of its
 * own, under which a target that takes names is called again.
 * Source: EventBridge user guide, "Retry policy" (24 hours, 185 attempts, growing pauses), "Dead-letter queues".
 */
import type { Clock } from '../../base/clock.ts'
import { growingPause } from '../../base/growing-pause.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import type { LocalDatabase } from '../database.ts'
import { type Ending, OVER, Outbox } from '../outbox.ts'
import type { SendResult } from '../targets.ts'

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

export interface EventsOutboxDeps {
  readonly database: LocalDatabase
  readonly clock: Clock
  readonly log: Log
  readonly send: (delivery: Delivery) => Promise<SendResult>
  /** To the target's dead-letter queue. True where it took it. */
  readonly bury: (delivery: Delivery, reason: string) => Promise<boolean>
}

/** Of one target. */
const SHARE = 16
const RECEIVER = `coalesce(target ->> 'Arn', '')`
const ATTEMPTS_MAX = 185
const AGE_SECONDS_MAX = 86_400
const PAUSE = { firstMs: 1_000, longestMs: 600_000 }

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS events_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL, target TEXT NOT NULL, input TEXT NOT NULL, source TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, made_at INTEGER NOT NULL, due_at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS events_deliveries_due ON events_deliveries (due_at, id);
  CREATE INDEX IF NOT EXISTS events_deliveries_receiver ON events_deliveries (${RECEIVER}, due_at, id);`

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
  readonly #deps: EventsOutboxDeps
  readonly #outbox: Outbox<Row>

  constructor(deps: EventsOutboxDeps) {
    const { database, clock, log } = deps
    this.#deps = deps
    database.exec(SCHEMA)
    this.#outbox = new Outbox<Row>({
      database,
      clock,
      log,
      table: 'events_deliveries',
      due: 'due_at',
      receiver: RECEIVER,
      share: SHARE,
      attempt: (row) => this.#attempt(row),
    })
  }

  /** Call inside the commit; then `pump()`. `delayMs` lets a flexible window pass. */
  add(one: Omit<Delivery, 'id' | 'attempts'>, delayMs = 0): void {
    const dueAt = Math.round(this.#deps.clock.now() + delayMs)
    this.#deps.database
      .prepare('INSERT INTO events_deliveries (uuid, target, input, source, made_at, due_at) VALUES (?, ?, ?, ?, ?, ?)')
      .run(one.uuid, JSON.stringify(one.target), one.input, one.source, dueAt, dueAt)
  }

  pump(): void {
    this.#outbox.pump()
  }

  close(): void {
    this.#outbox.close()
  }

  async #attempt(row: Row): Promise<Ending> {
    const { clock, log, send, bury } = this.#deps
    const delivery = { ...row, target: JSON.parse(row.target) as JsonObject }
    const result = await send(delivery)
    if (result.kind === 'delivered') return OVER
    const { attemptsMax, ageMsMax } = policyOf(delivery.target)
    if (result.kind === 'again' && row.attempts < attemptsMax && clock.now() - row.made_at < ageMsMax) {
      return { kind: 'again', pauseMs: growingPause(row.attempts + 1, PAUSE), counts: true }
    }
    const isKept = await bury(delivery, result.reason)
    log.warn('an event could not be delivered', { source: row.source, reason: result.reason, isKept })
    return OVER
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
