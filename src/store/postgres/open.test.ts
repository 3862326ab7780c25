/** What keeps a store from being opened is told to whoever starts it, with how to mend it, and never with the password. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { silentLog } from '../../base/log.ts'
import { StartError } from '../../base/start-error.ts'

import { isPostgresMissing, needsPostgres, type PostgresServer, startPostgres } from '../testing/postgres.ts'
import { parseAddress } from './address.ts'
import { checkVersion } from './connect.ts'
import { startErrorOf } from './failure.ts'
import { MIGRATIONS } from './migrations.ts'
import { openPostgresStore } from './store.ts'

async function refusal(url: string, waitMs = 0): Promise<string> {
  try {
    await (await openPostgresStore({ url, log: silentLog, waitMs })).close()
    return 'it opens'
  } catch (error) {
    expect(error).toBeInstanceOf(StartError)
    const told = String(error)
    expect(told).not.toMatch(/hunter2/)
    return told
  }
}

async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** A certificate for `localhost`, signed by itself. */
function certificate(): { readonly crt: Buffer; readonly key: Buffer; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'regente-certificate-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [crt, key] = [join(folder, 'server.crt'), join(folder, 'server.key')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-out',
    crt,
    '-keyout',
    key,
    ...subject,
  ])
  if (made.status !== 0) throw new Error(String(made.stderr))
  return { crt: readFileSync(crt), key: readFileSync(key), path: crt }
}

test('a server that is too old is refused with its version', () => {
  expect(() => checkVersion(130_012, '13.12')).toThrow(/of version 13\.12; Regente needs 14 or newer/)
  checkVersion(140_000, '14.0')
  try {
    checkVersion(130_012, '13.12')
  } catch (error) {
    expect(startErrorOf(error, parseAddress('postgres://me:hunter2@db/x'))).toBeInstanceOf(StartError)
  }
})

test('a host that is not known is told at once', async () => {
  expect(await refusal('postgres://me:hunter2@no-such-host.invalid/x', 60_000)).toMatch(
    /host of the store is not found: no-such-host\.invalid:5432|does not answer/,
  )
})

test('a port where nobody listens is told when the wait is over', async () => {
  const server = createServer()
  const port = await portOf(server)
  server.close()
  expect(await refusal(`postgres://me:hunter2@127.0.0.1:${port}/x`)).toMatch(
    /does not answer \(postgres:\/\/me@127\.0\.0\.1:\d+\/x\).*ECONNREFUSED.*Start it, or look at host and port/,
  )
})

test('a port where something else listens, or nothing answers, does not hold the start up', async () => {
  const silent = createServer(() => {})
  onTestFinished(() => void silent.close())
  expect(await refusal(`postgres://me:hunter2@127.0.0.1:${await portOf(silent)}/x?connect_timeout=1`)).toMatch(
    /does not answer.*timeout/,
  )
  const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  onTestFinished(() => void other.close())
  expect(await refusal(`postgres://me:hunter2@127.0.0.1:${await portOf(other)}/x?connect_timeout=1`)).toMatch(/StartError/)
})

