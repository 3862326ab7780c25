/** What the store does while its server is away, full, slow or replaced: nothing is acknowledged that is not there, and it recovers. */
import { connect as dial, createServer, type Socket } from 'node:net'
import { once } from 'node:events'

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'

import { asId } from '../../base/id-in-test.ts'
import { silentLog } from '../../base/log.ts'

import { isPostgresMissing, needsPostgres, type PostgresServer, startPostgres } from '../testing/postgres.ts'
import { at, eventsOf, executionOf, firstTurn, machineOf, mapRunOf, revisionOf } from '../testing/records.ts'
import { wholeLog } from '../testing/whole-log.ts'
import { StoreUnavailableError } from '../unavailable.ts'
import { openPostgresStore } from './store.ts'

const CANNOT_WRITE = 'the store cannot write; what asks for it is told to try again'
const WRITES_AGAIN = 'the store writes again'

type PostgresStore = Awaited<ReturnType<typeof openPostgresStore>>

/** Hands bytes on to the server, until it is told to hand none on, or to cut what is there. */
async function startProxy(port: number) {
  const sockets = new Set<Socket>()
  let isDeaf = false
  const proxy = createServer((from) => {
    const to = dial(port, '127.0.0.1')
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one)
      one.on('data', (data) => void (isDeaf || other.write(data)))
      one.on('error', () => {})
      one.on('close', () => sockets.delete(one))
    }
    // The server is not told that its client has gone: as where a network drops everything.
    to.on('close', () => from.destroy())
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const address = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  onTestFinished(() => {
    proxy.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    port: address.port,
    /** The client's ends are cut; those to the server stay open. */
    cutClients() {
      for (const socket of sockets) if (socket.localPort === address.port) socket.destroy()
    },
    beDeaf(deaf: boolean) {
      isDeaf = deaf
    },
  }
}

describe.skipIf(isPostgresMissing)(needsPostgres('a PostgreSQL server'), () => {
  let server: PostgresServer
  let database: string
  let store: PostgresStore
  let lines: string[]
  beforeAll(async () => {
    server = await startPostgres({ fsync: true })
  })
  afterAll(() => server.discard())
  beforeEach(async () => {
    database = await server.newDatabase()
    store = await opened(server.url(database))
  })
  afterEach(async () => {
    await store.close()
    await server.query(`DROP DATABASE ${database} WITH (FORCE)`)
  })

  async function opened(url: string): Promise<PostgresStore> {
    lines = []
    const note = (line: string) => void lines.push(line)
    const made = await openPostgresStore({ url, log: { ...silentLog, warn: note, error: note } })
    await made.leases.join('http://a')
    await made.leases.take(256)
    return made
  }
  const start = (key: number) => store.commit([firstTurn(executionOf(key))])
  const isThere = async (key: number) => (await store.executionByKey(asId(key))) !== undefined
  const recovered = () => expect.poll(() => store.health(), { timeout: 20_000 }).toEqual({ status: 'ok' })
  /** Lets no commit come to its end until it is called. */
  async function holdCommits(): Promise<() => Promise<void>> {
    const held = server.query(`BEGIN; LOCK TABLE executions IN EXCLUSIVE MODE; SELECT pg_sleep(60)`, database).catch(() => {})
    await expect
      .poll(() =>
        server.query(
          "SELECT 1 FROM pg_locks WHERE mode = 'ExclusiveLock' AND relation = 'executions'::regclass AND granted",
          database,
        ),
      )
      .toHaveLength(1)
    return async () => {
      await server.query(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()",
      )
      await held
    }
  }
  const waitingCommits = () =>
    server.query(
      "SELECT pid FROM pg_stat_activity WHERE query LIKE '%regente_commit_v1%' AND state = 'active' AND pid <> pg_backend_pid()",
    )

  test('that is stopped and started again: health tells it, and so does the log, once each', async () => {
    expect(await start(1)).toEqual(['committed'])
    await server.stop()
    await expect(start(2)).rejects.toThrow()
    expect(store.health()).toMatchObject({ status: 'failing', reason: expect.any(String), since: expect.any(Number) })
    await expect(start(3), 'at once, with the reason').rejects.toThrow(/could not write/)
    await expect(store.executionByKey(asId(1))).rejects.toThrow(/connection|terminat|ECONNREFUSED/i)
    await server.start()
    await recovered()
    expect(await start(4)).toEqual(['committed'])
    expect([await isThere(1), await isThere(2), await isThere(3)]).toEqual([true, false, false])
    expect(lines).toEqual([CANNOT_WRITE, WRITES_AGAIN])
    expect(await store.leases.renew()).toMatchObject({ nodes: [{ url: 'http://a' }] })
    expect(store.leases.held().size).toBe(256)
  })

  test('that is away is told from what was asked of it, reads and writes of all kinds alike', async () => {
    await server.stop()
    for (const asked of [
      store.stateMachines(1),
      store.logPart(asId(1), 0),
      store.createActivity({ arn: asId('arn:a'), name: 'a', createdAt: at(1) }),
      store.createStateMachine(machineOf('m'), revisionOf('x')),
    ])
      await expect(asked).rejects.toBeInstanceOf(StoreUnavailableError)
    await server.start()
  })

  test('that ends all connections ends no process, and work goes on', async () => {
    await start(1)
    await store.stateMachines(1)
    for (let round = 0; round < 3; round++) {
      await server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'regente'")
      await expect.poll(() => start(10 + round).catch(() => undefined), { timeout: 10_000 }).toBeDefined()
      await expect.poll(() => isThere(1).catch(() => undefined), { timeout: 10_000 }).toBe(true)
    }
    await recovered()
    expect(await isThere(12)).toBe(true)
  })

  test('that is killed under load has every turn that was acknowledged', { timeout: 90_000 }, async () => {
    for (let round = 0; round < 2; round++) {
      const acknowledged: number[] = []
      let isOver = false
      const writers = Array.from({ length: 30 }, async (_, writer) => {
        for (let n = 0; !isOver; n++) {
          const key = 1 + writer + 30 * n + 1_000_000 * round
          const outcome = await start(key).catch(() => undefined)
          if (outcome === undefined) return
          expect(outcome).toEqual(['committed'])
          acknowledged.push(key)
        }
      })
      await expect.poll(() => acknowledged.length).toBeGreaterThan(300)
      await server.stop('SIGKILL')
      isOver = true
      await Promise.all(writers)
      await server.start()
      await recovered()
      for (const key of acknowledged) expect(await wholeLog(store, asId(key)), `execution ${key}`).toHaveLength(2)
      const [orphans] = await server.query(
        'SELECT count(*)::int AS n FROM log WHERE execution_key NOT IN (SELECT key FROM executions)',
        database,
      )
      expect(orphans).toEqual({ n: 0 })
    }
  })

  test.each([
    ['disk full', '53100'],
    ['an error of its disk', '58030'],
    ['out of memory', '53200'],
  ])('that tells of %s acknowledges nothing, and recovers by itself', async (reason, code) => {
    await server.query(
      `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '${reason}' USING ERRCODE = '${code}'; END $$;
       CREATE TRIGGER fail BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION fail();
       CREATE TRIGGER fail BEFORE UPDATE ON counters FOR EACH ROW EXECUTE FUNCTION fail()`,
      database,
    )
    const outcomes = await Promise.allSettled([1, 2, 3].map(start))
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(store.health()).toMatchObject({ status: 'failing', reason })
    expect([await isThere(1), await isThere(2), await isThere(3)]).toEqual([false, false, false])
    await server.query('DROP TRIGGER fail ON log; DROP TRIGGER fail ON counters', database)
    await recovered()
    expect(await start(1)).toEqual(['committed'])
    expect(lines).toEqual([CANNOT_WRITE, WRITES_AGAIN])
  })

  test('where one waits for a lock too long: that write rejects, the store is well', async () => {
    await store.close()
    store = await opened(`${server.url(database)}?lock_timeout=200`)
    const release = await holdCommits()
    await expect(start(1)).rejects.toThrow(/lock timeout/)
    expect(store.health()).toEqual({ status: 'ok' })
    await release()
    expect(await start(1)).toEqual(['committed'])
  })

  test('where a statement takes too long: it is broken off, and was not made', async () => {
    await store.close()
    store = await opened(`${server.url(database)}?statement_timeout=500&lock_timeout=0`)
    const release = await holdCommits()
    await expect(start(1)).rejects.toThrow(/statement timeout/)
    await release()
    await recovered()
    expect(await isThere(1)).toBe(false)
  })

  test('that undoes a commit to end a deadlock: it is made again, turn by turn', async () => {
    const row = (key: number) => {
      const { arn, name } = executionOf(key)
      return `INSERT INTO executions (key, arn, name, state_machine_arn, state_machine_key, revision_key, start_at, redrive_count,
        last_event_id, is_busy, status, type, input) VALUES (${key + 100}, '${arn}', '${name}', 'm', 1, 1, 0, 0, 0, false, 'RUNNING', 'STANDARD', '1')`
    }
    const other = server.query(`BEGIN; ${row(2)}; SELECT pg_sleep(0.5); ${row(1)}; ROLLBACK`, database).catch(() => {})
    await expect.poll(() => server.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).toHaveLength(1)
    expect(await store.commit([firstTurn(executionOf(1)), firstTurn(executionOf(2))])).toEqual(['committed', 'committed'])
    await other
    expect([await wholeLog(store, asId(1)), await wholeLog(store, asId(2))]).toMatchObject([{ length: 2 }, { length: 2 }])
  })

  describe('that a network lies before', () => {
    test('a write whose connection broke rejects when nothing more comes of it: what is read then stays so', async () => {
      const proxy = await startProxy(server.port)
      await store.close()
      store = await opened(server.url(database).replace(String(server.port), String(proxy.port)))
      const release = await holdCommits()
      const writing = start(1).then(
        () => 'committed',
        (error: unknown) => String(error),
      )
      await expect.poll(waitingCommits).toHaveLength(1)
      proxy.cutClients()
      let isSettled = false
      void writing.then(() => (isSettled = true))
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(isSettled, 'the server is at it still').toBe(false)
      await release()
      expect(await writing).toMatch(/what became of a write is not known/)
      expect(await isThere(1), 'it was made, and is told as such at once').toBe(true)
      expect(await start(1)).toEqual(['name-taken'])
      await recovered()
    })

    test('a statement of a session that was ended is not carried out, however late it comes', async () => {
      await start(1)
      const [node] = await server.query('SELECT number, session FROM nodes', database)
      // As the store does when a connection breaks.
      await server.query(`SELECT regente_begin_session_v1(${node?.['number']}, ${Number(node?.['session']) + 1})`, database)
      const late = await server.query(
        `SELECT regente_refuses_v1(${node?.['number']}, ${node?.['session']}, '{1}', '{1}') AS refusal`,
        database,
      )
      expect(late).toEqual([{ refusal: 'S' }])
      expect(await start(2), 'the store begins another session').toEqual(['committed'])
      const run = await store.createMapRun(mapRunOf(1, 'arn:run'), [])
      await server.query(`UPDATE nodes SET session = session + 1`, database)
      const turn = { key: run.key, sequence: 0, events: [], patch: {}, children: [], reopensChildren: false }
      expect(await store.commitMapRun(turn)).toBe('committed')
    })

    test('that hands nothing on is given up after the time-outs', async () => {
      const proxy = await startProxy(server.port)
      await store.close()
      store = await opened(
        `${server.url(database).replace(String(server.port), String(proxy.port))}?statement_timeout=800&connect_timeout=1`,
      )
      proxy.beDeaf(true)
      await expect(start(1)).rejects.toThrow()
      await expect(store.executionByKey(asId(1))).rejects.toThrow()
      expect(store.health()).toMatchObject({ status: 'failing' })
      proxy.beDeaf(false)
      await recovered()
      expect(await start(2)).toEqual(['committed'])
    })

    test('that hands nothing on does not keep the store from closing', async () => {
      const proxy = await startProxy(server.port)
      const other = await openPostgresStore({
        url: server.url(database).replace(String(server.port), String(proxy.port)),
        log: silentLog,
      })
      await other.leases.join('http://b')
      await store.leases.release([asId(1)])
      await other.leases.take(1)
      proxy.beDeaf(true)
      const writing = other.commit([firstTurn(executionOf(1))]).catch((error: unknown) => error)
      const begun = performance.now()
      await other.close()
      expect(performance.now() - begun).toBeLessThan(15_000)
      expect(await writing).toBeInstanceOf(Error)
    })
  })

  test('a commit that waits for a standby is not acknowledged when somebody cancels the wait', async () => {
    await server.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    await server.query('SELECT pg_reload_conf()')
    onTestFinished(async () => {
      await server.query('ALTER SYSTEM RESET synchronous_standby_names')
      await server.query('SELECT pg_reload_conf()')
    })
    await expect
      .poll(async () => (await server.query('SHOW synchronous_standby_names'))[0])
      .toEqual({ synchronous_standby_names: 'nobody' })
    let told: unknown
    const writing = start(1).then(
      (outcome) => (told = outcome),
      (error: unknown) => (told = error),
    )
    const waiting = () =>
      server.query("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE '%regente_commit_v1%'")
    await expect.poll(waiting).toHaveLength(1)
    const [backend] = await waiting()
    await server.query(`SELECT pg_cancel_backend(${backend?.['pid']})`)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(told, 'neither made nor not, as long as no standby has it').toBeUndefined()
    await server.query('ALTER SYSTEM RESET synchronous_standby_names')
    await server.query('SELECT pg_reload_conf()')
    await writing
    expect(told).toBeInstanceOf(Error)
    expect(await isThere(1)).toBe(true)
    await recovered()
  })

  test('that fails over to a standby: the store goes where writes are taken', { timeout: 90_000 }, async () => {
    const primary = await startPostgres({ settings: { wal_keep_size: '64MB' } })
    onTestFinished(() => primary.discard())
    const name = await primary.newDatabase()
    const standby = await startPostgres({ standbyOf: primary })
    onTestFinished(() => standby.discard())
    await store.close()
    store = await opened(`postgres://postgres@127.0.0.1:${primary.port},127.0.0.1:${standby.port}/${name}`)
    await start(1)
    await expect.poll(() => standby.query('SELECT key::int FROM executions', name)).toEqual([{ key: 1 }])
    await primary.stop('SIGKILL')
    await expect(start(2)).rejects.toThrow()
    await standby.query('SELECT pg_promote()')
    await recovered()
    expect(await start(3)).toEqual(['committed'])
    expect(await isThere(1)).toBe(true)
    expect(await store.leases.renew()).toMatchObject({ nodes: [{ url: 'http://a' }] })
  })

  test('closes though the server is gone', async () => {
    const other = await openPostgresStore({ url: server.url(database), log: silentLog })
    await other.leases.join('http://b')
    await server.stop('SIGKILL')
    await expect(other.commit([{ key: asId(1), sequence: 0, events: eventsOf(1) }])).resolves.toEqual(['fenced'])
    await other.close()
    await server.start()
    await recovered()
  })
})
