import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { asId } from '../../base/id-in-test.ts'
import { silentLog } from '../../base/log.ts'

import { Database } from '../../sqlite/database.ts'
import { migrate, versionOfFile } from '../../sqlite/migrations.ts'

import type { ExecutionRecord } from '../contract.ts'
import { at, eventsOf, executionOf, firstTurn, mapRunOf, pagesOf, revisionOf } from '../testing/records.ts'
import { wholeLog } from '../testing/whole-log.ts'
import { madeMachine } from '../testing/records.ts'
import { columnsOf, TABLE_NAMES, type TransferPart } from '../transfer.ts'
import { MIGRATIONS } from './migrations.ts'
import { openSqliteStore } from './store.ts'
import { openSqliteSource, openSqliteTarget } from './transfer.ts'

let home: string
let from: string
let to: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'regente-transfer-'))
  from = join(home, 'from')
  to = join(home, 'to')
})
afterEach(() => rm(home, { recursive: true }))

const open = (directory: string) => openSqliteStore({ directory, log: silentLog })

async function transfer(withClosed = false): Promise<void> {
  const source = openSqliteSource(from)
  const target = openSqliteTarget(to)
  for await (const part of source.parts(withClosed)) await target.write(part)
  await target.finish()
  await source.close()
}

async function partsOf(directory: string): Promise<TransferPart[]> {
  const source = openSqliteSource(directory)
  const parts: TransferPart[] = []
  for await (const part of source.parts(true)) parts.push(part)
  await source.close()
  return parts
}

const closed: Partial<ExecutionRecord> = { status: 'SUCCEEDED', stopAt: at(10), output: '1' }

test('the tables of a transfer have all columns that the databases have', () => {
  const database = new Database(':memory:')
  migrate(database, versionOfFile(database), MIGRATIONS)
  const columns = database.prepare<[string], { name: string; notnull: number }>(
    'SELECT name, "notnull" FROM pragma_table_info(?)',
  )
  for (const table of TABLE_NAMES.filter((name) => name !== 'last_keys')) {
    // The log's place in its file is no part of it; a primary key is never NULL.
    const there = columns.all(table).filter(({ name }) => table !== 'log' || name !== 'position')
    expect(
      columnsOf(table)
        .map(([name]) => name)
        .toSorted(),
      table,
    ).toEqual(there.map(({ name }) => name).toSorted())
    const optional = there
      .filter(({ name, notnull }) => notnull === 0 && name !== 'key' && name !== 'arn')
      .map(({ name }) => name)
    expect(
      columnsOf(table)
        .flatMap(([name, kind]) => (kind.endsWith('?') ? [name] : []))
        .toSorted(),
      table,
    ).toEqual(optional.toSorted())
  }
  const tables = database
    .prepareValue<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
  expect(tables.toSorted()).toEqual(TABLE_NAMES.filter((name) => name !== 'last_keys').toSorted())
})

test('definitions come with all that belongs to them, as they are', async () => {
  const store = await open(from)
  const machine = await madeMachine(store, 'm', '1')
  await store.updateStateMachine(machine.key, revisionOf('2'))
  const version = await store.createVersion(
    { stateMachineKey: machine.key, revisionKey: machine.revision.key, createdAt: at(1) },
    machine.arn,
  )
  await store.deleteVersion(version?.arn ?? asId(''))
  await store.createVersion(
    { stateMachineKey: machine.key, revisionKey: asId(2), createdAt: at(1), description: 'é' },
    machine.arn,
  )
  await store.putAlias({
    arn: asId(`${machine.arn}:a`),
    stateMachineKey: machine.key,
    name: 'a',
    routing: '[]',
    createdAt: at(1),
    updatedAt: at(2),
  })
  await store.putTags(
    machine.arn,
    new Map([
      ['z', '1'],
      ['a', '2'],
    ]),
  )
  await store.createActivity({ arn: asId('arn:activity'), name: 'activity', createdAt: at(3) })
  const gone = await madeMachine(store, 'gone')
  await store.deleteStateMachine(gone.key)
  await store.close()
  await transfer()
  expect(await partsOf(to)).toEqual(await partsOf(from))
  const moved = await open(to)
  expect(await moved.stateMachine(machine.arn)).toMatchObject({ key: machine.key, revision: { definition: '2' } })
  expect([...(await moved.tags(machine.arn)).keys()]).toEqual(['z', 'a'])
  // What was taken away keeps its key and its number.
  expect((await madeMachine(moved, 'next')).key).toBe(gone.key + 1)
  await moved.updateStateMachine(machine.key, revisionOf('3'))
  const next = await moved.stateMachine(machine.arn)
  const made = await moved.createVersion(
    { stateMachineKey: machine.key, revisionKey: next?.revision.key ?? asId(0), createdAt: at(4) },
    machine.arn,
  )
  expect(made?.version).toBe(3)
  await moved.close()
})

