/** The files in which objects lie, by what the database names: for whoever looks after a data folder from outside. */
import type { ServicesDatabase } from '../kit/database.ts'

import { segmentPath } from './content.ts'

/** Their paths below the data folder; one may come more than once. */
export function* segmentFiles(database: ServicesDatabase): Generator<string> {
  const tables = database
    .prepareValue<[], string>("SELECT name FROM sqlite_schema WHERE name IN ('s3_object', 's3_version', 's3_part')")
    .all()
  for (const table of tables) {
    const ids = database.prepareValue<[], string>(`SELECT one.value ->> 'id' FROM ${table}, json_each(segments) AS one`)
    for (const id of ids.iterate()) if (id.startsWith('f')) yield ['s3', ...segmentPath(id)].join('/')
  }
}
