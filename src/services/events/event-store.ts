/** The tables of buses, rules, targets and tags. Rules of a bus are kept parsed in memory, because each event is held against all. */
import { getOwn, type JsonObject } from '../../base/json.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import type { Tags } from '../kit/tags.ts'

import { withoutDots } from './dotted-names.ts'

export interface Rule {
  readonly bus: string
  readonly name: string
  /** Without dots in its names. */
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
  readonly #database: ServicesDatabase
  readonly #sql: ReturnType<typeof prepare>
  readonly #rules = new Map<string, Map<string, Rule>>()

  constructor(database: ServicesDatabase) {
    this.#database = database
    this.#sql = prepare(database)
    for (const row of this.#sql.rules.all()) this.#remember(row)
  }

  #remember(row: RuleRow): void {
    const data = parse(row.data)
    const pattern = getOwn(data, 'EventPattern')
    const rules = this.#rules.get(row.bus) ?? new Map<string, Rule>()
    this.#rules.set(row.bus, rules)
    rules.set(row.name, {
      bus: row.bus,
      name: row.name,
      data,
      nextAt: row.next_at,
      pattern: typeof pattern === 'string' ? withoutDots(parse(pattern)) : undefined,
      isEnabled: getOwn(data, 'State') !== 'DISABLED',
    })
  }

  transaction<T>(work: () => T): T {
    return this.#database.transaction(work)
  }

  inGroup<T>(work: () => T): Promise<T> {
    return this.#database.inGroup(work)
  }

  buses(): readonly { readonly name: string; readonly data: JsonObject }[] {
    return this.#sql.buses.all().map(({ name, data }) => ({ name, data: parse(data) }))
  }

  putBus(name: string, data: JsonObject): void {
    this.#sql.putBus.run(name, JSON.stringify(data))
  }

  deleteBus(name: string): void {
    this.#sql.deleteBus.run(name)
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
      this.#sql.putRule.run(row.bus, row.name, row.data, row.next_at)
    })
    this.#remember(row)
  }

  deleteRule(bus: string, name: string): void {
    this.#sql.deleteRule.run(bus, name)
    this.#rules.get(bus)?.delete(name)
  }

  targetsOf(bus: string, rule: string): readonly JsonObject[] {
    return this.#sql.targets.all(bus, rule).map(parse)
  }

  putTarget(bus: string, rule: string, id: string, data: JsonObject): void {
    this.#sql.putTarget.run(bus, rule, id, JSON.stringify(data))
  }

  deleteTarget(bus: string, rule: string, id: string): boolean {
    return this.#sql.deleteTarget.run(bus, rule, id).changes > 0
  }

  /** Names of rules with such a target, of one bus. */
  rulesByTarget(bus: string, arn: string): readonly string[] {
    return this.rulesOf(bus)
      .filter(({ name }) => this.targetsOf(bus, name).some((target) => getOwn(target, 'Arn') === arn))
      .map(({ name }) => name)
  }

  tags(arn: string): Tags {
    return new Map(this.#sql.tags.all(arn).map(({ key, value }) => [key, value]))
  }

  putTags(arn: string, tags: Tags): void {
    for (const [key, value] of tags) this.#sql.putTag.run(arn, key, value)
  }

  deleteTags(arn: string, keys: Iterable<string>): void {
    for (const key of keys) this.#sql.deleteTag.run(arn, key)
  }
}

const parse = (text: string): JsonObject => JSON.parse(text) as JsonObject

const prepare = (database: ServicesDatabase) => ({
  buses: database.prepare<[], { name: string; data: string }>('SELECT * FROM events_buses ORDER BY name'),
  putBus: database.prepare<[string, string]>('INSERT OR REPLACE INTO events_buses VALUES (?, ?)'),
  deleteBus: database.prepare<[string]>('DELETE FROM events_buses WHERE name = ?'),
  rules: database.prepare<[], RuleRow>('SELECT * FROM events_rules'),
  putRule: database.prepare<[string, string, string, number | null]>(
    'INSERT OR REPLACE INTO events_rules (bus, name, data, next_at) VALUES (?, ?, ?, ?)',
  ),
  deleteRule: database.prepare<[string, string]>('DELETE FROM events_rules WHERE bus = ? AND name = ?'),
  targets: database.prepareValue<[string, string], string>(
    'SELECT data FROM events_targets WHERE bus = ? AND rule = ? ORDER BY id',
  ),
  putTarget: database.prepare<[string, string, string, string]>('INSERT OR REPLACE INTO events_targets VALUES (?, ?, ?, ?)'),
  deleteTarget: database.prepare<[string, string, string]>('DELETE FROM events_targets WHERE bus = ? AND rule = ? AND id = ?'),
  tags: database.prepare<[string], { key: string; value: string }>(
    'SELECT key, value FROM events_tags WHERE arn = ? ORDER BY key',
  ),
  putTag: database.prepare<[string, string, string]>('INSERT OR REPLACE INTO events_tags VALUES (?, ?, ?)'),
  deleteTag: database.prepare<[string, string]>('DELETE FROM events_tags WHERE arn = ? AND key = ?'),
})
