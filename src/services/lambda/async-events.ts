/**
 * Asynchronous invocations: kept in the database until the function has succeeded or its retries are used up, so that an
 * accepted event outlives a restart. After a function error one minute passes before the second attempt, two before the
 * third; throttles are tried again without counting. What came of it is told before the event goes.
 * Source: AWS Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
 */
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { type Ending, OVER, Outbox, type OutboxRow } from '../kit/outbox.ts'

import type { InvocationResult } from './results.ts'

export interface AsyncEvent {
  readonly requestId: string
  readonly functionName: string
  readonly qualifier: string
  readonly payload: Buffer
  readonly clientContext: string | null
}

type LastRun = NonNullable<InvocationResult['last']>

/** `failed` counts as an attempt; `again` (throttled) does not; `gone`: there is no such function any more. */
export type Attempt =
  | { readonly kind: 'done' | 'failed'; readonly run: LastRun }
  | { readonly kind: 'again' | 'gone' }
  /** No event is taken: its function has a reserved concurrency of 0. */
  | { readonly kind: 'shut' }

export interface EventEnd {
  readonly event: AsyncEvent
  readonly condition: InvocationResult['condition']
  readonly invokeCount: number
  readonly last?: LastRun | undefined
}

export interface AsyncEventsOptions {
  readonly database: ServicesDatabase
  readonly clock: Clock
  readonly log: Log
  readonly invoke: (event: AsyncEvent) => Promise<Attempt>
  readonly limits: (event: AsyncEvent) => { retries: number; ageSeconds: number }
  /** Hears of the end of each event, before it goes. */
  readonly tell: (end: EventEnd) => void
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
      // A row gives its bytes as they are, without what a Buffer can do.
      attempt: (row) => this.#attempt({ ...row, payload: Buffer.from(row.payload) }),
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
    const { clock, invoke, limits, retryDelayMs = RETRY_DELAY_MS } = this.#options
    const attempt = await invoke(row)
    const attempts = row.attempts + (attempt.kind === 'done' || attempt.kind === 'failed' ? 1 : 0)
    if (attempt.kind === 'done') return this.#end(row, { condition: 'Success', invokeCount: attempts, last: attempt.run })
    if (attempt.kind === 'gone') return this.#giveUp(row, attempts)
    if (attempt.kind === 'shut')
      return this.#giveUp(row, attempts, { condition: 'ZeroReservedConcurrency', invokeCount: attempts })
    const { retries, ageSeconds } = limits(row)
    const last = attempt.kind === 'failed' ? attempt.run : undefined
    if (attempts > retries) return this.#giveUp(row, attempts, { condition: 'RetriesExhausted', invokeCount: attempts, last })
    if (clock.now() - row.acceptedMs > ageSeconds * 1000)
      return this.#giveUp(row, attempts, { condition: 'EventAgeExceeded', invokeCount: attempts, last })
    return attempt.kind === 'failed'
      ? { kind: 'again', pauseMs: retryDelayMs(attempts), counts: true }
      : { kind: 'again', pauseMs: THROTTLE_PAUSE_MS, counts: false }
  }

  #giveUp(row: Row, attempts: number, end?: Omit<EventEnd, 'event'>): Ending {
    const { functionName, requestId } = row
    this.#options.log.warn('an asynchronous event was given up', { function: functionName, requestId, attempts })
    return end ? this.#end(row, end) : OVER
  }

  #end(event: Row, end: Omit<EventEnd, 'event'>): Ending {
    this.#options.tell({ event, ...end })
    return OVER
  }
}
