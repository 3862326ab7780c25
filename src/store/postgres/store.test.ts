import { afterAll, describe, expect, test } from 'vitest'

import { asId } from '../../base/id-in-test.ts'
import { silentLog } from '../../base/log.ts'

import { testStoreContract } from '../contract-suite.ts'
import { testLeasePromises } from '../testing/leases.ts'
import { endPostgresServer, isPostgresMissing, needsPostgres, postgresServer } from '../testing/postgres.ts'
import { executionOf, firstTurn, mapRunOf } from '../testing/records.ts'
import { openPostgresStore } from './store.ts'

afterAll(endPostgresServer)

describe.skipIf(isPostgresMissing)(needsPostgres('a PostgreSQL server'), () => {
  testStoreContract('postgres', async () => {
    const server = await postgresServer()
    const database = await server.newDatabase()
    return {
      async open() {
        const store = await openPostgresStore({ url: server.url(database), log: silentLog })
        await store.leases.join('http://127.0.0.1:1')
        await store.leases.take(256)
        return store
      },
      discard: async () => void (await server.query(`DROP DATABASE ${database} WITH (FORCE)`)),
    }
  })

  testLeasePromises('postgres', async () => {
    const [server, leaseMs] = [await postgresServer(), 400]
    const database = await server.newDatabase()
    return {
      leaseMs,
      open: () => openPostgresStore({ url: server.url(database), log: silentLog, leaseMs }),
      pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      discard: async () => void (await server.query(`DROP DATABASE ${database} WITH (FORCE)`)),
    }
  })

  test('half a surrogate pair becomes the replacement character, as it does in SQLite', async () => {
    const server = await postgresServer()
    const store = await openPostgresStore({ url: server.url(await server.newDatabase()), log: silentLog })
    await store.leases.join('http://a')
    await store.leases.take(256)
    expect(await store.commit([firstTurn(executionOf(1, { cause: 'a\ud800' }))])).toEqual(['committed'])
    expect((await store.executionByKey(asId(1)))?.cause).toBe('a\ufffd')
    const run = await store.createMapRun({ ...mapRunOf(1, 'arn:run'), settings: '\udc00' }, [])
    expect(run.settings).toBe('\ufffd')
    await store.close()
  })

  test('a payload of some kilobytes lies beside the row, and comes back whole', async () => {
    const server = await postgresServer()
    const database = await server.newDatabase()
    const store = await openPostgresStore({ url: server.url(database), log: silentLog })
    await store.leases.join('http://a')
    await store.leases.take(256)
    const input = JSON.stringify(Array.from({ length: 300 }, (_, i) => Math.sin(i)))
    await store.commit([firstTurn(executionOf(1, { input, output: input }))])
    expect((await store.executionByKey(asId(1)))?.input).toBe(input)
    const [row] = await server.query(
      'SELECT pg_column_size(e.*) AS row, pg_relation_size(reltoastrelid) AS beside FROM executions AS e, pg_class WHERE relname = $$executions$$',
      database,
    )
    expect(Number(row?.['beside'])).toBeGreaterThan(4_000)
    await store.close()
  })
})
