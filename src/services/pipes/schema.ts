/** The table of Pipes: one JSON document each. */
import type { ServiceSchema } from '../kit/database.ts'

export const PIPES_SCHEMA: ServiceSchema = {
  service: 'pipes',
  migrations: ['CREATE TABLE pipes (name TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID'],
}
