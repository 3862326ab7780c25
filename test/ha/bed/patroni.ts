/**
 * Three PostgreSQL servers under Patroni: what the primary acknowledges is on a second one, and when the primary dies the second
 * takes its place. etcd keeps who is primary; HAProxy leads to it.
 */
import { join } from 'node:path'

import type { Running, User, Workspace } from './workspace.ts'

import { type Database, databaseUrl, isWritable, makeDatabase, PASSWORD } from './database.ts'
import { killTree, postmasterOf } from './process-tree.ts'
import { freePorts } from '../../../src/store/testing/free-ports.ts'
import { HOST, sleep, until } from './workspace.ts'

interface Programs {
  readonly postgres: string
  readonly patroni: string
  readonly etcd: string
}

export interface PatroniMember {
  readonly name: string
  readonly port: number
  readonly restPort: number
}

export interface PatroniCluster {
  readonly members: readonly PatroniMember[]
  /** Resolves when the database can be used through `port`, which leads to whichever member is primary. */
  ready(port: number): Promise<Database>
}

const SERVERS = 3
const START_MS = 120_000
/** How long a dead primary keeps the others waiting, in seconds. Patroni needs loop_wait + 2 * retry_timeout. */
const TTL = 8
const LOOP_WAIT = 1
const RETRY_TIMEOUT = 3

export async function startPatroni(
  place: Workspace,
  programs: Programs,
  user: User | undefined,
  etcdMembers: number,
): Promise<PatroniCluster> {
  const etcd = await startEtcd(place, programs.etcd, etcdMembers)
  const ports = await freePorts(2 * SERVERS)
  const members = Array.from({ length: SERVERS }, (_, index): PatroniMember => {
    const [port = 0, restPort = 0] = ports.slice(2 * index)
    return { name: `postgres-${index + 1}`, port, restPort }
  })
  const running = new Map<PatroniMember, Running>()
  const begin = (member: PatroniMember) => {
    const folder = join(place.folder, member.name)
    const config = place.writeFile(`${member.name}.json`, JSON.stringify(configOf(member, folder, programs.postgres, etcd)))
    running.set(member, place.start(member.name, programs.patroni, [config], user ? { user } : {}))
  }
  for (const member of members) {
    place.makeFolder(member.name, user)
    begin(member)
  }
  return {
    members,
    async ready(port) {
      await until('Patroni finds a primary', START_MS, async () => (await primaryOf(members)) !== undefined)
      await until('the standbys follow', START_MS, async () => (await standbysOf(members)) === SERVERS - 1)
      const superuserUrl = `postgres://postgres:${PASSWORD}@${HOST}:${port}/postgres`
      await until('HAProxy leads to the primary', START_MS, () => isWritable(superuserUrl))
      await makeDatabase(superuserUrl)
      const url = databaseUrl(port)
      return {
        port,
        url,
        async kill() {
          const primary = await findPrimary(members)
          const patroni = running.get(primary)
          if (patroni) killTree(patroni.pid)
          await patroni?.ended
          // Patroni has let go of it.
          killTree(postmasterOf(join(place.folder, primary.name, 'data')))
          return async () => {
            begin(primary)
            await until('the old primary follows', START_MS, async () => (await standbysOf(members)) === SERVERS - 1)
          }
        },
        async restart() {
          const { restPort } = await findPrimary(members)
          await fetch(`http://${HOST}:${restPort}/restart`, { method: 'POST', body: '{}' })
        },
      }
    },
  }
}

/** A busy machine may not answer at once who it is. */
async function findPrimary(members: readonly PatroniMember[]): Promise<PatroniMember> {
  for (const end = Date.now() + START_MS; Date.now() < end; await sleep(50)) {
    const primary = await primaryOf(members)
    if (primary) return primary
  }
  throw new Error('there is no primary')
}

async function primaryOf(members: readonly PatroniMember[]): Promise<PatroniMember | undefined> {
  const answers = await Promise.all(members.map((member) => statusOf(member, 'primary')))
  return members[answers.indexOf(200)]
}

async function standbysOf(members: readonly PatroniMember[]): Promise<number> {
  const answers = await Promise.all(members.map((member) => statusOf(member, 'replica')))
  return answers.filter((status) => status === 200).length
}

const statusOf = ({ restPort }: PatroniMember, role: string): Promise<number> =>
  fetch(`http://${HOST}:${restPort}/${role}`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ status }) => status,
    () => 0,
  )

/** Where its members are reached. */
async function startEtcd(place: Workspace, program: string, count: number): Promise<string[]> {
  const ports = await freePorts(2 * count)
  const members = Array.from({ length: count }, (_, index) => {
    const [client = 0, peer = 0] = ports.slice(2 * index)
    return { name: `etcd-${index + 1}`, client: `${HOST}:${client}`, peer: `http://${HOST}:${peer}` }
  })
  for (const { name, client, peer } of members) {
    const flags = {
      name,
      'data-dir': place.makeFolder(name),
      'listen-client-urls': `http://${client}`,
      'advertise-client-urls': `http://${client}`,
      'listen-peer-urls': peer,
      'initial-advertise-peer-urls': peer,
      'initial-cluster': members.map((member) => `${member.name}=${member.peer}`).join(','),
    }
    place.start(
      name,
      program,
      Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    )
  }
  const isHealthy = ({ client }: { readonly client: string }) =>
    fetch(`http://${client}/health`).then(
      async (response) => (await response.text()).includes('true'),
      () => false,
    )
  await until('etcd starts', START_MS, async () => (await Promise.all(members.map(isHealthy))).every(Boolean))
  return members.map(({ client }) => client)
}

function configOf({ name, port, restPort }: PatroniMember, folder: string, postgres: string, etcd: readonly string[]) {
  const user = (username: string) => ({ username, password: PASSWORD })
  return {
    scope: 'regente',
    name,
    restapi: { listen: `${HOST}:${restPort}`, connect_address: `${HOST}:${restPort}` },
    etcd3: { hosts: etcd },
    bootstrap: {
      dcs: {
        ttl: TTL,
        loop_wait: LOOP_WAIT,
        retry_timeout: RETRY_TIMEOUT,
        maximum_lag_on_failover: 1_048_576,
        // A primary that no standby follows acknowledges nothing.
        synchronous_mode: true,
        synchronous_mode_strict: true,
        // etcd waits for the disk as they do: a primary that reaches all others does not give up because etcd is late.
        failsafe_mode: true,
        postgresql: { use_pg_rewind: true, use_slots: true, parameters: { max_connections: 200, wal_log_hints: 'on' } },
      },
      initdb: [{ encoding: 'UTF8' }, 'data-checksums'],
      pg_hba: [`host replication replicator ${HOST}/32 scram-sha-256`, `host all all ${HOST}/32 scram-sha-256`],
    },
    postgresql: {
      listen: `${HOST}:${port}`,
      connect_address: `${HOST}:${port}`,
      data_dir: join(folder, 'data'),
      pgpass: join(folder, 'pgpass'),
      // A primary that died and cannot be led back is made anew.
      remove_data_directory_on_rewind_failure: true,
      remove_data_directory_on_diverged_timelines: true,
      bin_dir: join(postgres, '..'),
      authentication: { superuser: user('postgres'), replication: user('replicator'), rewind: user('rewinder') },
      parameters: { unix_socket_directories: folder, password_encryption: 'scram-sha-256' },
    },
  }
}
