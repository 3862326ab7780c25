/**
 * Brings a schema to its newest version: forward only, by numbered migrations, of which the first is 1. The version that the
 * data has is read, judged and raised in one transaction, so that all that is missing is done, or nothing is.
 */
import { StartError } from '../base/start-error.ts'

import type { Database } from './database.ts'

/** Where the version of a schema is kept. 0: nothing has been done yet. */
export interface SchemaVersion {
  /** What a refusal calls it. */
  readonly name: string
  read(): number
  write(version: number): void
}

/** Throws when the data was written by a newer Regente: its schema is not understood. Then nothing is changed. */
export function migrate(database: Database, version: SchemaVersion, migrations: readonly string[]): void {
  database.transaction(() => {
    const found = version.read()
    if (found > migrations.length) {
      throw new StartError(
        `The data was written by a newer Regente (${version.name} ${found}; this one knows ${migrations.length}). Update Regente, or name another --data folder.`,
      )
    }
    if (found === migrations.length) return
    for (const sql of migrations.slice(found)) database.exec(sql)
    version.write(migrations.length)
  })
}

/** Of a file that has one schema. */
export const versionOfFile = (database: Database): SchemaVersion => ({
  name: 'schema',
  read: () => database.prepareValue<[], number>('PRAGMA user_version').get() ?? 0,
  write: (version) => database.exec(`PRAGMA user_version = ${version}`),
})

/** Of one of the schemas that share a file, each with a name of its own: a row of the table `schema_versions`. */
export const versionOf = (database: Database, name: string): SchemaVersion => {
  database.exec('CREATE TABLE IF NOT EXISTS schema_versions (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID')
  return {
    name: `schema of ${name}`,
    read: () => database.prepareValue<[string], number>('SELECT version FROM schema_versions WHERE name = ?').get(name) ?? 0,
    write: (version) =>
      void database
        .prepare<[string, number]>('INSERT OR REPLACE INTO schema_versions (name, version) VALUES (?, ?)')
        .run(name, version),
  }
}
