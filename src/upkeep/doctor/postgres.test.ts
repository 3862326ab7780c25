import { asId } from '../../base/id-in-test.ts'
import { ROOT_FRAME } from '../../base/ids.ts'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { Payload } from '../../base/payload.ts'
import { toInstant } from '../../base/time.ts'

import type { EngineEvent } from '../../engine/event.ts'
import type { ExecutionRecord } from '../../store/contract.ts'
import { openPostgresStore } from '../../store/postgres/store.ts'
import {
  endPostgresServer,
  isPostgresMissing,
  needsPostgres,
  type PostgresServer,
  startPostgres,
} from '../../store/testing/postgres.ts'
import { at, eventsOf, executionOf, firstTurn, madeMachine, mapRunOf } from '../../store/testing/records.ts'

import { examine } from './doctor.ts'
import { isWell } from './finding.ts'

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

describe.skipIf(isPostgresMissing)(needsPostgres('the doctor of a PostgreSQL store'), () => {
  let server: PostgresServer
  let database: string
  let url: string
  beforeAll(async () => {
    server = await startPostgres({ fsync: true })
  }, 60_000)
  afterAll(async () => {
    await server.discard()
    await endPostgresServer()
  })
  beforeEach(async () => {
    database = await server.newDatabase()
    url = server.url(database)
  })

  async function openNode() {
    const store = await openPostgresStore({ url, log: silentLog, leaseMs: 60_000 })
    await store.leases.join('http://node')
    await store.leases.renew()
    await store.leases.take(256)
    return store
  }
  async function fill(): Promise<void> {
    const store = await openNode()
    await madeMachine(store)
    await store.commit([turnOf(1), turnOf(2, { isBusy: true })])
    await store.createMapRun(mapRunOf(2, 'arn:run'), [{ type: 'ReadingDone', at: at(1) }])
    await store.close()
  }
  const look = (isDeep = false) => examine({ store: url, isDeep })
  const found = async (isDeep = false) =>
    (await look(isDeep)).findings.map(({ severity, check, message }) => `${severity} ${check}: ${message}`)

  test('finds nothing where all is well, and tells nodes and what they hold', async () => {
    await fill()
    expect(await found(true)).toEqual(['note nodes: No node runs.'])
    const store = await openNode()
    const report = await look(true)
    expect(report).toMatchObject({
      findings: [],
      facts: { nodes: [{ url: 'http://node', isAlive: true, isDraining: false, shards: 256 }], executions: { RUNNING: 2 } },
    })
    expect(isWell(report)).toBe(true)
    await store.close()
  })

  const ARN = executionOf(1).arn
  test.each([
    ['a turn is missing', 'DELETE FROM log WHERE execution_key = 1', `error log: ${ARN}: its log is empty.`],
    [
      'a row differs from its log',
      "UPDATE executions SET status = 'SUCCEEDED' WHERE key = 1",
      `error log: ${ARN}: its row says SUCCEEDED, its log RUNNING.`,
    ],
    ['the log of a Map Run has a gap', 'UPDATE map_run_log SET sequence = 2', 'error log: arn:run: its log has a gap before 2.'],
    [
      'an index is not valid',
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'executions_busy'::regclass",
      'warning integrity: Indexes are not valid: executions_busy.',
    ],
  ])('tells where %s', async (_, sql, told) => {
    await fill()
    await server.query(sql, database)
    expect(await found()).toContain(told)
    expect(isWell(await look())).toBe(false)
  })

  test('finds rows that lack what they name, in a deep look', async () => {
    await fill()
    await server.query('DELETE FROM revisions; DELETE FROM executions WHERE key = 2', database)
    expect(await found(true)).toEqual([
      'note nodes: No node runs.',
      'error rows: There are Map Runs without an execution: 1.',
      'error rows: There are executions without their revision: 1.',
      'error rows: There are state machines without their revision: 1.',
    ])
  })

  test('tells shards that nobody holds, nodes that are dead, messages without an answer, and timers that are late', async () => {
    const store = await openNode()
    await store.commit([turnOf(1, { wakeAt: toInstant(systemClock.now() - 3_600_000) })])
    await store.leases.putMessage({ id: 'm', key: asId(1), body: '{}' })
    await server.query(
      `UPDATE shards SET holder = NULL WHERE shard < 6; UPDATE inbox SET at = now() - interval '1 hour';
       INSERT INTO nodes (alive_until, url) VALUES (now() - interval '5 min', 'http://dead');
       UPDATE shards SET holder = (SELECT number FROM nodes WHERE url = 'http://dead') WHERE shard = 7`,
      database,
    )
    expect(await found()).toEqual([
      'warning leases: Nobody holds 6 of 256 shards: their executions stand still.',
      'warning leases: The node http://dead is dead since 5 min, and nobody has taken its 1 shards.',
      'warning inbox: Messages between nodes are not answered: 1, the oldest for 60 min.',
      'warning timers: The earliest timer is late by 60 min, though a server runs.',
    ])
    await store.close()
  })

  test('changes nothing: of a database without a store it makes none, and an older schema stays as it is', async () => {
    await server.query('CREATE DATABASE bare')
    const { findings } = await examine({ store: server.url('bare'), isDeep: false })
    expect(findings.map(({ message }) => message)).toEqual([
      'There is no store in this database yet: the first node that starts makes it.',
    ])
    expect(await server.query("SELECT to_regclass('schema_version') AS found", 'bare')).toEqual([{ found: null }])
    await server.query('UPDATE schema_version SET version = 999', database)
    expect(await found()).toEqual([
      expect.stringMatching(/^error schema: The database was written by a newer Regente \(schema 999; /),
    ])
  })

  test('tells settings with which a power cut loses data', async () => {
    const careless = await startPostgres({ fsync: false })
    const { findings } = await examine({ store: careless.url('postgres'), isDeep: false })
    expect(findings.map(({ message }) => message)).toContainEqual(expect.stringContaining('fsync is off'))
    await careless.discard()
  }, 60_000)

  test('tells a database that is not there, and a server that does not answer, with how to mend it', async () => {
    const none = await examine({ store: server.url('none'), isDeep: false })
    expect(none.findings).toMatchObject([
      { severity: 'error', check: 'server', message: expect.stringContaining('There is no database "none"') },
    ])
    const away = await examine({ store: 'postgres://u:secret@127.0.0.1:1/d', isDeep: false })
    expect(away.findings).toMatchObject([
      { severity: 'error', check: 'server', message: expect.stringContaining('does not answer') },
    ])
    expect(JSON.stringify(away)).not.toContain('secret')
  })
})
