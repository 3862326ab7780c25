/**
 * Handles of wait conditions, and the signals that were put at their links. A signal is told apart by its `UniqueId`: one that
 * comes again is the same one. The time of whoever waits is written when he begins, so that a restart does not prolong it.
 * Source: CloudFormation user guide, "Create wait conditions in a CloudFormation template".
 */
import { getOwn } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'
import type { Clock } from '../../base/clock.ts'

import { integer, oneOf, row, type RowOf, text } from '../../sqlite/row.ts'
import { WireError } from '../../wire/errors.ts'

import { applySchema, type ServicesDatabase } from '../kit/database.ts'

import { isSecret, newSecret } from './link.ts'
import { LINK_SCHEMA } from './link-schema.ts'
import { News } from './news.ts'

export interface SignalLinksDeps {
  readonly database: ServicesDatabase
  readonly clock: Clock
}

const SIGNAL = row({ uniqueId: text, status: oneOf('SUCCESS', 'FAILURE'), reason: text, data: text })
export type Signal = RowOf<typeof SIGNAL>

const HANDLE = row({ secret: text, expiresMs: integer })

/** Twice as long as anybody may wait. */
const LIFETIME_MS = 24 * 3_600_000
const SIGNAL_BYTES_MAX = 4096
/** Of one handle. */
const SIGNALS_MAX = 10_000

export class SignalLinks {
  readonly #deps: SignalLinksDeps
  readonly #sql: ReturnType<typeof prepare>
  readonly #news: News

  constructor(deps: SignalLinksDeps) {
    applySchema(deps.database, LINK_SCHEMA)
    this.#deps = deps
    this.#sql = prepare(deps.database)
    this.#news = new News(deps.clock)
  }

  /** The secret of its link, the same however often it is opened. */
  open(id: string): string {
    const known = this.#sql.handle.get(id)
    if (known) return known.secret
    const secret = newSecret()
    this.#sql.insertHandle.run(id, secret, this.#deps.clock.now() + LIFETIME_MS)
    return secret
  }

  isKnown(id: string, secret: string): boolean {
    const handle = this.#sql.handle.get(id)
    return handle !== undefined && handle.expiresMs > this.#deps.clock.now() && isSecret(secret, handle.secret)
  }

  /** Throws a refusal of S3's kind for what is no signal: its sender is told at once. Of a handle that is gone none is kept. */
  put(handleId: string, body: Buffer | undefined): void {
    const signal = readSignal(body)
    if (this.#sql.handle.get(handleId) === undefined) return
    if ((this.#sql.count.get(handleId) ?? 0) >= SIGNALS_MAX) throw refusal('The handle has got as many signals as it takes.')
    this.#sql.insertSignal.run(handleId, signal.uniqueId, handleId, signal.status, signal.reason, signal.data)
    this.#news.tell(handleId)
  }

  /** In the order in which they came. */
  signalsOf(handleId: string): Signal[] {
    return this.#sql.signals.all(handleId)
  }

  /** When the wait is over: `timeoutMs` after it was first begun. */
  dueMsOf(handleId: string, waitId: string, timeoutMs: number): number {
    this.#sql.beginWait.run(waitId, this.#deps.clock.now() + timeoutMs, handleId, waitId)
    return this.#sql.dueMs.get(handleId) ?? 0
  }

  /** Resolves when there is another signal, or at `dueMs`. Rejects with the signal's reason. */
  news(handleId: string, dueMs: number, signal: AbortSignal): Promise<void> {
    return this.#news.of(handleId, dueMs, signal)
  }

  remove(handleId: string): void {
    this.#deps.database.transaction(() => {
      this.#sql.removeSignals.run(handleId)
      this.#sql.removeHandle.run(handleId)
    })
  }
}

function readSignal(body: Buffer | undefined): Signal {
  if (body === undefined || body.length > SIGNAL_BYTES_MAX) throw refusal(`A signal has at most ${SIGNAL_BYTES_MAX} bytes.`)
  const given = objectOf(body.toString('utf8'))
  const [status, uniqueId, reason = '', data = ''] = ['Status', 'UniqueId', 'Reason', 'Data'].map((name) =>
    given === undefined ? undefined : getOwn(given, name),
  )
  if ((status !== 'SUCCESS' && status !== 'FAILURE') || typeof uniqueId !== 'string' || uniqueId === '')
    throw refusal('A signal is a JSON object with Status (SUCCESS or FAILURE), UniqueId, Reason and Data.')
  return { status, uniqueId, reason: asText(reason), data: asText(data) }
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const refusal = (message: string): WireError => new WireError(400, 'InvalidRequest', message)

const prepare = (database: ServicesDatabase) => ({
  handle: database.prepare<[string], RowOf<typeof HANDLE>>('SELECT * FROM cloudformation_handles WHERE id = ?', HANDLE),
  insertHandle: database.prepare<[string, string, number]>(
    'INSERT INTO cloudformation_handles (id, secret, expiresMs) VALUES (?, ?, ?)',
  ),
  removeHandle: database.prepare<[string]>('DELETE FROM cloudformation_handles WHERE id = ?'),
  beginWait: database.prepare<[string, number, string, string]>(
    'UPDATE cloudformation_handles SET waitId = ?, dueMs = ? WHERE id = ? AND waitId IS NOT ?',
  ),
  dueMs: database.prepareValue<[string], number>('SELECT dueMs FROM cloudformation_handles WHERE id = ?', integer),
  count: database.prepareValue<[string], number>('SELECT count(*) FROM cloudformation_signals WHERE handleId = ?', integer),
  insertSignal: database.prepare<[string, string, string, string, string, string]>(
    `INSERT OR IGNORE INTO cloudformation_signals (handleId, uniqueId, seq, status, reason, data)
     VALUES (?, ?, (SELECT count(*) FROM cloudformation_signals WHERE handleId = ?), ?, ?, ?)`,
  ),
  signals: database.prepare<[string], Signal>(
    'SELECT uniqueId, status, reason, data FROM cloudformation_signals WHERE handleId = ? ORDER BY seq',
    SIGNAL,
  ),
  removeSignals: database.prepare<[string]>('DELETE FROM cloudformation_signals WHERE handleId = ?'),
})
