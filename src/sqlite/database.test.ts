import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { Database } from './database.ts'
import { SQLITE_BUSY, SqliteError } from './error.ts'

let directory: string
let file: string
let db: Database
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'regente-sqlite-'))
  file = join(directory, 'some.sqlite')
  db = new Database(file)
  db.exec('CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE, size INTEGER, data BLOB)')
})
afterEach(() => {
  if (db.isOpen) db.close()
  rmSync(directory, { recursive: true })
})

const add = (name: string) => db.prepare('INSERT INTO item (name) VALUES (?)').run(name)
const names = () => db.prepareValue<[], string>('SELECT name FROM item ORDER BY id').all()

function failureOf(work: () => unknown): SqliteError {
  try {
    work()
  } catch (error) {
    if (error instanceof SqliteError) return error
    throw error
  }
  throw new Error('it did not fail')
}

describe('a statement', () => {
  test('tells what it changed, and the row that it made', () => {
    expect(add('a')).toEqual({ changes: 1, lastInsertRowid: 1 })
    expect(add('b')).toEqual({ changes: 1, lastInsertRowid: 2 })
    expect(db.prepare('UPDATE item SET size = ?').run(7).changes).toBe(2)
  })

  test('gives rows by column, or the value of its only column; undefined when there is none', () => {
    add('a')
    expect(db.prepare('SELECT id, name, size FROM item').get()).toEqual({ id: 1, name: 'a', size: null })
    expect(db.prepareValue('SELECT name FROM item').get()).toBe('a')
    expect(db.prepareValue('SELECT name FROM item WHERE id = ?').get(2)).toBeUndefined()
  })

  test('of one text gives rows here and values there, whichever was made first', () => {
    add('a')
    const [values, rows] = [db.prepareValue('SELECT name FROM item'), db.prepare('SELECT name FROM item')]
    expect(values.get()).toBe('a')
    expect(rows.get()).toEqual({ name: 'a' })
    expect(values.all()).toEqual(['a'])
  })

  test('keeps instants, large numbers, bytes, and text of any characters', () => {
    const text = 'é\u{1f600} "quoted" \u0001'
    const row = { name: text, size: 1_900_000_000_123, data: Buffer.from([0, 255, 1]) }
    db.prepare('INSERT INTO item (name, size, data) VALUES (?, ?, ?)').run(row.name, row.size, row.data)
    expect(db.prepare('SELECT name, size, typeof(size) AS type, data FROM item').get()).toEqual({
      ...row,
      type: 'integer',
      data: Uint8Array.from([0, 255, 1]),
    })
  })

  test('keeps all that follows a NUL character', () => {
    add('before\0after')
    expect(names()[0]).toMatch(/^before[\0\u2400]after$/)
  })

  test('can be left in the middle of its rows, and the table be changed then', () => {
    for (const name of ['a', 'b', 'c']) add(name)
    for (const name of db.prepareValue<[], string>('SELECT name FROM item').iterate()) if (name === 'b') break
    db.exec('DROP TABLE item')
  })
})

describe('a transaction', () => {
  test('leaves nothing of what it did when its work throws', () => {
    const work = () => {
      add('a')
      throw new Error('no')
    }
    expect(() => db.transaction(work)).toThrow('no')
    expect(names()).toEqual([])
    expect(db.inTransaction).toBe(false)
  })

  test('inside another is undone alone, and with the other', () => {
    db.transaction(() => {
      add('a')
      expect(() =>
        db.transaction(() => {
          add('b')
          add('a')
        }),
      ).toThrow(/UNIQUE/)
      db.transaction(() => add('c'))
    })
    expect(names()).toEqual(['a', 'c'])
    expect(() =>
      db.transaction(() => {
        db.transaction(() => add('d'))
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(names()).toEqual(['a', 'c'])
  })

  test('that fills the disk throws, and the next one works when there is room', () => {
    db.exec('PRAGMA max_page_count = 4')
    const fill = () => db.transaction(() => db.prepare('INSERT INTO item (data) VALUES (zeroblob(?))').run(1_000_000))
    expect(failureOf(fill)).toMatchObject({ resultCode: 13, message: `database or disk is full (${file})` })
    expect(db.inTransaction).toBe(false)
    db.exec('PRAGMA max_page_count = 4000')
    fill()
  })
})

describe('an error names its file', () => {
  test('when another connection holds the lock', () => {
    db.exec('BEGIN EXCLUSIVE')
    const other = new Database(file, { busyTimeoutMs: 0 })
    expect(failureOf(() => other.exec('BEGIN IMMEDIATE'))).toMatchObject({
      resultCode: SQLITE_BUSY,
      message: `database is locked (${file})`,
    })
    other.close()
  })

  test('when the file is damaged, whatever is asked of it', () => {
    add('a')
    db.close()
    writeFileSync(file, Buffer.alloc(8192, 'not a page'), { flag: 'r+' })
    const damaged = new Database(file)
    const ask = [
      () => damaged.exec('PRAGMA journal_mode = WAL'),
      () => damaged.prepare('SELECT * FROM item'),
      () => [...damaged.prepare('PRAGMA user_version').iterate()],
      () => damaged.prepare('PRAGMA user_version').all(),
    ]
    for (const work of ask) expect(failureOf(work).message).toBe(`file is not a database (${file})`)
    damaged.close()
  })

  test('when it is not there, or may only be read', () => {
    const missing = join(directory, 'missing.sqlite')
    expect(failureOf(() => new Database(missing, { isReadOnly: true })).message).toContain(missing)
    const reader = new Database(file, { isReadOnly: true })
    expect(failureOf(() => reader.exec('DELETE FROM item')).message).toBe(`attempt to write a readonly database (${file})`)
    reader.close()
  })
})

test('loading it prints nothing, and warnings of others are still printed', () => {
  const script = `import('${new URL('./database.ts', import.meta.url).href}').then(() => process.emitWarning('of others'))`
  const run = ['-e', `process.on('warning', ({ message }) => console.log(message)); ${script}`]
  const printed = execFileSync(process.execPath, run, { encoding: 'utf8', env: { ...process.env, NODE_NO_WARNINGS: '1' } })
  expect(printed).toBe('of others\n')
})
