/** Tables as they are stored, and read into memory once: nobody else changes them. */
import type { JsonObject } from '../../base/json.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import { type Table, tableOf, type TableRecord } from './table.ts'

export interface TableCounts {
  readonly items: number
  readonly bytes: number
}

interface Row {
  readonly id: number
  readonly name: string
  readonly record: string
}

export class TableStore {
  readonly #sql
  readonly #known = new Map<string, Table>()
  readonly #database: ServicesDatabase

  constructor(database: ServicesDatabase) {
    this.#database = database
    this.#sql = {
      get: database.prepare<[string], Row>('SELECT id, name, record FROM dynamodb_table WHERE name = ?'),
      byId: database.prepareValue<[number], string>('SELECT name FROM dynamodb_table WHERE id = ?'),
      names: database.prepareValue<[string, number], string>(
        'SELECT name FROM dynamodb_table WHERE name > ? ORDER BY name LIMIT ?',
      ),
      insert: database.prepare<[string, string, string]>('INSERT INTO dynamodb_table (name, record, tags) VALUES (?, ?, ?)'),
      update: database.prepare<[string, number]>('UPDATE dynamodb_table SET record = ? WHERE id = ?'),
      rename: database.prepare<[string, number]>('UPDATE dynamodb_table SET name = ? WHERE id = ?'),
      remove: database.prepare<[number]>('DELETE FROM dynamodb_table WHERE id = ?'),
      counts: database.prepare<[number], TableCounts>('SELECT items, bytes FROM dynamodb_table WHERE id = ?'),
      tags: database.prepareValue<[number], string>('SELECT tags FROM dynamodb_table WHERE id = ?'),
      setTags: database.prepare<[string, number]>('UPDATE dynamodb_table SET tags = ? WHERE id = ?'),
      indexes: database.prepare<[number], { id: number; name: string; entries: number }>(
        'SELECT id, name, entries FROM dynamodb_index WHERE table_id = ?',
      ),
      addIndex: database.prepare<[number, string]>('INSERT INTO dynamodb_index (table_id, name) VALUES (?, ?)'),
      removeIndex: database.prepare<[number]>('DELETE FROM dynamodb_index WHERE id = ?'),
    }
  }

  /** What was read in a transaction that is undone is read again. */
  transaction<T>(work: () => T): T {
    try {
      return this.#database.transaction(work)
    } catch (error) {
      this.#known.clear()
      throw error
    }
  }

  find(name: string): Table | undefined {
    const known = this.#known.get(name)
    if (known) return known
    const row = this.#sql.get.get(name)
    if (!row) return undefined
    const ids = new Map(this.#sql.indexes.all(row.id).map((index) => [index.name, index.id]))
    const table = tableOf(row.id, name, JSON.parse(row.record) as TableRecord, (index) => ids.get(index) ?? 0)
    this.#known.set(name, table)
    return table
  }

  findById(id: number): Table | undefined {
    const name = this.#sql.byId.get(id)
    return name === undefined ? undefined : this.find(name)
  }

  /** By name, after one; at most `limit`. */
  names(after: string, limit: number): readonly string[] {
    return this.#sql.names.all(after, limit)
  }

  insert(name: string, record: TableRecord, indexes: readonly string[], tags: JsonObject): Table {
    const id = Number(this.#sql.insert.run(name, JSON.stringify(record), JSON.stringify(tags)).lastInsertRowid)
    for (const index of indexes) this.#sql.addIndex.run(id, index)
    return this.#read(name)
  }

  /** With indexes that come and go. */
  update(table: Table, record: TableRecord, added: readonly string[] = [], removed: readonly number[] = []): Table {
    this.#sql.update.run(JSON.stringify(record), table.id)
    for (const index of added) this.#sql.addIndex.run(table.id, index)
    for (const id of removed) this.#sql.removeIndex.run(id)
    return this.#read(table.name)
  }

  rename(table: Table, name: string): Table {
    this.#sql.rename.run(name, table.id)
    this.#known.delete(table.name)
    return this.#read(name)
  }

  remove(table: Table): void {
    this.#sql.remove.run(table.id)
    for (const { id } of this.#sql.indexes.all(table.id)) this.#sql.removeIndex.run(id)
    this.#known.delete(table.name)
  }

  counts({ id }: Table): TableCounts {
    return this.#sql.counts.get(id) ?? { items: 0, bytes: 0 }
  }

  /** Of each index, by its name. */
  entries({ id }: Table): ReadonlyMap<string, number> {
    return new Map(this.#sql.indexes.all(id).map(({ name, entries }) => [name, entries]))
  }

  tags({ id }: Table): Readonly<Record<string, string>> {
    return JSON.parse(this.#sql.tags.get(id) ?? '{}') as Record<string, string>
  }

  setTags({ id }: Table, tags: Readonly<Record<string, string>>): void {
    this.#sql.setTags.run(JSON.stringify(tags), id)
  }

  #read(name: string): Table {
    this.#known.delete(name)
    const table = this.find(name)
    if (!table) throw new Error(`the table ${name} is gone`)
    return table
  }
}
