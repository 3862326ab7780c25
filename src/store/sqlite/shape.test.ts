import { expect, test } from 'vitest'

import { shapeOf } from './shape.ts'

interface Thing {
  readonly key: number
  readonly name?: string
  readonly isBusy: boolean
  readonly isOld?: boolean
}
const SHAPE = shapeOf<Thing>({ key: 'key', name: 'its_name', isBusy: 'is_busy', isOld: 'is_old' })

test('a record lies in its columns, booleans as numbers and what is absent as NULL', () => {
  expect(SHAPE.columns).toBe('key, its_name, is_busy, is_old')
  expect(SHAPE.marks).toBe('?, ?, ?, ?')
  expect(SHAPE.values({ key: 1, isBusy: true })).toEqual([1, null, 1, null])
  expect(SHAPE.values({ key: 0, name: '', isBusy: false, isOld: false })).toEqual([0, '', 0, 0])
})

test('a row is read as the record that it was', () => {
  const records: Thing[] = [
    { key: 1, isBusy: true },
    { key: 0, name: '', isBusy: false, isOld: false },
  ]
  for (const record of records) {
    const [key = null, its_name = null, is_busy = null, is_old = null] = SHAPE.values(record)
    expect(SHAPE.read({ key, its_name, is_busy, is_old })).toEqual(record)
  }
  // A row may have more columns than the record shows, or fewer.
  expect(SHAPE.read({ key: 1, is_busy: 1, input: 'large' })).toEqual({ key: 1, isBusy: true })
})

test('a patch assigns the columns of the members that it has, and NULL to what is null', () => {
  expect(SHAPE.assignments({ isBusy: false, name: null, isOld: undefined })).toEqual({
    sql: 'its_name = ?, is_busy = ?',
    values: [null, 0],
  })
  expect(SHAPE.assignments({})).toEqual({ sql: '', values: [] })
})
