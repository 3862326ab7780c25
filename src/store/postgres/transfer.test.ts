import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { asId } from '../../base/id-in-test.ts'
import { silentLog } from '../../base/log.ts'

import type { ExecutionRecord } from '../contract.ts'
import { openSqliteStore } from '../sqlite/store.ts'
import { openSqliteSource, openSqliteTarget } from '../sqlite/transfer.ts'
import { endPostgresServer, isPostgresMissing, needsPostgres, type PostgresServer, postgresServer } from '../testing/postgres.ts'
import { at, eventsOf, executionOf, firstTurn, madeMachine, mapRunOf } from '../testing/records.ts'
import { wholeLog } from '../testing/whole-log.ts'
import {
  columnsOf,
  TABLE_NAMES,
  type TransferPart,
  type TransferRow,
  type TransferSource,
  type TransferTarget,
} from '../transfer.ts'
import { openPostgresStore } from './store.ts'
import { openPostgresSource, openPostgresTarget } from './transfer.ts'

/** All rows by table, in the order in which they are told. */
async function rowsOf(source: TransferSource, withClosed = true): Promise<Record<string, TransferRow[]>> {
  const rows: Record<string, TransferRow[]> = {}
  for await (const part of source.parts(withClosed)) (rows[part.table] ??= []).push(...part.rows)
  await source.close()
  return rows
}
async function transfer(source: TransferSource, target: TransferTarget, withClosed = true): Promise<void> {
  for await (const part of source.parts(withClosed)) await target.write(part)
  await target.finish()
  await source.close()
}

