/** The log is kept by days: partitions are there before they are needed, and go when nothing of theirs is left. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'

import { asId } from '../../base/id-in-test.ts'
import { silentLog } from '../../base/log.ts'

import { endPostgresServer, isPostgresMissing, needsPostgres, type PostgresServer, postgresServer } from '../testing/postgres.ts'
import { at, eventsOf, executionOf, firstTurn } from '../testing/records.ts'
import { wholeLog } from '../testing/whole-log.ts'
import { Channel } from './channel.ts'
import { connect } from './connect.ts'
import { parseAddress } from './address.ts'
import { DAY_KEYS } from './keys.ts'
import { Partitions } from './partitions.ts'
import { openPostgresStore } from './store.ts'

afterAll(endPostgresServer)

describe.skipIf(isPostgresMissing)(needsPostgres('a PostgreSQL server'), () => {
  let server: PostgresServer
  let database: string
  let store: Awaited<ReturnType<typeof openPostgresStore>>
  let channel: Channel
  beforeEach(async () => {
    server = await postgresServer()
    database = await server.newDatabase()
    store = await openPostgresStore({ url: server.url(database), log: silentLog })
    await store.leases.join('http://a')
    await store.leases.take(256)
    channel = new Channel(() => connect({ address: parseAddress(server.url(database)) }))
  })
  afterEach(async () => {
    await store.close()
    await channel.close()
  })

  const partitions = async () =>
    (
      await server.query(
        "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'log'::regclass ORDER BY 1",
        database,
      )
    ).map(({ relname }) => String(relname))
  const nameOf = (day: number) => `log_${new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10).replaceAll('-', '')}`
  const today = async () => Number((await server.query('SELECT regente_today_v1() AS day', database))[0]?.['day'])
  const where = async (key: number) =>
    (await server.query(`SELECT tableoid::regclass::text AS name FROM log WHERE execution_key = ${key}`, database)).map(
      ({ name }) => name,
    )

  test('has a partition for today and for the days to come', async () => {
    const day = await today()
    expect(await partitions()).toEqual([nameOf(day), nameOf(day + 1), nameOf(day + 2), 'log_moved', 'log_rest'])
    const key = store.newExecutionKey()
    await store.commit([firstTurn(executionOf(key))])
    expect(await where(key)).toEqual([nameOf(day)])
    await store.commit([firstTurn(executionOf(5))])
    expect(await where(5), 'as executions that were moved here').toEqual(['log_moved'])
  })

  test('partitions are made once, whoever makes them', async () => {
    const day = await today()
    await server.query(`DROP TABLE ${nameOf(day + 2)}, ${nameOf(day + 1)}`, database)
    const others = Array.from({ length: 4 }, () => new Channel(() => connect({ address: parseAddress(server.url(database)) })))
    const made = await Promise.all(others.map((one) => new Partitions(one.query, silentLog).make()))
    expect(made.reduce((sum, one) => sum + one)).toBe(2)
    await Promise.all(others.map((one) => one.close()))
    expect(await partitions()).toHaveLength(5)
  })

  test('a turn of a day that has no partition is kept all the same, and its day needs none any more', async () => {
    const key = 5_000 * DAY_KEYS + 7
    await store.commit([firstTurn(executionOf(key, { status: 'SUCCEEDED', stopAt: at(1) }), eventsOf(4))])
    expect(await where(key)).toEqual(['log_rest'])
    expect(await server.query('SELECT regente_make_log_partition_v1(5000) AS made', database)).toEqual([{ made: false }])
    expect(await wholeLog(store, asId(key))).toHaveLength(4)
    expect(await store.removeClosed([asId(key)], at(2))).toBe(1)
    expect(await where(key)).toEqual([])
    expect(await server.query('SELECT regente_make_log_partition_v1(5000) AS made', database)).toEqual([{ made: true }])
  })

  test('a partition is dropped when its day is over and no execution of it is left', async () => {
    const days = [100, 101, 102]
    for (const day of days) {
      await server.query(`SELECT regente_make_log_partition_v1(${day})`, database)
      await store.commit([firstTurn(executionOf(day * DAY_KEYS + 1, { status: 'SUCCEEDED', stopAt: at(day) }))])
    }
    const upkeep = new Partitions(channel.query, silentLog)
    expect(await upkeep.drop(), 'all are in use').toEqual([])
    expect(
      await store.removeClosed(
        days.map((day) => asId(day * DAY_KEYS + 1)),
        at(102),
      ),
    ).toBe(2)
    expect(await wholeLog(store, asId(100 * DAY_KEYS + 1)), 'nobody sees what lies there still').toEqual([])
    expect(await store.history(asId(100 * DAY_KEYS + 1), 1, 10, false)).toEqual([])
    expect(await upkeep.drop()).toEqual([nameOf(100), nameOf(101)])
    expect(await wholeLog(store, asId(102 * DAY_KEYS + 1))).toHaveLength(2)
    expect(await upkeep.drop(), 'those of today and later stay, though they are empty').toEqual([])
    expect(await partitions()).toContain(nameOf(await today()))
  })

  test('the log as a whole has statistics, which the server does not make by itself', async () => {
    const analysed = () =>
      server.query("SELECT 1 FROM pg_stats WHERE tablename = 'log' AND inherited AND attname = 'execution_key'", database)
    await store.commit([firstTurn(executionOf(store.newExecutionKey()))])
    await server.query("DELETE FROM counters WHERE name = 'analysed'", database)
    const upkeep = new Partitions(channel.query, silentLog)
    await upkeep.open()
    await expect.poll(analysed, { timeout: 5_000 }).toHaveLength(1)
    upkeep.close()
  })
})
