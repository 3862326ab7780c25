/**
 * What was asked of custom resources, and what came of it. Invariants:
 * 1. A request is written before it is sent: after a crash it is found again, with the same link and the same time.
 * 2. The first outcome counts and stays: an answer, one that is too long to be read, or silence until the time was over.
 * 3. It is kept until the operation that asked is over: whoever asks for it twice is told the same.
 * Answers may hold secrets, so they are sealed.
 * Source: CloudFormation user guide, "Custom resource response objects" (4096 bytes).
 */
import type { Clock } from '../../base/clock.ts'

import { flag, integer, nullable, oneOf, row, type RowOf, text } from '../../sqlite/row.ts'

import { applySchema, type ServicesDatabase } from '../kit/database.ts'
import type { Seal } from '../seal.ts'

import { isSecret, newSecret } from './link.ts'
import { LINK_SCHEMA } from './link-schema.ts'
import { News } from './news.ts'

export interface ResponseLinksDeps {
  readonly database: ServicesDatabase
  readonly clock: Clock
  readonly seal: Seal
}

export interface NewRequest {
  readonly id: string
  readonly operationId: string
  readonly timeoutMs: number
}

export type RequestOutcome = { readonly kind: 'answered'; readonly text: string } | { readonly kind: 'tooLong' | 'silent' }

const ANSWER_BYTES_MAX = 4096

const REQUEST = row({
  id: text,
  secret: text,
  dueMs: integer,
  isSent: flag,
  outcome: nullable(oneOf('answered', 'tooLong', 'silent')),
  answer: nullable(text),
})
export type OpenRequest = Pick<RowOf<typeof REQUEST>, 'id' | 'secret' | 'dueMs' | 'isSent'>

export class ResponseLinks {
  readonly #deps: ResponseLinksDeps
  readonly #sql: ReturnType<typeof prepare>
  readonly #news: News

  constructor(deps: ResponseLinksDeps) {
    applySchema(deps.database, LINK_SCHEMA)
    this.#deps = deps
    this.#sql = prepare(deps.database)
    this.#news = new News(deps.clock)
  }

  /** The request as it was first opened. Its time runs from then. */
  open({ id, operationId, timeoutMs }: NewRequest): OpenRequest {
    const fresh = { id, secret: newSecret(), dueMs: this.#deps.clock.now() + timeoutMs, isSent: false }
    const known = this.#sql.get.get(id)
    if (known === undefined) this.#sql.insert.run(id, operationId, fresh.secret, fresh.dueMs)
    return known ?? fresh
  }

  noteSent(id: string): void {
    this.#sql.noteSent.run(id)
  }

  /** What comes of a request that is open. Rejects with the signal's reason; the request stays open then. */
  async outcomeOf(id: string, signal: AbortSignal): Promise<RequestOutcome> {
    for (;;) {
      const found = this.#sql.get.get(id)
      if (found === undefined) return { kind: 'silent' }
      if (found.outcome === 'answered') return { kind: 'answered', text: this.#deps.seal.open(found.answer ?? '', placeOf(id)) }
      if (found.outcome !== null) return { kind: found.outcome }
      if (this.#deps.clock.now() >= found.dueMs) this.#sql.end.run('silent', null, id)
      else await this.#news.of(id, found.dueMs, signal)
    }
  }

  isKnown(id: string, secret: string): boolean {
    return isSecret(secret, this.#sql.get.get(id)?.secret ?? '')
  }

  /** An answer to a request that is known; undefined where it was not worth reading to its end. */
  answer(id: string, body: Buffer | undefined): void {
    if (body === undefined || body.length > ANSWER_BYTES_MAX) this.#sql.end.run('tooLong', null, id)
    else this.#sql.end.run('answered', this.#deps.seal.close(body.toString('utf8'), placeOf(id)), id)
    this.#news.tell(id)
  }

  /** An operation is over, and all that it asked recorded. */
  forget(operationId: string): void {
    this.#sql.forget.run(operationId)
  }
}

const placeOf = (id: string): string => `cloudformation/${id}`

const prepare = (database: ServicesDatabase) => ({
  get: database.prepare<[string], RowOf<typeof REQUEST>>('SELECT * FROM cloudformation_requests WHERE id = ?', REQUEST),
  insert: database.prepare<[string, string, string, number]>(
    'INSERT INTO cloudformation_requests (id, operationId, secret, dueMs, isSent) VALUES (?, ?, ?, ?, 0)',
  ),
  noteSent: database.prepare<[string]>('UPDATE cloudformation_requests SET isSent = 1 WHERE id = ?'),
  end: database.prepare<[string, string | null, string]>(
    'UPDATE cloudformation_requests SET outcome = ?, answer = ?, isSent = 1 WHERE id = ? AND outcome IS NULL',
  ),
  forget: database.prepare<[string]>('DELETE FROM cloudformation_requests WHERE operationId = ?'),
})
