/**
 * What is to be sent: rows of a table, written in the commit that caused them, by a service that promised their delivery.
 *
 * 1. A row goes only after its attempt came to an end that is final: at least once, over crashes and full disks too.
 * 2. What an attempt came to is kept until it is written. A row whose result is not written is not tried again.
 * 3. Each receiver has a share of what is under way, and receivers take turns: one that hangs, or is flooded, delays itself.
 * 4. Rows of a receiver that wants order leave one after another, as they were written.
 * 5. Nothing is begun while results cannot be written: a full disk makes no pile of work.
 */
import { Alarm } from '../../base/alarm.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import type { SqlValue } from '../../sqlite/statement.ts'

import type { ServicesDatabase } from './database.ts'

/** What an attempt came to: over, or to be tried again after a pause, which counts as an attempt or not. */
export type Ending = { readonly kind: 'over' } | { readonly kind: 'again'; readonly pauseMs: number; readonly counts: boolean }

export const OVER: Ending = { kind: 'over' }

export interface OutboxRow {
  readonly id: number
  readonly attempts: number
}

/** What a row holds besides its number and its attempts. */
type Column<R extends OutboxRow> = Exclude<keyof R, keyof OutboxRow> & string

export interface OutboxOptions<R extends OutboxRow> {
  readonly database: ServicesDatabase
  readonly clock: Clock
  readonly log: Log
  /** Has the columns `id` and `attempts`, an index over receiver, due and id, and one over due. */
  readonly table: string
  /** All others. */
  readonly columns: readonly Column<R>[]
  /** SQL expressions over a row: when it is due, for whom it is. */
  readonly due: string
  readonly receiver: string
  readonly isOrdered?: (receiver: string) => boolean
  /** Attempts under way for one receiver. */
  readonly share: number
  /** What it throws is told; the row is tried again. */
  readonly attempt: (row: R) => Promise<Ending>
}

const UNDER_WAY_MAX = 128
/** After an attempt that threw: that is our own fault and no failure of the receiver's, and it may well last. */
const FAULT_PAUSE_MS = 30_000

interface UnderWay {
  readonly receiver: string
  /** Set when the attempt has ended and its row does not say so yet. */
  ending?: Ending
}

export class Outbox<R extends OutboxRow> {
  readonly #options: OutboxOptions<R>
  readonly #alarm: Alarm
  readonly #underWay = new Map<number, UnderWay>()
  readonly #busy = new Map<string, number>()
  readonly #sql: ReturnType<typeof prepare<R>>
  #lastReceiver = ''
  #isPumpDue = false
  #isClosed = false

  constructor(options: OutboxOptions<R>) {
    this.#options = options
    this.#sql = prepare(options)
    const { clock, log, table } = options
    this.#alarm = new Alarm({ clock, log, complaint: `what waits in ${table} could not be carried on`, work: () => this.#work() })
  }

  /** Call inside the commit of what caused it; then `pump()`. */
  add(row: Readonly<Record<Column<R>, SqlValue>>): void {
    this.#sql.insert.run(...this.#options.columns.map((column) => row[column]))
  }

