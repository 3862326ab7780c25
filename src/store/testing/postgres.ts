/**
 * A PostgreSQL server for the tests of one file: Debian's own, in a temporary folder and on a free port. It ends, and its folder
 * goes, when this process ends, however that ends: a shell between the two waits for the end of its input.
 * Every test has a database of its own, copied from one that has the schema.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { chown } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'

import { silentLog } from '../../base/log.ts'

import { openPostgresStore } from '../postgres/store.ts'
import { freePorts } from './free-ports.ts'

const DEBIAN = '/usr/lib/postgresql'

/** The folder of `initdb` and `postgres`, of the newest version that is installed. */
export function postgresFolder(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(DEBIAN, version, 'bin')), ...(process.env['PATH'] ?? '').split(':')]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

export const isPostgresMissing = postgresFolder() === undefined
/** The name of a test or of a group of tests, which says why it is skipped where it is. */
export const needsPostgres = (name: string): string =>
  isPostgresMissing ? `${name} (skipped: PostgreSQL is not installed; npm run setup:system, or apt-get install postgresql)` : name

/** PostgreSQL refuses to run as root. */
const serverUser = (): { readonly uid: number; readonly gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (option: string) => Number(spawnSync('id', [option, 'postgres'], { encoding: 'utf8' }).stdout)
  return { uid: idOf('-u'), gid: idOf('-g') }
}

export interface PostgresServer {
  readonly port: number
  /** `postgres://…` of a database, as the superuser. */
  url(database: string): string
  /** A new database with the schema. */
  newDatabase(): Promise<string>
  /** Carries SQL out in a database, as the superuser. */
  query(sql: string, database?: string): Promise<readonly Record<string, unknown>[]>
  /** Ends the server, with or without grace, and starts it again on the same data. */
  stop(signal?: NodeJS.Signals): Promise<void>
  start(): Promise<void>
  readonly folder: string
  /** The postmaster's process. */
  pid(): number
  discard(): Promise<void>
}

export interface ServerOptions {
  /** Whether commits are on the disk when they return: for benches, and for tests that cut the power. */
  readonly fsync?: boolean
  readonly settings?: Readonly<Record<string, string>>
  /** Lines of pg_hba.conf before the one that lets everybody in. */
  readonly access?: readonly string[]
  /** Follows that server, and takes no writes until it is promoted (`SELECT pg_promote()`). */
  readonly standbyOf?: PostgresServer
  /** Files for the data folder, readable to the server alone. */
  readonly files?: Readonly<Record<string, string | Buffer>>
}

/** Starts with the server; ends it when the input ends. */
const KEEPER = `
trap '' INT TERM
"$0" "$@" <&- & server=$!
read -r line
if [ "$line" = kill ]; then kill -KILL $server; else kill -INT $server; fi
wait $server
[ "$line" = "" ] && rm -rf "$PGDATA"
exit 0
`

export async function startPostgres(given: ServerOptions = {}): Promise<PostgresServer> {
  const { fsync = false, settings = {}, access = [], standbyOf, files = {} } = given
  const bin = postgresFolder()
  if (bin === undefined) throw new Error('PostgreSQL is not installed')
  const user = serverUser()
  const folder = mkdtempSync(join(tmpdir(), 'regente-postgres-'))
  if (user) await chown(folder, user.uid, user.gid)
  const [port = 0] = await freePorts(1)
  const [program, ...rest] = standbyOf
    ? ['pg_basebackup', '-d', standbyOf.url('postgres'), '-D', folder, '-R', '-X', 'stream', '-c', 'fast', '--no-sync']
    : ['initdb', '-D', folder, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale', 'C']
  const made = spawnSync(join(bin, program ?? ''), rest, { ...user, encoding: 'utf8', cwd: folder })
  if (made.status !== 0) throw new Error(`${program}: ${made.stderr}`)
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content, { mode: 0o600 })
    if (user) await chown(join(folder, name), user.uid, user.gid)
  }
  if (access.length > 0) {
    writeFileSync(
      join(folder, 'pg_hba.conf'),
      `${access.join('\n')}\nlocal all all trust\nhost all,replication all 127.0.0.1/32 trust\n`,
    )
  }
  const all: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    port: String(port),
    ...(!fsync && { fsync: 'off', synchronous_commit: 'on', full_page_writes: 'off' }),
    shared_buffers: '64MB',
    max_connections: '100',
    autovacuum_naptime: '10s',
    logging_collector: 'off',
    ...settings,
  }
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
  let keeper: ChildProcess | undefined
  let postmaster = 0

  async function query(sql: string, database = 'postgres'): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url(database) })
    client.on('error', () => {})
    await client.connect()
    try {
      const result: pg.QueryResult<Record<string, unknown>> | pg.QueryResult[] = await client.query(sql)
      return Array.isArray(result) ? [] : result.rows
    } finally {
      await client.end()
    }
  }
  function launch(): ChildProcess {
    return spawn('/bin/sh', ['-c', KEEPER, join(bin ?? '', 'postgres'), '-D', folder, ...options], {
      ...user,
      cwd: folder,
      env: { ...process.env, PGDATA: folder },
      stdio: ['pipe', 'ignore', process.env['REGENTE_TEST_POSTGRES_LOG'] ? 'inherit' : 'ignore'],
    })
  }
  async function start(): Promise<void> {
    keeper = launch()
    for (let tries = 1; ; tries++) {
      try {
        const [row] = await query('SELECT 1')
        if (row) break
      } catch (error) {
        if (tries > 1_200 || keeper.exitCode !== null) throw error
        await new Promise((resolve) => setTimeout(resolve, 50))
        // Of a server that was killed, processes may still hold the memory that they shared: the next one does not start then.
        if (tries % 100 === 0) {
          await stop()
          keeper = launch()
        }
      }
    }
    postmaster = Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0])
  }
  async function stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    const child = keeper
    if (!child || child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.stdin?.end(signal === 'SIGKILL' ? 'kill\n' : 'stop\n')
    await exited
    keeper = undefined
  }

  await start()
  let template: string | undefined
  let count = 0
  return {
    port,
    url,
    folder,
    query,
    start,
    stop,
    pid: () => postmaster,
    async newDatabase() {
      if (template === undefined) {
        await query('CREATE DATABASE template_regente')
        await (await openPostgresStore({ url: url('template_regente'), log: silentLog })).close()
        template = 'template_regente'
      }
      const name = `test_${++count}`
      await query(`CREATE DATABASE ${name} TEMPLATE ${template}`)
      return name
    },
    async discard() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The server of a test file: started when the first asks, ended with the process. */
let shared: Promise<PostgresServer> | undefined
export const postgresServer = (): Promise<PostgresServer> => (shared ??= startPostgres())
export async function endPostgresServer(): Promise<void> {
  const server = await shared
  shared = undefined
  await server?.discard()
}
