import { ROOT_FRAME } from '../../base/ids.ts'
import { asId } from '../../base/id-in-test.ts'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'

import { silentLog } from '../../base/log.ts'
import { Payload } from '../../base/payload.ts'
import { toInstant } from '../../base/time.ts'

import { Database } from '../../sqlite/database.ts'

import { testStoreContract } from '../contract-suite.ts'
import { executionOf, firstTurn } from '../testing/records.ts'
import { MIGRATIONS } from './migrations.ts'
import { openSqliteStore } from './store.ts'
import { wholeLog } from '../testing/whole-log.ts'

const newDirectory = () => mkdtemp(join(tmpdir(), 'regente-store-'))

testStoreContract('sqlite', async () => {
  const directory = await newDirectory()
  return {
    open: () => openSqliteStore({ directory, log: silentLog }),
    discard: () => rm(directory, { recursive: true }),
  }
})

describe('a data directory', () => {
  let directory: string
  beforeEach(async () => {
    directory = await newDirectory()
  })
  afterEach(() => rm(directory, { recursive: true }))

  test('belongs to one store at a time, and is free when that one is closed', async () => {
    const store = await openSqliteStore({ directory, log: silentLog })
    await expect(openSqliteStore({ directory, log: silentLog })).rejects.toThrow(/another regente uses/i)
    await store.close()
    await (await openSqliteStore({ directory, log: silentLog })).close()
  })

  test('of large payloads is listed without them, and read in parts', async () => {
    const store = await openSqliteStore({ directory, log: silentLog })
    const large = JSON.stringify('x'.repeat(200_000))
    const started = {
      type: 'ExecutionStarted',
      input: Payload.ofText(large),
      roleArn: 'r',
      previousEventId: 0,
      at: toInstant(0),
      frame: ROOT_FRAME,
    } as const
    await store.commit([
      {
        key: asId(1),
        sequence: 0,
        events: [{ ...started, id: 1 }],
        create: {
          key: asId(1),
          arn: asId('arn:1'),
          name: '1',
          stateMachineArn: asId('arn:m'),
          stateMachineKey: asId(1),
          revisionKey: asId(1),
          type: 'STANDARD',
          status: 'RUNNING',
          startAt: toInstant(0),
          input: '{}',
          isBusy: false,
          redriveCount: 0,
          lastEventId: 1,
        },
      },
    ])
    for (const id of [2, 3, 4]) await store.commit([{ key: asId(1), sequence: id - 1, events: [{ ...started, id }] }])
    const rows = [(await store.executions({ stateMachineKey: asId(1) }, 1)).rows[0], await store.executionSummary(asId('arn:1'))]
    for (const row of rows) expect(JSON.stringify(row).length).toBeLessThan(1_000)
    expect((await store.history(asId(1), 1, 100, false)).length).toBe(2)
    expect((await store.logPart(asId(1), 2)).length).toBe(2)
    await store.close()
  })

  test('with a row that nothing of ours wrote is told so, with its table, column and file', async () => {
    const store = await openSqliteStore({ directory, log: silentLog })
    const file = join(directory, 'regente.sqlite')
    await store.commit([firstTurn(executionOf(1)), firstTurn(executionOf(2))])
    const other = new Database(file)
    other.exec("UPDATE executions SET status = 'LOST' WHERE key = 1")
    other.exec('UPDATE log SET chunk = 7 WHERE execution_key = 1')
    other.close()
    await expect(store.executionByKey(asId(1))).rejects.toThrow(
      /^executions\.status is not one of PENDING, .*: "LOST" \(.*regente\.sqlite\)$/,
    )
    await expect(store.logPart(asId(1), 0)).rejects.toThrow('a chunk of the log is an object')
    expect(await store.executionByKey(asId(2))).toMatchObject({ key: 2 })
    await store.close()
  })

  test('that cannot be read is refused, and the refusal leaves no thread, file or lock behind', async () => {
    const store = await openSqliteStore({ directory, log: silentLog })
    await store.commit([firstTurn(executionOf(1))])
    await store.close()
    const file = join(directory, 'regente.sqlite')
    const damage = (sql: string) => {
      const db = new Database(file)
      db.exec(sql)
      db.close()
    }
    const writers: Worker[] = []
    const remember = (worker: Worker) => void writers.push(worker)
    process.on('worker', remember)
    onTestFinished(() => void process.off('worker', remember))
    damage('ALTER TABLE executions RENAME TO lost')
    await expect(openSqliteStore({ directory, log: silentLog })).rejects.toThrow(/no such table: executions/)
    expect(writers.map(({ threadId }) => threadId)).toEqual([-1])
    expect(await readdir(directory), 'the last connection is closed').not.toContain('regente.sqlite-wal')
    damage('ALTER TABLE lost RENAME TO executions')
    await (await openSqliteStore({ directory, log: silentLog })).close()
  })

  test('of a newer Regente is refused, and the refusal gives the directory back', async () => {
    await (await openSqliteStore({ directory, log: silentLog })).close()
    const file = join(directory, 'regente.sqlite')
    setVersion(file, 999)
    await expect(openSqliteStore({ directory, log: silentLog })).rejects.toThrow(/newer/)
    setVersion(file, MIGRATIONS.length)
    await (await openSqliteStore({ directory, log: silentLog })).close()
  })

  test('holds every acknowledged turn after kill -9 under load', async () => {
    for (let round = 0; round < 3; round++) {
      const acknowledged = await killUnderLoad(directory)
      expect(acknowledged.length).toBeGreaterThan(0)
      const store = await openSqliteStore({ directory, log: silentLog })
      for (const key of acknowledged) {
        expect(await store.executionByKey(asId(key)), `execution ${key}`).toBeDefined()
        expect(await wholeLog(store, asId(key))).toHaveLength(1)
      }
      await store.close()
      const db = new Database(join(directory, 'regente.sqlite'))
      expect(db.prepareValue('PRAGMA integrity_check').get()).toBe('ok')
      expect(db.prepareValue('SELECT count(*) FROM log WHERE execution_key NOT IN (SELECT key FROM executions)').get()).toBe(0)
      db.close()
    }
  })
})

function setVersion(file: string, version: number): void {
  const db = new Database(file)
  db.exec(`PRAGMA user_version = ${version}`)
  db.close()
}

/** Keys that were acknowledged before the process was killed: after at least 500 of them. */
async function killUnderLoad(directory: string): Promise<number[]> {
  const path = fileURLToPath(new URL('./kill-child.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, [path, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout?.on('data', (data: Buffer) => {
    text += data.toString()
    if (text.length > 3000) child.kill('SIGKILL')
  })
  await once(child, 'close')
  // The last line may be cut in the middle of its number.
  return text.split('\n').slice(0, -1).map(Number)
}
