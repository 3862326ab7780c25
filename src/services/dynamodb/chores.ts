/**
 * Work on many items that is done behind the answer, in pieces between which others have their turn: filling an index, saying anew
 * when items are over, removing what is left of tables and indexes. What is to be done is a row until it is done: the next process
 * goes on. Beside it, on its own account: items that are over, and stream records that are old.
 * Source: Amazon DynamoDB developer guide, "Time to Live (TTL)", "Managing Global Secondary Indexes".
 */
import { Alarm } from '../../base/alarm.ts'
import type { JsonObject } from '../../base/json.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import { type ItemStore, LAST_KEY } from './item-store.ts'
import { NO_RANGE } from './key-bytes.ts'
import type { StreamRecords } from './stream-records.ts'
import { keyBytesOf, listAt, type Table, textAt } from './table.ts'
import type { TableStore } from './table-store.ts'

export type ChoreKind = 'fill' | 'expiry' | 'dropIndex' | 'dropTable'

export type ChoresDeps = Pick<ServiceDeps, 'clock' | 'log'> & {
  readonly database: ServicesDatabase
  readonly store: TableStore
  readonly items: ItemStore
  readonly streams: StreamRecords
}

interface Chore {
  readonly id: number
  readonly kind: ChoreKind
  readonly table_id: number
  readonly index_id: number
  readonly hash: Uint8Array
  readonly range: Uint8Array
}

