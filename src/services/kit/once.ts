/**
 * What a data folder is given once, when a Regente that knows of it first opens it: whoever removes it does not get it back. The
 * note of it and the thing itself are one commit.
 */
import { text } from '../../sqlite/row.ts'

import { applySchema, type ServiceSchema, type ServicesDatabase } from './database.ts'

const ONCE_SCHEMA: ServiceSchema = {
  service: 'once',
  migrations: ['CREATE TABLE done_once (what TEXT PRIMARY KEY) WITHOUT ROWID;'],
}

/** `what` is a name that never changes its meaning. */
export function once(database: ServicesDatabase, what: string, give: () => void): void {
  applySchema(database, ONCE_SCHEMA)
  const known = database.prepareValue<[string], string>('SELECT what FROM done_once WHERE what = ?', text)
  const note = database.prepare<[string]>('INSERT INTO done_once (what) VALUES (?)')
  if (known.get(what) !== undefined) return
  database.transaction(() => {
    note.run(what)
    give()
  })
}
