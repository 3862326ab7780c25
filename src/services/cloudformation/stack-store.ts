/**
 * Stacks with their resources, events, exports, change sets and operations in the database. What is kept as JSON is written
 * here alone.
 */
import { randomUUID } from 'node:crypto'

import type { Clock } from '../../base/clock.ts'

import { type Column, integer, row, text } from '../../sqlite/row.ts'

import { applySchema, type ServicesDatabase } from '../kit/database.ts'

import type { ChangeSetRecord, OperationRecord, ResourceRecord, StackEvent, StackRecord } from './records.ts'
import { CLOUDFORMATION_SCHEMA } from './schema.ts'

/** AWS shows deleted stacks so long. */
const DELETED_MS = 90 * 86_400_000

export interface Export {
  readonly name: string
  readonly value: string
  readonly stackId: string
}

const json = <T>(): Column<T> => ({
  kind: 'JSON',
  read: (value) => (typeof value === 'string' ? (JSON.parse(value) as T) : undefined),
})
const EXPORT = row<Export>({ name: text, value: text, stackId: text })

export class StackStore {
  readonly #database: ServicesDatabase
  readonly #clock: Clock
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase, clock: Clock) {
    applySchema(database, CLOUDFORMATION_SCHEMA)
    this.#database = database
    this.#clock = clock
    this.#sql = prepare(database)
    for (const id of this.#sql.deletedBefore.all(clock.now() - DELETED_MS)) this.forgetStack(id)
  }

  /** All of `work` or nothing of it. */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work)
  }

  // ---- stacks

  stack(id: string): StackRecord | undefined {
    return this.#sql.stack.get(id)
  }

  /** One that is not deleted. */
  stackNamed(name: string): StackRecord | undefined {
    return this.#sql.stackNamed.get(name)
  }

  /** The newest first; deleted ones among them. */
  stacks(): readonly StackRecord[] {
    return this.#sql.stacks.all().toSorted((a, b) => b.createdMs - a.createdMs)
  }

  putStack(stack: StackRecord): StackRecord {
    this.#sql.putStack.run(stack.id, stack.name, stack.deletedMs ?? null, JSON.stringify(stack))
    return stack
  }

  /** A change set of a stack that was never made is all that there was. */
  forgetStack(id: string): void {
    this.transaction(() => {
      for (const statement of this.#sql.forgetAll) statement.run(id)
    })
  }

  // ---- resources

  /** In the order of their logical ids. */
  resources(stackId: string): readonly ResourceRecord[] {
    return this.#sql.resources.all(stackId)
  }

  resource(stackId: string, logicalId: string): ResourceRecord | undefined {
    return this.#sql.resource.get(stackId, logicalId)
  }

  resourcesWithRef(ref: string): readonly ResourceRecord[] {
    return this.#sql.resourcesWithRef.all(ref)
  }

  putResource(resource: ResourceRecord): ResourceRecord {
    const { stackId, logicalId, ref } = resource
    this.#sql.putResource.run(stackId, logicalId, ref ?? null, JSON.stringify(resource))
    return resource
  }

  removeResource(stackId: string, logicalId: string): void {
    this.#sql.removeResource.run(stackId, logicalId)
  }

  // ---- events

  addEvent(stackId: string, event: Omit<StackEvent, 'eventId' | 'atMs'>): StackEvent {
    const isStack = event.type === 'AWS::CloudFormation::Stack' && event.physicalId === stackId
    const eventId = isStack ? randomUUID() : `${event.logicalId}-${event.status}-${this.#clock.now()}-${randomUUID().slice(0, 8)}`
    const body: StackEvent = { ...event, eventId, atMs: this.#clock.now() }
    this.#sql.addEvent.run(stackId, stackId, JSON.stringify(body))
    return body
  }

  /** The newest first: at most `limit` of those before `before`. */
  events(stackId: string, before: number, limit: number): readonly { readonly sequence: number; readonly event: StackEvent }[] {
    return this.#sql.events.all(stackId, before, limit)
  }

  // ---- exports

  exports(): readonly Export[] {
    return this.#sql.exports.all()
  }

  export(name: string): Export | undefined {
    return this.#sql.export.get(name)
  }

  /** Names of the stacks that import it, those that are deleted not among them. */
  importersOf(name: string): readonly string[] {
    return this.#sql.importers.all(name)
  }

  /** From now on the stack exports these alone. */
  setExports(stackId: string, exports: ReadonlyMap<string, string>): void {
    this.#sql.removeExports.run(stackId)
    for (const [name, value] of exports) this.#sql.addExport.run(name, value, stackId)
  }

  setImports(stackId: string, names: Iterable<string>): void {
    this.#sql.removeImports.run(stackId)
    for (const name of names) this.#sql.addImport.run(name, stackId)
  }

  // ---- change sets

  changeSet(id: string): ChangeSetRecord | undefined {
    return this.#sql.changeSet.get(id)
  }

  changeSetNamed(stackId: string, name: string): ChangeSetRecord | undefined {
    return this.#sql.changeSetNamed.get(stackId, name)
  }

  /** The newest first. */
  changeSets(stackId: string): readonly ChangeSetRecord[] {
    return this.#sql.changeSets.all(stackId).toSorted((a, b) => b.createdMs - a.createdMs)
  }

  putChangeSet(changeSet: ChangeSetRecord): void {
    const { id, stackId, name } = changeSet
    this.#sql.putChangeSet.run(id, stackId, name, JSON.stringify(changeSet))
  }

  removeChangeSet(id: string): void {
    this.#sql.removeChangeSet.run(id)
  }

  removeChangeSets(stackId: string): void {
    this.#sql.removeChangeSets.run(stackId)
  }

  // ---- operations

  operation(id: string): OperationRecord | undefined {
    return this.#sql.operation.get(id)
  }

  openOperations(): readonly OperationRecord[] {
    return this.#sql.openOperations.all()
  }

  /** Tokens of tasks whose end is not told yet. */
  tasks(): readonly string[] {
    return this.#sql.tasks.all()
  }

  addTask(token: string): void {
    this.#sql.addTask.run(token)
  }

  removeTask(token: string): void {
    this.#sql.removeTask.run(token)
  }

  putOperation(operation: OperationRecord): OperationRecord {
    const { id, stackId, isOver } = operation
    this.#sql.putOperation.run(id, stackId, isOver ? 1 : 0, JSON.stringify(operation))
    return operation
  }
}

function prepare(database: ServicesDatabase) {
  const stack = json<StackRecord>()
  const resource = json<ResourceRecord>()
  const changeSet = json<ChangeSetRecord>()
  const operation = json<OperationRecord>()
  const STACKS = 'SELECT body FROM cloudformation_stacks'
  const RESOURCES = 'SELECT body FROM cloudformation_resources'
  const CHANGE_SETS = 'SELECT body FROM cloudformation_change_sets'
  const OPERATIONS = 'SELECT body FROM cloudformation_operations'
  const tables = ['resources', 'events', 'exports', 'imports', 'change_sets', 'operations']
  return {
    stack: database.prepareValue<[string], StackRecord>(`${STACKS} WHERE id = ?`, stack),
    stackNamed: database.prepareValue<[string], StackRecord>(`${STACKS} WHERE name = ? AND deletedMs IS NULL`, stack),
    stacks: database.prepareValue<[], StackRecord>(STACKS, stack),
    putStack: database.prepare<[string, string, number | null, string]>(
      'INSERT OR REPLACE INTO cloudformation_stacks (id, name, deletedMs, body) VALUES (?, ?, ?, ?)',
    ),
    deletedBefore: database.prepareValue<[number], string>('SELECT id FROM cloudformation_stacks WHERE deletedMs < ?', text),
    forgetAll: [
      database.prepare<[string]>('DELETE FROM cloudformation_stacks WHERE id = ?'),
      ...tables.map((table) => database.prepare<[string]>(`DELETE FROM cloudformation_${table} WHERE stackId = ?`)),
    ],
    resources: database.prepareValue<[string], ResourceRecord>(`${RESOURCES} WHERE stackId = ? ORDER BY logicalId`, resource),
    resource: database.prepareValue<[string, string], ResourceRecord>(
      `${RESOURCES} WHERE stackId = ? AND logicalId = ?`,
      resource,
    ),
    resourcesWithRef: database.prepareValue<[string], ResourceRecord>(`${RESOURCES} WHERE ref = ?`, resource),
    putResource: database.prepare<[string, string, string | null, string]>(
      'INSERT OR REPLACE INTO cloudformation_resources (stackId, logicalId, ref, body) VALUES (?, ?, ?, ?)',
    ),
    removeResource: database.prepare<[string, string]>(
      'DELETE FROM cloudformation_resources WHERE stackId = ? AND logicalId = ?',
    ),
    addEvent: database.prepare<[string, string, string]>(
      `INSERT INTO cloudformation_events (stackId, sequence, body)
       VALUES (?, 1 + coalesce((SELECT max(sequence) FROM cloudformation_events WHERE stackId = ?), 0), ?)`,
    ),
    events: database.prepare<[string, number, number], { sequence: number; event: StackEvent }>(
      `SELECT sequence, body AS event FROM cloudformation_events WHERE stackId = ? AND sequence < ?
       ORDER BY sequence DESC LIMIT ?`,
      row({ sequence: integer, event: json<StackEvent>() }),
    ),
    exports: database.prepare<[], Export>('SELECT name, value, stackId FROM cloudformation_exports ORDER BY name', EXPORT),
    export: database.prepare<[string], Export>('SELECT name, value, stackId FROM cloudformation_exports WHERE name = ?', EXPORT),
    importers: database.prepareValue<[string], string>(
      `SELECT stacks.name FROM cloudformation_imports AS imports JOIN cloudformation_stacks AS stacks ON stacks.id = imports.stackId
       WHERE imports.name = ? AND stacks.deletedMs IS NULL ORDER BY stacks.name`,
      text,
    ),
    removeExports: database.prepare<[string]>('DELETE FROM cloudformation_exports WHERE stackId = ?'),
    addExport: database.prepare<[string, string, string]>(
      'INSERT INTO cloudformation_exports (name, value, stackId) VALUES (?, ?, ?)',
    ),
    removeImports: database.prepare<[string]>('DELETE FROM cloudformation_imports WHERE stackId = ?'),
    addImport: database.prepare<[string, string]>('INSERT OR IGNORE INTO cloudformation_imports (name, stackId) VALUES (?, ?)'),
    changeSet: database.prepareValue<[string], ChangeSetRecord>(`${CHANGE_SETS} WHERE id = ?`, changeSet),
    changeSetNamed: database.prepareValue<[string, string], ChangeSetRecord>(
      `${CHANGE_SETS} WHERE stackId = ? AND name = ?`,
      changeSet,
    ),
    changeSets: database.prepareValue<[string], ChangeSetRecord>(`${CHANGE_SETS} WHERE stackId = ?`, changeSet),
    putChangeSet: database.prepare<[string, string, string, string]>(
      'INSERT OR REPLACE INTO cloudformation_change_sets (id, stackId, name, body) VALUES (?, ?, ?, ?)',
    ),
    removeChangeSet: database.prepare<[string]>('DELETE FROM cloudformation_change_sets WHERE id = ?'),
    removeChangeSets: database.prepare<[string]>('DELETE FROM cloudformation_change_sets WHERE stackId = ?'),
    operation: database.prepareValue<[string], OperationRecord>(`${OPERATIONS} WHERE id = ?`, operation),
    openOperations: database.prepareValue<[], OperationRecord>(`${OPERATIONS} WHERE isOver = 0`, operation),
    tasks: database.prepareValue<[], string>('SELECT token FROM cloudformation_tasks', text),
    addTask: database.prepare<[string]>('INSERT OR IGNORE INTO cloudformation_tasks (token) VALUES (?)'),
    removeTask: database.prepare<[string]>('DELETE FROM cloudformation_tasks WHERE token = ?'),
    putOperation: database.prepare<[string, string, number, string]>(
      'INSERT OR REPLACE INTO cloudformation_operations (id, stackId, isOver, body) VALUES (?, ?, ?, ?)',
    ),
  }
}