/** Items at a time. */
const PIECE = 500
/** Items that are over are looked for as often at most; AWS takes days. */
const EXPIRY_PAUSE_MS = 1_000
const TRIM_MS = 600_000
/** What is older by so much is not taken for a time at all. */
const EXPIRY_AGE_MAX_S = 5 * 365 * 86_400
const BY_EXPIRY = { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' }

export class Chores {
  readonly #deps: ChoresDeps
  readonly #sql
  readonly #alarm: Alarm
  #trimAt = 0

  constructor(deps: ChoresDeps) {
    this.#deps = deps
    const { clock, log, database } = deps
    this.#sql = {
      add: database.prepare<[string, number, number, Buffer, Buffer]>(
        'INSERT INTO dynamodb_chore (kind, table_id, index_id, hash, range) VALUES (?, ?, ?, ?, ?)',
      ),
      next: database.prepare<[], Chore>('SELECT * FROM dynamodb_chore ORDER BY id LIMIT 1'),
      move: database.prepare<[Buffer, Buffer, number]>('UPDATE dynamodb_chore SET hash = ?, range = ? WHERE id = ?'),
      done: database.prepare<[number]>('DELETE FROM dynamodb_chore WHERE id = ?'),
      dropItems: database.prepare<[number, number]>(
        'DELETE FROM dynamodb_item WHERE id IN (SELECT id FROM dynamodb_item WHERE table_id = ? LIMIT ?)',
      ),
      dropEntries: database.prepare<[number, number, number]>(
        `DELETE FROM dynamodb_entry WHERE index_id = ? AND (hash, range, item_hash, item_range) IN
        (SELECT hash, range, item_hash, item_range FROM dynamodb_entry WHERE index_id = ? LIMIT ?)`,
      ),
      forgetTokens: database.prepare<[number]>('DELETE FROM dynamodb_token WHERE until <= ?'),
    }
    this.#alarm = new Alarm({ clock, log, complaint: 'tables of DynamoDB could not be tended', work: () => this.#work() })
  }

  /** Inside the transaction of what causes it; then `ring()`. */
  add(kind: ChoreKind, tableId: number, indexId: number): void {
    this.#sql.add.run(kind, tableId, indexId, NO_RANGE, NO_RANGE)
  }

  /** Soon, behind the answer. */
  ring(): void {
    setImmediate(() => this.#alarm.ring())
  }

  /** An item that may be over some time was written. */
  expectExpiry(): void {
    const soon = this.#deps.clock.now() + EXPIRY_PAUSE_MS
    if (soon < this.#nextAt) this.#setFor(soon)
  }

  close(): void {
    this.#alarm.close()
  }

  #nextAt = Number.POSITIVE_INFINITY

  #setFor(at: number): void {
    this.#nextAt = at
    this.#alarm.setFor(at)
  }

  #work(): void {
    const { clock, items } = this.#deps
    const now = clock.now()
    const isBusy = this.#doPiece() || this.#removeExpired(now)
    const isFull = now >= this.#trimAt && this.#trim(now)
    if (isBusy || isFull) return this.#setFor(clock.now() + 1)
    const expiry = items.nextExpiry(Math.floor(now / 1000) - EXPIRY_AGE_MAX_S)
    const due = expiry === undefined ? Number.POSITIVE_INFINITY : Math.max((expiry + 1) * 1000, now + EXPIRY_PAUSE_MS)
    this.#setFor(Math.min(due, this.#trimAt))
  }

  #trim(now: number): boolean {
    this.#sql.forgetTokens.run(now)
    const isMore = this.#deps.streams.trim(PIECE)
    if (!isMore) this.#trimAt = now + TRIM_MS
    return isMore
  }

  /** Whether there may be more to do. */
  #doPiece(): boolean {
    const chore = this.#sql.next.get()
    if (!chore) return false
    this.#deps.store.transaction(() => {
      if (this.#carryOn(chore)) this.#sql.done.run(chore.id)
    })
    return true
  }

  /** Whether the chore is done. */
  #carryOn(chore: Chore): boolean {
    switch (chore.kind) {
      case 'dropTable':
        return this.#sql.dropItems.run(chore.table_id, PIECE).changes === 0
      case 'dropIndex':
        return this.#sql.dropEntries.run(chore.index_id, chore.index_id, PIECE).changes === 0
      case 'fill':
      case 'expiry':
        return this.#walk(chore)
    }
  }

  #walk(chore: Chore): boolean {
    const { store, items } = this.#deps
    const table = store.findById(chore.table_id)
    const index = table?.indexes.find(({ id }) => id === chore.index_id)
    if (!table || (chore.kind === 'fill' && !index)) return true
    let last: { hash: Buffer; range: Buffer } | undefined
    let seen = 0
    const found = []
    for (const { item } of items.scan(table, { hash: Buffer.from(chore.hash), range: Buffer.from(chore.range) }, LAST_KEY)) {
      found.push(item)
      if (++seen === PIECE) break
    }
    for (const item of found) {
      if (index) items.addEntry(table, index, item)
      else items.setExpiry(table, item)
      last = keyBytesOf(table, item)
    }
    if (last && seen === PIECE) {
      this.#sql.move.run(last.hash, last.range, chore.id)
      return false
    }
    if (index) store.update(table, { ...table.record, description: filled(table, index.name) })
    return true
  }

  /** As many as are deleted at a time; whether there may be more. */
  #removeExpired(now: number): boolean {
    const { store, items } = this.#deps
    const seconds = Math.floor(now / 1000)
    const expired = items.expired(seconds - EXPIRY_AGE_MAX_S, seconds, PIECE)
    if (expired.length === 0) return false
    store.transaction(() => {
      for (const { tableId, item } of expired) {
        const table = store.findById(tableId)
        if (!table) continue
        const key = keyBytesOf(table, item)
        const before = items.get(table, key)
        if (before) items.write(table, key, before, undefined, BY_EXPIRY)
      }
    })
    return expired.length === PIECE
  }
}

function filled(table: Table, name: string): JsonObject {
  const { description } = table.record
  const GlobalSecondaryIndexes = listAt(description, 'GlobalSecondaryIndexes').map((index) => {
    if (textAt(index, 'IndexName') !== name) return index
    const { Backfilling: _, ...rest } = index
    return { ...rest, IndexStatus: 'ACTIVE' }
  })
  return { ...description, GlobalSecondaryIndexes }
}
