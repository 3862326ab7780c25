/**
 * Keys, their materials and aliases in the database.
 * 1. A key always has a material. The newest one encrypts, and all of them decrypt what they have encrypted.
 * 2. Materials are sealed, each for its own place.
 * 3. A key goes with its materials and its aliases.
 */
import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'

import { flag, integer, nullable, oneOf, row, text } from '../../sqlite/row.ts'

import { applySchema, type ServicesDatabase } from '../kit/database.ts'
import type { Seal } from '../seal.ts'

import type { KeyUsage } from './key-specs.ts'
import { KMS_SCHEMA } from './schema.ts'

export interface KeyRow {
  readonly id: string
  readonly spec: string
  readonly keyUsage: KeyUsage
  readonly manager: 'CUSTOMER' | 'AWS'
  readonly isMultiRegion: boolean
  readonly description: string
  readonly isEnabled: boolean
  readonly policy: string
  /** JSON text of an object. */
  readonly tags: string
  readonly createdMs: number
  /** When it may be removed for good; null where it is not to be deleted. */
  readonly deletionMs: number | null
  /** Null where it is not rotated by itself. */
  readonly rotationDays: number | null
  readonly rotationFromMs: number | null
}

export interface AliasRow {
  readonly name: string
  readonly keyId: string
  readonly createdMs: number
  readonly updatedMs: number
}

export interface Material {
  readonly generation: number
  /** As `KeySpec.generate` made it. */
  readonly text: string
}

/** What may change of a key. */
export type KeyChange = Partial<
  Pick<KeyRow, 'description' | 'isEnabled' | 'policy' | 'tags' | 'deletionMs' | 'rotationDays' | 'rotationFromMs'>
>

const KEY = row<KeyRow>({
  id: text,
  spec: text,
  keyUsage: oneOf('ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'),
  manager: oneOf('CUSTOMER', 'AWS'),
  isMultiRegion: flag,
  description: text,
  isEnabled: flag,
  policy: text,
  tags: text,
  createdMs: integer,
  deletionMs: nullable(integer),
  rotationDays: nullable(integer),
  rotationFromMs: nullable(integer),
})
const ALIAS = row<AliasRow>({ name: text, keyId: text, createdMs: integer, updatedMs: integer })
const SEALED = row({ generation: integer, sealed: text })
const ROTATION = row({ generation: integer, madeMs: integer })

export class KeyStore {
  readonly #database: ServicesDatabase
  readonly #clock: Clock
  readonly #seal: Seal
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase, clock: Clock, seal: Seal) {
    applySchema(database, KMS_SCHEMA)
    this.#database = database
    this.#clock = clock
    this.#seal = seal
    this.#sql = prepare(database)
  }

  /** All of `work` or nothing of it. */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work)
  }

  find(id: string): KeyRow | undefined {
    this.#removeDeleted()
    return this.#sql.byId.get(id)
  }

  /** In the order of their ids, at most `limit` after `after`. */
  list(after: string, limit: number): readonly KeyRow[] {
    this.#removeDeleted()
    return this.#sql.list.all(after, limit)
  }

  create(
    key: Pick<KeyRow, 'id' | 'spec' | 'keyUsage' | 'manager' | 'isMultiRegion' | 'description' | 'policy' | 'tags'>,
    material: string,
  ): KeyRow {
    const createdMs = this.#clock.now()
    const { id, spec, keyUsage, manager, isMultiRegion, description, policy, tags } = key
    this.transaction(() => {
      this.#sql.insert.run(id, spec, keyUsage, manager, isMultiRegion ? 1 : 0, description, policy, tags, createdMs)
      this.addMaterial(id, 1, material)
    })
    return { ...key, isEnabled: true, createdMs, deletionMs: null, rotationDays: null, rotationFromMs: null }
  }

  change(key: KeyRow, change: KeyChange): KeyRow {
    const changed = { ...key, ...change }
    const { description, isEnabled, policy, tags, deletionMs, rotationDays, rotationFromMs, id } = changed
    this.#sql.update.run(description, isEnabled ? 1 : 0, policy, tags, deletionMs, rotationDays, rotationFromMs, id)
    return changed
  }

  addMaterial(keyId: string, generation: number, material: string): void {
    this.#sql.insertMaterial.run(keyId, generation, this.#seal.close(material, placeOf(keyId, generation)), this.#clock.now())
  }

  /** That of a generation, or the newest; undefined where the key never had it. */
  material({ id }: KeyRow, generation?: number): Material | undefined {
    const found = generation === undefined ? this.#sql.newestMaterial.get(id) : this.#sql.material.get(id, generation)
    return found && { generation: found.generation, text: this.#seal.open(found.sealed, placeOf(id, found.generation)) }
  }

  newestMaterial(key: KeyRow): Material {
    const found = this.material(key)
    assert(found !== undefined, `key ${key.id} has a material`)
    return found
  }

  /** When each material after the first was made, oldest first. */
  rotations({ id }: KeyRow): readonly { readonly generation: number; readonly madeMs: number }[] {
    return this.#sql.rotations.all(id)
  }

  alias(name: string): AliasRow | undefined {
    this.#removeDeleted()
    return this.#sql.alias.get(name)
  }

  /** In the order of their names, at most `limit` after `after`. */
  aliases(after: string, limit: number, keyId: string | undefined): readonly AliasRow[] {
    this.#removeDeleted()
    return this.#sql.aliases.all(after, keyId ?? null, keyId ?? null, limit)
  }

  putAlias(name: string, keyId: string): void {
    const now = this.#clock.now()
    this.#sql.putAlias.run(name, keyId, now, now)
  }

  removeAlias(name: string): void {
    this.#sql.removeAlias.run(name)
  }

  #removeDeleted(): void {
    for (const id of this.#sql.deleted.all(this.#clock.now())) {
      this.transaction(() => {
        this.#sql.removeAliases.run(id)
        this.#sql.removeMaterials.run(id)
        this.#sql.remove.run(id)
      })
    }
  }
}

