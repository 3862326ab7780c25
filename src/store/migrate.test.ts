import { expect, test } from 'vitest'

import { migrate } from './migrate.ts'

function databaseOf(version: number) {
  const applied: string[] = []
  return {
    applied,
    version: () => version,
    apply(sql: string, to: number) {
      if (sql === 'broken') throw new Error('no such table')
      applied.push(`${sql} to ${to}`)
      version = to
    },
  }
}

test('a new database gets all migrations in their order, each with its version', () => {
  const database = databaseOf(0)
  migrate(database, ['a', 'b', 'c'])
  expect(database.applied).toEqual(['a to 1', 'b to 2', 'c to 3'])
})

test('an older one gets what it lacks, and one that is up to date nothing', () => {
  const older = databaseOf(2)
  migrate(older, ['a', 'b', 'c'])
  expect(older.applied).toEqual(['c to 3'])
  migrate(older, ['a', 'b', 'c'])
  expect(older.applied).toEqual(['c to 3'])
})

test('a migration that fails ends it there: the next start tries it again', () => {
  const database = databaseOf(0)
  expect(() => migrate(database, ['a', 'broken', 'c'])).toThrow('no such table')
  expect(database.version()).toBe(1)
})

test('one of a newer Regente is refused and left as it is', () => {
  const database = databaseOf(4)
  expect(() => migrate(database, ['a'])).toThrow(/newer Regente \(schema 4; this one knows 1\)/)
  expect(database.applied).toEqual([])
})
