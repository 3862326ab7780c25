/** The tables of buses, rules, targets and tags. Rules of a bus are kept parsed in memory, because each event is held against all. */
import { getOwn, type JsonObject } from '../../base/json.ts'

import type { LocalDatabase } from '../database.ts'

export interface Rule {
  readonly bus: string
  readonly name: string
  readonly pattern: JsonObject | undefined
  readonly isEnabled: boolean
  /** As PutRule was given it. */
  readonly data: JsonObject
  readonly nextAt: number | null
}

interface RuleRow {
  readonly bus: string
  readonly name: string
  readonly data: string
  readonly next_at: number | null
}

export class EventStore {
  readonly #database: LocalDatabase
  readonly #rules = new Map<string, Map<string, Rule>>()

  constructor(database: LocalDatabase) {
    this.#database = database
    database.exec(`
      CREATE TABLE IF NOT EXISTS events_buses (name TEXT PRIMARY KEY, data TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS events_rules (bus TEXT, name TEXT, data TEXT NOT NULL, next_at INTEGER, PRIMARY KEY (bus, name));
      CREATE TABLE IF NOT EXISTS events_targets (bus TEXT, rule TEXT, id TEXT, data TEXT NOT NULL, PRIMARY KEY (bus, rule, id));
      CREATE TABLE IF NOT EXISTS events_tags (arn TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (arn, key));`)
    for (const row of database.prepare('SELECT * FROM events_rules').all() as RuleRow[]) this.#remember(row)
  }

  #remember(row: RuleRow): void {
    const data = JSON.parse(row.data) as JsonObject
    const pattern = getOwn(data, 'EventPattern')
    const rules = this.#rules.get(row.bus) ?? new Map<string, Rule>()
    this.#rules.set(row.bus, rules)
    rules.set(row.name, {
      bus: row.bus,
      name: row.name,
      data,
      nextAt: row.next_at,
      pattern: typeof pattern === 'string' ? (JSON.parse(pattern) as JsonObject) : undefined,
      isEnabled: getOwn(data, 'State') !== 'DISABLED',
    })
  }

  transaction<T>(work: () => T): T {
    return this.#database.transaction(work)
  }

  buses(): readonly { readonly name: string; readonly data: JsonObject }[] {
    const rows = this.#database.prepare('SELECT * FROM events_buses ORDER BY name').all() as { name: string; data: string }[]
    return rows.map(({ name, data }) => ({ name, data: JSON.parse(data) as JsonObject }))
  }

  putBus(name: string, data: JsonObject): void {
    this.#database.prepare('INSERT OR REPLACE INTO events_buses VALUES (?, ?)').run(name, JSON.stringify(data))
  }

  deleteBus(name: string): void {
    this.#database.prepare('DELETE FROM events_buses WHERE name = ?').run(name)
  }

  /** In the order of their names. */
  rulesOf(bus: string): readonly Rule[] {
    return [...(this.#rules.get(bus)?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  allRules(): readonly Rule[] {
    return [...this.#rules.values()].flatMap((rules) => [...rules.values()])
  }

  hasRules(bus: string): boolean {
    return (this.#rules.get(bus)?.size ?? 0) > 0
  }

  rule(bus: string, name: string): Rule | undefined {
    return this.#rules.get(bus)?.get(name)
  }

  /** `along` belongs to the same commit; what is kept in memory follows when that is done. */
  putRule(bus: string, name: string, data: JsonObject, nextAt: number | null, along = () => {}): void {
    const row = { bus, name, data: JSON.stringify(data), next_at: nextAt }
    this.transaction(() => {
      along()
      this.#database
        .prepare('INSERT OR REPLACE INTO events_rules (bus, name, data, next_at) VALUES (?, ?, ?, ?)')
        .run(row.bus, row.name, row.data, row.next_at)
    })
    this.#remember(row)
  }

  deleteRule(bus: string, name: string): void {
    this.#database.prepare('DELETE FROM events_rules WHERE bus = ? AND name = ?').run(bus, name)
    this.#rules.get(bus)?.delete(name)
  }

  targetsOf(bus: string, rule: string): readonly JsonObject[] {
    const rows = this.#database
      .prepare('SELECT data FROM events_targets WHERE bus = ? AND rule = ? ORDER BY id')
      .all(bus, rule) as { data: string }[]
    return rows.map(({ data }) => JSON.parse(data) as JsonObject)
  }

  putTarget(bus: string, rule: string, id: string, data: JsonObject): void {
    this.#database.prepare('INSERT OR REPLACE INTO events_targets VALUES (?, ?, ?, ?)').run(bus, rule, id, JSON.stringify(data))
  }

  deleteTarget(bus: string, rule: string, id: string): boolean {
    return (
      this.#database.prepare('DELETE FROM events_targets WHERE bus = ? AND rule = ? AND id = ?').run(bus, rule, id).changes > 0
    )
  }

  /** Names of rules with such a target, of one bus. */
  rulesByTarget(bus: string, arn: string): readonly string[] {
    return this.rulesOf(bus)
      .filter(({ name }) => this.targetsOf(bus, name).some((target) => getOwn(target, 'Arn') === arn))
      .map(({ name }) => name)
  }

  tags(arn: string): JsonObject[] {
    return this.#database
      .prepare('SELECT key AS Key, value AS Value FROM events_tags WHERE arn = ? ORDER BY key')
      .all(arn) as JsonObject[]
  }

  tag(arn: string, tags: readonly (readonly [string, string])[]): void {
    for (const [key, value] of tags)
      this.#database.prepare('INSERT OR REPLACE INTO events_tags VALUES (?, ?, ?)').run(arn, key, value)
  }

  untag(arn: string, keys: readonly string[]): void {
    for (const key of keys) this.#database.prepare('DELETE FROM events_tags WHERE arn = ? AND key = ?').run(arn, key)
  }
}
