import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { asId } from '../../base/id-in-test.ts'
import { ROOT_FRAME } from '../../base/ids.ts'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { Payload } from '../../base/payload.ts'
import { toInstant } from '../../base/time.ts'

import { Database } from '../../sqlite/database.ts'
import type { EngineEvent } from '../../engine/event.ts'
import { startTestServices } from '../../services/kit/testing/services.ts'
import { openSqliteStore } from '../../store/sqlite/store.ts'
import type { ExecutionRecord } from '../../store/contract.ts'
import { at, eventsOf, executionOf, firstTurn, madeMachine, mapRunOf } from '../../store/testing/records.ts'

import { openDataDirectory } from '../../data-directory.ts'

import { examine } from './doctor.ts'
import { isWell } from './finding.ts'

let directory: string
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'regente-doctor-'))
  await openDataDirectory(directory, silentLog)
})
afterEach(() => rmSync(directory, { recursive: true }))

const open = () => openSqliteStore({ directory, log: silentLog })
const started: EngineEvent = {
  id: 1,
  previousEventId: 0,
  at: at(1),
  frame: ROOT_FRAME,
  type: 'ExecutionStarted',
  input: Payload.ofText('{}'),
  roleArn: 'r',
}
const turnOf = (key: number, over: Partial<ExecutionRecord> = {}) =>
  firstTurn(executionOf(key, { lastEventId: 3, ...over }), [started, ...eventsOf(2, 2)])

/** A store with a machine, some executions and a Map Run. */
async function fill(): Promise<void> {
  const store = await open()
  await madeMachine(store)
  await store.commit([turnOf(1), turnOf(2, { isBusy: true })])
  const run = await store.createMapRun(mapRunOf(2, 'arn:run'), [{ type: 'ReadingDone', at: at(1) }])
  await store.commitMapRun({
    key: run.key,
    sequence: 1,
    events: [{ type: 'Stopped', at: at(2) }],
    patch: {},
    children: [executionOf(3, { status: 'PENDING', mapRunKey: run.key, itemIndex: 0, itemCount: 1 })],
    reopensChildren: false,
  })
  await store.close()
}

const look = (isDeep = false) => examine({ directory, isDeep })
const found = async (isDeep = false) =>
  (await look(isDeep)).findings.map(({ severity, check, message }) => `${severity} ${check}: ${message}`)
function change(sql: string, file = 'regente.sqlite'): void {
  const database = new Database(join(directory, file))
  database.exec(sql)
  database.close()
}

