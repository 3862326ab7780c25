/**
 * Asynchronous invocations: kept in the database until the function has succeeded or its retries are used up, so that an
 * accepted event outlives a restart. After a function error one minute passes before the second attempt, two before the
 * third; throttles are tried again without counting. Source: AWS Lambda developer guide, "How Lambda handles errors and
 * retries with asynchronous invocation".
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { type Ending, OVER, Outbox, type OutboxRow } from '../kit/outbox.ts'

export interface AsyncEvent {
  readonly requestId: string
  readonly functionName: string
  readonly qualifier: string
  readonly payload: Buffer
  readonly clientContext: string | null
}

/** `failed` counts as an attempt; `again` (throttled) does not; `gone`: there is no such function any more. */
export type Attempt = 'done' | 'failed' | 'again' | 'gone'

export interface AsyncEventsOptions {
  readonly database: ServicesDatabase
  readonly clock: Clock
  readonly log: Log
  readonly invoke: (event: AsyncEvent) => Promise<Attempt>
  readonly limits: (event: AsyncEvent) => { retries: number; ageSeconds: number }
  /** Pause before the given retry (1, 2), in milliseconds. */
  readonly retryDelayMs?: (retry: number) => number
}

interface Row extends AsyncEvent, OutboxRow {
  readonly acceptedMs: number
  readonly dueMs: number
}

/** Of one function. */
const SHARE = 16
const THROTTLE_PAUSE_MS = 1000
const RETRY_DELAY_MS = (retry: number): number => retry * 60_000

export class AsyncEvents {
  readonly #options: AsyncEventsOptions
  readonly #outbox: Outbox<Row>

  constructor(options: AsyncEventsOptions) {
    const { database, clock, log } = options
    this.#options = options
    this.#outbox = new Outbox<Row>({
      database,
      clock,
      log,
      table: 'lambda_events',
      columns: ['requestId', 'functionName', 'qualifier', 'payload', 'clientContext', 'acceptedMs', 'dueMs'],
      due: 'dueMs',
      receiver: 'functionName',
      share: SHARE,
      attempt: (row) => this.#attempt(row),
    })
    this.#outbox.pump()
  }

  accept(event: AsyncEvent): void {
    const now = this.#options.clock.now()
    this.#outbox.add({ ...event, acceptedMs: now, dueMs: now })
    this.#outbox.pump()
  }

  close(): void {
    this.#outbox.close()
  }

  async #attempt(row: Row): Promise<Ending> {
    const { clock, log, invoke, limits, retryDelayMs = RETRY_DELAY_MS } = this.#options
    const attempt = await invoke(row)
    if (attempt === 'done') return OVER
    const { retries, ageSeconds } = limits(row)
    const attempts = row.attempts + (attempt === 'failed' ? 1 : 0)
    const isOver = attempt === 'gone' || attempts > retries || clock.now() - row.acceptedMs > ageSeconds * 1000
    if (!isOver && attempt === 'failed') return { kind: 'again', pauseMs: retryDelayMs(attempts), counts: true }
    if (!isOver) return { kind: 'again', pauseMs: THROTTLE_PAUSE_MS, counts: false }
    log.warn('an asynchronous event was given up', { function: row.functionName, requestId: row.requestId, attempts })
    return OVER
  }
}
