/**
 * Asynchronous invocations: kept in the database until the function has succeeded or its retries are used up, so that an
 * accepted event outlives a restart. After a function error one minute passes before the second attempt, two before the
 * third; throttles are tried again without counting. Source: AWS Lambda developer guide, "How Lambda handles errors and
 * retries with asynchronous invocation".
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import type { LocalDatabase } from '../database.ts'

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
  readonly database: LocalDatabase
  readonly clock: Clock
  readonly log: Log
  readonly invoke: (event: AsyncEvent) => Promise<Attempt>
  readonly limits: (event: AsyncEvent) => { retries: number; ageSeconds: number }
  /** Pause before the given retry (1, 2), in milliseconds. */
  readonly retryDelayMs?: (retry: number) => number
}

interface Row extends AsyncEvent {
  readonly id: number
  readonly attempts: number
  readonly acceptedMs: number
}

const IN_FLIGHT_MAX = 64
const THROTTLE_PAUSE_MS = 1000
const RETRY_DELAY_MS = (retry: number): number => retry * 60_000

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS lambda_events (
    id INTEGER PRIMARY KEY, requestId TEXT NOT NULL, functionName TEXT NOT NULL, qualifier TEXT NOT NULL,
    payload BLOB NOT NULL, clientContext TEXT, attempts INTEGER NOT NULL, acceptedMs INTEGER NOT NULL, dueMs INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS lambda_events_due ON lambda_events (dueMs);`

export class AsyncEvents {
  readonly #options: AsyncEventsOptions
  readonly #inFlight = new Set<number>()
  #alarm: { cancel(): void } | undefined
  #isClosed = false

  constructor(options: AsyncEventsOptions) {
    this.#options = options
    options.database.exec(SCHEMA)
    this.#wake()
  }

  accept(event: AsyncEvent): void {
    const now = this.#options.clock.now()
    this.#options.database
      .prepare(
        'INSERT INTO lambda_events (requestId, functionName, qualifier, payload, clientContext, attempts, acceptedMs, dueMs) VALUES (?, ?, ?, ?, ?, 0, ?, ?)',
      )
      .run(event.requestId, event.functionName, event.qualifier, event.payload, event.clientContext, now, now)
    this.#wake()
  }

  /** Attempts under way are tried again after the next start. */
  close(): void {
    this.#isClosed = true
    this.#alarm?.cancel()
  }

  #wake(): void {
    if (this.#isClosed) return
    this.#alarm?.cancel()
    const { database, clock } = this.#options
    const rows = database
      .prepare<[number], Row & { dueMs: number }>('SELECT * FROM lambda_events ORDER BY dueMs, id LIMIT ?')
      .all(IN_FLIGHT_MAX * 2)
      .filter((row) => !this.#inFlight.has(row.id))
    for (const row of rows) {
      if (this.#inFlight.size >= IN_FLIGHT_MAX) return
      if (row.dueMs > clock.now()) {
        this.#alarm = clock.after(row.dueMs - clock.now(), () => this.#wake())
        return
      }
      this.#inFlight.add(row.id)
      void this.#attempt(row)
    }
  }

  async #attempt(row: Row): Promise<void> {
    const attempt = await this.#options.invoke(row).catch((error: unknown): Attempt => {
      this.#options.log.error('an asynchronous invocation failed', { function: row.functionName, error })
      return 'failed'
    })
    if (this.#isClosed) return
    this.#settle(row, attempt)
    this.#inFlight.delete(row.id)
    this.#wake()
  }

  #settle(row: Row, attempt: Attempt): void {
    const { database, clock, log, limits, retryDelayMs = RETRY_DELAY_MS } = this.#options
    const now = clock.now()
    const { retries, ageSeconds } = limits(row)
    const attempts = row.attempts + (attempt === 'failed' ? 1 : 0)
    const isOver = attempt === 'done' || attempt === 'gone' || attempts > retries || now - row.acceptedMs > ageSeconds * 1000
    if (!isOver) {
      const dueMs = now + (attempt === 'failed' ? retryDelayMs(attempts) : THROTTLE_PAUSE_MS)
      database.prepare('UPDATE lambda_events SET attempts = ?, dueMs = ? WHERE id = ?').run(attempts, dueMs, row.id)
      return
    }
    if (attempt !== 'done')
      log.warn('an asynchronous event was given up', { function: row.functionName, requestId: row.requestId, attempts })
    database.prepare('DELETE FROM lambda_events WHERE id = ?').run(row.id)
  }
}
