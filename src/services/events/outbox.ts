/**
 * What is to be sent to targets: rows of `events_deliveries`, written in the commit that caused them. Each row has an id of its
 * own, under which a target that takes names is called again.
 * Source: EventBridge user guide, "Retry policy" (24 hours, 185 attempts, growing pauses), "Dead-letter queues".
 */
import { growingPause } from '../../base/growing-pause.ts'
import type { JsonObject } from '../../base/json.ts'

import { endingOf } from '../kit/delivery.ts'
import { type Ending, Outbox, type OutboxRow } from '../kit/outbox.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import { buryOfTarget, type Delivery, sendToTarget, type TargetCallers } from './targets.ts'

export type EventsOutboxDeps = Pick<ServiceDeps, 'database' | 'clock' | 'log'> & TargetCallers

/** Of one target. */
const SHARE = 16
/** As in the index. */
const RECEIVER = `coalesce(target ->> 'Arn', '')`
const ATTEMPTS_MAX = 185
const AGE_SECONDS_MAX = 86_400
const PAUSE = { firstMs: 1_000, longestMs: 600_000 }

interface Row extends OutboxRow {
  readonly uuid: string
  readonly target: string
  readonly input: string
  readonly source: string
  readonly made_at: number
  readonly due_at: number
}

export class EventsOutbox {
  readonly #deps: EventsOutboxDeps
  readonly #outbox: Outbox<Row>

  constructor(deps: EventsOutboxDeps) {
    const { database, clock, log } = deps
    this.#deps = deps
    this.#outbox = new Outbox<Row>({
      database,
      clock,
      log,
      table: 'events_deliveries',
      columns: ['uuid', 'target', 'input', 'source', 'made_at', 'due_at'],
      due: 'due_at',
      receiver: RECEIVER,
      share: SHARE,
      attempt: (row) => this.#attempt(row),
    })
  }

  /** Call inside the commit; then `pump()`. `delayMs` lets a flexible window pass. */
  add(one: Delivery, delayMs = 0): void {
    const dueAt = Math.round(this.#deps.clock.now() + delayMs)
    this.#outbox.add({ ...one, target: JSON.stringify(one.target), made_at: dueAt, due_at: dueAt })
  }

  pump(): void {
    this.#outbox.pump()
  }

  close(): void {
    this.#outbox.close()
  }

  async #attempt(row: Row): Promise<Ending> {
    const { clock, log, senders } = this.#deps
    const delivery = { ...row, target: JSON.parse(row.target) as JsonObject }
    const { attemptsMax, ageMsMax } = policyOf(delivery.target)
    return endingOf(await sendToTarget(this.#deps, delivery), {
      pauseMs: () =>
        row.attempts < attemptsMax && clock.now() - row.made_at < ageMsMax ? growingPause(row.attempts + 1, PAUSE) : undefined,
      giveUp: async (reason) => {
        const isKept = await buryOfTarget(senders, delivery)
        log.warn('an event could not be delivered', { source: row.source, reason, isKept })
      },
    })
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