describe.skipIf(isPostgresMissing)(needsPostgres('a PostgreSQL store at one end of a move'), () => {
  let server: PostgresServer
  let home: string
  let folder: string
  let url: string
  beforeAll(async () => {
    server = await postgresServer()
  }, 60_000)
  afterAll(() => endPostgresServer())
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'regente-transfer-'))
    folder = join(home, 'from')
    url = server.url(await server.newDatabase())
  })
  afterEach(() => rm(home, { recursive: true }))

  const openFolder = (directory = folder) => openSqliteStore({ directory, log: silentLog })
  const openDatabase = async (of = url) => {
    const store = await openPostgresStore({ url: of, log: silentLog, leaseMs: 2_000 })
    await store.leases.join('http://node')
    await store.leases.renew()
    await store.leases.take(256)
    return store
  }
  const closed: Partial<ExecutionRecord> = { status: 'SUCCEEDED', stopAt: at(10), output: '1' }

  /** Definitions, executions that are open and closed, a Map Run with children, texts with all characters. */
  async function fillFolder(): Promise<void> {
    const store = await openFolder()
    const machine = await madeMachine(store)
    await store.createVersion({ stateMachineKey: machine.key, revisionKey: machine.revision.key, createdAt: at(1) }, machine.arn)
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
        ['m', 'é\u2028"\\'],
      ]),
    )
    await store.createActivity({ arn: asId('arn:activity'), name: 'activity', createdAt: at(3) })
    const gone = await madeMachine(store, 'gone')
    await store.deleteStateMachine(gone.key)
    await store.commit([
      firstTurn(executionOf(1, { isBusy: true, wakeAt: at(7), cause: 'a\u0000b\u0010' }), eventsOf(5)),
      firstTurn(executionOf(2, closed)),
    ])
    await store.keepRedrive(asId(1), 'token', at(3))
    const run = await store.createMapRun({ ...mapRunOf(1, 'arn:run'), toleratedFailurePercentage: 12.5 }, [
      { type: 'ReadingDone', at: at(1) },
    ])
    await store.commit([firstTurn(executionOf(11, { ...closed, mapRunKey: run.key, itemIndex: 0, itemCount: 1 }))])
    await store.close()
  }

  test('has all columns of a transfer', async () => {
    for (const table of TABLE_NAMES.filter((name) => name !== 'last_keys')) {
      const there = await server.query(
        `SELECT column_name AS name FROM information_schema.columns WHERE table_name = '${table}' AND is_generated = 'NEVER'`,
        url.split('/').at(-1),
      )
      const own = table === 'map_run_log' ? ['event_count'] : table === 'tags' ? ['place'] : []
      expect(
        columnsOf(table)
          .map(([name]) => name)
          .concat(own)
          .toSorted(),
        table,
      ).toEqual(there.map(({ name }) => String(name)).toSorted())
    }
  })

  test('takes all that a folder has, and gives it back as it was', async () => {
    await fillFolder()
    await transfer(openSqliteSource(folder), await openPostgresTarget(url))
    await transfer(await openPostgresSource(url), openSqliteTarget(join(home, 'back')))
    const { last_keys: keysBack = [], ...back } = await rowsOf(openSqliteSource(join(home, 'back')))
    const { last_keys: keys = [], ...rest } = await rowsOf(openSqliteSource(folder))
    expect(back).toEqual(rest)
    // Nodes fetch keys of executions ahead.
    const ofExecutions = ({ name }: TransferRow) => name === 'executions'
    expect(keysBack.filter((row) => !ofExecutions(row))).toEqual(keys.filter((row) => !ofExecutions(row)))
    expect(keysBack.find(ofExecutions)?.['key']).toBeGreaterThanOrEqual(11)
  })

  test('carries on with what was moved into it, and gives no key out again', async () => {
    await fillFolder()
    await transfer(openSqliteSource(folder), await openPostgresTarget(url), false)
    const store = await openDatabase()
    const machine = await store.stateMachine(asId('arn:machine:m'))
    expect([...(await store.tags(machine?.arn ?? asId(''))).keys()]).toEqual(['z', 'a', 'm'])
    expect(await store.executionByKey(asId(1))).toMatchObject({ cause: 'a\u0000b\u0010', isBusy: true })
    expect(await store.executionByKey(asId(2))).toBeUndefined()
    expect(await wholeLog(store, asId(1))).toHaveLength(5)
    expect(await store.commit([{ key: asId(1), sequence: 5, events: eventsOf(1, 6), patch: { lastEventId: 6 } }])).toEqual([
      'committed',
    ])
    const run = await store.wholeMapRun(asId('arn:run'))
    const turn = {
      key: run?.key ?? asId(0),
      sequence: 1,
      events: [{ type: 'Stopped', at: at(9) }],
      patch: {},
      children: [],
      reopensChildren: false,
    } as const
    expect(await store.commitMapRun(turn)).toBe('committed')
    expect((await madeMachine(store, 'next')).key).toBe(3)
    expect((await store.createMapRun(mapRunOf(1, 'arn:next'), [])).key).toBe(2)
    await store.close()
  })

  test('gives what began on it to a folder, and takes it again: with keys of today', async () => {
    const store = await openDatabase()
    await madeMachine(store)
    const key = store.newExecutionKey()
    await store.commit([firstTurn(executionOf(key))])
    await store.close()
    await transfer(await openPostgresSource(url), openSqliteTarget(folder))
    const moved = await openFolder()
    expect(await wholeLog(moved, key)).toHaveLength(2)
    const next = moved.newExecutionKey()
    expect(next).toBeGreaterThan(key)
    await moved.commit([firstTurn(executionOf(next))])
    await moved.close()
    const other = server.url(await server.newDatabase())
    await transfer(openSqliteSource(folder), await openPostgresTarget(other))
    const again = await openDatabase(other)
    expect(await wholeLog(again, next)).toHaveLength(2)
    for (let n = 0; n < 600; n++) expect(again.newExecutionKey('anywhere')).toBeGreaterThan(next)
    await again.close()
  })

  test('keeps nothing of a move that is given up', async () => {
    await fillFolder()
    const target = await openPostgresTarget(url)
    const source = openSqliteSource(folder)
    for await (const part of source.parts(true)) await target.write(part)
    await target.abandon()
    await source.close()
    expect((await rowsOf(await openPostgresSource(url))).state_machines).toBeUndefined()
  })

  test('is neither source nor target while nodes run on it, and no target when anything is in it', async () => {
    const store = await openDatabase()
    await expect(openPostgresSource(url)).rejects.toThrow(/^Nodes run on the database .*: http:\/\/node\. Stop them/)
    await expect(openPostgresTarget(url)).rejects.toThrow('Nodes run on the database')
    await madeMachine(store)
    await store.close()
    await expect(openPostgresTarget(url)).rejects.toThrow('is not empty, and nothing in it is overwritten')
    await (await openPostgresSource(url)).close()
  })

  test('on which a node has started in the meantime is no target any more', async () => {
    const target = await openPostgresTarget(url)
    await server.query(
      "INSERT INTO nodes (alive_until, url) VALUES (now() + interval '1 min', 'http://late')",
      url.split('/').at(-1),
    )
    const part: TransferPart = { table: 'activities', rows: [{ arn: 'arn:a', name: 'a', created_at: 1 }] }
    await target.write(part)
    await expect(target.finish()).rejects.toThrow('Nodes run on the database')
    await target.abandon()
  })

  test('that was moved away has no node start on it, until that is taken back', async () => {
    const source = await openPostgresSource(url)
    await source.leave()
    await source.close()
    await expect(openPostgresStore({ url, log: silentLog })).rejects.toThrow('go on elsewhere')
    await expect(openPostgresSource(url)).rejects.toThrow('go on elsewhere')
    await source.stay()
    await (await openPostgresSource(url)).close()
  })
})
