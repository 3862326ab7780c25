/**
 * Whatever has a name, a path and an ARN: roles, users, groups, policies, instance profiles, identity providers.
 * 1. A name is taken once of its kind, whatever its case. Its unique id is never used again.
 * 2. Who is in a group, or in an instance profile, goes with either of the two.
 * Source: IAM user guide, "IAM identifiers".
 */
import type { Clock } from '../../base/clock.ts'
import { objectOf } from '../../base/json-text.ts'
import { getOwn, type JsonObject } from '../../base/json.ts'

import { integer, nullable, oneOf, row, text } from '../../sqlite/row.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import type { Tags } from '../kit/tags.ts'
import { tagsObject } from '../kit/tags.ts'

export type Kind = 'role' | 'user' | 'group' | 'policy' | 'instanceProfile' | 'oidcProvider' | 'samlProvider'

export interface Entity {
  readonly id: number
  readonly kind: Kind
  readonly name: string
  readonly path: string
  readonly uniqueId: string
  readonly arn: string
  readonly createdMs: number
  readonly updatedMs: number
  readonly tags: Tags
  readonly description: string | null
  /** A role's trust policy, a SAML provider's metadata. */
  readonly document: string | null
  /** The ARN of the policy that bounds permissions. */
  readonly boundary: string | null
  /** What only one kind has. */
  readonly details: JsonObject
}

export type NewEntity = Pick<Entity, 'kind' | 'name' | 'path' | 'uniqueId' | 'arn' | 'tags'> &
  Partial<Pick<Entity, 'description' | 'document' | 'boundary' | 'details'>>
export type EntityChange = Partial<
  Pick<Entity, 'name' | 'path' | 'arn' | 'tags' | 'description' | 'document' | 'boundary' | 'details'>
>

interface EntityRow extends Omit<Entity, 'tags' | 'details'> {
  readonly tags: string
  readonly details: string
}

const ENTITY = row<EntityRow>({
  id: integer,
  kind: oneOf('role', 'user', 'group', 'policy', 'instanceProfile', 'oidcProvider', 'samlProvider'),
  name: text,
  path: text,
  uniqueId: text,
  arn: text,
  createdMs: integer,
  updatedMs: integer,
  tags: text,
  description: nullable(text),
  document: nullable(text),
  boundary: nullable(text),
  details: text,
})

