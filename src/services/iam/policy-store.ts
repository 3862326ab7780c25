/**
 * What gives entities their permissions: inline policies, attached managed policies, and the versions of these.
 * A version never changes. Policies of AWS itself are attached by ARN and have no rows (`aws-managed.ts`).
 */
import type { Clock } from '../../base/clock.ts'

import { integer, row, text } from '../../sqlite/row.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import type { Entity } from './entity-store.ts'

export interface PolicyVersion {
  readonly number: number
  readonly document: string
  readonly createdMs: number
}

export interface InlinePolicy {
  readonly name: string
  readonly document: string
}

const VERSION = row<PolicyVersion>({ number: integer, document: text, createdMs: integer })
const INLINE = row<InlinePolicy>({ name: text, document: text })

export class PolicyStore {
  readonly #clock: Clock
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase, clock: Clock) {
    this.#clock = clock
    this.#sql = prepare(database)
  }

  /** By name. */
  inline({ id }: Entity): readonly InlinePolicy[] {
    return this.#sql.inline.all(id)
  }

  putInline({ id }: Entity, name: string, document: string): void {
    this.#sql.putInline.run(id, name, document)
  }

  /** Whether it was there. */
  removeInline({ id }: Entity, name: string): boolean {
    return this.#sql.removeInline.run(id, name).changes > 0
  }

  /** ARNs of policies, in their order. */
  attached({ id }: Entity): readonly string[] {
    return this.#sql.attached.all(id)
  }

  /** Ids of the entities that have it. */
  holdersOf(policyArn: string): readonly number[] {
    return this.#sql.holders.all(policyArn)
  }

  attach({ id }: Entity, policyArn: string): void {
    this.#sql.attach.run(id, policyArn)
  }

  /** Whether it was attached. */
  detach({ id }: Entity, policyArn: string): boolean {
    return this.#sql.detach.run(id, policyArn).changes > 0
  }

  /** Newest first. */
  versions({ id }: Entity): readonly PolicyVersion[] {
    return this.#sql.versions.all(id)
  }

  addVersion({ id }: Entity, number: number, document: string): PolicyVersion {
    const createdMs = this.#clock.now()
    this.#sql.addVersion.run(id, number, document, createdMs)
    return { number, document, createdMs }
  }

  removeVersion({ id }: Entity, number: number): void {
    this.#sql.removeVersion.run(id, number)
  }

  countVersions(): number {
    return this.#sql.countVersions.get() ?? 0
  }
}

const prepare = (database: ServicesDatabase) => ({
  inline: database.prepare<[number], InlinePolicy>(
    'SELECT name, document FROM iam_inline_policies WHERE entity = ? ORDER BY name',
    INLINE,
  ),
  putInline: database.prepare<[number, string, string]>(
    'INSERT OR REPLACE INTO iam_inline_policies (entity, name, document) VALUES (?, ?, ?)',
  ),
  removeInline: database.prepare<[number, string]>('DELETE FROM iam_inline_policies WHERE entity = ? AND name = ?'),
  attached: database.prepareValue<[number], string>(
    'SELECT policyArn FROM iam_attachments WHERE entity = ? ORDER BY policyArn',
    text,
  ),
  holders: database.prepareValue<[string], number>('SELECT entity FROM iam_attachments WHERE policyArn = ?', integer),
  attach: database.prepare<[number, string]>('INSERT OR IGNORE INTO iam_attachments (entity, policyArn) VALUES (?, ?)'),
  detach: database.prepare<[number, string]>('DELETE FROM iam_attachments WHERE entity = ? AND policyArn = ?'),
  versions: database.prepare<[number], PolicyVersion>(
    'SELECT number, document, createdMs FROM iam_policy_versions WHERE policy = ? ORDER BY number DESC',
    VERSION,
  ),
  addVersion: database.prepare<[number, number, string, number]>(
    'INSERT INTO iam_policy_versions (policy, number, document, createdMs) VALUES (?, ?, ?, ?)',
  ),
  removeVersion: database.prepare<[number, number]>('DELETE FROM iam_policy_versions WHERE policy = ? AND number = ?'),
  countVersions: database.prepareValue<[], number>('SELECT count(*) FROM iam_policy_versions', integer),
})
