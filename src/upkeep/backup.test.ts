import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { asId } from '../base/id-in-test.ts'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { silentLog } from '../base/log.ts'

import { Database } from '../sqlite/database.ts'
import { startTestServices } from '../services/kit/testing/services.ts'
import { openSqliteStore } from '../store/sqlite/store.ts'
import { executionOf, firstTurn } from '../store/testing/records.ts'

import { openDataDirectory } from '../data-directory.ts'

import { backUp } from './backup.ts'
import { restore } from './restore.ts'

let home: string
let data: string
let target: string
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'regente-backup-'))
  data = join(home, 'data')
  target = join(home, 'restored')
  await openDataDirectory(data, silentLog)
})
afterEach(() => rmSync(home, { recursive: true }))

async function withStore<T>(
  work: (store: Awaited<ReturnType<typeof openSqliteStore>>) => Promise<T>,
  directory = data,
): Promise<T> {
  const store = await openSqliteStore({ directory, log: silentLog })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
const keysIn = (directory: string) =>
  withStore(async (store) => (await store.executions({}, 10_000)).rows.map(({ key }) => key).toSorted((a, b) => a - b), directory)

describe.each(['copy.tar', 'copy'])('a backup in %s', (name) => {
  const copy = () => join(home, name)

  test('is made and restored: databases, keys, objects and code, and nothing that can be made anew', async () => {
    await withStore((store) => store.commit([firstTurn(executionOf(1)), firstTurn(executionOf(2))]))
    await startTestServices(data).close()
    const object = `s3/objects/ab/fab${'0'.repeat(30)}`
    const files: readonly [string, string, number?][] = [
      ['page-token.key', 'k'.repeat(32)],
      [object, 'object'],
      ['lambda/f/0123/index.js', 'code'],
      ['lambda/f/0123/.draft-of-mine', 'code may have any name'],
      ['lambda/f/0123/bin/run', '#!/bin/sh', 0o700],
      ['lambda/f/0123.zip', 'archive'],
      ['mailbox/1.eml', 'mail'],
    ]
    const left: readonly [string, string][] = [
      ['lambda/f/.draft-1/half', ''],
      ['lambda/layers.laid/x/file', ''],
      ['mailbox/2.eml.part', ''],
      ['s3/tmp/half', ''],
      ['spool/x', ''],
      ['other.txt', 'not ours'],
    ]
    for (const [path, text, mode = 0o600] of [...files, ...left]) {
      mkdirSync(join(data, path, '..'), { recursive: true })
      writeFileSync(join(data, path), text, { mode })
    }
    symlinkSync('index.js', join(data, 'lambda/f/0123/link.js'))
    nameObject(object)
    const told = await backUp(data, copy())
    expect(await restore(copy(), target)).toEqual(told)
    for (const [path, text, mode = 0o600] of files) {
      expect(readFileSync(join(target, path), 'utf8'), path).toBe(text)
      expect(statSync(join(target, path)).mode & 0o777, path).toBe(mode)
    }
    expect(readFileSync(join(target, 'lambda/f/0123/link.js'), 'utf8')).toBe('code')
    const names = readdirSync(target).toSorted()
    expect(names).toEqual(['lambda', 'local.sqlite', 'mailbox', 'page-token.key', 'regente.sqlite', 's3', 'secrets.key'])
    expect(await keysIn(target)).toEqual([1, 2])
    expect(readdirSync(home).toSorted()).toEqual([name, 'data', 'restored'].toSorted())
  })

  test('leaves out what nothing names when it is restored: objects that were removed while it was made', async () => {
    await startTestServices(data).close()
    const path = `s3/objects/cd/fcd${'0'.repeat(30)}`
    writeFileSync(join(data, path), 'removed')
    await backUp(data, copy())
    await restore(copy(), target)
    expect(readdirSync(join(target, 's3/objects/cd'))).toEqual([])
  })

  test('has all that was acknowledged before it began, and a log without a gap, while others write', async () => {
    await withStore(async (store) => {
      let isOver = false
      let last = 0
      const write = async () => {
        while (!isOver) {
          const key = ++last
          await store.commit([firstTurn(executionOf(key, { input: JSON.stringify('x'.repeat(2_000)) }))])
        }
      }
      const writers = [write(), write(), write(), write()]
      while (last < 500) await new Promise((resolve) => setTimeout(resolve, 5))
      const acknowledged = last - writers.length
      await backUp(data, copy())
      expect(last).toBeGreaterThan(acknowledged)
      isOver = true
      await Promise.all(writers)
      await restore(copy(), target)
      const keys = await keysIn(target)
      expect(keys.length).toBeGreaterThanOrEqual(acknowledged)
      expect(keys).toEqual(keys.map((_, i) => i + 1))
    })
  })

  test('is refused where its name is taken, and leaves what is there as it is', async () => {
    await withStore(async () => {})
    mkdirSync(copy())
    writeFileSync(join(copy(), 'mine'), '1')
    await expect(backUp(data, copy())).rejects.toThrow('is there already, and nothing is overwritten.')
    expect(readdirSync(home).toSorted()).toEqual([name, 'data'].toSorted())
    expect(readdirSync(copy())).toEqual(['mine'])
  })
})

/** As S3 does when an object has been written. */
function nameObject(path: string): void {
  const database = new Database(join(data, 'local.sqlite'))
  const segments = JSON.stringify([{ id: path.split('/').at(-1), bytes: 6 }])
  const columns = 'bucket, key, bytes, etag, modified_ms, headers, tags, segments, part_bytes'
  database.exec(`INSERT INTO s3_object (${columns}) VALUES ('b', 'k', 6, '', 0, '{}', '{}', '${segments}', '[]')`)
  database.close()
}

test('a folder without data is told', async () => {
  await expect(backUp(home, join(home, 'copy.tar'))).rejects.toThrow(`There is no data of Regente in ${home}.`)
  expect(readdirSync(home)).toEqual(['data'])
})

describe('a restore', () => {
  const copy = () => join(home, 'copy')
  beforeEach(async () => {
    await withStore((store) => store.commit([firstTurn(executionOf(1))]))
    await backUp(data, copy())
  })

  test('into a folder that a server uses, or that has anything in it, is refused', async () => {
    await expect(withStore(() => restore(copy(), data))).rejects.toThrow(`The folder ${data} is not empty`)
    expect(await keysIn(data)).toEqual([1])
  })

  test('into the root of a file system works', async () => {
    mkdirSync(join(target, 'lost+found'), { recursive: true })
    await restore(copy(), target)
    expect(readdirSync(target).toSorted()).toEqual(['local.sqlite', 'lost+found', 'regente.sqlite'])
  })

  test.each<[string, string, () => void]>([
    ['misses a file', 'regente.sqlite is missing', () => rmSync(join(copy(), 'regente.sqlite'))],
    [
      'was damaged',
      'is damaged: it is not what was written',
      () => writeFileSync(join(copy(), 'regente.sqlite'), 'x', { flag: 'r+' }),
    ],
    ['is not whole', 'it has no backup.ndjson', () => rmSync(join(copy(), 'backup.ndjson'))],
    [
      'holds other things',
      'it holds others/x',
      () => (mkdirSync(join(copy(), 'others')) as undefined) ?? writeFileSync(join(copy(), 'others/x'), ''),
    ],
  ])('of a backup that %s is refused, and leaves nothing', async (_, message, damage) => {
    damage()
    await expect(restore(copy(), target)).rejects.toThrow(message)
    expect(readdirSync(target)).toEqual([])
  })

  test('of an archive that leads out of the folder is refused', async () => {
    writeFileSync(join(home, 'x.key'), 'k')
    mkdirSync(join(home, 'in'))
    execFileSync('tar', ['cPf', '../out.tar', '../x.key'], { cwd: join(home, 'in') })
    await expect(restore(join(home, 'out.tar'), target)).rejects.toThrow('it holds ../x.key')
    expect(readdirSync(target)).toEqual([])
  })

  test('of what is not there, or is no backup, is told', async () => {
    await expect(restore(join(home, 'none.tar'), target)).rejects.toThrow(`There is no backup at ${join(home, 'none.tar')}.`)
    writeFileSync(join(home, 'some.tar'), 'text')
    await expect(restore(join(home, 'some.tar'), target)).rejects.toThrow('it is cut off')
  })

  test('of data of a newer Regente is refused', async () => {
    const database = new Database(join(data, 'regente.sqlite'))
    database.exec('PRAGMA user_version = 999')
    database.close()
    await backUp(data, join(home, 'newer.tar'))
    await expect(restore(join(home, 'newer.tar'), target)).rejects.toThrow('it was made by a newer Regente (schema 999')
  })

  test('that was cut off leaves a folder on which no server starts, and into which nothing is restored', async () => {
    mkdirSync(target)
    writeFileSync(join(target, 'incomplete'), '')
    writeFileSync(join(target, 'regente.sqlite'), '')
    await expect(openDataDirectory(target, silentLog)).rejects.toThrow('is not whole')
    await expect(restore(copy(), target)).rejects.toThrow('was left half-made')
  })
})

test('what is missing in the restored folder is not made up: an execution reads as it was', async () => {
  await withStore((store) => store.commit([firstTurn(executionOf(7, { input: '{"é": 1}' }))]))
  await backUp(data, join(home, 'copy.tar'))
  await restore(join(home, 'copy.tar'), target)
  const row = await withStore((store) => store.executionByKey(asId(7)), target)
  expect(row).toEqual(executionOf(7, { input: '{"é": 1}' }))
})