export class EntityStore {
  readonly #clock: Clock
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase, clock: Clock) {
    this.#clock = clock
    this.#sql = prepare(database)
  }

  find(kind: Kind, name: string): Entity | undefined {
    return entityOf(this.#sql.byName.get(kind, name.toLowerCase()))
  }

  byArn(arn: string): Entity | undefined {
    return entityOf(this.#sql.byArn.get(arn))
  }

  byId(id: number): Entity | undefined {
    return entityOf(this.#sql.byId.get(id))
  }

  /** By name. */
  all(kind: Kind): readonly Entity[] {
    return this.#sql.all.all(kind).map(toEntity)
  }

  count(kind: Kind): number {
    return this.#sql.count.get(kind) ?? 0
  }

  boundedBy(policyArn: string): readonly Entity[] {
    return this.#sql.bounded.all(policyArn).map(toEntity)
  }

  create(entity: NewEntity): Entity {
    const now = this.#clock.now()
    const { kind, name, path, uniqueId, arn, tags, description = null, document = null, boundary = null, details = {} } = entity
    const printed = [JSON.stringify(tagsObject(tags)), description, document, boundary, JSON.stringify(details)] as const
    const { lastInsertRowid } = this.#sql.insert.run(kind, name, name.toLowerCase(), path, uniqueId, arn, now, now, ...printed)
    return { ...entity, id: lastInsertRowid, createdMs: now, updatedMs: now, description, document, boundary, details }
  }

  change(entity: Entity, change: EntityChange): Entity {
    const changed = { ...entity, ...change, updatedMs: this.#clock.now() }
    const { id, name, path, arn, updatedMs, tags, description, document, boundary, details } = changed
    const printed = [JSON.stringify(tagsObject(tags)), description, document, boundary, JSON.stringify(details)] as const
    this.#sql.update.run(name, name.toLowerCase(), path, arn, updatedMs, ...printed, id)
    return changed
  }

  remove({ id }: Entity): void {
    this.#sql.removeMemberships.run(id, id)
    this.#sql.remove.run(id)
  }

  /** Users of a group, roles of an instance profile; by name. */
  membersOf({ id }: Entity): readonly Entity[] {
    return this.#sql.members.all(id).map(toEntity)
  }

  /** The groups of a user, the instance profiles of a role; by name. */
  holdersOf({ id }: Entity): readonly Entity[] {
    return this.#sql.holders.all(id).map(toEntity)
  }

  addMember(holder: Entity, member: Entity): void {
    this.#sql.addMember.run(holder.id, member.id)
  }

  /** Whether it was one. */
  removeMember(holder: Entity, member: Entity): boolean {
    return this.#sql.removeMember.run(holder.id, member.id).changes > 0
  }
}

const toEntity = (found: EntityRow): Entity => ({
  ...found,
  tags: new Map(Object.entries(objectOf(found.tags) ?? {}).map(([key, value]) => [key, String(value)])),
  details: objectOf(found.details) ?? {},
})
const entityOf = (found: EntityRow | undefined): Entity | undefined => found && toEntity(found)

/** A number among the details; `otherwise` where there is none. */
export function detailNumber({ details }: Entity, name: string, otherwise: number): number {
  const value = getOwn(details, name)
  return typeof value === 'number' ? value : otherwise
}

export function detailText({ details }: Entity, name: string): string {
  const value = getOwn(details, name)
  return typeof value === 'string' ? value : ''
}

const BY_NAME = 'ORDER BY name'

const prepare = (database: ServicesDatabase) => ({
  byName: database.prepare<[string, string], EntityRow>('SELECT * FROM iam_entities WHERE kind = ? AND folded = ?', ENTITY),
  byArn: database.prepare<[string], EntityRow>('SELECT * FROM iam_entities WHERE arn = ?', ENTITY),
  byId: database.prepare<[number], EntityRow>('SELECT * FROM iam_entities WHERE id = ?', ENTITY),
  all: database.prepare<[string], EntityRow>(`SELECT * FROM iam_entities WHERE kind = ? ${BY_NAME}`, ENTITY),
  count: database.prepareValue<[string], number>('SELECT count(*) FROM iam_entities WHERE kind = ?', integer),
  bounded: database.prepare<[string], EntityRow>(`SELECT * FROM iam_entities WHERE boundary = ? ${BY_NAME}`, ENTITY),
  insert: database.prepare<
    [string, string, string, string, string, string, number, number, string, string | null, string | null, string | null, string]
  >(
    `INSERT INTO iam_entities (kind, name, folded, path, uniqueId, arn, createdMs, updatedMs, tags, description, document, boundary,
      details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  update: database.prepare<
    [string, string, string, string, number, string, string | null, string | null, string | null, string, number]
  >(
    `UPDATE iam_entities SET name = ?, folded = ?, path = ?, arn = ?, updatedMs = ?, tags = ?, description = ?, document = ?,
      boundary = ?, details = ? WHERE id = ?`,
  ),
  remove: database.prepare<[number]>('DELETE FROM iam_entities WHERE id = ?'),
  removeMemberships: database.prepare<[number, number]>('DELETE FROM iam_members WHERE holder = ? OR member = ?'),
  members: database.prepare<[number], EntityRow>(
    `SELECT e.* FROM iam_members m JOIN iam_entities e ON e.id = m.member WHERE m.holder = ? ${BY_NAME}`,
    ENTITY,
  ),
  holders: database.prepare<[number], EntityRow>(
    `SELECT e.* FROM iam_members m JOIN iam_entities e ON e.id = m.holder WHERE m.member = ? ${BY_NAME}`,
    ENTITY,
  ),
  addMember: database.prepare<[number, number]>('INSERT OR IGNORE INTO iam_members (holder, member) VALUES (?, ?)'),
  removeMember: database.prepare<[number, number]>('DELETE FROM iam_members WHERE holder = ? AND member = ?'),
})
