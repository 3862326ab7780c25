/** Repositories in the database. */
import type { Clock } from '../../base/clock.ts'

import { integer, nullable, row, text } from '../../sqlite/row.ts'

import { applySchema, type ServicesDatabase } from '../kit/database.ts'

import { ECR_SCHEMA } from './schema.ts'

export interface RepositoryRow {
  readonly name: string
  /** JSON text: what CreateRepository and the Put… actions set, under ECR's names. */
  readonly settings: string
  readonly lifecyclePolicy: string | null
  readonly policy: string | null
  /** JSON text of an object. */
  readonly tags: string
  readonly createdMs: number
}

export type RepositoryChange = Partial<Pick<RepositoryRow, 'settings' | 'lifecyclePolicy' | 'policy' | 'tags'>>

const REPOSITORY = row<RepositoryRow>({
  name: text,
  settings: text,
  lifecyclePolicy: nullable(text),
  policy: nullable(text),
  tags: text,
  createdMs: integer,
})

export class RepositoryStore {
  readonly #clock: Clock
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase, clock: Clock) {
    applySchema(database, ECR_SCHEMA)
    this.#clock = clock
    this.#sql = prepare(database)
  }

  find(name: string): RepositoryRow | undefined {
    return this.#sql.byName.get(name)
  }

  /** In the order of their names, at most `limit` after `after`. */
  list(after: string, limit: number): readonly RepositoryRow[] {
    return this.#sql.list.all(after, limit)
  }

  create(name: string, settings: string, tags: string): RepositoryRow {
    const createdMs = this.#clock.now()
    this.#sql.insert.run(name, settings, tags, createdMs)
    return { name, settings, tags, createdMs, lifecyclePolicy: null, policy: null }
  }

  change(repository: RepositoryRow, change: RepositoryChange): RepositoryRow {
    const changed = { ...repository, ...change }
    this.#sql.update.run(changed.settings, changed.lifecyclePolicy, changed.policy, changed.tags, changed.name)
    return changed
  }

  remove({ name }: RepositoryRow): void {
    this.#sql.remove.run(name)
  }
}

const prepare = (database: ServicesDatabase) => ({
  byName: database.prepare<[string], RepositoryRow>('SELECT * FROM ecr_repositories WHERE name = ?', REPOSITORY),
  list: database.prepare<[string, number], RepositoryRow>(
    'SELECT * FROM ecr_repositories WHERE name > ? ORDER BY name LIMIT ?',
    REPOSITORY,
  ),
  insert: database.prepare<[string, string, string, number]>(
    'INSERT INTO ecr_repositories (name, settings, tags, createdMs) VALUES (?, ?, ?, ?)',
  ),
  update: database.prepare<[string, string | null, string | null, string, string]>(
    'UPDATE ecr_repositories SET settings = ?, lifecyclePolicy = ?, policy = ?, tags = ? WHERE name = ?',
  ),
  remove: database.prepare<[string]>('DELETE FROM ecr_repositories WHERE name = ?'),
})
