/** Brings a database to the newest schema: what is missing, in order, each with its version in one transaction. */
export interface Migratable {
  version(): number
  apply(sql: string, version: number): void
}

/** Throws when the database was made by a newer Regente: its schema is not understood. */
export function migrate(database: Migratable, migrations: readonly string[]): void {
  const version = database.version()
  if (version > migrations.length) {
    throw new Error(
      `The data was written by a newer Regente (schema ${version}; this one knows ${migrations.length}). Update Regente, or name another --data folder.`,
    )
  }
  migrations.slice(version).forEach((sql, i) => {
    database.apply(sql, version + i + 1)
  })
}
