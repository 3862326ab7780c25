/** One PostgreSQL in a folder of its own. What it has acknowledged is on the disk: fsync is on, as it is for everybody. */
import type { Running, User, Workspace } from './workspace.ts'

import { type Database, databaseUrl, isWritable, makeDatabase, PASSWORD, query } from './database.ts'
import { killTree } from './process-tree.ts'
import { HOST, until } from './workspace.ts'

interface Programs {
  readonly postgres: string
  readonly initdb: string
}

const START_MS = 60_000

export async function startPostgres(
  place: Workspace,
  programs: Programs,
  port: number,
  user: User | undefined,
): Promise<Database> {
  const folder = place.makeFolder('postgres', user)
  const as = user ? { user } : {}
  const passwords = place.writeFile('superuser', `${PASSWORD}\n`)
  // The folder is synced by nobody before the server runs, and need not be.
  const init = [
    '-D',
    folder,
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwords,
    '-E',
    'UTF8',
    '--no-sync',
    '--no-locale',
  ]
  await place.run('initdb', programs.initdb, init, as)

  const settings = Object.entries({ listen_addresses: HOST, port, unix_socket_directories: '', max_connections: 200 })
  const args = ['-D', folder, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const superuserUrl = `postgres://postgres:${PASSWORD}@${HOST}:${port}/postgres`
  const begin = async (): Promise<Running> => {
    const server = place.start('postgres', programs.postgres, args, { ...as, isPostgres: true })
    await until('PostgreSQL starts', START_MS, async () => {
      if (server.hasEnded) throw new Error(`it has ended:\n${server.lastWords}`)
      return (await query(superuserUrl, 'SELECT 1')).length === 1
    })
    return server
  }
  let server = await begin()
  await makeDatabase(superuserUrl)
  const url = databaseUrl(port)
  await until('the database is there', START_MS, () => isWritable(url))
  return {
    port,
    url,
    async kill() {
      killTree(server.pid)
      await server.ended
      return async () => {
        server = await begin()
      }
    },
    async restart() {
      // Whoever is connected is sent away; what they had begun is undone.
      server.signal('SIGINT')
      await server.ended
      server = await begin()
    },
  }
}