describe('of a data folder', () => {
  test.each([false, true])('that is well nothing is found, while a server runs on it or not; deep: %s', async (isDeep) => {
    await fill()
    await startTestServices(directory).close()
    const idle = await look(isDeep)
    expect(idle).toMatchObject({
      findings: [],
      facts: { isInUse: false, executions: { RUNNING: 2 }, schema: expect.any(Number) },
    })
    expect(isWell(idle)).toBe(true)
    const store = await open()
    const busy = await look(isDeep)
    expect(busy).toMatchObject({ findings: [], facts: { isInUse: true } })
    await store.commit([turnOf(9)])
    await store.close()
  })

  test('that has nothing in it yet nothing is found', async () => {
    expect((await look()).findings).toEqual([])
  })

  test('nothing is changed by looking', async () => {
    await fill()
    const before = statSync(join(directory, 'regente.sqlite'))
    await look(true)
    const after = statSync(join(directory, 'regente.sqlite'))
    expect([after.mtimeMs, after.size]).toEqual([before.mtimeMs, before.size])
    expect(
      readdirSync(directory)
        .filter((name) => !/-(?:wal|shm)$/.test(name))
        .toSorted(),
    ).toEqual(['local.sqlite', 'regente.lock', 'regente.sqlite'])
  })

  const ARN = executionOf(1).arn
  test.each([
    ['a turn is missing', 'DELETE FROM log WHERE execution_key = 1', `error log: ${ARN}: its log is empty.`],
    [
      'a row differs from its log',
      "UPDATE executions SET status = 'SUCCEEDED' WHERE key = 1",
      `error log: ${ARN}: its row says SUCCEEDED, its log RUNNING.`,
    ],
    [
      'a log cannot be read',
      "UPDATE log SET chunk = '{}' WHERE execution_key = 1",
      `error log: ${ARN}: its log cannot be read: Assertion failed: a chunk of the log has payloads and events.`,
    ],
    [
      'the log of a Map Run has a gap',
      'UPDATE map_run_log SET sequence = 2 WHERE sequence = 1',
      'error log: arn:run: its log has a gap before 2.',
    ],
  ])('it is told where %s', async (_, sql, told) => {
    await fill()
    change(sql)
    expect(await found()).toEqual([told])
    const [finding] = (await look()).findings
    expect(finding?.mend).not.toBe(undefined)
    expect(isWell(await look())).toBe(false)
  })

  test('rows that lack what they name are found by a deep look', async () => {
    await fill()
    change('DELETE FROM revisions; DELETE FROM executions WHERE key = 2')
    expect(await found()).toEqual([])
    expect(await found(true)).toEqual([
      'error rows: There are turns of a log without an execution: 1.',
      'error rows: There are Map Runs without an execution: 1.',
      'error rows: There are executions without their revision: 2.',
      'error rows: There are state machines without their revision: 1.',
    ])
  })

  test('of many faults that are alike some are told, and how many there are', async () => {
    const store = await open()
    await store.commit(Array.from({ length: 30 }, (_, n) => turnOf(n + 1, { lastEventId: 99 })))
    await store.close()
    const told = await found()
    expect(told).toHaveLength(21)
    expect(told.at(-1)).toBe('error log: And 10 more of that kind.')
  })

  test('a timer that is late is a fault where a server runs, and none where it waits for one', async () => {
    const store = await open()
    await store.commit([turnOf(1, { wakeAt: toInstant(systemClock.now() - 3_600_000) })])
    expect(await found()).toEqual(['warning timers: The earliest timer is late by 60 min, though a server runs.'])
    await store.close()
    expect(await found()).toEqual(['note timers: The earliest timer is due since 60 min: it fires when a server starts.'])
    expect(isWell(await look())).toBe(true)
  })

  test('data of a newer Regente, and of an older one, is told', async () => {
    await fill()
    change('PRAGMA user_version = 999')
    expect(await found()).toEqual([
      expect.stringMatching(/^error schema: The data was written by a newer Regente \(schema 999; /),
    ])
    change('PRAGMA user_version = 1')
    expect(await found()).toContainEqual(expect.stringMatching(/^note schema: The schema is of an older Regente/))
  })

  test('damage of a database is told, of whichever', async () => {
    await fill()
    await startTestServices(directory).close()
    for (const name of ['regente.sqlite', 'local.sqlite'])
      writeFileSync(join(directory, name), Buffer.alloc(20_000, 'x'), { flag: 'r+' })
    expect(await found()).toEqual([
      expect.stringMatching(/^error integrity: regente\.sqlite cannot be read: file is not a database/),
      expect.stringMatching(/^error integrity: local\.sqlite cannot be read: file is not a database/),
    ])
  })

  test('an object that has lost its file is told, and a key that is damaged', async () => {
    await startTestServices(directory).close()
    const segments = JSON.stringify([{ id: `fab${'0'.repeat(30)}`, bytes: 6 }])
    change(
      `INSERT INTO s3_object (bucket, key, bytes, etag, modified_ms, headers, checksum, tags, segments, part_bytes) VALUES ('b', 'k', 6, '', 0, '{}', NULL, '{}', '${segments}', '[]')`,
      'local.sqlite',
    )
    writeFileSync(join(directory, 'page-token.key'), 'short')
    expect(await found()).toEqual([
      `error objects: An object of S3 has lost its file s3/objects/ab/fab${'0'.repeat(30)}.`,
      'error keys: page-token.key is damaged: 5 bytes instead of 32.',
    ])
  })

  test('a folder that is half-made, or whose executions go on elsewhere, is told', async () => {
    await fill()
    writeFileSync(join(directory, 'incomplete'), '')
    writeFileSync(join(directory, 'moved'), 'Moved to /x at 2026.\n')
    expect(await found()).toEqual([
      'error folder: The folder is not whole: a restore or a move into it has not come to its end.',
      'note folder: The executions of this folder go on elsewhere. Moved to /x at 2026.',
    ])
  })

  test('that is none it is told', async () => {
    mkdirSync(join(directory, 'x'))
    await expect(examine({ directory: join(directory, 'x'), isDeep: false })).rejects.toThrow('There is no data of Regente in')
  })
})

describe('of a server', () => {
  async function answering(answers: Readonly<Record<string, object>>, work: (endpoint: string) => Promise<void>): Promise<void> {
    const server = createServer((req, res) => res.end(JSON.stringify(answers[req.url ?? ''] ?? {}))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.close()
    server.closeAllConnections()
  }

  test('that is well nothing is found', () =>
    answering({ '/_regente/health': { status: 'ok' }, '/_regente/quarantine': { quarantined: [] } }, async (endpoint) => {
      expect(await examine({ endpoint, isDeep: false })).toEqual({ findings: [], facts: { endpoint, health: 'ok' } })
    }))

  test('that is not, its reasons are told, and each execution in quarantine with how it is tried again', () =>
    answering(
      {
        '/_regente/health': {
          status: 'degraded',
          reasons: ['The store cannot write.', 'Executions in quarantine (/_regente/quarantine): 1.'],
        },
        '/_regente/quarantine': {
          quarantined: [{ executionArn: asId('arn:e'), reason: 'its log is broken', since: '2026-11-30T00:00:00Z' }],
        },
      },
      async (endpoint) => {
        const { findings } = await examine({ endpoint, isDeep: false })
        expect(findings.map(({ message }) => message)).toEqual([
          'The store cannot write.',
          'arn:e stands in quarantine since 2026-11-30T00:00:00Z: its log is broken.',
        ])
        expect(findings[1]?.mend).toContain('regente quarantine --retry arn:e')
      },
    ))

  test('that does not answer it is told', async () => {
    const { findings } = await examine({ endpoint: 'http://127.0.0.1:1', isDeep: false })
    expect(findings).toMatchObject([
      { severity: 'error', check: 'server', message: expect.stringContaining('No server of Regente answers') },
    ])
  })
})
