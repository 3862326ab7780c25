import { expect, test } from 'vitest'

import { Database } from './database.ts'
import { migrate, versionOf, versionOfFile } from './migrations.ts'

const FIRST = 'CREATE TABLE item (id INTEGER PRIMARY KEY)'
const SECOND = "ALTER TABLE item ADD COLUMN name TEXT; INSERT INTO item (name) VALUES ('made by the second')"
const namesIn = (database: Database) => database.prepareValue<[], string>('SELECT name FROM item').all()

test.each([
  ['a file', versionOfFile],
  ['a name', (database: Database) => versionOf(database, 'items')],
])('a migration is done once, by the version of %s', (_, versionIn) => {
  const database = new Database(':memory:')
  migrate(database, versionIn(database), [FIRST])
  migrate(database, versionIn(database), [FIRST, SECOND])
  migrate(database, versionIn(database), [FIRST, SECOND])
  expect([versionIn(database).read(), namesIn(database)]).toEqual([2, ['made by the second']])
})

test('where one migration fails, none of them has happened', () => {
  const database = new Database(':memory:')
  const version = versionOf(database, 'items')
  expect(() => migrate(database, version, [FIRST, SECOND, 'NO SQL'])).toThrow('syntax error')
  expect(version.read()).toBe(0)
  migrate(database, version, [FIRST, SECOND])
  expect(namesIn(database)).toHaveLength(1)
})

test('data of a newer Regente is refused and left as it is', () => {
  const database = new Database(':memory:')
  const version = versionOf(database, 'items')
  migrate(database, version, [FIRST, SECOND])
  expect(() => migrate(database, version, [FIRST])).toThrow(
    'The data was written by a newer Regente (schema of items 2; this one knows 1). Update Regente, or name another --data folder.',
  )
  expect(version.read()).toBe(2)
})

test('schemas that share a file do not know of each other', () => {
  const database = new Database(':memory:')
  migrate(database, versionOf(database, 'items'), [FIRST, SECOND])
  expect(versionOf(database, 'others').read()).toBe(0)
})
