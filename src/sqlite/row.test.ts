import { afterEach, beforeEach, expect, test } from 'vitest'

import { Database } from './database.ts'
import { RowError } from './error.ts'
import { bytes, flag, integer, nullable, oneOf, real, row, type RowOf, text } from './row.ts'

const ITEM = row({
  id: integer,
  name: text,
  state: oneOf('new', 'old'),
  weight: nullable(real),
  is_light: flag,
  data: nullable(bytes),
})
type Item = RowOf<typeof ITEM>

let db: Database
beforeEach(() => {
  db = new Database(':memory:')
  db.exec('CREATE TABLE items (extra, id, name, state, weight, is_light, data)')
})
afterEach(() => db.close())

const put = (...values: (string | number | null | Uint8Array)[]) =>
  db.prepare('INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)').run(...values)
const items = () => db.prepare<[], Item>('SELECT * FROM items', ITEM)

test('a row is read by its columns, wherever they stand', () => {
  put('x', 1, 'a', 'new', 1.5, 1, new Uint8Array([7]))
  put('x', 2, 'b', 'old', null, 0, null)
  expect(items().all()).toEqual([
    { id: 1, name: 'a', state: 'new', weight: 1.5, is_light: true, data: new Uint8Array([7]) },
    { id: 2, name: 'b', state: 'old', weight: null, is_light: false, data: null },
  ])
  expect(db.prepare<[], Item>('SELECT data, is_light, weight, state, name, id FROM items', ITEM).get()).toMatchObject({ id: 1 })
})

test.each([
  [['x', 1.5, 'a', 'new', null, 1, null], 'items.id is not a whole number: 1.5 (:memory:)'],
  [['x', 1, 5, 'new', null, 1, null], 'items.name is not text: 5 (:memory:)'],
  [['x', 1, null, 'new', null, 1, null], 'items.name is not text: null (:memory:)'],
  [['x', 1, 'a', 'lost', null, 1, null], 'items.state is not one of new, old: "lost" (:memory:)'],
  [['x', 1, 'a', 'new', 'heavy', 1, null], 'items.weight is not a number, or NULL: "heavy" (:memory:)'],
  [['x', 1, 'a', 'new', null, 2, null], 'items.is_light is not 0 or 1: 2 (:memory:)'],
  [['x', 1, 'a', 'new', null, 1, 'text'], 'items.data is not bytes, or NULL: "text" (:memory:)'],
])('what is not of its column is told with its place: %j', (values, told) => {
  put(...values)
  expect(() => items().all()).toThrow(new RowError(told))
  expect(() => items().get()).toThrow(told)
  expect(() => [...items().iterate()]).toThrow(told)
})

test('a value is read by its column', () => {
  put('x', 1, 'a', 'new', null, 1, null)
  expect(db.prepareValue<[], number>('SELECT count(*) FROM items', integer).get()).toBe(1)
  expect(() => db.prepareValue<[], number>('SELECT name FROM items', integer).get()).toThrow(
    'items.name is not a whole number: "a"',
  )
  expect(() => db.prepareValue<[], string>('SELECT max(id) FROM items', text).get()).toThrow('max(id) is not text: 1')
})

test('a statement that lacks a column is refused before it runs', () => {
  expect(() => db.prepare<[], Item>('SELECT id, name FROM items', ITEM)).toThrow('the statement gives a column state')
})