  /** Carries on with what is due, once for all who ask in this turn of the event loop. Never throws. */
  pump(): void {
    if (this.#isPumpDue) return
    this.#isPumpDue = true
    setImmediate(() => {
      this.#isPumpDue = false
      this.#alarm.ring()
    })
  }

  /** Writes what has ended. What is still under way ends unheard; its rows stay and are tried again at the next start. Once. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#alarm.close()
    try {
      this.#settle()
    } catch (error) {
      this.#options.log.warn(`what waits in ${this.#options.table} will be tried again`, { error: String(error) })
    }
  }

  #work(): void {
    this.#settle()
    const now = this.#options.clock.now()
    for (const receiver of this.#receivers(now)) {
      if (this.#underWay.size >= UNDER_WAY_MAX) break
      this.#lastReceiver = receiver
      for (const row of this.#startable(receiver, now)) void this.#carry(row, receiver)
    }
    this.#alarm.setFor(this.#sql.next.get(now) ?? undefined)
  }

  /** Those who have something due, beginning after the one that was served last. */
  #receivers(now: number): string[] {
    const all = this.#sql.receivers.all(now)
    const start = all.findIndex((receiver) => receiver > this.#lastReceiver)
    return start < 0 ? all : [...all.slice(start), ...all.slice(0, start)]
  }

  /** Due rows of one receiver that are not under way, as far as its share and the whole allow. */
  #startable(receiver: string, now: number): R[] {
    const busy = this.#busy.get(receiver) ?? 0
    if (this.#options.isOrdered?.(receiver) === true) return busy > 0 ? [] : this.#sql.first.all(receiver, now)
    const free = Math.min(this.#options.share - busy, UNDER_WAY_MAX - this.#underWay.size)
    if (free <= 0) return []
    const rows = this.#sql.rows.all(receiver, now, free + busy)
    return rows.filter(({ id }) => !this.#underWay.has(id)).slice(0, free)
  }

  async #carry(row: R, receiver: string): Promise<void> {
    const one: UnderWay = { receiver }
    this.#underWay.set(row.id, one)
    this.#busy.set(receiver, (this.#busy.get(receiver) ?? 0) + 1)
    one.ending = await this.#options.attempt(row).catch((error: unknown): Ending => {
      this.#options.log.error(`an attempt of ${this.#options.table} failed unexpectedly`, { receiver, error: String(error) })
      return { kind: 'again', pauseMs: FAULT_PAUSE_MS, counts: false }
    })
    this.pump()
  }

  /** Writes what attempts came to, in one commit. Throws where there is no room for it: they are under way until then. */
  #settle(): void {
    const ended = [...this.#underWay].flatMap(([id, { receiver, ending }]) => (ending ? [{ id, receiver, ending }] : []))
    if (ended.length === 0) return
    const now = this.#options.clock.now()
    this.#options.database.transaction(() => {
      for (const { id, ending } of ended) {
        if (ending.kind === 'over') this.#sql.remove.run(id)
        else this.#sql.delay.run(ending.counts ? 1 : 0, now + ending.pauseMs, id)
      }
    })
    for (const { id, receiver } of ended) {
      this.#underWay.delete(id)
      const left = (this.#busy.get(receiver) ?? 1) - 1
      if (left > 0) this.#busy.set(receiver, left)
      else this.#busy.delete(receiver)
    }
  }
}

/** Receivers are found by leaping from one to the next over the index, however many rows each has. */
const prepare = <R extends OutboxRow>({ database, table, columns, due, receiver }: OutboxOptions<R>) => ({
  insert: database.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}, attempts) VALUES (${columns.map(() => '?').join(', ')}, 0)`,
  ),
  receivers: database.prepareValue<[number], string>(`
    WITH RECURSIVE each (receiver) AS (
      SELECT min(${receiver}) FROM ${table}
      UNION ALL SELECT (SELECT min(${receiver}) FROM ${table} WHERE ${receiver} > each.receiver) FROM each WHERE each.receiver IS NOT NULL)
    SELECT receiver FROM each WHERE receiver IS NOT NULL
      AND EXISTS (SELECT 1 FROM ${table} WHERE ${receiver} = each.receiver AND ${due} <= ?)`),
  rows: database.prepare<[string, number, number], R>(
    `SELECT * FROM ${table} WHERE ${receiver} = ? AND ${due} <= ? ORDER BY ${due}, id LIMIT ?`,
  ),
  first: database.prepare<[string, number], R>(
    `SELECT * FROM (SELECT * FROM ${table} WHERE ${receiver} = ? ORDER BY id LIMIT 1) WHERE ${due} <= ?`,
  ),
  next: database.prepareValue<[number], number | null>(`SELECT min(${due}) FROM ${table} WHERE ${due} > ?`),
  delay: database.prepare<[number, number, number]>(`UPDATE ${table} SET attempts = attempts + ?, ${due} = ? WHERE id = ?`),
  remove: database.prepare<[number]>(`DELETE FROM ${table} WHERE id = ?`),
})
