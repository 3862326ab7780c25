/**
 * One connection that is made when it is needed, and anew when it has broken. Statements go out at once, one behind the other,
 * and are answered in their order.
 * 1. Nothing is asked twice: whatever was under way when the connection broke rejects, and may have been done or not.
 * 2. While no connection can be had, what is asked rejects at once with the reason; one is tried after a growing pause.
 * 3. A server that has become a standby, or goes down, is left.
 * 4. Where somebody cancels the wait of a commit for a standby, it is on that server alone, and would be lost with it: it is as if
 *    the answer had been lost. Whoever reads it back does so after a commit that has waited (group-commit.ts, 3).
 */
import type pg from 'pg'

import { systemClock } from '../../base/clock.ts'
import { type Deferred, deferred } from '../../base/deferred.ts'
import { growingPause } from '../../base/growing-pause.ts'

import type { Given, RowReader } from '../../sqlite/row.ts'

import { discard } from './connect.ts'
import { ConnectionError, isConnectionLost, reasonOf, sqlStateOf } from './failure.ts'
import type { SqlValue } from './shape.ts'
import { type Statement, tableOf } from './statement.ts'
import { escapeText } from './text.ts'

const PAUSE = { firstMs: 50, longestMs: 2_000 }
const CLOSE_MS = 2_000

export type Query = <R>(statement: Statement<R>, ...values: readonly SqlValue[]) => Promise<readonly R[]>

export class Channel {
  readonly #connect: () => Promise<pg.Client>
  #client: pg.Client | undefined
  #connecting: Promise<pg.Client> | undefined
  #failures = 0
  #lastError: unknown
  #tryAt = 0
  #isClosed = false
  #waiting = 0
  readonly #doubted = new WeakSet<pg.Client>()
  readonly #readers = new WeakMap<Statement<unknown>, (row: readonly unknown[]) => unknown>()
  #transactions: Promise<unknown> = Promise.resolve()
  #idle: Deferred<void> | undefined

  constructor(connect: () => Promise<pg.Client>) {
    this.#connect = connect
  }

  /** How many statements wait for their answer. */
  get load(): number {
    return this.#waiting
  }

  get isConnected(): boolean {
    return this.#client !== undefined
  }

  /** Connects now, whatever the pause. Rejects with a ConnectionError whose cause is what the server, or the network, says. */
  async open(): Promise<void> {
    this.#tryAt = 0
    await this.#connected()
  }

  readonly query: Query = async (statement, ...values) => {
    const client = this.#client ?? (await this.#connected())
    return this.#ask(client, statement, values)
  }

  /**
   * All that `work` asks, or nothing; one at a time. What the caller asks of the channel beside it would be part of it: a channel
   * that makes transactions makes nothing else.
   */
  async transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const before = this.#transactions
    const done = deferred<void>()
    this.#transactions = done.promise
    await before
    try {
      const client = this.#client ?? (await this.#connected())
      return await this.#transact(client, work)
    } finally {
      done.resolve()
    }
  }

  /** Waits for what was asked, for some seconds; then the connection is cut. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#connecting?.catch(() => {})
    const client = this.#client
    this.#client = undefined
    if (!client) return
    const over = deferred<void>()
    const alarm = systemClock.after(CLOSE_MS, () => over.resolve())
    if (this.#waiting > 0) await Promise.race([(this.#idle = deferred<void>()).promise, over.promise])
    await Promise.race([client.end().catch(() => {}), over.promise])
    alarm.cancel()
    client.connection.stream.destroy()
  }

  async #transact<T>(client: pg.Client, work: (query: Query) => Promise<T>): Promise<T> {
    const tell = (text: string) => this.#send(client, { text })
    await tell('BEGIN')
    let made: T
    try {
      made = await work((statement, ...values) => this.#ask(client, statement, values))
    } catch (error) {
      await tell('ROLLBACK').catch(() => this.#drop(client))
      throw error
    }
    await tell('COMMIT')
    return made
  }

  async #ask<R>(client: pg.Client, statement: Statement<R>, values: readonly SqlValue[]): Promise<readonly R[]> {
    const { text, name } = statement
    const { fields, rows } = await this.#send(client, { text, name, values: values.map(toWire) })
    return rows.length === 0 ? [] : rows.map(this.#readerOf(statement, fields))
  }

  async #send(
    client: pg.Client,
    config: Pick<pg.QueryConfig, 'text' | 'name' | 'values'>,
  ): Promise<pg.QueryArrayResult<unknown[]>> {
    this.#waiting++
    try {
      const result = await client.query<unknown[]>({ ...config, rowMode: 'array' })
      if (this.#doubted.has(client)) throw new Error('the wait for a standby was cancelled')
      return result
    } catch (error) {
      const told = sqlStateOf(error) === undefined ? new ConnectionError(reasonOf(error), { cause: error }) : error
      if (isConnectionLost(told)) this.#drop(client)
      throw told
    } finally {
      if (--this.#waiting === 0) this.#idle?.resolve()
    }
  }

  #readerOf<R>(statement: Statement<R>, fields: readonly { readonly name: string }[]): (row: readonly unknown[]) => R {
    const known = this.#readers.get(statement)
    if (known) return known as (row: readonly unknown[]) => R // kept under its own statement
    const table = tableOf(statement)
    const given: readonly Given[] = fields.map(({ name }) => ({ name, table }))
    const reader: RowReader<R> = statement.reader
    const made = reader(given)
    this.#readers.set(statement, made)
    return made
  }

  #connected(): Promise<pg.Client> {
    if (this.#isClosed) return Promise.reject(new Error('the store is closed'))
    if (this.#client) return Promise.resolve(this.#client)
    if (this.#connecting) return this.#connecting
    if (systemClock.elapsed() < this.#tryAt) return Promise.reject(noConnection(this.#lastError))
    this.#connecting = this.#begin().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #begin(): Promise<pg.Client> {
    try {
      const client = await this.#connect()
      this.#failures = 0
      client.once('end', () => this.#drop(client))
      client.once('error', () => this.#drop(client))
      client.on('notice', ({ routine }) => void (routine === 'SyncRepWaitForLSN' && this.#doubted.add(client)))
      this.#client = client
      return client
    } catch (error) {
      this.#failures++
      this.#lastError = error
      this.#tryAt = systemClock.elapsed() + growingPause(this.#failures, PAUSE)
      throw new ConnectionError(reasonOf(error), { cause: error })
    }
  }

  #drop(client: pg.Client): void {
    if (this.#client !== client) return
    this.#client = undefined
    discard(client)
  }
}

const noConnection = (cause: unknown) =>
  new ConnectionError(`there is no connection to PostgreSQL: ${reasonOf(cause)}`, { cause })

function toWire(value: SqlValue): string | Buffer | null {
  if (value === null || value instanceof Buffer) return value
  return typeof value === 'string' ? escapeText(value) : String(value)
}