test('an execution that is open comes with its log, its redrives, its Map Runs and all their children, however deep', async () => {
  const store = await open(from)
  await store.commit([firstTurn(executionOf(1, { isBusy: true, wakeAt: at(7) }), eventsOf(5))])
  await store.commit([{ key: asId(1), sequence: 5, events: eventsOf(2, 6), patch: { lastEventId: 7 } }])
  await store.keepRedrive(asId(1), 'token', at(3))
  const run = await store.createMapRun(mapRunOf(1, 'arn:run'), [{ type: 'ReadingDone', at: at(1) }])
  const child = (over: Partial<ExecutionRecord>) => ({ ...over, mapRunKey: run.key, itemCount: 1 })
  await store.commit([
    firstTurn(executionOf(11, child({ ...closed, itemIndex: 0 }))),
    firstTurn(executionOf(12, child({ itemIndex: 1 }))),
  ])
  const inner = await store.createMapRun(mapRunOf(11, 'arn:inner'), [])
  await store.commit([firstTurn(executionOf(111, { ...closed, mapRunKey: inner.key, itemIndex: 0, itemCount: 1 }))])
  await store.close()
  await transfer()
  expect(await partsOf(to)).toEqual(await partsOf(from))
  const moved = await open(to)
  expect(await wholeLog(moved, asId(1))).toHaveLength(7)
  expect(await moved.due(at(9), 9)).toEqual([{ key: 1, wakeAt: at(7) }])
  expect(await moved.childRows(run.key)).toMatchObject({ running: [{ child: 1 }], endedItems: 1 })
  expect(moved.newExecutionKey()).toBe(112)
  await moved.close()
})

test('what has closed stays, unless it is asked for', async () => {
  const store = await open(from)
  await store.commit([firstTurn(executionOf(1, closed)), firstTurn(executionOf(2))])
  await store.keepRedrive(asId(1), 'token', at(3))
  const run = await store.createMapRun({ ...mapRunOf(1, 'arn:run'), status: 'SUCCEEDED' }, [{ type: 'ReadingDone', at: at(1) }])
  await store.commit([firstTurn(executionOf(11, { ...closed, mapRunKey: run.key, itemIndex: 0, itemCount: 1 }))])
  await store.close()
  await transfer()
  const moved = await open(to)
  expect((await moved.executions({}, 9)).rows.map(({ key }) => key)).toEqual([2])
  expect(await moved.executionByKey(asId(11))).toBeUndefined()
  expect(await wholeLog(moved, asId(1))).toEqual([])
  expect(await moved.mapRunByKey(run.key)).toBeUndefined()
  await moved.close()
  await rm(to, { recursive: true })
  await transfer(true)
  expect(await partsOf(to)).toEqual(await partsOf(from))
})

test('an execution that has closed comes while a Map Run of it, or of a child of it, is not over', async () => {
  const store = await open(from)
  await store.commit([1, 2, 3].map((key) => firstTurn(executionOf(key, closed))))
  await store.createMapRun(mapRunOf(1, 'arn:runs'), [])
  const over = await store.createMapRun({ ...mapRunOf(2, 'arn:over'), status: 'ABORTED' }, [])
  await store.commit([firstTurn(executionOf(21, { ...closed, mapRunKey: over.key, itemIndex: 0, itemCount: 1 }))])
  const inner = await store.createMapRun({ ...mapRunOf(21, 'arn:inner'), status: 'ABORTED' }, [])
  await store.commit([firstTurn(executionOf(211, { mapRunKey: inner.key, itemIndex: 0, itemCount: 1 }))])
  await store.close()
  await transfer()
  const moved = await open(to)
  const keys = (await pagesOf(9, (limit, page) => moved.executions({}, limit, page))).flat().map(({ key }) => key)
  expect(keys.toSorted()).toEqual([1, 2])
  for (const key of [21, 211]) expect(await moved.executionByKey(asId(key)), `child ${key}`).toBeDefined()
  await moved.close()
})

test('a folder that a store uses is neither source nor target', async () => {
  const store = await open(from)
  expect(() => openSqliteSource(from)).toThrow('Another Regente uses the folder')
  expect(() => openSqliteTarget(from)).toThrow('Another Regente uses the folder')
  await store.close()
})
