/**
 * Items and the entries of indexes, as rows. An entry names its item by the item's key; what an index shows of an item is taken
 * from the item itself, so that an index is never behind.
 * Whatever is written belongs to the transaction in which it is called; counts and the table's stream are written with it.
 */
import type { SqlValue } from '../../sqlite/statement.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import { attributeOf, decimalOf, type Item, itemBytes } from './attribute-value.ts'
import { printDecimal } from './decimal.ts'
import { NO_RANGE } from './key-bytes.ts'
import type { StreamRecords, WriterIdentity } from './stream-records.ts'
import { entryOf, type Index, keyBytesOf, type KeyBytes, type Table } from './table.ts'

export interface StoredItem {
  readonly item: Item
  readonly bytes: number
}

/** A stretch of keys: from `lower` on, up to `upper`, which is not in it. */
export interface Bounds {
  readonly lower: Buffer
  readonly upper: Buffer
}

interface Row {
  readonly item: string
  readonly bytes: number
}

/** Greater than every key. */
export const LAST_KEY = Buffer.alloc(2100, 0xff)

const ITEM = 'item, bytes'
const JOINED = `SELECT i.item, i.bytes FROM dynamodb_entry AS e
  JOIN dynamodb_item AS i ON i.table_id = ? AND i.hash = e.item_hash AND i.range = e.item_range
  WHERE e.index_id = ?`

export class ItemStore {
  readonly #sql
  readonly #streams: StreamRecords

