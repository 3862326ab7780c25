import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { Database } from './database.ts'

let directory: string
let db: Database
let other: Database
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'regente-group-'))
  const file = join(directory, 'some.sqlite')
  db = new Database(file)
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL)')
  other = new Database(file, { isReadOnly: true })
})
afterEach(() => {
  other.close()
  if (db.isOpen) db.close()
  rmSync(directory, { recursive: true })
})

const add = (name: string) => db.prepare('INSERT INTO item (name) VALUES (?)').run(name).lastInsertRowid
const namesIn = (of: Database) => of.prepareValue<[], string>('SELECT name FROM item ORDER BY id').all()
const LARGE = 'x'.repeat(9_000)

const refuse = (message: string) => {
  throw new Error(message)
}

/** What each came to: its result, or what it was refused with. */
const fatesOf = async (all: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(all)).map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message))

describe('what is asked for in one turn of the event loop', () => {
  test('is done in its order, in one commit, and told when that is done', async () => {
    const commits = vi.spyOn(db, 'transaction')
    const told: string[] = []
    const all = ['a', 'b', 'c'].map((name) => db.inGroup(() => add(name)).then(() => told.push(`${name}: ${namesIn(other)}`)))
    expect(namesIn(db)).toEqual([])
    await Promise.all(all)
    expect(told).toEqual(['a: a,b,c', 'b: a,b,c', 'c: a,b,c'])
    expect(commits).toHaveBeenCalledTimes(1)
  })

  test('is seen by nobody before that: others write and read as if it were not there', async () => {
    const later = db.inGroup(() => add('later'))
    add('at once')
    expect(namesIn(other)).toEqual(['at once'])
    await later
    expect(namesIn(other)).toEqual(['at once', 'later'])
  })

  test('may be much: the event loop has its turns meanwhile', async () => {
    const all = Array.from({ length: 1_000 }, (_, index) => db.inGroup(() => add(String(index))))
    await all[0]
    expect(namesIn(db).length).toBeLessThan(1_000)
    await Promise.all(all)
    expect(namesIn(db)).toHaveLength(1_000)
  })
})

describe('one that fails', () => {
  test('before it has written leaves the others in their one commit', async () => {
    const commits = vi.spyOn(db, 'transaction')
    const all = [db.inGroup(() => add('a')), db.inGroup(() => refuse('no')), db.inGroup(() => add('b'))]
    expect(await fatesOf(all)).toEqual([1, 'no', 2])
    expect(commits).toHaveBeenCalledTimes(1)
  })

  test('after it has written takes back its own alone', async () => {
    const all = [
      db.inGroup(() => add('a')),
      db.inGroup(() => {
        add('half')
        refuse('no')
      }),
      db.inGroup(() => add('b')),
    ]
    expect(await fatesOf(all)).toEqual([1, 'no', 2])
    expect(namesIn(other)).toEqual(['a', 'b'])
  })

  test('by a statement that is refused fails alone', async () => {
    const all = [db.inGroup(() => add('a')), db.inGroup(() => add('a')), db.inGroup(() => add('b'))]
    expect(await fatesOf(all)).toEqual([1, expect.stringContaining('UNIQUE constraint failed'), 2])
  })

  test('for want of room fails alone, and those that find room are done', async () => {
    const pages = db.prepareValue<[], number>('PRAGMA page_count').get() ?? 0
    db.exec(`PRAGMA max_page_count = ${pages}`)
    const all = [db.inGroup(() => add('a')), db.inGroup(() => add(LARGE)), db.inGroup(() => add('b'))]
    expect(await fatesOf(all)).toEqual([1, expect.stringContaining('database or disk is full'), 2])
    expect(namesIn(other)).toEqual(['a', 'b'])
  })
})

describe('a commit that fails', () => {
  test('is told to all of it, and nothing of it is there', async () => {
    db.exec('PRAGMA query_only = 1')
    const all = [db.inGroup(() => add('a')), db.inGroup(() => add('b'))]
    const refused = expect.stringContaining('attempt to write a readonly database')
    expect(await fatesOf(all)).toEqual([refused, refused])
    db.exec('PRAGMA query_only = 0')
    expect(await db.inGroup(() => add('c'))).toBe(1)
  })

  test('only as a whole is made up for by one for each', async () => {
    const run = db.transaction.bind(db)
    vi.spyOn(db, 'transaction').mockImplementationOnce((work) =>
      run(() => {
        work()
        throw new Error('disk I/O error')
      }),
    )
    expect(await fatesOf([db.inGroup(() => add('a')), db.inGroup(() => add('b'))])).toEqual([1, 2])
    expect(namesIn(other)).toEqual(['a', 'b'])
  })

  test('comes also where the connection was closed meanwhile', async () => {
    const all = [db.inGroup(() => add('a')), db.inGroup(() => add('b'))]
    db.close()
    expect(await fatesOf(all)).toEqual(['database is not open', 'database is not open'])
  })
})
