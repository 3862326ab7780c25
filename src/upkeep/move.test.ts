import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { asId } from '../base/id-in-test.ts'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { silentLog } from '../base/log.ts'

import { openSqliteStore } from '../store/sqlite/store.ts'
import { at, executionOf, firstTurn, madeMachine } from '../store/testing/records.ts'
import { wholeLog } from '../store/testing/whole-log.ts'

import { checkNotMoved, openDataDirectory } from '../data-directory.ts'

import { move } from './move.ts'

let home: string
let from: string
let to: string
let file: string
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'regente-move-'))
  from = join(home, 'from')
  to = join(home, 'to')
  file = join(home, 'store.ndjson')
  const store = await openSqliteStore({ directory: from, log: silentLog })
  await madeMachine(store)
  await store.commit([
    firstTurn(executionOf(1, { input: '{"text": "é\\u0000\\n\u2028"}' })),
    firstTurn(executionOf(2, { status: 'SUCCEEDED', stopAt: at(9) })),
  ])
  await store.close()
})
afterEach(() => rmSync(home, { recursive: true }))

const withoutProgress = (given: { from: string; to: string; withClosed?: boolean }) => move({ withClosed: false, ...given })
async function keysIn(directory: string): Promise<number[]> {
  const store = await openSqliteStore({ directory, log: silentLog })
  const { rows } = await store.executions({}, 99)
  await store.close()
  return rows.map(({ key }) => key).toSorted((a, b) => a - b)
}

test('into another folder: definitions and open executions, all of them if asked; a server starts there, and no more here', async () => {
  expect(await withoutProgress({ from, to })).toMatchObject({ state_machines: 1, revisions: 1, executions: 1, log: 1 })
  await openDataDirectory(to, silentLog)
  await checkNotMoved(to)
  expect(await keysIn(to)).toEqual([1])
  await expect(checkNotMoved(from)).rejects.toThrow(`go on elsewhere: Moved to ${to} at`)
  await expect(withoutProgress({ from, to: join(home, 'other') })).rejects.toThrow('go on elsewhere')
  await withoutProgress({ from: to, to: join(home, 'other'), withClosed: true })
  expect(await keysIn(join(home, 'other'))).toEqual([1])
})

test('into a file and out of it: the same again, and the store goes on', async () => {
  await withoutProgress({ from, to: file, withClosed: true })
  await checkNotMoved(from)
  expect(await withoutProgress({ from: file, to })).toMatchObject({ executions: 2 })
  await withoutProgress({ from: to, to: join(home, 'again.ndjson'), withClosed: true })
  expect(readFileSync(join(home, 'again.ndjson'), 'utf8')).toBe(readFileSync(file, 'utf8'))
  const store = await openSqliteStore({ directory: to, log: silentLog })
  expect(await store.executionByKey(asId(1))).toEqual(executionOf(1, { input: '{"text": "é\\u0000\\n\u2028"}' }))
  expect(await wholeLog(store, asId(1))).toHaveLength(2)
  await store.close()
})

test('a source that a server uses is refused', async () => {
  const store = await openSqliteStore({ directory: from, log: silentLog })
  await expect(withoutProgress({ from, to })).rejects.toThrow('Another Regente uses the folder')
  await store.close()
  expect(existsSync(to)).toBe(false)
})

test('a target that is not empty is refused and left as it is', async () => {
  mkdirSync(to)
  writeFileSync(join(to, 'mine'), '')
  await expect(withoutProgress({ from, to })).rejects.toThrow(`The folder ${to} is not empty`)
  expect(readdirSync(to)).toEqual(['mine'])
  writeFileSync(file, '')
  await expect(withoutProgress({ from, to: file })).rejects.toThrow(`${file} is there already`)
  await checkNotMoved(from)
})

test.each([
  [(text: string) => text.slice(0, -20), /line \d+: (?:it is no line|the file is cut off there)/],
  [(text: string) => text.split('\n').slice(0, -2).join('\n'), 'the file is cut off there.'],
  [(text: string) => text.split('\n').toSpliced(3, 1).join('\n'), 'rows were written, and'],
  [() => 'some text\n', 'line 1: this is not a file that `regente move` has written.'],
  [
    (text: string) => text.replace('"format":1', '"format":2'),
    'line 1: it was written by another Regente (format 2; this one knows 1).',
  ],
  [(text: string) => text.replace('"start_at":', '"begun_at":'), 'executions has no column begun_at.'],
  [(text: string) => text.replace('"is_busy":false', '"is_busy":0'), 'executions.is_busy is not true or false.'],
  [(text: string) => text.replace('"table":"executions"', '"table":"others"'), 'it is no row of a table that there is.'],
])('a file that is damaged is told with its line, and leaves nothing', async (damage, message) => {
  await withoutProgress({ from, to: file })
  writeFileSync(file, damage(readFileSync(file, 'utf8')))
  await expect(withoutProgress({ from: file, to })).rejects.toThrow(message)
  expect(readdirSync(to)).toEqual([])
})

test('what cannot be is told', async () => {
  await expect(withoutProgress({ from: join(home, 'none'), to })).rejects.toThrow(
    `There is no data of Regente in ${join(home, 'none')}.`,
  )
  await expect(withoutProgress({ from: join(home, 'none.ndjson'), to })).rejects.toThrow(
    `There is no file ${join(home, 'none.ndjson')}.`,
  )
  await expect(withoutProgress({ from, to: from })).rejects.toThrow('both places are the same')
})