  constructor(database: ServicesDatabase, streams: StreamRecords) {
    const prepare = <P extends SqlValue[], R = unknown>(sql: string) => database.prepare<P, R>(sql)
    this.#streams = streams
    this.#sql = {
      get: prepare<[number, Buffer, Buffer], Row>(
        `SELECT ${ITEM} FROM dynamodb_item WHERE table_id = ? AND hash = ? AND range = ?`,
      ),
      put: prepare<[number, Buffer, Buffer, string, number, number | null]>(
        `INSERT INTO dynamodb_item (table_id, hash, range, item, bytes, expires) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (table_id, hash, range) DO UPDATE SET item = excluded.item, bytes = excluded.bytes, expires = excluded.expires`,
      ),
      remove: prepare<[number, Buffer, Buffer]>('DELETE FROM dynamodb_item WHERE table_id = ? AND hash = ? AND range = ?'),
      count: prepare<[number, number, number]>('UPDATE dynamodb_table SET items = items + ?, bytes = bytes + ? WHERE id = ?'),
      addEntry: prepare<[number, Buffer, Buffer, Buffer, Buffer]>('INSERT OR IGNORE INTO dynamodb_entry VALUES (?, ?, ?, ?, ?)'),
      removeEntry: prepare<[number, Buffer, Buffer, Buffer, Buffer]>(
        'DELETE FROM dynamodb_entry WHERE index_id = ? AND hash = ? AND range = ? AND item_hash = ? AND item_range = ?',
      ),
      countEntries: prepare<[number, number]>('UPDATE dynamodb_index SET entries = entries + ? WHERE id = ?'),
      query: prepare<[number, Buffer, Buffer, Buffer], Row>(
        `SELECT ${ITEM} FROM dynamodb_item WHERE table_id = ? AND hash = ? AND range >= ? AND range < ? ORDER BY range`,
      ),
      queryBack: prepare<[number, Buffer, Buffer, Buffer], Row>(
        `SELECT ${ITEM} FROM dynamodb_item WHERE table_id = ? AND hash = ? AND range >= ? AND range < ? ORDER BY range DESC`,
      ),
      queryIndex: prepare<[number, number, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer], Row>(
        `${JOINED} AND e.hash = ? AND e.range >= ? AND e.range < ? AND (e.range, e.item_hash, e.item_range) > (?, ?, ?)
        ORDER BY e.range, e.item_hash, e.item_range`,
      ),
      queryIndexBack: prepare<[number, number, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer], Row>(
        `${JOINED} AND e.hash = ? AND e.range >= ? AND e.range < ? AND (e.range, e.item_hash, e.item_range) < (?, ?, ?)
        ORDER BY e.range DESC, e.item_hash DESC, e.item_range DESC`,
      ),
      scan: prepare<[number, Buffer, Buffer, Buffer], Row>(
        `SELECT ${ITEM} FROM dynamodb_item WHERE table_id = ? AND (hash, range) > (?, ?) AND hash < ? ORDER BY hash, range`,
      ),
      scanIndex: prepare<[number, number, Buffer, Buffer, Buffer, Buffer, Buffer], Row>(
        `${JOINED} AND (e.hash, e.range, e.item_hash, e.item_range) > (?, ?, ?, ?) AND e.hash < ?
        ORDER BY e.hash, e.range, e.item_hash, e.item_range`,
      ),
      setExpiry: prepare<[number | null, number, Buffer, Buffer]>(
        'UPDATE dynamodb_item SET expires = ? WHERE table_id = ? AND hash = ? AND range = ?',
      ),
      expired: prepare<[number, number, number], { table_id: number; item: string }>(
        'SELECT table_id, item FROM dynamodb_item WHERE expires > ? AND expires < ? ORDER BY expires LIMIT ?',
      ),
      nextExpiry: database.prepareValue<[number], number | null>('SELECT min(expires) FROM dynamodb_item WHERE expires > ?'),
    }
  }

  get({ id }: Table, { hash, range }: KeyBytes): StoredItem | undefined {
    const row = this.#sql.get.get(id, hash, range)
    return row && toItem(row)
  }

  /** The only way in which items change. Without `item` what is there is removed. `before` is what is there now. */
  write(table: Table, key: KeyBytes, before: StoredItem | undefined, item: Item | undefined, by?: WriterIdentity): void {
    const bytes = item ? itemBytes(item) : 0
    const { hash, range } = key
    if (item) this.#sql.put.run(table.id, hash, range, JSON.stringify(item), bytes, expiryOf(table, item))
    else this.#sql.remove.run(table.id, hash, range)
    const [items, more] = [(item ? 1 : 0) - (before ? 1 : 0), bytes - (before?.bytes ?? 0)]
    if (items !== 0 || more !== 0) this.#sql.count.run(items, more, table.id)
    for (const index of table.indexes) this.#writeEntry(index, key, before?.item, item)
    this.#streams.append(table, before?.item, item, by)
  }

  #writeEntry(index: Index, { hash, range }: KeyBytes, before: Item | undefined, item: Item | undefined): void {
    const [old, fresh] = [before && entryOf(index, before), item && entryOf(index, item)]
    if (old && fresh && old.hash.equals(fresh.hash) && old.range.equals(fresh.range)) return
    const removed = old ? this.#sql.removeEntry.run(index.id, old.hash, old.range, hash, range).changes : 0
    const added = fresh ? this.#sql.addEntry.run(index.id, fresh.hash, fresh.range, hash, range).changes : 0
    if (added !== removed) this.#sql.countEntries.run(added - removed, index.id)
  }

  /** Of an index that is being filled. */
  addEntry(table: Table, index: Index, item: Item): void {
    this.#writeEntry(index, keyBytesOf(table, item), undefined, item)
  }

  /** One partition, by sort key. */
  *query(table: Table, hash: Buffer, { lower, upper }: Bounds, isForward: boolean): Generator<StoredItem> {
    const statement = isForward ? this.#sql.query : this.#sql.queryBack
    for (const row of statement.iterate(table.id, hash, lower, upper)) yield toItem(row)
  }

  /** One partition of an index. `from`: the item after which it goes on. */
  *queryIndex(table: Table, { index, hash, bounds, isForward, from }: IndexQuery): Generator<StoredItem> {
    const statement = isForward ? this.#sql.queryIndex : this.#sql.queryIndexBack
    const edge = from ?? (isForward ? FIRST : LAST)
    const place = [edge.entry.range, edge.item.hash, edge.item.range] as const
    for (const row of statement.iterate(table.id, index.id, hash, bounds.lower, bounds.upper, ...place)) yield toItem(row)
  }

  /** All items behind `after`, up to the partition `until`. */
  *scan(table: Table, after: KeyBytes, until: Buffer): Generator<StoredItem> {
    for (const row of this.#sql.scan.iterate(table.id, after.hash, after.range, until)) yield toItem(row)
  }

  *scanIndex(table: Table, index: Index, { entry, item }: EntryPlace, until: Buffer): Generator<StoredItem> {
    const place = [entry.hash, entry.range, item.hash, item.range] as const
    for (const row of this.#sql.scanIndex.iterate(table.id, index.id, ...place, until)) yield toItem(row)
  }

  /** Says of one item anew when it is over. */
  setExpiry(table: Table, item: Item): void {
    const { hash, range } = keyBytesOf(table, item)
    this.#sql.setExpiry.run(expiryOf(table, item), table.id, hash, range)
  }

  /** Items that were over between two seconds, the oldest first, with the tables that they are of. */
  expired(after: number, before: number, limit: number): readonly { readonly tableId: number; readonly item: Item }[] {
    const rows = this.#sql.expired.all(after, before, limit)
    return rows.map((row) => ({ tableId: row.table_id, item: JSON.parse(row.item) as Item }))
  }

  /** The first after a second. */
  nextExpiry(after: number): number | undefined {
    return this.#sql.nextExpiry.get(after) ?? undefined
  }
}

/** Where an item stands in an index. */
export interface EntryPlace {
  readonly entry: KeyBytes
  readonly item: KeyBytes
}

export interface IndexQuery {
  readonly index: Index
  readonly hash: Buffer
  readonly bounds: Bounds
  readonly isForward: boolean
  readonly from: EntryPlace | undefined
}

const FIRST_KEY: KeyBytes = { hash: NO_RANGE, range: NO_RANGE }
const FIRST: EntryPlace = { entry: FIRST_KEY, item: FIRST_KEY }
const LAST: EntryPlace = { entry: { hash: LAST_KEY, range: LAST_KEY }, item: { hash: LAST_KEY, range: LAST_KEY } }

const toItem = ({ item, bytes }: Row): StoredItem => ({ item: JSON.parse(item) as Item, bytes })

/** In seconds; null where the item is never over. */
function expiryOf({ record }: Table, item: Item): number | null {
  const value = record.expiry === undefined ? undefined : attributeOf(item, record.expiry)
  if (value === undefined || !('N' in value)) return null
  const seconds = Math.floor(Number(printDecimal(decimalOf(value.N))))
  return seconds > 0 && seconds < EXPIRY_MAX ? seconds : null
}

/** The year 9999. */
const EXPIRY_MAX = 253_402_300_800
