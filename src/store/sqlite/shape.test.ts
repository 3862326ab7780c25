import { expect, test } from 'vitest'

import { Database } from '../../sqlite/database.ts'
import { flag, integer, text } from '../../sqlite/row.ts'

import { optional, shapeOf } from './shape.ts'

interface Thing {
  readonly key: number
  readonly itsName?: string
  readonly isBusy: boolean
  readonly isOld?: boolean
}
const SHAPE = shapeOf<Thing>({ key: integer, itsName: optional(text), isBusy: flag, isOld: optional(flag) })

test('a record lies in its columns, booleans as numbers and what is absent as NULL', () => {
  expect(SHAPE.columns).toBe('key, its_name, is_busy, is_old')
  expect(SHAPE.marks).toBe('?, ?, ?, ?')
  expect(SHAPE.values({ key: 1, isBusy: true })).toEqual([1, null, 1, null])
  expect(SHAPE.values({ key: 0, itsName: '', isBusy: false, isOld: false })).toEqual([0, '', 0, 0])
})

test('a row is read as the record that it was, whatever other columns it has', () => {
  const db = new Database(':memory:')
  db.exec('CREATE TABLE things (key INTEGER, its_name TEXT, is_busy INTEGER, is_old INTEGER, input TEXT)')
  const records: Thing[] = [
    { key: 1, isBusy: true },
    { key: 2, itsName: '', isBusy: false, isOld: false },
  ]
  const insert = db.prepare(`INSERT INTO things (${SHAPE.columns}, input) VALUES (${SHAPE.marks}, 'large')`)
  for (const record of records) insert.run(...SHAPE.values(record))
  expect(db.prepare<[], Thing>('SELECT * FROM things ORDER BY key', SHAPE.reader).all()).toEqual(records)
  db.close()
})

test('a patch assigns the columns of the members that it has, and NULL to what is null', () => {
  expect(SHAPE.assignments({ isBusy: false, itsName: null, isOld: undefined })).toEqual({
    sql: 'is_busy = ?, its_name = ?',
    values: [0, null],
  })
  expect(SHAPE.assignments({})).toEqual({ sql: '', values: [] })
})