const placeOf = (keyId: string, generation: number): string => `kms:${keyId}#${generation}`

const prepare = (database: ServicesDatabase) => ({
  byId: database.prepare<[string], KeyRow>('SELECT * FROM kms_keys WHERE id = ?', KEY),
  list: database.prepare<[string, number], KeyRow>('SELECT * FROM kms_keys WHERE id > ? ORDER BY id LIMIT ?', KEY),
  deleted: database.prepareValue<[number], string>('SELECT id FROM kms_keys WHERE deletionMs <= ?', text),
  insert: database.prepare<[string, string, string, string, number, string, string, string, number]>(
    `INSERT INTO kms_keys (id, spec, keyUsage, manager, isMultiRegion, description, isEnabled, policy, tags, createdMs)
     VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?)`,
  ),
  update: database.prepare<[string, number, string, string, number | null, number | null, number | null, string]>(
    `UPDATE kms_keys SET description = ?, isEnabled = ?, policy = ?, tags = ?, deletionMs = ?, rotationDays = ?,
     rotationFromMs = ? WHERE id = ?`,
  ),
  remove: database.prepare<[string]>('DELETE FROM kms_keys WHERE id = ?'),
  insertMaterial: database.prepare<[string, number, string, number]>(
    'INSERT INTO kms_materials (keyId, generation, sealed, madeMs) VALUES (?, ?, ?, ?)',
  ),
  material: database.prepare<[string, number], { generation: number; sealed: string }>(
    'SELECT generation, sealed FROM kms_materials WHERE keyId = ? AND generation = ?',
    SEALED,
  ),
  newestMaterial: database.prepare<[string], { generation: number; sealed: string }>(
    'SELECT generation, sealed FROM kms_materials WHERE keyId = ? ORDER BY generation DESC LIMIT 1',
    SEALED,
  ),
  rotations: database.prepare<[string], { generation: number; madeMs: number }>(
    'SELECT generation, madeMs FROM kms_materials WHERE keyId = ? AND generation > 1 ORDER BY generation',
    ROTATION,
  ),
  removeMaterials: database.prepare<[string]>('DELETE FROM kms_materials WHERE keyId = ?'),
  alias: database.prepare<[string], AliasRow>('SELECT * FROM kms_aliases WHERE name = ?', ALIAS),
  aliases: database.prepare<[string, string | null, string | null, number], AliasRow>(
    'SELECT * FROM kms_aliases WHERE name > ? AND (? IS NULL OR keyId = ?) ORDER BY name LIMIT ?',
    ALIAS,
  ),
  putAlias: database.prepare<[string, string, number, number]>(
    `INSERT INTO kms_aliases (name, keyId, createdMs, updatedMs) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET keyId = excluded.keyId, updatedMs = excluded.updatedMs`,
  ),
  removeAlias: database.prepare<[string]>('DELETE FROM kms_aliases WHERE name = ?'),
  removeAliases: database.prepare<[string]>('DELETE FROM kms_aliases WHERE keyId = ?'),
})