describe.skipIf(isPostgresMissing)(needsPostgres('a PostgreSQL server'), () => {
  let server: PostgresServer
  const as = (user: string, database: string, more = '') => `postgres://${user}@127.0.0.1:${server.port}/${database}${more}`
  beforeAll(async () => {
    server = await startPostgres({
      access: ['host all me,guest 127.0.0.1/32 scram-sha-256', 'host all nobody 127.0.0.1/32 reject'],
    })
    await server.query(
      "CREATE ROLE me LOGIN PASSWORD 'hunter2'; CREATE ROLE guest LOGIN PASSWORD 'hunter2'; CREATE ROLE nobody LOGIN;",
    )
    await server.query('CREATE DATABASE flows OWNER me')
  })
  afterAll(() => server.discard())

  test('that is right opens, and opens again', async () => {
    expect(await refusal(as('me:hunter2', 'flows'))).toBe('it opens')
    expect(await refusal(as('me:hunter2', 'flows'))).toBe('it opens')
  })

  test('refuses a wrong password, and a missing one', async () => {
    expect(await refusal(as('me:hunter22', 'flows'))).toMatch(/refuses the password of the user me .*ALTER ROLE me PASSWORD/)
    expect(await refusal(as('me', 'flows'))).toMatch(/asks for a password, and the URL of the store has none/)
  })

  test('lets somebody not in', async () => {
    expect(await refusal(as('nobody', 'flows'))).toMatch(/lets nobody not in .*pg_hba\.conf/)
    expect(await refusal(as('stranger', 'flows'))).toMatch(/lets stranger not in .*CREATE ROLE stranger LOGIN/)
  })

  test('has no such database', async () => {
    expect(await refusal(as('me:hunter2', 'Missing'))).toMatch(/no database "Missing".*CREATE DATABASE "Missing" OWNER me/)
  })

  test('gives no rights in the database', async () => {
    expect(await refusal(as('guest:hunter2', 'flows'))).toMatch(
      /guest has not the rights .*permission denied.*ALTER DATABASE flows OWNER TO guest/,
    )
  })

  test('has no schema where the URL says that the tables are', async () => {
    expect(await refusal(as('me:hunter2', 'flows', '?options=-c%20search_path%3Dnowhere'))).toMatch(
      /no schema to keep the tables in.*CREATE SCHEMA/,
    )
  })

  test('keeps the tables in the schema that the URL says', async () => {
    await server.query('CREATE DATABASE shared OWNER me')
    await server.query('CREATE SCHEMA regente AUTHORIZATION me', 'shared')
    expect(await refusal(as('me:hunter2', 'shared', '?options=-c%20search_path%3Dregente'))).toBe('it opens')
    const tables = await server.query(
      "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname IN ('public', 'regente')",
      'shared',
    )
    expect(tables).toEqual([{ schemaname: 'regente' }])
  })

  test('has the data of a newer Regente, which is left as it is', async () => {
    const database = await server.newDatabase()
    await server.query('UPDATE schema_version SET version = 999', database)
    expect(await refusal(server.url(database))).toContain(`newer Regente (schema 999; this one knows ${MIGRATIONS.length})`)
    expect(await server.query('SELECT version FROM schema_version', database)).toEqual([{ version: 999 }])
    await server.query(`UPDATE schema_version SET version = ${MIGRATIONS.length}`, database)
    expect(await refusal(server.url(database))).toBe('it opens')
  })

  test('is brought up to date once, however many nodes start at once', async () => {
    await server.query('CREATE DATABASE crowd')
    expect(await Promise.all(Array.from({ length: 5 }, () => refusal(server.url('crowd'), 10_000)))).toEqual(
      Array(5).fill('it opens'),
    )
    expect(await server.query('SELECT version FROM schema_version', 'crowd')).toEqual([{ version: MIGRATIONS.length }])
  })

  test('a migration that fails leaves nothing behind', async () => {
    await server.query('CREATE DATABASE half')
    await server.query('CREATE TABLE secrets (in_the_way int)', 'half')
    await expect(openPostgresStore({ url: server.url('half'), log: silentLog })).rejects.toThrow(/"secrets" already exists/)
    expect(await server.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", 'half')).toEqual([
      { tablename: 'secrets' },
    ])
  })

  test('has no connection left', async () => {
    await server.query('CREATE DATABASE narrow OWNER me CONNECTION LIMIT 0')
    expect(await refusal(as('me:hunter2', 'narrow'))).toMatch(/no connection left .*raise max_connections/)
  })

  test('that is being started is waited for, and the log says for what', async () => {
    const database = await server.newDatabase()
    await server.stop()
    const lines: unknown[] = []
    const opening = openPostgresStore({
      url: server.url(database),
      waitMs: 30_000,
      log: { ...silentLog, warn: (message, fields) => lines.push([message, fields]) },
    })
    await expect.poll(() => lines).toHaveLength(1)
    expect(lines[0]).toEqual([
      'waiting up to 30 s for PostgreSQL',
      { store: expect.stringContaining('postgres://'), reason: expect.stringContaining('ECONNREFUSED') },
    ])
    await server.start()
    await (await opening).close()
  })

  test('that does not come is not waited for by whoever is told to stop', async () => {
    const stopping = new AbortController()
    const [begun, stopped] = [performance.now(), stopping.signal]
    const opening = openPostgresStore({ url: 'postgres://me@127.0.0.1:1/x', waitMs: 30_000, stopped, log: silentLog })
    setTimeout(() => stopping.abort(), 300)
    await expect(opening).rejects.toThrow(/does not answer/)
    expect(performance.now() - begun).toBeLessThan(5_000)
  })

  test('takes no writes: a standby, alone or before the primary', { timeout: 60_000 }, async () => {
    const database = await server.newDatabase()
    const standby = await startPostgres({ standbyOf: server })
    onTestFinished(() => standby.discard())
    expect(await refusal(standby.url(database))).toMatch(/takes no writes: it is a standby.*Name the primary/)
    expect(await refusal(`postgres://postgres@127.0.0.1:${standby.port},127.0.0.1:${server.port}/${database}`)).toBe('it opens')
    expect(await refusal(`postgres://postgres@127.0.0.1:1,127.0.0.1:${server.port}/${database}`), 'the first is down').toBe(
      'it opens',
    )
    await server.query(`ALTER DATABASE ${database} SET default_transaction_read_only = on`)
    expect(await refusal(server.url(database))).toMatch(/takes no writes/)
  })

  test('has a certificate that is not trusted, unless the URL names who signed it', { timeout: 60_000 }, async () => {
    const { crt, key, path } = certificate()
    const encrypted = await startPostgres({ settings: { ssl: 'on' }, files: { 'server.crt': crt, 'server.key': key } })
    onTestFinished(() => encrypted.discard())
    const to = (host: string, parameters: string) => `postgres://postgres@${host}:${encrypted.port}/postgres?${parameters}`
    expect(await refusal(to('localhost', 'sslmode=verify-full'))).toMatch(/is not trusted: self.signed certificate.*sslrootcert=/)
    expect(await refusal(to('localhost', `sslmode=verify-full&sslrootcert=${path}`))).toBe('it opens')
    expect(await refusal(to('127.0.0.1', `sslmode=verify-full&sslrootcert=${path}`))).toMatch(/is not trusted: .*127\.0\.0\.1/)
    expect(await refusal(to('127.0.0.1', `sslmode=verify-ca&sslrootcert=${path}`))).toBe('it opens')
    expect(await refusal(to('127.0.0.1', 'sslmode=require'))).toBe('it opens')
    expect(await refusal(as('me:hunter2', 'flows', '?sslmode=require'))).toMatch(/does not encrypt .*\?sslmode=disable/)
    expect(await refusal(as('me:hunter2', 'flows', '?sslmode=prefer'))).toBe('it opens')
  })
})
