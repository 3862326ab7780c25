/**
 * A test bed on the loopback interface: nodes of Regente, what they keep their executions in, and what stands between. Each is a
 * process of its own that can be killed; all of them end with the bed.
 */
import { join } from 'node:path'

import { type Database, databaseUrl, isWritable, query } from './database.ts'
import { startHaproxy } from './haproxy.ts'
import { RegenteNode, startServices } from './nodes.ts'
import { startPatroni } from './patroni.ts'
import { startPostgres } from './postgres.ts'
import { findPrograms, postgresUser } from './programs.ts'
import { TcpProxy } from './tcp-proxy.ts'
import { freePorts } from '../../../src/store/testing/free-ports.ts'
import { HOST, until, Workspace } from './workspace.ts'

/**
 * sqlite: one node and no more, for comparison.
 * postgres: three nodes on one PostgreSQL.
 * ha: three nodes on three PostgreSQL servers under Patroni.
 */
export const BED_KINDS = ['sqlite', 'postgres', 'ha'] as const
export type BedKind = (typeof BED_KINDS)[number]

export interface BedOptions {
  readonly kind: BedKind
  readonly leaseSeconds: number
  /** Of etcd; 1 or 3. */
  readonly etcdMembers?: number
  /** What the node of this number (from 0) finds in its environment besides. */
  readonly envOf?: (node: number) => Readonly<Record<string, string>>
  readonly logLevel?: string
  /** Where what was logged is copied when the start fails. */
  readonly keepLogsIn?: string
  /** Hears what is being done. */
  readonly tell?: (what: string) => void
}

export interface Bed {
  readonly kind: BedKind
  /** What clients speak to: HAProxy, or the only node. */
  readonly url: string
  readonly nodes: readonly RegenteNode[]
  /** Between the node of the same place and its database; none with SQLite. */
  readonly networks: readonly TcpProxy[]
  /** Before the node of the same place, for the other nodes; clients are led past it. */
  readonly peers: readonly TcpProxy[]
  readonly database?: Database
  /** The data folder of a node on SQLite. */
  readonly sqliteFolder?: string
  /** Where the embedded services are. */
  readonly servicesUrl: string
  readonly leaseMs: number
  /** All nodes are ready, writes are taken, and every shard is held by a node that lives. */
  isWhole(): Promise<boolean>
  /** Ends everything; what was logged is copied to a folder first if one is given. */
  close(keepLogsIn?: string): Promise<void>
}

const NODES = 3
const READY_MS = 60_000

/** Throws MissingProgram before anything is begun; what is begun has ended when it throws, with what each process said last. */
export async function startBed(options: BedOptions): Promise<Bed> {
  const begin = STARTS[options.kind]()
  const place = new Workspace()
  try {
    return await begin(place, options)
  } catch (error) {
    await place.close(options.keepLogsIn)
    throw new Error(`The bed does not start. ${String(error)}\n${place.lastWords()}`, { cause: error })
  }
}

type Begin = (place: Workspace, options: BedOptions) => Promise<Bed>

/** Looks for the programs first. */
const STARTS: Readonly<Record<BedKind, () => Begin>> = {
  sqlite: () => startAlone,
  postgres: () => {
    const programs = findPrograms(['postgres', 'initdb', 'haproxy'])
    return async (place, options) => {
      const [port = 0] = await freePorts(1)
      const database = await startPostgres(place, programs, port, postgresUser())
      return startNodes(place, options, programs.haproxy, database)
    }
  },
  ha: () => {
    const programs = findPrograms(['postgres', 'initdb', 'haproxy', 'patroni', 'etcd'])
    return async (place, options) => {
      const cluster = await startPatroni(place, programs, postgresUser(), options.etcdMembers ?? 1)
      const [port = 0] = await freePorts(1)
      await startHaproxy(place, programs.haproxy, 'haproxy-database', { database: { port, members: cluster.members } })
      return startNodes(place, options, programs.haproxy, await cluster.ready(port))
    }
  },
}

async function startNodes(place: Workspace, options: BedOptions, haproxy: string, database: Database): Promise<Bed> {
  const { kind, leaseSeconds, tell = () => {} } = options
  tell('the database is ready')
  const [front = 0, servicesPort = 0, ...ports] = await freePorts(2 + NODES)
  const services = await startServices(place, servicesPort)
  const networks = await Promise.all(ports.map(() => TcpProxy.open(database.port)))
  const peers = await Promise.all(ports.map((port) => TcpProxy.open(port)))
  const nodes = ports.map((port, index) => {
    const store = databaseUrl(networks[index]?.port ?? 0)
    const peerUrl = `http://${HOST}:${peers[index]?.port}`
    const flags = ['--store', store, '--node-url', peerUrl, ...services.flags, ...commonFlags(place, options, index)]
    const env = { REGENTE_LEASE: String(leaseSeconds), ...options.envOf?.(index) }
    return new RegenteNode(place, { name: `node-${index + 1}`, port, peerUrl, flags, env })
  })
  // All at once: the first start of a cluster makes the schema.
  await Promise.all(nodes.map((node) => node.start()))
  tell('the nodes run')
  await startHaproxy(place, haproxy, 'haproxy-nodes', { nodes: { port: front, servers: ports } })
  const url = `http://${HOST}:${front}`
  const isWhole = async () =>
    (await Promise.all(nodes.map((node) => node.isReady()))).every(Boolean) &&
    (await isWritable(database.url)) &&
    (await isAllHeld(database.url))
  await until('all nodes are ready', READY_MS, isWhole)
  await until('HAProxy leads to the nodes', READY_MS, async () => (await fetch(`${url}/_regente/health`)).ok)
  return {
    kind,
    url,
    nodes,
    networks,
    peers,
    database,
    servicesUrl: services.url,
    leaseMs: leaseSeconds * 1_000,
    isWhole,
    async close(keepLogsIn) {
      await place.close(keepLogsIn)
      for (const proxy of [...networks, ...peers]) await proxy.close()
    },
  }
}

async function startAlone(place: Workspace, options: BedOptions): Promise<Bed> {
  const [port = 0] = await freePorts(1)
  const flags = commonFlags(place, options, 0)
  const node = new RegenteNode(place, { name: 'node-1', port, flags, env: options.envOf?.(0) ?? {} })
  await node.start()
  return {
    kind: 'sqlite',
    url: node.url,
    nodes: [node],
    networks: [],
    peers: [],
    sqliteFolder: join(place.folder, 'node-1'),
    servicesUrl: node.url,
    leaseMs: options.leaseSeconds * 1_000,
    isWhole: () => node.isReady(),
    close: (keepLogsIn) => place.close(keepLogsIn),
  }
}

/** By the lives that the nodes have now: what an earlier one has left behind is nobody's until its lease has run out. */
async function isAllHeld(url: string): Promise<boolean> {
  const text = `SELECT count(*) AS free FROM shards
    LEFT JOIN (SELECT max(number) AS number FROM nodes WHERE alive_until > clock_timestamp() GROUP BY url) AS lives
    ON number = holder WHERE number IS NULL`
  const [row] = await query(url, text)
  return Number(row?.['free']) === 0
}

const commonFlags = (place: Workspace, { logLevel = 'info' }: BedOptions, index: number): string[] => [
  '--data',
  place.makeFolder(`node-${index + 1}`),
  '--log-level',
  logLevel,
]
